"""Packages that run out: the list, and grace with one click or by a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from creditwell.credit.rules import months_later
from creditwell.kernel.errors import NotFound, Refusal
from creditwell.packages.models import Package
from creditwell.packages.queries_expiring import (
    ExpiringPackage,
    expired_package,
    expiring_packages,
)
from creditwell.packages.wording import in_words
from creditwell.tenancy.access import PracticeFacts, access
from creditwell.usecases.give_package_grace import (
    GivePackageGrace,
    NothingExpired,
    give_package_grace,
)
from creditwell.web.components.fields import DayField
from creditwell.web.components.formats import day_text
from creditwell.web.door.guard import door
from creditwell.web.door.links import page_link
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.payments.typed import new_key

GRACE_MONTHS = 1
"""What one click gives, from today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A package on the list, with its page and how much of it is meant."""

    package: ExpiringPackage
    url: str
    units: str


@require_safe
@door("packages.view")
def packages_expiring(request: PracticeRequest) -> HttpResponse:
    """What runs out in the next sixty days, and what ran out in the last."""
    practice = request.practice
    found = expiring_packages(practice, practice.day_of(timezone.now()))
    context = {
        "soon": [_line(practice, one, one.free) for one in found.soon],
        "gone": [_line(practice, one, one.free + one.expired) for one in found.gone],
        "may_change": request.member.may("packages.change"),
        "extends": bool(page_link("package_extend", 1)),
        "months": GRACE_MONTHS,
        "key": new_key(),
    }
    return render(request, "packages/expiring.html", context)


def _line(practice: PracticeFacts, package: ExpiringPackage, units: int) -> Line:
    return Line(
        package=package,
        url=page_link("package", package.package_id) or page_link("patient", package.patient_id),
        units=in_words(units, package.measure, practice),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@door("packages.change")
def package_grace(request: PracticeRequest, pk: int) -> HttpResponse:
    """Let what expired be used again: `grace` for one click, else a day and a reason."""
    practice, now = request.practice, timezone.now()
    access(Package, request.member, pk, "packages.change")
    today = practice.day_of(now)
    usual = months_later(today, GRACE_MONTHS)
    error = ""
    if request.method == "POST":
        until, error = (usual, "") if "grace" in request.POST else _until(request)
        if not error:
            try:
                give_package_grace(_command(request, pk, until), now)
            except NotFound:
                raise
            except Refusal as refusal:
                error = refusal.sentence
            else:
                return _done(request, pk, until)
    found = expired_package(practice, pk)
    if found is None and not error:
        error = NothingExpired().sentence
    context: dict[str, Any] = {
        "found": _line(practice, found, found.expired) if found else None,
        "until": request.POST.get("until", "")[:20] or usual.isoformat(),
        "reason": request.POST.get("reason", "")[:200],
        "never": "never" in request.POST,
        "today": today,
        "error": error,
        "key": request.POST.get("key", "")[:80] or new_key(),
        "pk": pk,
        "back_url": page_link("package", pk) or page_link("packages_expiring"),
    }
    status = 422 if error and request.method == "POST" else 200
    return render(request, "packages/grace.html", context, status=status)


def _command(request: PracticeRequest, pk: int, until: date | None) -> GivePackageGrace:
    return GivePackageGrace(
        practice_id=request.practice.id,
        key=request.POST.get("key", "")[:80],
        by=request.member.actor,
        package_id=pk,
        until=until,
        reason=request.POST.get("reason", "")[:200],
    )


def _until(request: PracticeRequest) -> tuple[date | None, str]:
    """The day that was typed (None: no end), and what is wrong with it."""
    if "never" in request.POST:
        return None, ""
    try:
        day: date | None = DayField().clean(request.POST.get("until", "")[:20])
    except ValidationError as error:
        return None, " ".join(str(line) for line in error.messages)
    return day, ""


def _done(request: PracticeRequest, pk: int, until: date | None) -> HttpResponse:
    messages.success(
        request,
        _("The package can be used again, up to %(date)s.") % {"date": day_text(until)}
        if until
        else _("The package can be used again, without an end."),
    )
    back = request.POST.get("back", "")
    page = page_link("package", pk)
    return redirect("packages_expiring" if back == "list" or not page else page)
