"""A second person approves a refund: it is made at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.kernel.errors import NotFound, Refusal
from creditwell.kernel.usecase import usecase
from creditwell.ledger.post import Overdrawn
from creditwell.outbox.emit import emit
from creditwell.payments import refund_requests, refunding
from creditwell.payments.models import RefundRequest
from creditwell.payments.operations import lock_payer
from creditwell.payments.vouchers import disable_refunded
from creditwell.tasks.operations import finish_tasks_about
from creditwell.tenancy.access import Actor, Forbidden, PracticeFacts, Written
from creditwell.tenancy.queries_limits import refund_limits
from creditwell.usecases.refund_credit import Refunded


class CreditGone(Refusal):
    """The credit that was to go back has been used, moved or refunded since it was asked for."""

    code = "credit_gone"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Some of this credit was used since the refund was asked for, so it was not made. "
                "Look at the account, then decline this request and ask for what is left."
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveRefund:
    practice_id: int
    key: str
    by: Actor
    request_id: int
    answer: str = ""


@usecase(Refunded)
def approve_refund(command: ApproveRefund, now: datetime) -> Refunded:
    """
    Refund what was asked for, dated today, and remember both names. A gift voucher is disabled.

    An API key counts as one more person: it may approve what a person asked for, never what a key
    asked for.

    :raises NotFound: if this practice has no such request
    :raises Forbidden: if this person may not approve refunds
    :raises OwnRequest: if they asked for it themselves
    :raises RequestDecided: if it was decided before
    :raises CreditGone: if the credit is not there any more; the request waits on
    """
    practice, payer_id, request = _hold(command)
    if not refund_limits(practice_id=practice.id, by=command.by).may_approve:
        raise Forbidden("refunds.approve")
    if refund_requests.is_own(request, command.by):
        raise refund_requests.OwnRequest
    written = Written(command.by, now)
    made = _refund(practice, payer_id, request, written)
    disable_refunded(practice_id=practice.id, payer_id=payer_id, made=made, at=now)
    refund_requests.decide(
        request,
        RefundRequest.Status.APPROVED,
        written=written,
        answer=command.answer,
        refund_id=made.refund_id,
    )
    finish_tasks_about(
        ("refund_request", request.pk), practice_id=practice.id, by=command.by, at=now
    )
    for subject in (("refund", made.refund_id), ("refund_request", request.pk)):
        note(
            "approve_refund",
            subject,
            practice_id=practice.id,
            by=command.by,
            at=now,
            details={
                "payer_id": payer_id,
                "total_minor": made.total_minor,
                "reason": request.reason,
                "requested_by": request.requested_by.name if request.requested_by else "",
            },
        )
    emit("credit.refunded", {"refund_id": made.refund_id}, practice_id=practice.id, at=now)
    return Refunded(refund_id=made.refund_id, number=made.number, total_minor=made.total_minor)


def _hold(command: ApproveRefund) -> tuple[PracticeFacts, int, RefundRequest]:
    """Lock the payer, then the request."""
    ids = {"practice_id": command.practice_id, "request_id": command.request_id}
    payer_id = refund_requests.payer_of_request(**ids)
    found = lock_payer(practice_id=command.practice_id, payer_id=payer_id, voucher=True)
    if found is None:
        raise NotFound
    request = refund_requests.waiting_request(**ids)
    return found[1], payer_id, request


def _refund(
    practice: PracticeFacts, payer_id: int, request: RefundRequest, written: Written
) -> refunding.Made:
    on = practice.day_of(written.at)
    try:
        pieces = refunding.pieces_of(
            practice_id=practice.id,
            payer_id=payer_id,
            wanted=refund_requests.wanted_by(request),
        )
        refunding.require_there(practice, pieces, on)
    except (Overdrawn, refunding.OverRefunded, NotFound) as gone:
        raise CreditGone from gone
    return refunding.make_refund(
        practice, payer_id, pieces, on=on, reason=request.reason, written=written
    )
