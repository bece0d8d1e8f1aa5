"""Allocations: account credit pays invoices, and is taken back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Annotated, Any, cast

from django.db.models import F, QuerySet
from ninja import Query
from pydantic import Field
from typing_extensions import TypedDict

from creditwell.api.auth import Call
from creditwell.api.pagination import Listed, Page, Row, page_of
from creditwell.api.routes import Routes
from creditwell.api.shapes import Day, Id, In, Minor, QueryId, Reason
from creditwell.api.v1.payers import NoPayer, PayerFilters, PayerIn, payer_filter, payer_of
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.ledger.post import AlreadyReversed, BooksClosed, Overdrawn, Overpaid
from creditwell.payments.models import Allocation
from creditwell.payments.operations import NotAPerson
from creditwell.people.operations import MergedAway
from creditwell.usecases.apply_credit import ApplyCredit, NothingToApply, apply_credit
from creditwell.usecases.take_back_allocation import TakeBackAllocation, take_back_allocation
from creditwell.usecases.take_payment import DoesNotAddUp

allocations = Routes("Allocations")

NAMES = {
    "payer": "payer_id",
    "date": "allocated_on",
    "credit": "allocate",
    "family": "family_credit",
    "invoices": "allocate",
}


class InvoiceAmount(In):
    """So much for an invoice."""

    invoice_id: Id
    amount_minor: Minor


class FamilyAmount(In):
    """So much for an invoice out of the credit of another payer, who allows it (see shares)."""

    invoice_id: Id
    owner_payer_id: Id
    amount_minor: Minor


class Agreement(In):
    """How an owner who is to be asked first agreed."""

    owner_payer_id: Id
    how: Annotated[str, Field(min_length=1, max_length=200)]


class FamilyIn(In):
    """Credit of others, and which credit to use first."""

    family_credit: Annotated[list[FamilyAmount], Field(max_length=500)] = Field(
        default_factory=list
    )
    agreed: Annotated[list[Agreement], Field(max_length=50)] = Field(default_factory=list)
    lots: Annotated[list[Id], Field(max_length=200)] = Field(
        default_factory=list, description="Lots to use before others, the first one first."
    )


class AllocationIn(PayerIn, FamilyIn):
    """
    Without `allocate` and `family_credit` the practice's allocation order decides what the credit
    pays: the payer's own first, then what others let them use.
    """

    allocate: Annotated[list[InvoiceAmount], Field(min_length=1, max_length=500)] | None = None
    from_invoice_id: Id | None = Field(None, description="Pay this invoice only.")
    allocated_on: Day | None = Field(None, description="Today in the practice unless sent.")


class TakeBackIn(In):
    """How much of it, and why."""

    amount_minor: Minor | None = Field(None, description="All that still stands unless sent.")
    reason: Reason = ""


class AllocationFilters(Page, PayerFilters):
    """Which allocations."""

    invoice_id: QueryId | None = None
    lot_id: QueryId | None = None
    payment_id: QueryId | None = Field(None, description="Made together with this payment.")


class AllocationOut(TypedDict):
    """
    What of a lot paid (part of) an invoice. `returned_minor` of it was taken back since.
    `payment_id` is the payment that it was made together with; none when credit was applied later.
    """

    id: int
    invoice_id: int
    lot_id: int
    payer_id: int
    payment_id: int | None
    amount_minor: int
    returned_minor: int
    currency: str
    allocated_on: date
    created_at: datetime
    share_id: int | None
    agreed: str


class CreditApplied(TypedDict):
    """
    One allocation for each lot and invoice; `credit_after_minor` is what remains of the payer's own
    credit, `family_minor` what of the total others gave.
    """

    allocation_ids: list[int]
    invoice_ids: list[int]
    total_minor: int
    family_minor: int
    credit_after_minor: int
    currency: str


class TakenBack(TypedDict):
    """The lot has it again, and the invoice asks for it again."""

    id: int
    invoice_id: int
    lot_id: int
    amount_minor: int
    currency: str


@allocations.get("/allocations", needs="payments.view", refuses=(NoPayer,))
def list_allocations(call: Call, filters: Query[AllocationFilters]) -> Listed[AllocationOut]:
    """List allocations, those of payments and those of credit applied later."""
    wanted: dict[str, Any] = {
        "lot__payer_id": payer_filter(call, filters),
        "invoice_id": filters.invoice_id,
        "lot_id": filters.lot_id,
        "payment_id": filters.payment_id,
    }
    chosen = {name: value for name, value in wanted.items() if value is not None}
    return page_of(_rows(call, **chosen), filters, lambda rows: _shown(call, rows))


@allocations.get("/allocations/{allocation_id}", needs="payments.view")
def get_allocation(call: Call, allocation_id: QueryId) -> AllocationOut:
    """Look an allocation up."""
    found = allocation_rows(call, pk=allocation_id)
    if not found:
        raise NotFound
    return found[0]


@allocations.post(
    "/allocations",
    needs="payments.allocate",
    refuses=(
        NoPayer,
        NotFound,
        Invalid,
        NothingToApply,
        DoesNotAddUp,
        BooksClosed,
        Overdrawn,
        Overpaid,
        MergedAway,
        NotAPerson,
    ),
    names=NAMES,
)
def create_allocations(call: Call, body: AllocationIn) -> CreditApplied:
    """Apply account credit to invoices.

    The lots give in the written order: those named, those for one kind of item, the earliest
    expiry, promotional before paid, the oldest; one's own before the family's.
    """
    applied = apply_credit(
        ApplyCredit(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            payer_id=payer_of(call, body),
            use=None if body.allocate is None else pairs(body.allocate),
            **family_of(body),
            from_invoice_id=body.from_invoice_id,
            on=body.allocated_on,
        ),
        call.now,
    )
    return {
        "allocation_ids": applied.allocation_ids,
        "invoice_ids": applied.invoice_ids,
        "total_minor": applied.total_minor,
        "family_minor": applied.family_minor,
        "credit_after_minor": applied.credit_after_minor,
        "currency": call.currency,
    }


@allocations.post(
    "/allocations/{allocation_id}/take_back",
    needs="payments.allocate",
    status=200,
    refuses=(Invalid, AlreadyReversed, MergedAway),
    names={"amount": "amount_minor"},
)
def return_allocation(call: Call, allocation_id: QueryId, body: TakeBackIn) -> TakenBack:
    """Take an allocation back, all that stands of it or a part.

    Nothing is deleted: the allocation stays, and says how much of it was returned.
    """
    back = take_back_allocation(
        TakeBackAllocation(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            allocation_id=allocation_id,
            amount_minor=body.amount_minor,
            reason=body.reason,
        ),
        call.now,
    )
    return {
        "id": allocation_id,
        "invoice_id": back.invoice_id,
        "lot_id": back.lot_id,
        "amount_minor": back.amount_minor,
        "currency": call.currency,
    }


class FamilyFields(TypedDict):
    """What commands that use credit have in common."""

    family_credit: tuple[tuple[int, int, int], ...]
    agreed: tuple[tuple[int, str], ...]
    lots: tuple[int, ...]


def family_of(body: FamilyIn) -> FamilyFields:
    """As the use cases take it."""
    return {
        "family_credit": tuple(
            (one.invoice_id, one.owner_payer_id, one.amount_minor) for one in body.family_credit
        ),
        "agreed": tuple((one.owner_payer_id, one.how) for one in body.agreed),
        "lots": tuple(body.lots),
    }


def pairs(amounts: Iterable[InvoiceAmount]) -> tuple[tuple[int, int], ...]:
    """As the use cases take them: (invoice id, minor units)."""
    return tuple((one.invoice_id, one.amount_minor) for one in amounts)


COLUMNS = (
    "id",
    "invoice_id",
    "lot_id",
    "payment_id",
    "amount_minor",
    "returned_minor",
    "allocated_on",
    "created_at",
    "share_id",
    "agreed",
)


def allocation_rows(call: Call, **wanted: Any) -> list[AllocationOut]:
    """Allocations of the practice, by id; one query."""
    return _shown(call, list(_rows(call, **wanted).order_by("pk")))


def _rows(call: Call, **wanted: Any) -> QuerySet[Allocation, Row]:
    found = Allocation.objects.filter(practice_id=call.practice_id, **wanted)
    return cast("QuerySet[Allocation, Row]", found.values(*COLUMNS, payer_id=F("lot__payer_id")))


def _shown(call: Call, rows: Sequence[Row]) -> list[AllocationOut]:
    return [cast(AllocationOut, {**row, "currency": call.currency}) for row in rows]
