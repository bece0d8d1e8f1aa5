"""What the buttons of a gift voucher do."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from creditwell.kernel.errors import NotFound, Refusal
from creditwell.payments.models import Voucher
from creditwell.tenancy.access import access
from creditwell.usecases.disable_voucher import DisableVoucher, disable_voucher
from creditwell.usecases.enable_voucher import EnableVoucher, enable_voucher
from creditwell.usecases.refund_voucher import RefundVoucher, refund_voucher
from creditwell.web.components.formats import money_text
from creditwell.web.door.guard import door
from creditwell.web.door.links import page_link
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.vouchers.views import show_voucher


@require_POST
@door("vouchers.disable")
def voucher_disable(request: PracticeRequest, pk: int) -> HttpResponse:
    """Stop it from being redeemed, with a reason."""
    access(Voucher, request.member, pk, "vouchers.disable")
    command = DisableVoucher(
        practice_id=request.practice.id,
        key=request.POST.get("key", "")[:80],
        by=request.member.actor,
        voucher_id=pk,
        reason=request.POST.get("reason", "")[:200],
    )

    def act() -> str:
        disable_voucher(command, timezone.now())
        messages.success(request, _("Disabled. Nobody can redeem it now."))
        return page_link("voucher", pk)

    return _try(request, pk, "disable", act)


@require_POST
@door("vouchers.disable")
def voucher_enable(request: PracticeRequest, pk: int) -> HttpResponse:
    """Let it be redeemed again."""
    access(Voucher, request.member, pk, "vouchers.disable")
    command = EnableVoucher(
        practice_id=request.practice.id,
        key=request.POST.get("key", "")[:80],
        by=request.member.actor,
        voucher_id=pk,
    )

    def act() -> str:
        enable_voucher(command, timezone.now())
        messages.success(request, _("The voucher can be redeemed again."))
        return page_link("voucher", pk)

    return _try(request, pk, "enable", act)


@require_POST
@door("payments.refund")
def voucher_refund(request: PracticeRequest, pk: int) -> HttpResponse:
    """Give back what is left, or ask somebody who may."""
    access(Voucher, request.member, pk, "payments.refund")
    command = RefundVoucher(
        practice_id=request.practice.id,
        key=request.POST.get("key", "")[:80],
        by=request.member.actor,
        voucher_id=pk,
        reason=request.POST.get("reason", "").strip()[:200],
        ask=True,
    )

    def act() -> str:
        made = refund_voucher(command, timezone.now())
        if made.refund_id is None:
            messages.success(request, _("Asked for approval. Nothing was refunded yet."))
            return page_link("refund_request", made.request_id or 0)
        total = money_text(request.practice.money(made.total_minor))
        messages.success(
            request, _("%(sum)s was refunded, and the voucher is disabled.") % {"sum": total}
        )
        return page_link("refund", made.refund_id)

    return _try(request, pk, "refund", act)


def _try(request: PracticeRequest, pk: int, name: str, act: Callable[[], str]) -> HttpResponse:
    try:
        return redirect(act())
    except NotFound:
        raise
    except Refusal as refusal:
        return show_voucher(request, pk, refused={name: refusal.sentence})
