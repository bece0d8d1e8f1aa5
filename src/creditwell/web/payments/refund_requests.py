"""A refund that waits for a second person: its page, and what they decide."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from creditwell.kernel.errors import NotFound, Refusal
from creditwell.payments.models import RefundRequest
from creditwell.payments.queries_refund_requests import request_facts
from creditwell.tenancy.access import access
from creditwell.usecases.approve_refund import ApproveRefund, approve_refund
from creditwell.usecases.decline_refund import DeclineRefund, decline_refund
from creditwell.usecases.withdraw_refund_request import (
    WithdrawRefundRequest,
    withdraw_refund_request,
)
from creditwell.web.door.guard import door
from creditwell.web.door.links import page_link
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.payments.typed import new_key


@require_GET
@door("payments.view")
def refund_request(request: PracticeRequest, pk: int) -> HttpResponse:
    """The page of a request."""
    return _show(request, pk)


@require_POST
@door("refunds.approve")
def refund_approve(request: PracticeRequest, pk: int) -> HttpResponse:
    """Approve: the refund is made at once."""
    access(RefundRequest, request.member, pk, "refunds.approve")
    command = ApproveRefund(
        practice_id=request.practice.id,
        key=request.POST.get("key", "")[:80],
        by=request.member.actor,
        request_id=pk,
    )

    def approve() -> str:
        made = approve_refund(command, timezone.now())
        messages.success(request, _("Approved and refunded."))
        return page_link("refund", made.refund_id)

    return _try(request, pk, approve)


@require_POST
@door("refunds.approve")
def refund_decline(request: PracticeRequest, pk: int) -> HttpResponse:
    """Decline: the credit stays where it is."""
    access(RefundRequest, request.member, pk, "refunds.approve")
    command = DeclineRefund(
        practice_id=request.practice.id,
        key=request.POST.get("key", "")[:80],
        by=request.member.actor,
        request_id=pk,
        answer=request.POST.get("answer", "").strip()[:200],
    )

    def decline() -> str:
        decline_refund(command, timezone.now())
        messages.success(request, _("Declined. Nothing was refunded."))
        return page_link("refund_request", pk)

    return _try(request, pk, decline)


@require_POST
@door("payments.refund")
def refund_withdraw(request: PracticeRequest, pk: int) -> HttpResponse:
    """Whoever asked takes the request back."""
    access(RefundRequest, request.member, pk, "payments.refund")
    command = WithdrawRefundRequest(
        practice_id=request.practice.id,
        key=request.POST.get("key", "")[:80],
        by=request.member.actor,
        request_id=pk,
    )

    def withdraw() -> str:
        withdraw_refund_request(command, timezone.now())
        messages.success(request, _("Request withdrawn."))
        return page_link("refund_request", pk)

    return _try(request, pk, withdraw)


def _try(request: PracticeRequest, pk: int, act: Callable[[], str]) -> HttpResponse:
    try:
        return redirect(act())
    except NotFound:
        raise
    except Refusal as refusal:
        return _show(request, pk, refused=refusal.sentence)


def _show(request: PracticeRequest, pk: int, *, refused: str = "") -> HttpResponse:
    facts = request_facts(request.practice, pk)
    member = request.member
    own = facts.asked_by_id == member.user_id
    context = {
        "r": facts,
        "refused": refused,
        "own": own,
        "may_approve": facts.waits and not own and member.may("refunds.approve"),
        "may_withdraw": facts.waits and own and member.may("payments.refund"),
        "patient_url": page_link("patient", facts.patient_id) if facts.patient_id else "",
        "explain_url": page_link("credit_explain", facts.patient_id) if facts.patient_id else "",
        "refund_url": page_link("refund", facts.refund_id) if facts.refund_id else "",
        "tasks_url": page_link("tasks") if member.may("tasks.view") else "",
        "key": new_key(),
    }
    return render(request, "payments/refund_request.html", context, status=422 if refused else 200)
