"""Explain a balance, and the account statement as page, PDF and email."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from creditwell.integrations.documents import build_payments
from creditwell.kernel.errors import NotFound, Refusal
from creditwell.packages.queries_visits import package_visits
from creditwell.payments.queries_statement import Statement
from creditwell.payments.queries_statement import statement as read_statement
from creditwell.people.queries import PatientFacts, patient_facts
from creditwell.tenancy.queries_place import place_of
from creditwell.usecases.email_statement import EmailStatement, email_statement
from creditwell.web.credit.days import days_of
from creditwell.web.door.guard import door
from creditwell.web.door.links import page_link
from creditwell.web.door.papers import pdf_answer
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.payments.typed import new_key


@require_GET
@door("payments.view")
def statement(request: PracticeRequest, pk: int) -> HttpResponse:
    """The account statement of a patient."""
    return _show_statement(request, pk, request.GET)


@require_GET
@door("payments.view")
def statement_pdf(request: PracticeRequest, pk: int) -> HttpResponse:
    """The same as PDF."""
    patient = patient_facts(practice_id=request.practice.id, patient_id=pk)
    days = days_of(request, request.GET)
    name, content = build_payments.statement_pdf(
        request.practice.id, patient.payer_id, days.since, days.until
    )
    return pdf_answer(name, content)


@require_POST
@door("payments.take")
def statement_email(request: PracticeRequest, pk: int) -> HttpResponse:
    """Send the statement to an address."""
    days = days_of(request, request.POST)
    command = EmailStatement(
        practice_id=request.practice.id,
        key=request.POST.get("key", "")[:80],
        by=request.member.actor,
        patient_id=pk,
        since=days.since,
        until=days.until,
        to=request.POST.get("to", "")[:254],
    )
    try:
        email_statement(command, timezone.now())
    except NotFound:
        raise
    except Refusal as refusal:
        return _show_statement(request, pk, request.POST, refused=refusal.sentence)
    messages.success(request, _("The statement is on its way."))
    return redirect(f"{page_link('statement', pk)}?since={days.since}&until={days.until}")


def _show_statement(
    request: PracticeRequest, pk: int, asked: QueryDict, *, refused: str = ""
) -> HttpResponse:
    patient = patient_facts(practice_id=request.practice.id, patient_id=pk)
    days = days_of(request, asked)
    found = read_statement(request.practice, patient.payer_id, days.since, days.until)
    context = _context(request, patient, found)
    context.update(days=days, refused=refused, to=asked.get("to", "") or context["email"])
    return render(request, "credit/statement.html", context, status=422 if refused else 200)


def _context(request: PracticeRequest, patient: PatientFacts, found: Statement) -> dict[str, Any]:
    return {
        "patient": patient,
        "patient_url": page_link("patient", patient.id),
        "explain_url": page_link("credit_explain", patient.id),
        "found": found,
        "visits": package_visits(
            request.practice, payer_id=patient.payer_id, since=found.since, until=found.until
        ),
        "place": place_of(practice_id=request.practice.id),
        "email": patient.details.invoice_email or patient.details.email,
        "pdf_url": page_link("statement_pdf", patient.id),
        "email_url": page_link("statement_email", patient.id)
        if request.member.may("payments.take")
        else "",
        "address": [line for line in patient.details.address.splitlines() if line.strip()],
        "key": new_key(),
        "today": request.practice.day_of(timezone.now()),
    }
