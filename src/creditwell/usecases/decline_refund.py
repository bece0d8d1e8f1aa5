"""A second person declines a refund: the credit stays where it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.payments import refund_requests
from creditwell.payments.models import RefundRequest
from creditwell.tasks.operations import finish_tasks_about
from creditwell.tenancy.access import Actor, Forbidden, Written
from creditwell.tenancy.queries_limits import refund_limits


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineRefund:
    """`answer` says why, to whoever asked."""

    practice_id: int
    key: str
    by: Actor
    request_id: int
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestClosed:
    request_id: int
    status: str


@usecase(RequestClosed)
def decline_refund(command: DeclineRefund, now: datetime) -> RequestClosed:
    """
    Close a request without a refund.

    :raises NotFound: if this practice has no such request
    :raises Forbidden: if this person may not approve refunds
    :raises RequestDecided: if it was decided before
    """
    if not refund_limits(practice_id=command.practice_id, by=command.by).may_approve:
        raise Forbidden("refunds.approve")
    request = refund_requests.waiting_request(
        practice_id=command.practice_id, request_id=command.request_id
    )
    return close_request(
        request,
        RefundRequest.Status.DECLINED,
        written=Written(command.by, now),
        answer=command.answer,
    )


def close_request(
    request: RefundRequest, status: RefundRequest.Status, *, written: Written, answer: str = ""
) -> RequestClosed:
    """Decline or withdraw: mark the request, tick its task off, tell."""
    refund_requests.decide(request, status, written=written, answer=answer)
    subject = ("refund_request", request.pk)
    finish_tasks_about(subject, practice_id=request.practice_id, by=written.by, at=written.at)
    act = "decline_refund" if status == RefundRequest.Status.DECLINED else "withdraw_refund_request"
    note(
        act,
        subject,
        practice_id=request.practice_id,
        by=written.by,
        at=written.at,
        details={
            "payer_id": request.payer_id,
            "total_minor": request.total_minor,
            "reason": answer,
        },
    )
    emit(
        f"refund.{status.value}",
        {"request_id": request.pk},
        practice_id=request.practice_id,
        at=written.at,
    )
    return RequestClosed(request_id=request.pk, status=status.value)
