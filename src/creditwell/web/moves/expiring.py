"""Credit that expires: the list, and grace with one click or by a day."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from creditwell.credit.models import Lot
from creditwell.credit.rules import months_later
from creditwell.kernel.errors import NotFound, Refusal
from creditwell.payments.queries_expiry import expiring_credit, lot_line
from creditwell.tenancy.access import access
from creditwell.usecases.extend_credit import ExtendCredit, extend_credit
from creditwell.web.components.fields import DayField
from creditwell.web.components.formats import day_text
from creditwell.web.door.guard import door
from creditwell.web.door.links import page_link
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.payments.typed import new_key

GRACE_MONTHS = 3
"""What one click gives: from today, or from the day on which it would expire if that is later."""


@require_GET
@door("payments.view")
def expiring(request: PracticeRequest) -> HttpResponse:
    """What expires in the next sixty days, and what expired in the last."""
    today = request.practice.day_of(timezone.now())
    context = {
        "found": expiring_credit(request.practice, today),
        "may_extend": request.member.may("credit.extend"),
        "months": GRACE_MONTHS,
        "key": new_key(),
    }
    return render(request, "moves/expiring.html", context)


@door("credit.extend")
def lot_extend(request: PracticeRequest, pk: int) -> HttpResponse:
    """Give grace: `grace` for one click, else a day and a reason."""
    member, now = request.member, timezone.now()
    access(Lot, member, pk, "credit.extend")
    lot = lot_line(request.practice, pk)
    today = request.practice.day_of(now)
    usual = months_later(max(today, lot.expires_on or today), GRACE_MONTHS)
    error = ""
    if request.method == "POST":
        until, error = (usual, "") if "grace" in request.POST else _until(request)
        if not error:
            command = ExtendCredit(
                practice_id=member.practice_id,
                key=request.POST.get("key", "")[:80],
                by=member.actor,
                lot_id=pk,
                until=until,
                reason=request.POST.get("reason", "")[:200],
            )
            try:
                extend_credit(command, now)
            except NotFound:
                raise
            except Refusal as refusal:
                error = refusal.sentence
            else:
                return _done(request, lot.patient_id, until)
    context = {
        "lot": lot,
        "patient_url": page_link("patient", lot.patient_id) if lot.patient_id else "",
        "until": request.POST.get("until", "")[:20] or usual.isoformat(),
        "reason": request.POST.get("reason", "")[:200],
        "never": "never" in request.POST,
        "today": today,
        "error": error,
        "key": request.POST.get("key", "")[:80] or new_key(),
    }
    return render(request, "moves/extend.html", context, status=422 if error else 200)


def _until(request: PracticeRequest) -> tuple[date | None, str]:
    """The day that was typed (None: never expires), and what is wrong with it."""
    if "never" in request.POST:
        return None, ""
    try:
        day: date | None = DayField().clean(request.POST.get("until", "")[:20])
    except ValidationError as error:
        return None, " ".join(str(line) for line in error.messages)
    return day, ""


def _done(request: PracticeRequest, patient_id: int | None, until: date | None) -> HttpResponse:
    messages.success(
        request,
        _("The credit can be used up to %(date)s.") % {"date": day_text(until)}
        if until
        else _("The credit does not expire any more."),
    )
    if "grace" in request.POST or patient_id is None:
        return redirect("expiring")
    return redirect("credit_explain", patient_id)
