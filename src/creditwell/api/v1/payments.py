"""Payments: list, look up, take, edit, void."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

from django.db.models import F
from ninja import Query
from pydantic import Field
from typing_extensions import TypedDict

from creditwell.api.auth import Call
from creditwell.api.pagination import Listed, Page, Row, page_of
from creditwell.api.routes import Routes
from creditwell.api.shapes import Currency, Day, Flag, Id, In, Line, Minor, QueryId, Reason, Remark
from creditwell.api.v1.allocations import (
    AllocationOut,
    FamilyIn,
    InvoiceAmount,
    allocation_rows,
    family_of,
    pairs,
)
from creditwell.api.v1.payers import (
    NoPayer,
    PayerFilters,
    PayerIn,
    payer_filter,
    payer_of,
    require_currency,
)
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.ledger.post import BooksClosed
from creditwell.payments.models import Payment, PaymentPart
from creditwell.payments.operations import NotAPerson
from creditwell.payments.voiding import (
    PaymentDishonoured,
    PaymentNotStanding,
    PaymentPassedOn,
    PaymentRefunded,
)
from creditwell.payments.vouchers import VoucherUsed
from creditwell.people.operations import MergedAway
from creditwell.usecases.edit_payment import EditPayment, SoldVouchers, edit_payment
from creditwell.usecases.take_payment import (
    DoesNotAddUp,
    PartInput,
    Taken,
    TakePayment,
    take_payment,
)
from creditwell.usecases.void_payment import VoidPayment, void_payment

payments = Routes("Payments")

NAMES = {
    "payer": "payer_id",
    "date": "received_on",
    "pay": "allocate",
    "credit": "use_credit",
    "family": "family_credit",
    "invoices": "allocate",
}


class PartIn(In):
    """An amount that came by one payment source."""

    payment_source_id: Id
    amount_minor: Minor
    reference: Line = ""


Parts = Annotated[list[PartIn], Field(min_length=1, max_length=50)]
Allocate = Annotated[list[InvoiceAmount], Field(max_length=500)]


class PaymentIn(PayerIn, FamilyIn):
    """
    Money that came in. What `allocate` leaves becomes account credit: send [] to keep all of it,
    nothing to let the practice's allocation order decide. `use_credit` is what account credit from
    before gives in the same act.
    """

    parts: Parts
    received_on: Day | None = Field(None, description="Today in the practice unless sent.")
    allocate: Allocate | None = None
    use_credit: Allocate = Field(default_factory=list)
    from_invoice_id: Id | None = Field(
        None, description="The invoice to settle where the practice settles only that one."
    )
    location_id: Id | None = None
    note: Remark = ""
    email_receipt: Flag = False


class PaymentEdit(In):
    """The payment as it should have been; without `allocate` it settles what it settled before."""

    parts: Parts
    received_on: Day | None = Field(None, description="As it was unless sent.")
    allocate: Allocate | None = None
    note: Remark = ""
    currency: Currency | None = None


class PaymentVoidIn(In):
    """Why; it stays in the history."""

    reason: Reason = ""


class PaymentFilters(Page, PayerFilters):
    """Which payments."""

    status: Annotated[str, Field(pattern="^(recorded|replaced|void)$")] | None = None
    received_since: Day | None = None
    received_until: Day | None = Field(None, description="This day included.")
    location_id: QueryId | None = None


class PaymentTaken(TypedDict):
    """What taking (or editing) a payment came to; look it up for everything."""

    id: int
    number: int
    receipt_number: str
    lot_id: int
    total_minor: int
    to_credit_minor: int
    currency: str
    allocation_ids: list[int]


class PartOut(TypedDict):
    """`rounding_minor` is what cash rounding added to (or took off) what went into the till."""

    id: int
    payment_source_id: int
    amount_minor: int
    rounding_minor: int
    refunded_minor: int
    reference: str


class PaymentOut(TypedDict):
    """
    A payment. `unallocated_minor` of it is account credit now; `allocations` are all that its
    money ever paid, taken back ones too. `replaces_id` is the version before an edit.
    """

    id: int
    number: int
    receipt_number: str
    status: str
    payer_id: int
    patient_id: int | None
    contact_id: int | None
    received_on: date
    total_minor: int
    unallocated_minor: int
    currency: str
    lot_id: int
    location_id: int | None
    replaces_id: int | None
    note: str
    voided_on: date | None
    void_reason: str
    recorded_at: datetime
    parts: list[PartOut]
    allocations: list[AllocationOut]


class PaymentVoided(TypedDict):
    """The invoices that are open again."""

    id: int
    invoice_ids: list[int]


@payments.get("/payments", needs="payments.view", refuses=(NoPayer,))
def list_payments(call: Call, filters: Query[PaymentFilters]) -> Listed[PaymentOut]:
    """List payments.

    All versions of edited payments are there; `status=recorded` leaves out those that no longer
    count.
    """
    wanted: dict[str, Any] = {
        "payer_id": payer_filter(call, filters),
        "status": filters.status,
        "received_on__gte": filters.received_since,
        "received_on__lte": filters.received_until,
        "location_id": filters.location_id,
    }
    chosen = {name: value for name, value in wanted.items() if value is not None}
    rows = Payment.objects.filter(practice_id=call.practice_id, **chosen)
    return page_of(rows.values(*COLUMNS, **JOINED), filters, lambda found: _shown(call, found))


@payments.get("/payments/{payment_id}", needs="payments.view")
def get_payment(call: Call, payment_id: QueryId) -> PaymentOut:
    """Look a payment up."""
    rows = Payment.objects.filter(practice_id=call.practice_id, pk=payment_id)
    found = list(rows.values(*COLUMNS, **JOINED))
    if not found:
        raise NotFound
    return _shown(call, found)[0]


@payments.post(
    "/payments",
    needs="payments.take",
    refuses=(NoPayer, NotFound, Invalid, DoesNotAddUp, BooksClosed, MergedAway, NotAPerson),
    names=NAMES,
)
def create_payment(call: Call, body: PaymentIn) -> PaymentTaken:
    """Take a payment.

    One act: the money is recorded, invoices are settled, the rest becomes account credit, and the
    receipt gets the next number. Send an `Idempotency-Key`: the same request sent again gives the
    same answer and takes nothing twice.
    """
    taken = take_payment(
        TakePayment(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            payer_id=payer_of(call, body),
            parts=_parts(body.parts),
            received_on=body.received_on,
            pay=None if body.allocate is None else pairs(body.allocate),
            use_credit=pairs(body.use_credit),
            **family_of(body),
            from_invoice_id=body.from_invoice_id,
            location_id=body.location_id,
            note=body.note,
            email_receipt=body.email_receipt,
        ),
        call.now,
    )
    return _taken(call, taken)


@payments.post(
    "/payments/{payment_id}/edit",
    needs="payments.edit",
    refuses=(
        Invalid,
        DoesNotAddUp,
        BooksClosed,
        PaymentNotStanding,
        PaymentRefunded,
        PaymentDishonoured,
        PaymentPassedOn,
        SoldVouchers,
        MergedAway,
    ),
    names=NAMES,
)
def change_payment(call: Call, payment_id: QueryId, body: PaymentEdit) -> PaymentTaken:
    """Edit a payment.

    The payment is reversed and a new one is taken in its place, with a new id; both stay in the
    history, linked by `replaces_id`.
    """
    require_currency(call, body.currency)
    taken = edit_payment(
        EditPayment(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            payment_id=payment_id,
            parts=_parts(body.parts),
            received_on=body.received_on,
            pay=None if body.allocate is None else pairs(body.allocate),
            note=body.note,
        ),
        call.now,
    )
    return _taken(call, taken)


@payments.post(
    "/payments/{payment_id}/void",
    needs="payments.void",
    status=200,
    refuses=(
        PaymentNotStanding,
        PaymentRefunded,
        PaymentDishonoured,
        PaymentPassedOn,
        VoucherUsed,
        MergedAway,
    ),
    names=NAMES,
)
def cancel_payment(call: Call, payment_id: QueryId, body: PaymentVoidIn) -> PaymentVoided:
    """Void a payment that was never made.

    What it paid is asked again; its receipt keeps its number.
    """
    voided = void_payment(
        VoidPayment(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            payment_id=payment_id,
            reason=body.reason,
        ),
        call.now,
    )
    return {"id": voided.payment_id, "invoice_ids": voided.invoice_ids}


COLUMNS = (
    "id",
    "number",
    "status",
    "payer_id",
    "received_on",
    "total_minor",
    "lot_id",
    "location_id",
    "replaces_id",
    "note",
    "voided_on",
    "void_reason",
    "recorded_at",
)
JOINED = {
    "unallocated_minor": F("lot__account__balance_minor"),
    "patient_id": F("payer__patient__id"),
    "contact_id": F("payer__contact__id"),
}


def _parts(parts: Sequence[PartIn]) -> tuple[PartInput, ...]:
    return tuple(
        PartInput(
            source_id=part.payment_source_id,
            amount_minor=part.amount_minor,
            reference=part.reference,
        )
        for part in parts
    )


def _taken(call: Call, taken: Taken) -> PaymentTaken:
    return {
        "id": taken.payment_id,
        "number": taken.number,
        "receipt_number": call.practice.receipt_number(taken.number),
        "lot_id": taken.lot_id,
        "total_minor": taken.total_minor,
        "to_credit_minor": taken.to_credit_minor,
        "currency": call.currency,
        "allocation_ids": taken.allocation_ids,
    }


def _shown(call: Call, rows: Sequence[Row]) -> list[PaymentOut]:
    """Payments with their parts and allocations; two queries for any number of them."""
    parts: dict[int, list[Any]] = defaultdict(list)
    for part in PaymentPart.objects.filter(
        practice_id=call.practice_id, payment_id__in=[row["id"] for row in rows]
    ).order_by("pk"):
        parts[part.payment_id].append(
            {
                "id": part.pk,
                "payment_source_id": part.source_id,
                "amount_minor": part.amount_minor,
                "rounding_minor": part.rounding_minor,
                "refunded_minor": part.refunded_minor,
                "reference": part.reference,
            }
        )
    allocations: dict[int, list[AllocationOut]] = defaultdict(list)
    for found in allocation_rows(call, lot_id__in=[row["lot_id"] for row in rows]):
        allocations[found["lot_id"]].append(found)
    return [
        {
            **row,  # type: ignore[typeddict-item]  # COLUMNS and JOINED, held against the document by the tests
            "receipt_number": call.practice.receipt_number(row["number"]),
            "currency": call.currency,
            "parts": parts[row["id"]],
            "allocations": allocations[row["lot_id"]],
        }
        for row in rows
    ]
