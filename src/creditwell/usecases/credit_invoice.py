"""A credit note: part or all of an issued invoice is no longer asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.invoicing import credit_notes
from creditwell.invoicing.operations import revenue_legs
from creditwell.invoicing.queries import owing_of
from creditwell.kernel.errors import Invalid
from creditwell.kernel.usecase import usecase
from creditwell.ledger.post import Journal
from creditwell.outbox.emit import emit
from creditwell.payments import returns
from creditwell.tenancy.access import Actor, Written
from creditwell.usecases.void_invoice import locked_invoice


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditInvoice:
    """`lines` is (line id, minor units of its total, tax included)."""

    practice_id: int
    key: str
    by: Actor
    invoice_id: int
    lines: tuple[tuple[int, int], ...]
    reason: str
    email: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Credited:
    """`freed_minor` was paid on it before and is account credit again."""

    credit_note_id: int
    number: int
    total_minor: int
    freed_minor: int


@usecase(Credited)
def credit_invoice(command: CreditInvoice, now: datetime) -> Credited:
    """
    Issue a credit note, dated today. What was already paid of it goes back into the lots that it
    came from, newest allocation first, so that it can be used again or refunded to its source.

    :raises NotFound: if the invoice or a line is not of this practice
    :raises NotIssued: if it is a draft or void
    :raises CreditTooLarge: if more than the rest of a line is asked for
    :raises Invalid: without a reason
    """
    invoice, practice = locked_invoice(command.practice_id, command.invoice_id)
    if not command.reason.strip():
        raise Invalid(_("Say why; it stands on the credit note."), param="reason")
    rows = credit_notes.credit_rows(
        practice=practice,
        invoice=invoice,
        credited=[credit_notes.CreditedLine(*line) for line in command.lines],
    )
    total = sum(row["total_minor"] for row in rows)
    on, written = practice.day_of(now), Written(command.by, now)
    active = returns.active_allocations(practice_id=practice.id, invoice_id=invoice.pk)
    backs = returns.some(active, need_minor=total - owing_of(invoice), on=on)
    journal = Journal(practice.id)
    entries = returns.post_returns(journal, backs)
    entry = journal.entry(
        "credit_note",
        on,
        [(invoice.account_id or 0, total), *revenue_legs(journal, rows, sign=-1)],
    )
    posted = journal.post()
    returns.write_returns(
        backs, entries, posted, practice_id=practice.id, reason=command.reason, written=written
    )
    note_id, number = credit_notes.write_credit_note(
        invoice=invoice,
        rows=rows,
        on=on,
        reason=command.reason,
        entry_id=posted.entry_ids[entry],
        written=written,
    )
    freed = sum(back.amount_minor for back in backs)
    note(
        "credit_invoice",
        ("invoice", invoice.pk),
        practice_id=practice.id,
        by=command.by,
        at=now,
        details={"credit_note": number, "total_minor": total, "freed_minor": freed},
    )
    emit(
        "credit_note.issued",
        {"credit_note_id": note_id, "email": command.email},
        practice_id=practice.id,
        at=now,
    )
    return Credited(credit_note_id=note_id, number=number, total_minor=total, freed_minor=freed)
