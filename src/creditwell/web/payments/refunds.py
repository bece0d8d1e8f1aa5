"""Give account credit back: a calculator by lot and source, and the page of a refund."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from creditwell.catalog.queries import payment_sources
from creditwell.kernel.errors import NotFound, Refusal
from creditwell.payments.queries_refund import refund_facts, refundable
from creditwell.people.queries import patient_facts
from creditwell.tenancy.queries_limits import refund_limits
from creditwell.tenancy.queries_place import place_of
from creditwell.usecases.refund_credit import RefundCredit, refund_credit
from creditwell.usecases.request_refund import RequestRefund, request_refund
from creditwell.web.components.formats import money_text
from creditwell.web.door.guard import door
from creditwell.web.door.links import page_link
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.patients.quick import as_id
from creditwell.web.payments import refund_sheet
from creditwell.web.payments.once import recall, remember
from creditwell.web.payments.refund_sheet import Account, Asked


@door("payments.refund")
def refund_new(request: PracticeRequest) -> HttpResponse:
    """Choose how much goes back of which credit; refuse clearly; refund, or ask for approval."""
    now = timezone.now()
    query = request.POST if request.method == "POST" else request.GET
    patient_id = as_id(query.get("patient", ""))
    if patient_id is None:
        raise NotFound(_("Choose the patient first: refunds begin on a patient or a receipt."))
    account = _account(request, patient_id)
    if request.method != "POST":
        asked = refund_sheet.suggested(account.found, as_id(request.GET.get("payment", "")))
        return _show(request, account, asked, now)
    if "show" in request.POST:
        asked = refund_sheet.read(request.POST, account)
        return _show(request, account, asked, now)
    if answer := recall(request):
        return answer
    asked = refund_sheet.read(request.POST, account)
    errors = {**asked.errors, **refund_sheet.beyond(account, asked)}
    on = refund_sheet.read_day(request.POST, errors)
    if not errors:
        try:
            return remember(request, _done(request, account, asked, now, on))
        except NotFound:
            raise
        except Refusal as refusal:
            first = refund_sheet.first_field(account.found)
            fields = {"reason": "reason", "date": "on", "parts": first}
            errors[fields.get(refusal.param, "")] = refusal.sentence
    asked.errors = errors
    return _show(request, account, asked, now, status=422)


def _done(
    request: PracticeRequest, account: Account, asked: Asked, now: datetime, on: object
) -> str:
    """Refund, or ask somebody else to approve; returns the page of what was made."""
    common = {
        "practice_id": request.practice.id,
        "key": request.POST.get("key", "")[:80],
        "by": request.member.actor,
        "payer_id": account.patient.payer_id,
        "chosen": refund_sheet.wanted(account.found, asked),
        "reason": request.POST.get("reason", "").strip()[:200],
    }
    if refund_sheet.need_of(account, asked):
        made = request_refund(RequestRefund(**common), now)  # type: ignore[arg-type]  # as named
        messages.success(request, _("Asked for approval. Nothing was refunded yet."))
        return page_link("refund_request", made.request_id)
    done = refund_credit(RefundCredit(**common, on=on), now)  # type: ignore[arg-type]  # as named
    sum_text = money_text(request.practice.money(done.total_minor))
    messages.success(request, _("%(sum)s was refunded.") % {"sum": sum_text})
    return page_link("refund", done.refund_id)


@require_POST
@door("payments.refund")
def refund_sums(request: PracticeRequest) -> HttpResponse:
    """What the refund comes to while it is being typed; nothing is saved."""
    patient_id = as_id(request.POST.get("patient", ""))
    if patient_id is None:
        raise NotFound
    account = _account(request, patient_id)
    asked = refund_sheet.read(request.POST, account)
    asked.errors = {}
    return _show(request, account, asked, timezone.now(), part="#sums")


@require_GET
@door("payments.view")
def refund(request: PracticeRequest, pk: int) -> HttpResponse:
    """The page of a refund; it prints as a paper for the payer."""
    facts = refund_facts(request.practice, pk)
    context = {
        "r": facts,
        "place": place_of(practice_id=request.practice.id),
        "patient_url": page_link("patient", facts.patient_id) if facts.patient_id else "",
        "explain_url": page_link("credit_explain", facts.patient_id) if facts.patient_id else "",
    }
    return render(request, "payments/refund.html", context)


def _account(request: PracticeRequest, patient_id: int) -> Account:
    practice = request.practice
    patient = patient_facts(practice_id=practice.id, patient_id=patient_id)
    found = refundable(practice, patient.payer_id)
    choose = any(part.part_id is None for part in found.parts)
    return Account(
        practice=practice,
        patient=patient,
        found=found,
        limits=refund_limits(practice_id=practice.id, by=request.member.actor),
        sources=tuple(payment_sources(practice.id)) if choose else (),
    )


def _show(
    request: PracticeRequest,
    account: Account,
    asked: Asked,
    now: datetime,
    *,
    status: int = 200,
    part: str = "",
) -> HttpResponse:
    page = refund_sheet.make_page(
        account,
        asked,
        request.POST,
        today=request.practice.day_of(now),
        payment_id=as_id(request.GET.get("payment", "")) or 0,
    )
    return render(request, f"payments/refund_new.html{part}", {"page": page}, status=status)
