"""How a visit went: arrived, completed, not arrived, cancelled; what becomes of its session."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from creditwell.kernel.errors import Invalid, Refusal
from creditwell.packages.queries_stakes import stakes_of
from creditwell.scheduling import queries
from creditwell.scheduling.models import Attendee
from creditwell.tenancy.access import access
from creditwell.usecases.cancel_appointment import CancelAppointment, cancel_appointment
from creditwell.usecases.cancel_attendance import CancelAttendance, cancel_attendance
from creditwell.usecases.mark_attendance import (
    AttendanceMarked,
    MarkAttendance,
    mark_arrived,
    mark_completed,
    mark_did_not_arrive,
)
from creditwell.usecases.reset_attendance import ResetAttendance, reset_attendance
from creditwell.web.calendar.acts import done, not_done
from creditwell.web.calendar.attendees import Typed
from creditwell.web.calendar.card import make_card
from creditwell.web.calendar.forms import CancelForm
from creditwell.web.calendar.keeping import became_of, keeping_of
from creditwell.web.door.guard import door, is_htmx
from creditwell.web.door.requests import PracticeRequest

NO_SHOW = "did_not_arrive"
MARKS: dict[str, Callable[[MarkAttendance, datetime], AttendanceMarked]] = {
    "arrived": mark_arrived,
    "completed": mark_completed,
    NO_SHOW: mark_did_not_arrive,
}


@require_POST
@door("appointments.edit")
def attendee_mark(request: PracticeRequest, pk: int) -> HttpResponse:
    """Arrived, completed, did not arrive, or back to booked (also from cancelled)."""
    attendee = access(Attendee, request.member, pk, "appointments.edit")
    wanted = request.POST.get("to", "")
    staked = _staked(request, [pk]) if wanted == NO_SHOW else []
    try:
        _mark(request, pk, wanted)
    except Refusal as refusal:
        typed = Typed(act="no_show", id=pk, values=request.POST.dict())
        return _refused(request, attendee.appointment_id, refusal, typed)
    said = {
        "booked": _("Set back to booked."),
        "arrived": _("Marked as arrived."),
        "completed": _("Marked as completed."),
        NO_SHOW: _("Marked as did not arrive."),
    }
    return _done(request, attendee.appointment_id, said[wanted], staked)


def _mark(request: PracticeRequest, pk: int, wanted: str) -> None:
    practice_id, by, now = request.practice.id, request.member.actor, timezone.now()
    if wanted == "booked":
        reset_attendance(ResetAttendance(practice_id=practice_id, by=by, attendee_id=pk), now)
    elif wanted in MARKS:
        command = MarkAttendance(
            practice_id=practice_id,
            by=by,
            attendee_id=pk,
            keeping=keeping_of(request.POST),
            anyway="anyway" in request.POST,
        )
        MARKS[wanted](command, now)
    else:
        raise Invalid(_("Choose how the visit went."))


@require_POST
@door("appointments.edit")
def attendee_cancel(request: PracticeRequest, pk: int) -> HttpResponse:
    """One patient's visit, with a reason."""
    attendee = access(Attendee, request.member, pk, "appointments.edit")
    form = CancelForm(request.POST)
    staked = _staked(request, [pk])
    try:
        if not form.is_valid():
            raise Invalid(_("Choose a reason for cancelling."), param="reason")
        cancel_attendance(
            CancelAttendance(
                practice_id=request.practice.id,
                by=request.member.actor,
                attendee_id=pk,
                reason=form.cleaned_data["reason"],
                comment=form.cleaned_data["comment"],
                keeping=keeping_of(request.POST),
            ),
            timezone.now(),
        )
    except Refusal as refusal:
        typed = Typed(act="leave", id=pk, values=request.POST.dict())
        return _refused(request, attendee.appointment_id, refusal, typed)
    return _done(request, attendee.appointment_id, _("Visit cancelled."), staked)


@require_POST
@door("appointments.edit")
def appointment_cancel(request: PracticeRequest, pk: int) -> HttpResponse:
    """The whole appointment, with a reason; of a series also all later ones if asked."""
    one = queries.appointment_brief(practice_id=request.practice.id, appointment_id=pk)
    form = CancelForm(request.POST)
    staked = _staked(request, [who.id for who in one.attendees])
    try:
        if not form.is_valid():
            raise Invalid(_("Choose a reason for cancelling."), param="reason")
        cancelled = cancel_appointment(
            CancelAppointment(
                practice_id=request.practice.id,
                by=request.member.actor,
                key=request.POST.get("key", "")[:100],
                appointment_id=pk,
                reason=form.cleaned_data["reason"],
                comment=form.cleaned_data["comment"],
                later_too=form.cleaned_data["later_too"],
                keeping=keeping_of(request.POST),
            ),
            timezone.now(),
        )
    except Refusal as refusal:
        typed = Typed(act="cancel", id=pk, values=request.POST.dict())
        return _refused(request, pk, refusal, typed)
    count = len(cancelled.appointment_ids)
    sentence = (
        _("%(count)s appointments cancelled.") % {"count": count}
        if count > 1
        else _("Appointment cancelled.")
    )
    return _done(request, pk, sentence, staked)


def _staked(request: PracticeRequest, attendee_ids: list[int]) -> list[int]:
    """Which of these visits have a session to lose."""
    return list(stakes_of(request.practice, attendee_ids))


def _done(
    request: PracticeRequest, appointment_id: int, sentence: str, staked: list[int]
) -> HttpResponse:
    became = became_of(request.practice, staked)
    return done(request, appointment_id, f"{sentence} {became}".strip())


def _refused(
    request: PracticeRequest, appointment_id: int, refusal: Refusal, typed: Typed
) -> HttpResponse:
    """Say why; what was typed stands where it was typed."""
    if is_htmx(request) or refusal.status in (403, 404):
        return not_done(request, appointment_id, refusal)
    card = make_card(request.member, appointment_id, timezone.now(), typed)
    context = {"card": card, "live": False, "refusal": refusal, "typed": typed}
    return render(request, "calendar/appointment.html", context, status=refusal.status)
