"""Refunds: credit goes back to its payer, by the source it came in by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, cast

from django.db.models import F
from django.utils.translation import gettext as _
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
from creditwell.usecases.refund_credit import (
    ApprovalNeeded,
    FromLot,
    NotRefundable,
    OverRefunded,
    RefundCredit,
    TooSmallForCash,
    refund_credit,
)

refunds = Routes("Refunds")

NAMES = {"payer": "payer_id", "date": "refunded_on"}


class RefundPartIn(In):
    """
    How much goes back, of which credit and by which way: by a part of a payment (`parts` of the
    payment), off that payment's own lot unless `lot_id` names another that came of it (credit that
    was transferred). An opening balance is a `lot_id` with the `payment_source_id` to give it back
    by.
    """

    payment_part_id: Id | None = None
    lot_id: Id | None = None
    payment_source_id: Id | None = None
    amount_minor: Minor


class RefundIn(PayerIn):
    """Account credit to give back; what is on invoices must be un-applied or credited first."""

    parts: Annotated[list[RefundPartIn], Field(min_length=1, max_length=50)]
    reason: Reason
    refunded_on: Day | None = Field(None, description="Today in the practice unless sent.")


class RefundFilters(Page, PayerFilters):
    """Which refunds."""


class RefundPartOut(TypedDict):
    """
    `amount_minor` left the till; `rounding_minor` is what cash rounding made of the rest. Without a
    payment it was an opening balance.
    """

    id: int
    lot_id: int
    payment_part_id: int | None
    payment_id: int | None
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
    refuses=(
        NoPayer,
        NotFound,
        Invalid,
        ApprovalNeeded,
        NotRefundable,
        OverRefunded,
        Overdrawn,
        BooksClosed,
        MergedAway,
        TooSmallForCash,
    ),
    names=NAMES,
)
def create_refund(call: Call, body: RefundIn) -> RefundMade:
    """
    Give account credit back.

    A key may refund up to the amount above which the practice wants two people; ask for more with
    `POST /refund_requests`.
    """
    parts, chosen = asked_for(body.parts)
    made = refund_credit(
        RefundCredit(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            payer_id=payer_of(call, body),
            parts=parts,
            chosen=chosen,
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


def asked_for(
    parts: list[RefundPartIn],
) -> tuple[tuple[tuple[int, int], ...], tuple[FromLot, ...]]:
    """What a body names by the part alone, and what it names by the lot."""
    if any(part.payment_part_id is None and part.lot_id is None for part in parts):
        raise Invalid(_("Say which credit goes back: payment_part_id or lot_id."), param="parts")
    chosen = tuple(
        FromLot(
            lot_id=part.lot_id,
            part_id=part.payment_part_id,
            source_id=part.payment_source_id,
            minor=part.amount_minor,
        )
        for part in parts
        if part.lot_id is not None
    )
    by_part = tuple(
        (part.payment_part_id, part.amount_minor)
        for part in parts
        if part.lot_id is None and part.payment_part_id is not None
    )
    return by_part, chosen


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
            "lot_id",
            payment_part_id=F("part_id"),
            payment_id=F("part__payment_id"),
            payment_source_id=F("source_id"),
        )
    ):
        parts[part.pop("refund_id")].append(part)
    return [
        cast(RefundOut, {**row, "currency": call.currency, "parts": parts[row["id"]]})
        for row in rows
    ]
