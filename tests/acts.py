"""The acts of money, in short: what tests do over and over."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

from creditwell.catalog.models import Item
from creditwell.credit.models import Share
from creditwell.invoicing.lines import LineInput
from creditwell.invoicing.operations import Content
from creditwell.ledger.queries import Standing, standing_of
from creditwell.people.models import Patient
from creditwell.tenancy.access import SYSTEM
from creditwell.usecases.apply_credit import Applied, ApplyCredit, apply_credit
from creditwell.usecases.take_payment import PartInput, Taken, TakePayment, take_payment
from creditwell.usecases.write_invoice import InvoiceWritten, WriteInvoice, write_invoice
from tests.factories import NOW, Clinic

_keys = itertools.count(1)


def new_key() -> str:
    return f"test-{next(_keys)}"


def pay(clinic: Clinic, minor: int, *, patient: Patient | None = None, **fields: Any) -> Taken:
    """Take a card payment; nothing is allocated unless `pay` says so."""
    defaults: dict[str, Any] = {
        "practice_id": clinic.practice.pk,
        "key": new_key(),
        "by": SYSTEM,
        "payer_id": (patient or clinic.patient).payer_id,
        "parts": (PartInput(source_id=clinic.card.pk, amount_minor=minor),),
        "pay": (),
    }
    now = fields.pop("now", NOW)
    return take_payment(TakePayment(**{**defaults, **fields}), now)


def invoice(
    clinic: Clinic,
    minor: int | None = None,
    *,
    item: Item | None = None,
    patient: Patient | None = None,
    issue: bool = True,
    **content: Any,
) -> InvoiceWritten:
    """Issue an invoice with one line: the clinic's untaxed item unless said otherwise."""
    line = LineInput(item_id=(item or clinic.item).pk, unit_price_minor=minor, quantity=Decimal(1))
    now = content.pop("now", NOW)
    return write_invoice(
        WriteInvoice(
            practice_id=clinic.practice.pk,
            key=new_key(),
            by=SYSTEM,
            issue=issue,
            content=Content(
                patient_id=(patient or clinic.patient).pk,
                lines=content.pop("lines", (line,)),
                **content,
            ),
        ),
        now,
    )


def use_credit(clinic: Clinic, *use: tuple[int, int], **fields: Any) -> Applied:
    """Apply account credit: (invoice id, minor units) …, or by the practice's order."""
    defaults: dict[str, Any] = {
        "practice_id": clinic.practice.pk,
        "key": new_key(),
        "by": SYSTEM,
        "payer_id": clinic.patient.payer_id,
        "use": use or None,
    }
    now = fields.pop("now", NOW)
    return apply_credit(ApplyCredit(**{**defaults, **fields}), now)


def let_use(
    clinic: Clinic, owner: Patient, user: Patient | None = None, mode: str = "always", **fields: Any
) -> Share:
    """The owner lets somebody (the clinic's patient) use their credit."""
    return Share.objects.create(
        practice=clinic.practice,
        owner_id=owner.payer_id,
        user_id=(user or clinic.patient).payer_id,
        mode=mode,
        given_at=NOW,
        **fields,
    )


def standing(clinic: Clinic, patient: Patient | None = None) -> Standing:
    return standing_of(
        practice_id=clinic.practice.pk, holder_id=(patient or clinic.patient).payer_id
    )
