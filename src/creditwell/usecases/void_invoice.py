"""An invoice should never have been: it is voided and keeps its number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.invoicing.credit_notes import NotIssued
from creditwell.invoicing.models import Invoice
from creditwell.kernel.errors import Invalid, NotFound, Refusal
from creditwell.kernel.usecase import usecase
from creditwell.ledger.post import Journal
from creditwell.outbox.emit import emit
from creditwell.packages.voiding import has_moved_since, hold_sold, void_sold
from creditwell.payments import returns
from creditwell.payments.operations import lock_payer, require_still
from creditwell.payments.rules import day_of_correction
from creditwell.tenancy.access import Actor, PracticeFacts, Written


class HasCreditNote(Refusal):
    """Part of the invoice was credited already."""

    code = "has_credit_note"

    def __init__(self) -> None:
        super().__init__(
            _("This invoice has a credit note, so it cannot be voided. Credit the rest of it.")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidInvoice:
    practice_id: int
    key: str
    by: Actor
    invoice_id: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceVoided:
    """`freed_minor` was paid on it and is account credit again."""

    invoice_id: int
    freed_minor: int


@usecase(InvoiceVoided)
def void_invoice(command: VoidInvoice, now: datetime) -> InvoiceVoided:
    """
    Take its allocations back (the money is the payer's credit again) and reverse its revenue.

    :raises NotFound: if it is not of this practice
    :raises NotIssued: if it is a draft, or void already
    :raises HasCreditNote: if part of it was credited
    :raises PackageUsed: if it sold a package of which something was used
    :raises Invalid: without a reason
    """
    invoice, practice = locked_invoice(command.practice_id, command.invoice_id)
    if not command.reason.strip():
        raise Invalid(_("Say why the invoice is voided; it stays in its history."), param="reason")
    if invoice.status != Invoice.Status.ISSUED or invoice.issued_on is None:
        raise NotIssued
    if invoice.credited_minor:
        raise HasCreditNote
    freed = _reverse(command, practice, invoice, invoice.issued_on, now)
    note(
        "void_invoice",
        ("invoice", invoice.pk),
        practice_id=practice.id,
        by=command.by,
        at=now,
        details={"reason": command.reason, "freed_minor": freed},
    )
    emit("invoice.voided", {"invoice_id": invoice.pk}, practice_id=practice.id, at=now)
    return InvoiceVoided(invoice_id=invoice.pk, freed_minor=freed)


def _reverse(
    command: VoidInvoice, practice: PracticeFacts, invoice: Invoice, issued_on: date, now: datetime
) -> int:
    """Post and write it all; returns what was paid and is free again, in minor units."""
    today, written = practice.day_of(now), Written(command.by, now)
    sold = hold_sold(practice, invoice_id=invoice.pk)
    active = returns.active_allocations(practice_id=practice.id, invoice_id=invoice.pk)
    closed_on = returns.closed_for(practice, today, invoice_id=invoice.pk)
    if has_moved_since(practice, sold):
        closed_on = today
    backs = returns.whole(active, closed_on=closed_on, today=today)
    on = day_of_correction(original=issued_on, today=today, books_closed_on=closed_on)
    journal = Journal(practice.id)
    entries = returns.post_returns(journal, backs)
    entry = None
    if invoice.entry_id is not None:
        entry = journal.reverse("invoice_void", on, invoice.entry_id)
    posted = journal.post()
    returns.write_returns(
        backs, entries, posted, practice_id=practice.id, reason=command.reason, written=written
    )
    entry_id = None if entry is None else posted.entry_ids[entry]
    void_sold(practice, sold, on=on, entry_id=entry_id, written=written)
    Invoice.objects.filter(practice_id=practice.id, pk=invoice.pk).update(
        status=Invoice.Status.VOID, voided_on=on, void_reason=command.reason
    )
    return sum(back.amount_minor for back in backs)


def locked_invoice(practice_id: int, invoice_id: int) -> tuple[Invoice, PracticeFacts]:
    """Lock the payer, then the invoice. :raises NotFound: if it is not of this practice."""
    payer_id = (
        Invoice.objects.filter(practice_id=practice_id, pk=invoice_id)
        .values_list("payer_id", flat=True)
        .first()
    )
    found = lock_payer(practice_id=practice_id, payer_id=payer_id) if payer_id else None
    if found is None:
        raise NotFound
    invoice = (
        Invoice.objects.select_for_update(of=("self",), no_key=True)
        .select_related("account")
        .get(practice_id=practice_id, pk=invoice_id)
    )
    require_still(invoice.payer_id, found[0])
    return invoice, found[1]
