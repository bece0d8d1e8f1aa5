"""Whoever asked for a refund takes the request back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.kernel.usecase import usecase
from creditwell.payments import refund_requests
from creditwell.payments.models import RefundRequest
from creditwell.tenancy.access import Actor, Written
from creditwell.usecases.decline_refund import RequestClosed, close_request


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawRefundRequest:
    practice_id: int
    key: str
    by: Actor
    request_id: int


@usecase(RequestClosed)
def withdraw_refund_request(command: WithdrawRefundRequest, now: datetime) -> RequestClosed:
    """
    Close one's own request without a refund.

    :raises NotFound: if this practice has no such request
    :raises NotYourRequest: if somebody else asked
    :raises RequestDecided: if it was decided before
    """
    request = refund_requests.waiting_request(
        practice_id=command.practice_id, request_id=command.request_id
    )
    if not refund_requests.is_own(request, command.by):
        raise refund_requests.NotYourRequest
    return close_request(request, RefundRequest.Status.WITHDRAWN, written=Written(command.by, now))
