"""Refunds: credit goes back to its payer, by the source it came in by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, cast

from django.db.models import F
from ninja import Query
from pydantic import Field
from typing_extensions import TypedDict

from creditwell.api.auth import Call
from creditwell.api.pagination import Listed, Page, Row, page_of
from creditwell.api.routes import Routes
from creditwell.api.shapes import Day, Id, In, Minor, QueryId, Reason
from creditwell.api.v1.payers import NoPayer, PayerFilters, PayerIn, payer_filter, payer_of
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.ledger.post import BooksClosed, Overdrawn
from creditwell.payments.models import Refund, RefundPart
from creditwell.people.operations import MergedAway
from creditwell.usecases.refund_credit import OverRefunded, RefundCredit, refund_credit

refunds = Routes("Refunds")

NAMES = {"payer": "payer_id", "date": "refunded_on"}


class RefundPartIn(In):
    """How much goes back by one part of a payment (`parts` of the payment)."""

    payment_part_id: Id
    amount_minor: Minor


class RefundIn(PayerIn):
    """Account credit to give back; what is on invoices must be un-applied or credited first."""

    parts: Annotated[list[RefundPartIn], Field(min_length=1, max_length=50)]
    reason: Reason
    refunded_on: Day | None = Field(None, description="Today in the practice unless sent.")


class RefundFilters(Page, PayerFilters):
    """Which refunds."""


class RefundPartOut(TypedDict):
    """`amount_minor` left the till; `rounding_minor` is what cash rounding made of the rest."""

    id: int
    payment_part_id: int
    payment_id: int
    payment_source_id: int
    amount_minor: int
    rounding_minor: int


class RefundOut(TypedDict):
    """A refund."""

    id: int
    number: int
    payer_id: int
    refunded_on: date
    total_minor: int
    currency: str
    reason: str
    created_at: datetime
    parts: list[RefundPartOut]


class RefundMade(TypedDict):
    """What refunding came to."""

    id: int
    number: int
    total_minor: int
    currency: str


@refunds.get("/refunds", needs="payments.view", refuses=(NoPayer,))
def list_refunds(call: Call, filters: Query[RefundFilters]) -> Listed[RefundOut]:
    """List refunds."""
    rows = Refund.objects.filter(practice_id=call.practice_id)
    payer_id = payer_filter(call, filters)
    if payer_id is not None:
        rows = rows.filter(payer_id=payer_id)
    return page_of(rows.values(*COLUMNS), filters, lambda found: _shown(call, found))


@refunds.get("/refunds/{refund_id}", needs="payments.view")
def get_refund(call: Call, refund_id: QueryId) -> RefundOut:
    """Look a refund up."""
    rows = Refund.objects.filter(practice_id=call.practice_id, pk=refund_id)
    found = list(rows.values(*COLUMNS))
    if not found:
        raise NotFound
    return _shown(call, found)[0]


@refunds.post(
    "/refunds",
    needs="payments.refund",
    refuses=(NoPayer, NotFound, Invalid, OverRefunded, Overdrawn, BooksClosed, MergedAway),
    names=NAMES,
)
def create_refund(call: Call, body: RefundIn) -> RefundMade:
    """Give account credit back."""
    made = refund_credit(
        RefundCredit(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            payer_id=payer_of(call, body),
            parts=tuple((part.payment_part_id, part.amount_minor) for part in body.parts),
            reason=body.reason,
            on=body.refunded_on,
        ),
        call.now,
    )
    return {
        "id": made.refund_id,
        "number": made.number,
        "total_minor": made.total_minor,
        "currency": call.currency,
    }


COLUMNS = (
    "id",
    "number",
    "payer_id",
    "refunded_on",
    "total_minor",
    "reason",
    "created_at",
)


def _shown(call: Call, rows: Sequence[Row]) -> list[RefundOut]:
    """Refunds with their parts; one query for any number of them."""
    parts: dict[int, list[Any]] = defaultdict(list)
    part: Any
    for part in (
        RefundPart.objects.filter(
            practice_id=call.practice_id, refund_id__in=[row["id"] for row in rows]
        )
        .order_by("pk")
        .values(
            "id",
            "refund_id",
            "amount_minor",
            "rounding_minor",
            payment_part_id=F("part_id"),
            payment_id=F("part__payment_id"),
            payment_source_id=F("part__source_id"),
        )
    ):
        parts[part.pop("refund_id")].append(part)
    return [
        cast(RefundOut, {**row, "currency": call.currency, "parts": parts[row["id"]]})
        for row in rows
    ]
