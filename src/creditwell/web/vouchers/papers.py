"""A gift voucher as paper and by mail. Its code is money: only those who may redeem it get it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from creditwell.integrations.documents import build_voucher
from creditwell.kernel.errors import NotFound, Refusal
from creditwell.payments.models import Voucher
from creditwell.tenancy.access import access
from creditwell.usecases.email_voucher import EmailVoucher, email_voucher
from creditwell.web.door.guard import door
from creditwell.web.door.links import page_link
from creditwell.web.door.papers import pdf_answer
from creditwell.web.door.requests import PracticeRequest


@require_GET
@door("vouchers.redeem")
def voucher_pdf(request: PracticeRequest, pk: int) -> HttpResponse:
    """The voucher as PDF, to be given away."""
    access(Voucher, request.member, pk, "vouchers.redeem")
    return pdf_answer(*build_voucher.voucher_pdf(request.practice.id, pk))


@require_POST
@door("vouchers.sell")
def voucher_email(request: PracticeRequest, pk: int) -> HttpResponse:
    """Send the voucher, for the first time or again, to the address typed."""
    member = request.member
    row = access(Voucher, member, pk, "vouchers.sell")
    try:
        email_voucher(
            EmailVoucher(
                practice_id=member.practice_id,
                key=request.POST.get("key", "")[:80],
                by=member.actor,
                voucher_id=pk,
                to=request.POST.get("to", "")[:254],
            ),
            timezone.now(),
        )
        messages.success(request, _("The voucher is on its way."))
    except NotFound:
        raise
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    return redirect(page_link("voucher", pk) or page_link("payment", row.payment_id))
