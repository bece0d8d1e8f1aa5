"""Refunds that wait for a second person's approval."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, cast

from ninja import Query
from pydantic import Field
from typing_extensions import TypedDict

from creditwell.api.auth import Call
from creditwell.api.pagination import Listed, Page, page_of
from creditwell.api.routes import Routes
from creditwell.api.shapes import In, QueryId, Reason
from creditwell.api.v1.payers import NoPayer, PayerIn, payer_of
from creditwell.api.v1.refunds import RefundMade, RefundPartIn, asked_for
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.ledger.post import BooksClosed, Overdrawn
from creditwell.payments.models import RefundRequest
from creditwell.payments.refund_requests import NotYourRequest, OwnRequest, RequestDecided
from creditwell.people.operations import MergedAway
from creditwell.usecases.approve_refund import ApproveRefund, CreditGone, approve_refund
from creditwell.usecases.decline_refund import DeclineRefund, RequestClosed, decline_refund
from creditwell.usecases.refund_credit import NotRefundable, OverRefunded, TooSmallForCash
from creditwell.usecases.request_refund import RequestRefund, request_refund
from creditwell.usecases.withdraw_refund_request import (
    WithdrawRefundRequest,
    withdraw_refund_request,
)

refund_requests = Routes("Refunds")

COLUMNS = (
    "id",
    "status",
    "payer_id",
    "parts",
    "total_minor",
    "reason",
    "answer",
    "requested_at",
    "requested_by_id",
    "decided_at",
    "decided_by_id",
    "refund_id",
)


class RefundRequestIn(PayerIn):
    """A refund that is asked for, as it would be made."""

    parts: list[RefundPartIn] = Field(min_length=1, max_length=50)
    reason: Reason


class DecisionIn(In):
    """What is told to whoever asked."""

    answer: Reason = ""


class WithdrawIn(In):
    """Nothing: a request is withdrawn by whoever made it."""


class RefundRequestFilters(Page):
    """Which requests."""

    status: Literal["waiting", "approved", "declined", "withdrawn"] | None = Field(
        None, description="Only those in this state."
    )


class RequestPartOut(TypedDict):
    """So much of one lot, by one part of a payment or by a source that was chosen."""

    lot_id: int
    payment_part_id: int | None
    payment_source_id: int | None
    amount_minor: int


class RefundRequestOut(TypedDict):
    """A request; `requested_by_id` is null when a program asked."""

    id: int
    status: str
    payer_id: int
    parts: list[RequestPartOut]
    total_minor: int
    currency: str
    reason: str
    answer: str
    requested_at: datetime
    requested_by_id: int | None
    decided_at: datetime | None
    decided_by_id: int | None
    refund_id: int | None


class RequestMade(TypedDict):
    """A request, or what became of it."""

    id: int
    status: str


@refund_requests.get("/refund_requests", needs="payments.view")
def list_refund_requests(
    call: Call, filters: Query[RefundRequestFilters]
) -> Listed[RefundRequestOut]:
    """List requests for refunds."""
    rows = RefundRequest.objects.filter(practice_id=call.practice_id)
    if filters.status is not None:
        rows = rows.filter(status=filters.status)
    return page_of(
        rows.values(*COLUMNS), filters, lambda found: [_shown(call, row) for row in found]
    )


@refund_requests.get("/refund_requests/{request_id}", needs="payments.view")
def get_refund_request(call: Call, request_id: QueryId) -> RefundRequestOut:
    """Look a request up."""
    rows = RefundRequest.objects.filter(practice_id=call.practice_id, pk=request_id)
    found = rows.values(*COLUMNS).first()
    if found is None:
        raise NotFound
    return _shown(call, found)


@refund_requests.post(
    "/refund_requests",
    needs="payments.refund",
    refuses=(
        NoPayer,
        NotFound,
        Invalid,
        NotRefundable,
        OverRefunded,
        TooSmallForCash,
        Overdrawn,
        MergedAway,
    ),
    names={"payer": "payer_id"},
)
def create_refund_request(call: Call, body: RefundRequestIn) -> RequestMade:
    """Ask a person to approve a refund."""
    parts, chosen = asked_for(body.parts)
    made = request_refund(
        RequestRefund(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            payer_id=payer_of(call, body),
            parts=parts,
            chosen=chosen,
            reason=body.reason,
        ),
        call.now,
    )
    return {"id": made.request_id, "status": "waiting"}


@refund_requests.post(
    "/refund_requests/{request_id}/approve",
    needs="refunds.approve",
    status=200,
    refuses=(
        RequestDecided,
        OwnRequest,
        CreditGone,
        NotRefundable,
        TooSmallForCash,
        Invalid,
        BooksClosed,
        MergedAway,
    ),
)
def approve_refund_request(call: Call, request_id: QueryId, body: DecisionIn) -> RefundMade:
    """
    Approve a refund: it is made at once.

    A key counts as one more person: it may approve what a person asked for, never what a key did.
    """
    made = approve_refund(
        ApproveRefund(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            request_id=request_id,
            answer=body.answer,
        ),
        call.now,
    )
    return {
        "id": made.refund_id,
        "number": made.number,
        "total_minor": made.total_minor,
        "currency": call.currency,
    }


@refund_requests.post(
    "/refund_requests/{request_id}/decline",
    needs="refunds.approve",
    status=200,
    refuses=(RequestDecided,),
)
def decline_refund_request(call: Call, request_id: QueryId, body: DecisionIn) -> RequestMade:
    """Decline a refund: the credit stays where it is."""
    return _closed(
        decline_refund(
            DeclineRefund(
                practice_id=call.practice_id,
                key=call.key,
                by=call.by,
                request_id=request_id,
                answer=body.answer,
            ),
            call.now,
        )
    )


@refund_requests.post(
    "/refund_requests/{request_id}/withdraw",
    needs="payments.refund",
    status=200,
    refuses=(RequestDecided, NotYourRequest),
)
def withdraw_request(call: Call, request_id: QueryId, body: WithdrawIn) -> RequestMade:
    """Withdraw what a key asked for."""
    return _closed(
        withdraw_refund_request(
            WithdrawRefundRequest(
                practice_id=call.practice_id, key=call.key, by=call.by, request_id=request_id
            ),
            call.now,
        )
    )


def _closed(closed: RequestClosed) -> RequestMade:
    return {"id": closed.request_id, "status": closed.status}


def _shown(call: Call, row: object) -> RefundRequestOut:
    values = cast("dict[str, object]", row)
    parts = cast("list[dict[str, int | None]]", values["parts"])
    shown = [
        {
            "lot_id": part["lot_id"],
            "payment_part_id": part["part_id"],
            "payment_source_id": part["source_id"],
            "amount_minor": part["minor"],
        }
        for part in parts
    ]
    return cast(RefundRequestOut, {**values, "parts": shown, "currency": call.currency})
