"""Redeem a gift voucher: the code, what it is worth, how much of it, for whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from babel.numbers import get_currency_symbol
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from creditwell.kernel.errors import Refusal
from creditwell.payments.queries_vouchers import VoucherLine, voucher_line
from creditwell.payments.vouchers import find_voucher
from creditwell.people.queries import PatientFacts, patient_facts
from creditwell.usecases.redeem_voucher import (
    NothingLeft,
    RedeemVoucher,
    VoucherDisabled,
    VoucherExpired,
    redeem_voucher,
)
from creditwell.web.components.fields import read_amount
from creditwell.web.components.formats import amount_text, money_text
from creditwell.web.components.locale import current
from creditwell.web.door.guard import door
from creditwell.web.door.links import page_link
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.patients.finding import PatientRow, found_patients
from creditwell.web.patients.quick import as_id
from creditwell.web.payments.kept import way_back
from creditwell.web.payments.once import recall, remember
from creditwell.web.payments.typed import new_key

PAYING = "payment"
"""Where the form leads: back to the payment form that it was opened from."""


@dataclass(slots=True, kw_only=True)
class RedeemPage:
    """The form as it stands; without a `voucher` it asks for the code."""

    key: str
    symbol: str
    code: str = ""
    amount: str = ""
    back: str = ""
    paying: int | None = None  # the patient whose payment waits meanwhile
    cancel_url: str = ""
    patient_text: str = ""
    voucher: VoucherLine | None = None
    patient: PatientFacts | None = None
    patient_url: str = ""
    finding: bool = False
    matches: list[PatientRow] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        """Whether there is something that can be redeemed."""
        return self.voucher is not None and self.voucher.state == "open"


@door("vouchers.redeem")
def voucher_redeem(request: PracticeRequest) -> HttpResponse:
    """Ask for the code, show the voucher, redeem it. The code is never in an address."""
    now = timezone.now()
    query = request.POST if request.method == "POST" else request.GET
    back = PAYING if query.get("back") == PAYING else ""
    page = RedeemPage(
        key=query.get("key", "")[:80] or new_key(),
        symbol=get_currency_symbol(request.practice.currency, locale=current()),
        code=request.POST.get("code", "")[:40].strip(),
        amount=request.POST.get("amount", "")[:40].strip(),
        back=back,
        paying=as_id(query.get("paying", query.get("patient", ""))) if back else None,
        patient_text=request.POST.get("patient-q", "")[:80],
    )
    if request.method == "POST" and "redeem" in request.POST and (answer := recall(request)):
        return answer
    if patient_id := as_id(query.get("patient", "")):
        page.patient = patient_facts(practice_id=request.practice.id, patient_id=patient_id)
        page.patient_url = page_link("patient", page.patient.id)
    if request.method != "POST":
        if voucher_id := as_id(request.GET.get("voucher", "")):
            today = request.practice.day_of(now)
            page.voucher = voucher_line(request.practice, voucher_id, today=today)
            _offer(page, page.voucher)
        return _show(request, page)
    return _sent(request, page, now)


def _sent(request: PracticeRequest, page: RedeemPage, now: datetime) -> HttpResponse:
    if "change-patient" in request.POST:
        page.patient, page.patient_url = None, ""
    if "other-code" in request.POST:
        page.code = page.amount = ""
        return _show(request, page)
    _look_up(request, page, now)
    if "find-patient" in request.POST:
        page.finding = True
        page.matches = found_patients(request.member, page.patient_text, now)
        return _show(request, page, status=200)
    if "redeem" not in request.POST or page.voucher is None or not page.open:
        return _show(request, page)
    return _redeem(request, page, now)


def _redeem(request: PracticeRequest, page: RedeemPage, now: datetime) -> HttpResponse:
    amount = _amount(request, page)
    if page.patient is None:
        page.errors["patient"] = _("Choose whose credit it becomes.")
    if page.errors or amount is None or page.patient is None:
        return _show(request, page)
    try:
        done = redeem_voucher(
            RedeemVoucher(
                practice_id=request.practice.id,
                key=page.key,
                by=request.member.actor,
                code=page.code,
                patient_id=page.patient.id,
                amount_minor=amount,
            ),
            now,
        )
    except Refusal as refusal:
        page.errors["amount" if refusal.param == "amount" else "code"] = refusal.sentence
        return _show(request, page)
    money = request.practice.money
    messages.success(
        request,
        _("%(sum)s of the voucher is now account credit of %(name)s. %(left)s is left on it.")
        % {
            "sum": money_text(money(done.total_minor)),
            "name": page.patient.name,
            "left": money_text(money(done.left_minor)),
        },
    )
    return remember(request, _payment_url(request, page) or page.patient_url)


def _payment_url(request: PracticeRequest, page: RedeemPage) -> str:
    """The payment form that was left, whoever the credit went to; "" if there was none."""
    if not page.back or not request.member.may("payments.take"):
        return ""
    patient_id = page.paying or (page.patient.id if page.patient else None)
    return way_back(request, patient_id) if patient_id else ""


def _look_up(request: PracticeRequest, page: RedeemPage, now: datetime) -> None:
    if not page.code:
        page.errors["code"] = _("Type the code of the voucher, or scan it.")
        return
    practice = request.practice
    try:
        found = find_voucher(
            practice_id=practice.id, text=page.code, by=request.member.actor, now=now
        )
    except Refusal as refusal:
        page.errors["code"] = refusal.sentence
        return
    page.voucher = voucher_line(practice, found.pk, today=practice.day_of(now))
    _offer(page, page.voucher)


def _offer(page: RedeemPage, voucher: VoucherLine) -> None:
    """All of it, or why nothing of it."""
    refusals: dict[str, type[Refusal]] = {
        "disabled": VoucherDisabled,
        "expired": VoucherExpired,
        "used": NothingLeft,
    }
    page.code = voucher.code
    if voucher.state in refusals:
        page.errors["code"] = refusals[voucher.state]().sentence  # type: ignore[call-arg]
    elif not page.amount:
        page.amount = amount_text(voucher.left)


def _amount(request: PracticeRequest, page: RedeemPage) -> int | None:
    try:
        return read_amount(page.amount, request.practice.currency).minor
    except ValidationError as error:
        page.errors["amount"] = " ".join(str(line) for line in error.messages)
        return None


def _show(request: PracticeRequest, page: RedeemPage, *, status: int = 0) -> HttpResponse:
    page.cancel_url = _payment_url(request, page) or page.patient_url or page_link("vouchers")
    status = status or (422 if page.errors and request.method == "POST" else 200)
    return render(request, "vouchers/redeem.html", {"page": page}, status=status)
