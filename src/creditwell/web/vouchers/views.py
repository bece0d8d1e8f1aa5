"""The list of gift vouchers, and the page of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from creditwell.kernel.errors import Refusal
from creditwell.payments.models import RefundRequest
from creditwell.payments.queries_handing_over import HandedOver, handed_over
from creditwell.payments.queries_vouchers import (
    Happening,
    VoucherFacts,
    VoucherLine,
    list_vouchers,
    voucher_facts,
)
from creditwell.payments.rules_voucher import STATES
from creditwell.tenancy.access import Member, PracticeFacts
from creditwell.usecases.refund_voucher import what_is_left
from creditwell.web.door.guard import door
from creditwell.web.door.links import page_link
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.payments.typed import new_key

SIZE = 50
TABS: dict[str, str | Promise] = {
    "": _("All"),
    "open": _("Open"),
    "used": _("Used up"),
    "expired": _("Expired"),
    "disabled": _("Disabled"),
}
STATUS = {"open": "voucher_open", "used": "voucher_used", "disabled": "voucher_disabled"}
"""The chip of a voucher's state, where it is not called the same."""
DOTS = {
    "sold": "paid",
    "redeemed": "allocated",
    "undone": "void",
    "refunded": "refunded",
    "expired": "expired",
    "disabled": "failed",
    "enabled": "active",
    "sent": "sent",
}


@dataclass(frozen=True, slots=True)
class Tab:
    url: str
    word: str | Promise
    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A voucher of the list with its chip."""

    line: VoucherLine
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """A line of the history; a link that is not there is ""."""

    row: Happening
    status: str
    url: str
    undo_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherPage:
    """A voucher, and what may be done with it; an act that may not be done has the address ""."""

    facts: VoucherFacts
    status: str
    happened: tuple[Happened, ...]
    buyer_url: str
    receipt_url: str
    redeem_url: str
    pdf_url: str
    email_url: str
    disable_url: str
    enable_url: str
    refund_url: str
    cash: HandedOver | None  # if it were refunded now
    waiting_url: str  # of a refund that somebody was asked to approve
    extend_url: str
    key: str


@require_GET
@door("vouchers.redeem")
def vouchers(request: PracticeRequest) -> HttpResponse:
    """All vouchers, newest first; one query for the list."""
    show = request.GET.get("show", "")
    show = show if show in STATES else ""
    text, page = request.GET.get("q", "")[:80].strip(), request.GET.get("page", "")
    number = max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 6 else 1
    today = request.practice.day_of(timezone.now())
    lines, more = list_vouchers(
        request.practice, show=show, text=text, today=today, page=number, size=SIZE
    )
    context = {
        "rows": [Row(line=line, status=_status(line.state)) for line in lines],
        "tabs": [Tab(_address(key, text), word, key == show) for key, word in TABS.items()],
        "show": show,
        "q": text,
        "number": number,
        "previous": _address(show, text, number - 1) if number > 1 else "",
        "next": _address(show, text, number + 1) if more else "",
        "sell_url": page_link("voucher_new") if request.member.may("vouchers.sell") else "",
    }
    return render(request, "vouchers/list.html", context)


def _address(show: str, text: str, page: int = 0) -> str:
    asked = {"show": show, "q": text, "page": str(page or "")}
    return "?" + urlencode({name: value for name, value in asked.items() if value})


def _status(state: str) -> str:
    return STATUS.get(state, state)


@require_GET
@door("vouchers.redeem")
def voucher(request: PracticeRequest, pk: int) -> HttpResponse:
    """The page of a voucher."""
    return show_voucher(request, pk)


def show_voucher(
    request: PracticeRequest, pk: int, *, refused: Mapping[str, str] | None = None
) -> HttpResponse:
    """The page; `refused` says why a button did nothing, by the button's name."""
    today = request.practice.day_of(timezone.now())
    facts = voucher_facts(request.practice, pk, today=today)
    page = _page(request.member, facts)
    context = {"page": page, "v": facts.line, "refused": dict(refused or {})}
    return render(request, "vouchers/voucher.html", context, status=422 if refused else 200)


def _page(member: Member, facts: VoucherFacts) -> VoucherPage:
    line = facts.line
    left = bool(line.left)

    def if_may(permission: str, name: str, *, when: bool = True) -> str:
        return page_link(name, line.id) if when and member.may(permission) else ""

    waits = RefundRequest.objects.filter(
        practice_id=member.practice_id,
        payer_id=line.payer_id,
        status=RefundRequest.Status.WAITING,
    )
    waiting = waits.values_list("pk", flat=True).first()
    refund_url = if_may("payments.refund", "voucher_refund", when=left and waiting is None)
    return VoucherPage(
        facts=facts,
        status=_status(line.state),
        happened=tuple(_happened(member, row) for row in facts.happened),
        buyer_url=page_link("patient", line.buyer_patient_id) if line.buyer_patient_id else "",
        receipt_url=page_link("payment", line.payment_id),
        redeem_url=f"{page_link('voucher_redeem')}?voucher={line.id}"
        if line.state == "open"
        else "",
        pdf_url=if_may("vouchers.redeem", "voucher_pdf"),
        email_url=if_may("vouchers.sell", "voucher_email", when=line.state == "open"),
        disable_url=if_may("vouchers.disable", "voucher_disable", when=line.state == "open"),
        enable_url=if_may(
            "vouchers.disable", "voucher_enable", when=line.state == "disabled" and left
        ),
        refund_url=refund_url,
        cash=_in_cash(member.practice, line.payer_id) if refund_url else None,
        waiting_url=page_link("refund_request", waiting) if waiting else "",
        extend_url=f"{page_link('expiring')}"
        if line.state == "expired" and member.may("credit.extend")
        else "",
        key=new_key(),
    )


def _in_cash(practice: PracticeFacts, payer_id: int) -> HandedOver | None:
    try:
        return handed_over(practice, payer_id, what_is_left(practice, payer_id))
    except Refusal:
        return None  # pressing the button says why


def _happened(member: Member, row: Happening) -> Happened:
    url = ""
    if row.refund_id:
        url = page_link("refund", row.refund_id)
    elif row.transfer_id:
        url = page_link("transfer", row.transfer_id)
    undo = row.undo_id and member.may("credit.transfer")
    return Happened(
        row=row,
        status=DOTS.get(row.kind, "sent"),
        url=url,
        undo_url=url if undo else "",
    )
