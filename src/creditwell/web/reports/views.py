"""Reports: the credit liability roll-forward with the lots behind it, and patients in credit."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from creditwell.payments.queries_liability import roll_forward
from creditwell.web.door.guard import door
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.reports.asked import by_of, period_of, today_of, until_of
from creditwell.web.reports.credit_list import credit_list, credit_list_csv
from creditwell.web.reports.liability import lots, lots_csv, report, report_csv


@require_safe
@door("reports.view")
def reports(request: PracticeRequest) -> HttpResponse:
    """All reports there are."""
    return render(request, "reports/reports.html")


@require_safe
@door("reports.view")
def credit_report(request: PracticeRequest) -> HttpResponse:
    """What we owe our patients: how account credit moved between two days."""
    today = today_of(request)
    page = report(request.practice, request.GET.dict(), period_of(request.GET.dict(), today), today)
    return render(request, "reports/credit.html", {"page": page})


@require_safe
@door("reports.view")
def credit_report_csv(request: PracticeRequest) -> HttpResponse:
    """The same as CSV."""
    asked = request.GET.dict()
    period = period_of(asked, today_of(request))
    found = roll_forward(request.practice, period.since, period.until, by=by_of(asked))
    return report_csv(request.practice, found)


@require_safe
@door("reports.view")
def credit_lots(request: PracticeRequest) -> HttpResponse:
    """The lots behind a closing figure."""
    page = lots(request.practice, request.GET.dict(), until_of(request))
    return render(request, "reports/lots.html", {"page": page})


@require_safe
@door("reports.view")
def credit_lots_csv(request: PracticeRequest) -> HttpResponse:
    """All of them as CSV."""
    return lots_csv(request.practice, request.GET.dict(), until_of(request))


@require_safe
@door("reports.view")
def in_credit(request: PracticeRequest) -> HttpResponse:
    """Patients for whom we hold money, now or at the end of a day."""
    today = today_of(request)
    page = credit_list(request.practice, request.GET.dict(), today)
    return render(request, "reports/in_credit.html", {"page": page, "today": today})


@require_safe
@door("reports.view")
def in_credit_csv(request: PracticeRequest) -> HttpResponse:
    """The same as CSV, all pages."""
    return credit_list_csv(request.practice, request.GET.dict(), today_of(request))
