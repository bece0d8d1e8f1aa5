"""The list of invoices: what it shows, counts and adds up. Amounts are minor units."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, F, Q, QuerySet, Sum, TextField, Value, When
from django.db.models.functions import Coalesce

from creditwell.invoicing.models import Invoice, InvoiceLine

STATES = ("draft", "unpaid", "overdue", "part", "paid", "credited", "void")
"""Every word of `rules.state_of`, in the order of the tabs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """
    Which invoices. `number` and `patient_ids` are two ways to be found: either is enough.

    Days are those of issue, both included; a draft that has no day yet is in no range.
    """

    practice_id: int
    today: date
    number: int | None = None
    patient_ids: tuple[int, ...] | None = None
    since: date | None = None
    until: date | None = None
    practitioner_id: int | None = None
    location_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRow:
    """One line of the list; `what` is the first thing sold and `more` how many follow it."""

    id: int
    number: int | None
    state: str
    patient_id: int
    payer_id: int
    patient: str
    bill_to: str
    practitioner: str
    location: str
    issued_on: date | None
    due_on: date | None
    net_minor: int
    tax_minor: int
    total_minor: int
    owing_minor: int
    what: str = ""
    more: int = 0


@dataclass(frozen=True, slots=True)
class StateSum:
    """How many invoices are in a state, and what they come to."""

    count: int = 0
    total_minor: int = 0
    owing_minor: int = 0

    def __add__(self, other: StateSum) -> StateSum:
        return StateSum(
            self.count + other.count,
            self.total_minor + other.total_minor,
            self.owing_minor + other.owing_minor,
        )


def sums_by_state(wanted: Wanted) -> dict[str, StateSum]:
    """Counts and sums of each state; every state is there. One query."""
    rows = (
        _stated(wanted)
        .order_by()
        .values("state")
        .annotate(n=Count("pk"), total=Sum("total_minor"), owing_sum=Sum("owing"))
    )
    found = {row["state"]: StateSum(row["n"], row["total"], row["owing_sum"]) for row in rows}
    return {state: found.get(state, StateSum()) for state in STATES}


def list_invoices(
    wanted: Wanted, *, state: str = "", after: int = 0, limit: int
) -> list[InvoiceRow]:
    """One page, newest first, drafts without a day before all; two queries."""
    rows = list(_of_state(wanted, state)[after : after + limit])
    whats = _whats(wanted.practice_id, [row.pk for row in rows])
    return [_row(row, *whats.get(row.pk, ("", 0))) for row in rows]


def each_invoice(wanted: Wanted, *, state: str = "") -> Iterator[InvoiceRow]:
    """All of them, read in portions; for exports. `what` and `more` are left out."""
    for row in _of_state(wanted, state).iterator(chunk_size=500):
        yield _row(row, "", 0)


def _of_state(wanted: Wanted, state: str) -> QuerySet[Any]:
    rows: QuerySet[Any] = _stated(wanted).select_related(
        "payer", "bill_to", "practitioner", "location"
    )
    if state:
        rows = rows.filter(state=state)
    return rows.order_by("-issued_on", "-id")


def _stated(wanted: Wanted) -> QuerySet[Any]:
    """Invoices with `owing` and `state`, by the same rule as `rules.state_of`."""
    rows = Invoice.objects.filter(_found(wanted), practice_id=wanted.practice_id)
    return rows.annotate(owing=Value(0) - Coalesce(F("account__balance_minor"), 0)).annotate(
        state=Case(
            When(~Q(status=Invoice.Status.ISSUED), then=F("status")),
            When(total_minor__gt=0, credited_minor=F("total_minor"), then=Value("credited")),
            When(owing=0, then=Value("paid")),
            When(due_on__lt=wanted.today, then=Value("overdue")),
            When(owing__lt=F("total_minor") - F("credited_minor"), then=Value("part")),
            default=Value("unpaid"),
            output_field=TextField(),
        )
    )


def _found(wanted: Wanted) -> Q:
    which = Q()
    if wanted.patient_ids is not None:
        which |= Q(patient_id__in=wanted.patient_ids)
    if wanted.number is not None:
        which |= Q(number=wanted.number)
    for name, value in (
        ("issued_on__gte", wanted.since),
        ("issued_on__lte", wanted.until),
        ("practitioner_id", wanted.practitioner_id),
        ("location_id", wanted.location_id),
    ):
        if value is not None:
            which &= Q(**{name: value})
    return which


def _whats(practice_id: int, invoice_ids: Iterable[int]) -> dict[int, tuple[str, int]]:
    found: dict[int, tuple[str, int]] = {}
    lines = InvoiceLine.objects.filter(practice_id=practice_id, invoice_id__in=list(invoice_ids))
    for invoice_id, text in lines.order_by("position", "id").values_list(
        "invoice_id", "description"
    ):
        first, more = found.get(invoice_id, (text, -1))
        found[invoice_id] = (first, more + 1)
    return found


def _row(row: Any, what: str, more: int) -> InvoiceRow:
    return InvoiceRow(
        id=row.pk,
        number=row.number,
        state=row.state,
        patient_id=row.patient_id,
        payer_id=row.payer_id,
        patient=row.payer.name,
        bill_to=row.bill_to.name if row.bill_to else "",
        practitioner=row.practitioner.name if row.practitioner else "",
        location=row.location.name if row.location else "",
        issued_on=row.issued_on,
        due_on=row.due_on,
        net_minor=row.net_minor,
        tax_minor=row.tax_minor,
        total_minor=row.total_minor,
        owing_minor=row.owing,
        what=what,
        more=more,
    )
