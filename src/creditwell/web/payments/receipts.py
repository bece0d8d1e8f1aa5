"""The receipt: the page of one payment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from creditwell.audit.queries import notes_about
from creditwell.integrations.documents import build_payments
from creditwell.ledger.queries import standing_of
from creditwell.money.money import Money
from creditwell.payments.models import Payment
from creditwell.payments.queries_receipt import Receipt, Went, receipt
from creditwell.payments.queries_vouchers import voucher_lines
from creditwell.payments.rules_voucher import masked
from creditwell.people.queries import patient_facts
from creditwell.tenancy.access import Member, access
from creditwell.tenancy.queries_place import Place, place_of
from creditwell.web.door.guard import door
from creditwell.web.door.links import page_link
from creditwell.web.door.papers import pdf_answer
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.payments.typed import new_key


@dataclass(frozen=True, slots=True, kw_only=True)
class WentLine:
    """An invoice that the payment (or account credit) paid, and how to take that back."""

    row: Went
    url: str
    take_back: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """A line of the receipt's history; `state` is a status."""

    at: datetime
    text: str
    who: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptPage:
    """A receipt, and what may be done with it; a link that may not be followed is ""."""

    receipt: Receipt
    place: Place
    owing: Money
    credit: Money
    went: tuple[WentLine, ...]
    credit_used: tuple[WentLine, ...]
    happened: tuple[Happened, ...]
    email: str
    email_url: str
    patient_url: str
    explain_url: str
    apply_url: str
    edit_url: str
    void_url: str
    refund_url: str
    dishonour_url: str
    key: str


@require_GET
@door("payments.view")
def payment(request: PracticeRequest, pk: int) -> HttpResponse:
    """The receipt of a payment."""
    return show_receipt(request, pk)


@require_GET
@door("payments.view")
def receipt_pdf(request: PracticeRequest, pk: int) -> HttpResponse:
    """The receipt as PDF."""
    access(Payment, request.member, pk, "payments.view")
    name, content = build_payments.receipt_pdf(request.practice.id, pk)
    return pdf_answer(name, content)


@require_GET
@door("payments.take")
def payment_apply(request: PracticeRequest, pk: int) -> HttpResponse:
    """Apply what is not allocated: the payment form with nothing received, credit filled in."""
    row = access(Payment, request.member, pk, "payments.take")
    facts = receipt(request.practice, row.pk)
    page = page_link("payment_new")
    return redirect(f"{page}?patient={facts.patient_id}" if facts.patient_id else page)


def show_receipt(
    request: PracticeRequest,
    pk: int,
    *,
    refused: Mapping[str, str] | None = None,
    dishonour: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The page; `refused` says why a button did nothing, by the button's name."""
    page = receipt_page(request.member, receipt(request.practice, pk))
    context: dict[str, object] = {"page": page, "r": page.receipt, "refused": dict(refused or {})}
    context["dishonour"] = dict(dishonour or {})
    if request.member.may("vouchers.redeem"):
        today = request.practice.day_of(timezone.now())
        # The page is printed for the buyer, and a code is money: its end is enough to know it by.
        context["vouchers"] = [
            replace(line, code=masked(line.code.replace("-", "")))
            for line in voucher_lines(request.practice, today=today, payment_id=pk)
        ]
    return render(request, "payments/receipt.html", context, status=422 if refused else 200)


def receipt_page(member: Member, facts: Receipt) -> ReceiptPage:
    """Put the page together; a bounded number of queries."""
    practice = member.practice
    standing = standing_of(practice_id=practice.id, holder_id=facts.payer_id)
    whole = facts.stands and not facts.refunds and not facts.dishonours

    def if_may(permission: str, url: str, *, when: bool = True) -> str:
        return url if when and member.may(permission) else ""

    patient = facts.patient_id
    new = page_link("payment_new")
    refund = page_link("refund_new")
    return ReceiptPage(
        receipt=facts,
        place=place_of(practice_id=practice.id, location_id=facts.location_id),
        owing=practice.money(standing.owing_minor),
        credit=practice.money(standing.credit_minor),
        went=_lines(member, facts, facts.went),
        credit_used=_lines(member, facts, facts.credit_used),
        happened=_happened(member, facts),
        email=_email(member, patient),
        email_url=if_may("payments.take", page_link("receipt_email", facts.id)),
        patient_url=page_link("patient", patient) if patient else "",
        explain_url=page_link("credit_explain", patient) if patient else "",
        apply_url=if_may(
            "payments.take",
            f"{new}?patient={patient}",
            when=bool(patient and facts.not_allocated and standing.owing_minor),
        ),
        edit_url=if_may("payments.edit", page_link("payment_edit", facts.id), when=whole),
        void_url=if_may("payments.void", page_link("payment_void", facts.id), when=whole),
        refund_url=if_may(
            "payments.refund",
            f"{refund}?patient={patient}&payment={facts.id}" if refund else "",
            when=bool(patient and facts.not_allocated),
        ),
        dishonour_url=if_may(
            "payments.dishonour",
            page_link("payment_dishonour", facts.id),
            when=facts.stands and any(part.through_bank for part in facts.parts),
        ),
        key=new_key(),
    )


def _lines(member: Member, facts: Receipt, rows: tuple[Went, ...]) -> tuple[WentLine, ...]:
    own = {row.allocation_id for row in facts.went} if member.may("payments.allocate") else set()
    return tuple(
        WentLine(
            row=row,
            url=page_link("invoice", row.invoice_id),
            take_back=page_link("payment_take_back", facts.id, row.allocation_id)
            if row.allocation_id in own
            else "",
            key=new_key(),
        )
        for row in rows
    )


def _email(member: Member, patient_id: int | None) -> str:
    if patient_id is None:
        return ""
    details = patient_facts(practice_id=member.practice_id, patient_id=patient_id).details
    return details.invoice_email or details.email


def _happened(member: Member, facts: Receipt) -> tuple[Happened, ...]:
    words = {
        "take_payment": (_("Payment recorded"), "paid"),
        "edit_payment": (_("Payment edited"), "edited"),
        "void_payment": (_("Payment voided"), "void"),
        "dishonour_payment": (_("Taken back by the bank"), "dishonoured"),
        "email_receipt": (_("Receipt emailed"), "sent"),
    }
    notes = notes_about(practice_id=member.practice_id, subjects=[("payment", facts.id)])
    return tuple(
        Happened(at=line.at, text=words[line.action][0], who=line.who, state=words[line.action][1])
        for line in notes
        if line.action in words
    )
