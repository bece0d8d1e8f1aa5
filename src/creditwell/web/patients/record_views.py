"""The page of one patient, tab by tab."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from creditwell.audit.queries import notes_about
from creditwell.payments.queries_transfer import subjects_of
from creditwell.people.queries_merge import standing_merges
from creditwell.web.door.guard import door
from creditwell.web.door.links import page_link
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.families.pages import family_panel
from creditwell.web.memberships.views import rows_of_patient
from creditwell.web.packages.standings import open_cards
from creditwell.web.patients.history import history_lines
from creditwell.web.patients.money import (
    PAGE_SIZE,
    account_lines,
    invoice_rows,
    payment_rows,
)
from creditwell.web.patients.record_page import next_visits_of, record, shown_visits


@require_GET
@door("patients.view")
def patient(request: PracticeRequest, pk: int) -> HttpResponse:
    """The account: what was charged and paid, what comes next, who is billed."""
    now = timezone.now()
    page = record(request.member, pk, now, tab="patient")
    whole = request.GET.get("show") == "all"
    lines = account_lines(
        request.member, page.facts.payer_id, limit=None if whole else PAGE_SIZE + 1
    )
    may_see_packages = request.member.may("packages.view")
    context = {
        "page": page,
        "packages": open_cards(request.member, pk, now) if may_see_packages else (),
        "packages_url": page_link("patient_packages", pk),
        "visits": next_visits_of(request.member, pk, now),
        "panel": family_panel(request.member, page.facts, now),
        "memberships": rows_of_patient(request.member, pk, request.practice.day_of(now)),
        "lines": lines if whole else lines[:PAGE_SIZE],
        "more": not whole and len(lines) > PAGE_SIZE,
    }
    return render(request, "patients/account.html", context)


@require_GET
@door("invoices.view")
def patient_invoices(request: PracticeRequest, pk: int) -> HttpResponse:
    """All invoices of the patient, whoever pays them."""
    request.member.require("patients.view")
    now, number = timezone.now(), _page_number(request)
    page = record(request.member, pk, now, tab="patient_invoices")
    rows, more = invoice_rows(request.member, pk, now, after=(number - 1) * PAGE_SIZE)
    context = {"page": page, "rows": rows, **_pages(number, more=more)}
    return render(request, "patients/invoices.html", context)


@require_GET
@door("payments.view")
def patient_payments(request: PracticeRequest, pk: int) -> HttpResponse:
    """All payments of the patient."""
    request.member.require("patients.view")
    number = _page_number(request)
    page = record(request.member, pk, timezone.now(), tab="patient_payments")
    rows, more = payment_rows(request.member, page.facts.payer_id, after=(number - 1) * PAGE_SIZE)
    context = {"page": page, "rows": rows, **_pages(number, more=more)}
    return render(request, "patients/payments.html", context)


@require_GET
@door("calendar.view")
def patient_appointments(request: PracticeRequest, pk: int) -> HttpResponse:
    """All visits, the latest first."""
    request.member.require("patients.view")
    number = _page_number(request)
    page = record(request.member, pk, timezone.now(), tab="patient_appointments")
    after = (number - 1) * PAGE_SIZE
    visits = shown_visits(request.member, pk, after=after, limit=PAGE_SIZE + 1)
    context = {
        "page": page,
        "visits": visits[:PAGE_SIZE],
        **_pages(number, more=len(visits) > PAGE_SIZE),
    }
    return render(request, "patients/appointments.html", context)


@require_GET
@door("patients.view")
def patient_details(request: PracticeRequest, pk: int) -> HttpResponse:
    """Everything that is known of the patient."""
    page = record(request.member, pk, timezone.now(), tab="patient_details")
    merges = standing_merges(practice_id=request.member.practice_id, kept_id=pk)
    return render(request, "patients/details.html", {"page": page, "merges": merges})


@require_GET
@door("audit.view")
def patient_history(request: PracticeRequest, pk: int) -> HttpResponse:
    """Who did what to this record."""
    request.member.require("patients.view")
    page = record(request.member, pk, timezone.now(), tab="patient_history")
    notes = notes_about(
        practice_id=request.member.practice_id,
        subjects=[
            ("patient", pk),
            ("payer", page.facts.payer_id),
            *subjects_of(practice_id=request.member.practice_id, payer_id=page.facts.payer_id),
        ],
    )
    context = {"page": page, "lines": history_lines(notes)}
    return render(request, "patients/history.html", context)


def _pages(number: int, *, more: bool) -> dict[str, str]:
    return {
        "previous_url": f"?page={number - 1}" if number > 1 else "",
        "next_url": f"?page={number + 1}" if more else "",
    }


def _page_number(request: PracticeRequest) -> int:
    text = request.GET.get("page", "")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 6 else 1
