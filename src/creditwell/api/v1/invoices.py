"""Invoices: list, look up, write, issue, discard, void, credit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, cast

from django.db.models import F
from ninja import Query
from pydantic import Field
from typing_extensions import TypedDict

from creditwell.api.answers import Pdf
from creditwell.api.auth import Call
from creditwell.api.pagination import Listed, Page, Row, page_of
from creditwell.api.routes import Routes
from creditwell.api.shapes import (
    Currency,
    Day,
    Done,
    Flag,
    Id,
    In,
    MinorOrNone,
    Percent,
    Quantity,
    QueryId,
    Reason,
    Text,
)
from creditwell.api.v1.payers import require_currency
from creditwell.integrations.documents import build
from creditwell.invoicing.credit_notes import NotIssued
from creditwell.invoicing.lines import LineInput, NoLines, OnePackageOnALine
from creditwell.invoicing.models import Invoice, InvoiceLine
from creditwell.invoicing.operations import Content, NotADraft
from creditwell.invoicing.rules import DiscountTooLarge, state_of
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.ledger.post import BooksClosed
from creditwell.packages.selling import NotAProduct, SoldAsMembership
from creditwell.packages.voiding import PackageUsed
from creditwell.people.operations import MergedAway
from creditwell.usecases.discard_draft import DiscardDraft, discard_draft
from creditwell.usecases.void_invoice import HasCreditNote, VoidInvoice, void_invoice
from creditwell.usecases.write_invoice import (
    InvoiceWritten,
    VisitAlreadyInvoiced,
    WriteInvoice,
    write_invoice,
)

invoices = Routes("Invoices")

NAMES = {"patient": "patient_id", "attendee": "attendee_id", "discount": "lines"}
REFUSALS = (
    NotFound,
    Invalid,
    NoLines,
    DiscountTooLarge,
    OnePackageOnALine,
    NotAProduct,
    SoldAsMembership,
    VisitAlreadyInvoiced,
    BooksClosed,
    MergedAway,
)


class LineIn(In):
    """
    One thing sold. With `item_id`, whatever is left out is taken from the catalogue (the patient's
    concession price too); without it, description, category and price are needed.
    """

    item_id: Id | None = None
    description: Reason | None = None
    category_id: Id | None = None
    quantity: Quantity = Decimal(1)
    unit_price_minor: MinorOrNone | None = None
    discount_percent: Percent = Decimal(0)
    discount_minor: MinorOrNone = 0
    tax_rate_id: Id | None = None
    no_tax: Flag = False
    service_on: Day | None = None


class InvoiceIn(In):
    """An invoice; with `issue` it gets a number and can be paid, without it is a draft."""

    patient_id: Id
    lines: Annotated[list[LineIn], Field(max_length=200)]
    issue: Flag = False
    attendee_id: Id | None = Field(None, description="The visit that is billed.")
    practitioner_id: Id | None = None
    location_id: Id | None = None
    bill_to_id: Id | None = Field(None, description="A contact, if not the patient's own.")
    bill_to_text: Text = ""
    notes: Text = ""
    issued_on: Day | None = Field(None, description="Today in the practice unless sent.")
    due_on: Day | None = Field(None, description="By the practice's terms unless sent.")
    email: Flag = Field(False, description="Send it to the patient when it is issued.")
    currency: Currency | None = None


class InvoiceVoidIn(In):
    """Why; it stays in the history."""

    reason: Reason


class InvoiceFilters(Page):
    """Which invoices."""

    patient_id: QueryId | None = None
    payer_id: QueryId | None = None
    attendee_id: QueryId | None = None
    status: Annotated[str, Field(pattern="^(draft|issued|void)$")] | None = None
    owing: bool | None = Field(None, description="true: only those that still ask for something.")
    issued_since: Day | None = None
    issued_until: Day | None = Field(None, description="This day included.")


class LineOut(TypedDict):
    """A line as it was sold; the catalogue may have changed since."""

    id: int
    item_id: int | None
    category_id: int
    code: str
    description: str
    service_on: date | None
    quantity: Decimal
    unit_price_minor: int
    discount_percent: Decimal
    discount_minor: int
    tax_rate_id: int | None
    tax_name: str
    tax_percent: Decimal
    net_minor: int
    tax_minor: int
    total_minor: int


class InvoiceOut(TypedDict):
    """
    An invoice. `status` is draft, issued or void; `state` says more: draft, unpaid, part, overdue,
    paid, credited, void. `paid_minor` was paid, `credited_minor` taken off by credit notes, and
    `owing_minor` is what it still asks for. `tax_included`: unit prices carry the tax.
    """

    id: int
    number: int | None
    invoice_number: str
    status: str
    state: str
    patient_id: int
    payer_id: int
    attendee_id: int | None
    practitioner_id: int | None
    location_id: int | None
    bill_to_id: int | None
    bill_to_text: str
    issued_on: date | None
    due_on: date | None
    notes: str
    currency: str
    tax_included: bool
    net_minor: int
    tax_minor: int
    total_minor: int
    credited_minor: int
    paid_minor: int
    owing_minor: int
    voided_on: date | None
    void_reason: str
    created_at: datetime
    lines: list[LineOut]


class InvoiceSaved(TypedDict):
    """What writing an invoice came to; look it up for everything."""

    id: int
    number: int | None
    invoice_number: str
    status: str
    total_minor: int
    currency: str


class InvoiceVoided(TypedDict):
    """`freed_minor` was paid on it and is account credit again."""

    id: int
    freed_minor: int
    currency: str


@invoices.get("/invoices", needs="invoices.view")
def list_invoices(call: Call, filters: Query[InvoiceFilters]) -> Listed[InvoiceOut]:
    """List invoices, drafts too."""
    wanted: dict[str, Any] = {
        "patient_id": filters.patient_id,
        "payer_id": filters.payer_id,
        "attendee_id": filters.attendee_id,
        "status": filters.status,
        "issued_on__gte": filters.issued_since,
        "issued_on__lte": filters.issued_until,
    }
    chosen = {name: value for name, value in wanted.items() if value is not None}
    rows = Invoice.objects.filter(practice_id=call.practice_id, **chosen)
    if filters.owing is not None:
        asks = {"account__balance_minor__lt": 0}
        rows = rows.filter(**asks) if filters.owing else rows.exclude(**asks)
    return page_of(rows.values(*COLUMNS, **JOINED), filters, lambda found: _shown(call, found))


@invoices.get("/invoices/{invoice_id}", needs="invoices.view")
def get_invoice(call: Call, invoice_id: QueryId) -> InvoiceOut:
    """Look an invoice up."""
    rows = Invoice.objects.filter(practice_id=call.practice_id, pk=invoice_id)
    found = list(rows.values(*COLUMNS, **JOINED))
    if not found:
        raise NotFound
    return _shown(call, found)[0]


@invoices.get("/invoices/{invoice_id}/pdf", needs="invoices.view")
def get_invoice_pdf(call: Call, invoice_id: QueryId) -> Pdf:
    """An invoice as PDF, as things stand now. A draft is marked as one."""
    return Pdf(*build.invoice_pdf(call.practice_id, invoice_id))


@invoices.post("/invoices", needs="invoices.issue", refuses=REFUSALS, names=NAMES)
def create_invoice(call: Call, body: InvoiceIn) -> InvoiceSaved:
    """Write an invoice: keep it as a draft, or issue it at once.

    Prices, taxes and concession prices come from the catalogue unless the lines say otherwise.
    """
    return _write(call, body, None)


@invoices.put(
    "/invoices/{invoice_id}", needs="invoices.issue", refuses=(*REFUSALS, NotADraft), names=NAMES
)
def update_invoice(call: Call, invoice_id: QueryId, body: InvoiceIn) -> InvoiceSaved:
    """Write a draft anew, and issue it if `issue` says so.

    The body is the whole invoice: what it leaves out is left out of the invoice.
    """
    return _write(call, body, invoice_id)


@invoices.delete("/invoices/{invoice_id}", needs="invoices.edit", refuses=(NotADraft,))
def delete_invoice(call: Call, invoice_id: QueryId) -> Done:
    """Throw a draft away."""
    discard_draft(
        DiscardDraft(practice_id=call.practice_id, key=call.key, by=call.by, invoice_id=invoice_id),
        call.now,
    )
    return {"id": invoice_id}


@invoices.post(
    "/invoices/{invoice_id}/void",
    needs="invoices.void",
    status=200,
    refuses=(Invalid, NotIssued, HasCreditNote, PackageUsed, MergedAway),
)
def cancel_invoice(call: Call, invoice_id: QueryId, body: InvoiceVoidIn) -> InvoiceVoided:
    """Void an invoice that should never have been.

    It keeps its number; what was paid on it becomes account credit.
    """
    voided = void_invoice(
        VoidInvoice(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            invoice_id=invoice_id,
            reason=body.reason,
        ),
        call.now,
    )
    return {"id": invoice_id, "freed_minor": voided.freed_minor, "currency": call.currency}


def _write(call: Call, body: InvoiceIn, invoice_id: int | None) -> InvoiceSaved:
    require_currency(call, body.currency)
    content = Content(
        patient_id=body.patient_id,
        lines=tuple(LineInput(**dict(line)) for line in body.lines),
        attendee_id=body.attendee_id,
        practitioner_id=body.practitioner_id,
        location_id=body.location_id,
        bill_to_id=body.bill_to_id,
        bill_to_text=body.bill_to_text,
        notes=body.notes,
        issued_on=body.issued_on,
        due_on=body.due_on,
    )
    written = write_invoice(
        WriteInvoice(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            content=content,
            issue=body.issue,
            invoice_id=invoice_id,
            email=body.email,
        ),
        call.now,
    )
    return _saved(call, written)


def _saved(call: Call, written: InvoiceWritten) -> InvoiceSaved:
    return {
        "id": written.invoice_id,
        "number": written.number,
        "invoice_number": call.practice.invoice_number(written.number),
        "status": "draft" if written.number is None else "issued",
        "total_minor": written.total_minor,
        "currency": call.currency,
    }


COLUMNS = (
    "id",
    "number",
    "status",
    "patient_id",
    "payer_id",
    "attendee_id",
    "practitioner_id",
    "location_id",
    "bill_to_id",
    "bill_to_text",
    "issued_on",
    "due_on",
    "notes",
    "tax_included",
    "net_minor",
    "tax_minor",
    "total_minor",
    "credited_minor",
    "voided_on",
    "void_reason",
    "created_at",
)
JOINED = {"stands": F("account__balance_minor")}
LINE_COLUMNS = tuple(LineOut.__annotations__)


def _shown(call: Call, rows: Sequence[Row]) -> list[InvoiceOut]:
    """Invoices with their lines; one query for any number of them."""
    lines: dict[int, list[Any]] = defaultdict(list)
    for line in (
        InvoiceLine.objects.filter(
            practice_id=call.practice_id, invoice_id__in=[row["id"] for row in rows]
        )
        .order_by("position", "pk")
        .values("invoice_id", *LINE_COLUMNS)
    ):
        lines[line.pop("invoice_id")].append(line)
    today = call.practice.day_of(call.now)
    return [_invoice(call, row, lines[row["id"]], today) for row in rows]


def _invoice(call: Call, row: Row, lines: list[LineOut], today: date) -> InvoiceOut:
    owing = -(row.pop("stands") or 0)
    live = row["status"] == "issued"
    total, credited = row["total_minor"], row["credited_minor"]
    state = state_of(
        status=row["status"],
        total=total,
        credited=credited,
        owing=owing,
        due_on=row["due_on"],
        today=today,
    )
    added = {
        "invoice_number": call.practice.invoice_number(row["number"]),
        "state": state,
        "currency": call.currency,
        "paid_minor": total - credited - owing if live else 0,
        "owing_minor": owing,
        "lines": lines,
    }
    return cast(InvoiceOut, {**row, **added})
