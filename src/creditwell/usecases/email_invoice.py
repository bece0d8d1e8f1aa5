"""Somebody asks that an invoice be sent by email, with its PDF."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.invoicing.credit_notes import NotIssued
from creditwell.invoicing.models import Invoice
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailInvoice:
    practice_id: int
    key: str
    by: Actor
    invoice_id: int
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailRequested:
    invoice_id: int
    to: str


@usecase(EmailRequested)
def email_invoice(command: EmailInvoice, now: datetime) -> EmailRequested:
    """
    Ask for it: the event is delivered once this is committed.

    :raises NotFound: if it is not of this practice
    :raises NotIssued: if it is a draft or void
    :raises Invalid: if `to` is no email address
    """
    to = command.to.strip()
    try:
        validate_email(to)
    except ValidationError as error:
        raise Invalid(_("This is not an email address. Check it."), param="to") from error
    invoice = Invoice.objects.filter(practice_id=command.practice_id, pk=command.invoice_id).first()
    if invoice is None:
        raise NotFound
    if invoice.status != Invoice.Status.ISSUED:
        raise NotIssued
    note(
        "email_invoice",
        ("invoice", invoice.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"to": to},
    )
    emit(
        "invoice.email_requested",
        {"invoice_id": invoice.pk, "to": to},
        practice_id=command.practice_id,
        at=now,
    )
    return EmailRequested(invoice_id=invoice.pk, to=to)
