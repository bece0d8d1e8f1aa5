"""Credit notes: part or all of an invoice is no longer asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, cast

from ninja import Query
from pydantic import Field
from typing_extensions import TypedDict

from creditwell.api.auth import Call
from creditwell.api.pagination import Listed, Page, Row, page_of
from creditwell.api.routes import Routes
from creditwell.api.shapes import Flag, Id, In, Minor, QueryId, Reason
from creditwell.invoicing.credit_notes import CreditTooLarge, NotIssued, SoldAPackage
from creditwell.invoicing.lines import NoLines
from creditwell.invoicing.models import CreditNote, CreditNoteLine
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.ledger.post import BooksClosed
from creditwell.people.operations import MergedAway
from creditwell.usecases.credit_invoice import CreditInvoice, credit_invoice

credit_notes = Routes("Credit notes")


class CreditedLineIn(In):
    """How much of a line (tax included) is credited."""

    line_id: Id
    amount_minor: Minor


class CreditNoteIn(In):
    """Which lines, how much of each, and why."""

    lines: Annotated[list[CreditedLineIn], Field(max_length=200)]
    reason: Reason
    email: Flag = False


class CreditNoteFilters(Page):
    """Which credit notes."""

    invoice_id: QueryId | None = None


class CreditedLineOut(TypedDict):
    """What of a line is credited."""

    line_id: int
    net_minor: int
    tax_minor: int
    total_minor: int


class CreditNoteOut(TypedDict):
    """A credit note."""

    id: int
    invoice_id: int
    number: int
    issued_on: date
    reason: str
    net_minor: int
    tax_minor: int
    total_minor: int
    currency: str
    created_at: datetime
    lines: list[CreditedLineOut]


class CreditNoteMade(TypedDict):
    """`freed_minor` was paid on the invoice before and is account credit again."""

    id: int
    number: int
    total_minor: int
    freed_minor: int
    currency: str


@credit_notes.get("/credit_notes", needs="invoices.view")
def list_credit_notes(call: Call, filters: Query[CreditNoteFilters]) -> Listed[CreditNoteOut]:
    """List credit notes."""
    rows = CreditNote.objects.filter(practice_id=call.practice_id)
    if filters.invoice_id is not None:
        rows = rows.filter(invoice_id=filters.invoice_id)
    return page_of(rows.values(*COLUMNS), filters, lambda found: _shown(call, found))


@credit_notes.get("/credit_notes/{credit_note_id}", needs="invoices.view")
def get_credit_note(call: Call, credit_note_id: QueryId) -> CreditNoteOut:
    """Look a credit note up."""
    rows = CreditNote.objects.filter(practice_id=call.practice_id, pk=credit_note_id)
    found = list(rows.values(*COLUMNS))
    if not found:
        raise NotFound
    return _shown(call, found)[0]


@credit_notes.post(
    "/invoices/{invoice_id}/credit_notes",
    needs="invoices.credit",
    refuses=(
        Invalid,
        NoLines,
        CreditTooLarge,
        NotIssued,
        SoldAPackage,
        BooksClosed,
        MergedAway,
    ),
)
def create_credit_note(call: Call, invoice_id: QueryId, body: CreditNoteIn) -> CreditNoteMade:
    """Credit an invoice in full or in part.

    What was already paid of it goes back into the lots that it came from.
    """
    made = credit_invoice(
        CreditInvoice(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            invoice_id=invoice_id,
            lines=tuple((line.line_id, line.amount_minor) for line in body.lines),
            reason=body.reason,
            email=body.email,
        ),
        call.now,
    )
    return {
        "id": made.credit_note_id,
        "number": made.number,
        "total_minor": made.total_minor,
        "freed_minor": made.freed_minor,
        "currency": call.currency,
    }


COLUMNS = (
    "id",
    "invoice_id",
    "number",
    "issued_on",
    "reason",
    "net_minor",
    "tax_minor",
    "total_minor",
    "created_at",
)


def _shown(call: Call, rows: Sequence[Row]) -> list[CreditNoteOut]:
    """Credit notes with their lines; one query for any number of them."""
    lines: dict[int, list[Any]] = defaultdict(list)
    for line in (
        CreditNoteLine.objects.filter(
            practice_id=call.practice_id, credit_note_id__in=[row["id"] for row in rows]
        )
        .order_by("pk")
        .values("credit_note_id", *CreditedLineOut.__annotations__)
    ):
        lines[line.pop("credit_note_id")].append(line)
    return [
        cast(CreditNoteOut, {**row, "currency": call.currency, "lines": lines[row["id"]]})
        for row in rows
    ]
