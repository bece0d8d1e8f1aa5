"""A payer asks for the receipt by email."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.payments.models import Payment
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailReceipt:
    practice_id: int
    key: str
    by: Actor
    payment_id: int
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptAsked:
    payment_id: int


def checked_address(to: str) -> str:
    """:raises Invalid: if this is no email address."""
    try:
        validate_email(to.strip())
    except ValidationError as error:
        raise Invalid(
            _("This is not an email address. Write it like name@example.org."), param="to"
        ) from error
    return to.strip()


@usecase(ReceiptAsked)
def email_receipt(command: EmailReceipt, now: datetime) -> ReceiptAsked:
    """
    Ask for the receipt to be sent; the worker writes and sends it. The address stays out of notes.

    :raises NotFound: if the payment is not of this practice
    :raises Invalid: without an email address
    """
    to = checked_address(command.to)
    if not Payment.objects.filter(practice_id=command.practice_id, pk=command.payment_id).exists():
        raise NotFound
    note(
        "email_receipt",
        ("payment", command.payment_id),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
    )
    emit(
        "receipt.email_requested",
        {"payment_id": command.payment_id, "to": to},
        practice_id=command.practice_id,
        at=now,
    )
    return ReceiptAsked(payment_id=command.payment_id)
