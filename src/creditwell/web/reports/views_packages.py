"""Reports of packages: what is not earned yet, what stands behind it, who delivered what."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from creditwell.packages.queries_unearned import roll_forward
from creditwell.web.door.guard import door
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.reports.asked import period_of, today_of, until_of
from creditwell.web.reports.delivery import delivery, delivery_csv
from creditwell.web.reports.unearned import by_of, held, held_csv, report, report_csv


@require_safe
@door("reports.view")
def packages_report(request: PracticeRequest) -> HttpResponse:
    """Packages sold, used, and what of them is not earned yet, between two days."""
    today = today_of(request)
    asked = request.GET.dict()
    page = report(request.practice, asked, period_of(asked, today), today)
    return render(request, "reports/packages.html", {"page": page})


@require_safe
@door("reports.view")
def packages_report_csv(request: PracticeRequest) -> HttpResponse:
    """The same as CSV."""
    asked = request.GET.dict()
    period = period_of(asked, today_of(request))
    found = roll_forward(request.practice, period.since, period.until, by=by_of(asked))
    return report_csv(request.practice, found)


@require_safe
@door("reports.view")
def packages_held(request: PracticeRequest) -> HttpResponse:
    """The packages behind a closing figure."""
    page = held(request.practice, request.GET.dict(), until_of(request))
    return render(request, "reports/held.html", {"page": page})


@require_safe
@door("reports.view")
def packages_held_csv(request: PracticeRequest) -> HttpResponse:
    """All of them as CSV."""
    return held_csv(request.practice, request.GET.dict(), until_of(request))


@require_safe
@door("reports.view")
def delivered(request: PracticeRequest) -> HttpResponse:
    """What each practitioner delivered between two days."""
    today = today_of(request)
    page = delivery(request.practice, period_of(request.GET.dict(), today), today)
    return render(request, "reports/delivered.html", {"page": page})


@require_safe
@door("reports.view")
def delivered_csv(request: PracticeRequest) -> HttpResponse:
    """The same as CSV."""
    today = today_of(request)
    found = delivery(request.practice, period_of(request.GET.dict(), today), today)
    return delivery_csv(request.practice, found)
