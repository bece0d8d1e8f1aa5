"""The paper of a gift voucher. Its code is money: only those who may redeem it get it."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from creditwell.integrations.documents import build_voucher
from creditwell.payments.models import Voucher
from creditwell.tenancy.access import access
from creditwell.web.door.guard import door
from creditwell.web.door.papers import pdf_answer
from creditwell.web.door.requests import PracticeRequest


@require_GET
@door("vouchers.redeem")
def voucher_pdf(request: PracticeRequest, pk: int) -> HttpResponse:
    """The voucher as PDF, to be given away."""
    access(Voucher, request.member, pk, "vouchers.redeem")
    return pdf_answer(*build_voucher.voucher_pdf(request.practice.id, pk))
