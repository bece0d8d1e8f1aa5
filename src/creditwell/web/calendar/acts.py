"""
What is done to appointments from the calendar and the pop-up.

Sent by htmx from the calendar, an act answers with the new board, the pop-up and a toast; sent by
a plain form, with a redirect to where the appointment stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from creditwell.kernel.errors import Invalid, NotFound, Refusal
from creditwell.scheduling import queries, wording
from creditwell.scheduling.models import Attendee
from creditwell.scheduling.operations import NotWorking
from creditwell.scheduling.rules import moment
from creditwell.tenancy.access import access
from creditwell.usecases.add_attendee import AddAttendee, add_attendee
from creditwell.usecases.move_appointment import (
    AppointmentMoved,
    MoveAppointment,
    move_appointment,
)
from creditwell.usecases.remove_attendee import RemoveAttendee, remove_attendee
from creditwell.web.calendar.asked import as_id, asked_behind
from creditwell.web.calendar.board import make_board
from creditwell.web.calendar.card import make_card
from creditwell.web.calendar.forms import MoveForm
from creditwell.web.door.guard import door, is_htmx
from creditwell.web.door.requests import PracticeRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveBack:
    """What the toast's button sends: back to where it was, or there all the same."""

    appointment_id: int
    date: str
    time: str
    practitioner_id: int
    word: str


def done(
    request: PracticeRequest,
    appointment_id: int,
    sentence: str,
    *,
    undo: MoveBack | None = None,
    close: bool = False,
) -> HttpResponse:
    """Answer an act that was done: show its effect, and say it."""
    now = timezone.now()
    asked = asked_behind(request, request.practice, now) if is_htmx(request) else None
    if asked is None:
        messages.success(request, sentence)
        target = _next(request) or f"{make_card(request.member, appointment_id, now).day_url}"
        if is_htmx(request):
            return HttpResponse(status=204, headers={"HX-Redirect": target})
        return redirect(target)
    context = {
        "board": make_board(request.member, asked, now),
        "card": None if close else make_card(request.member, appointment_id, now),
        "live": True,
        "sentence": sentence,
        "tone": "ok",
        "undo": undo,
    }
    response = render(request, "calendar/_done.html", context)
    if close:
        response.headers["HX-Trigger"] = "appointment-left"
    return response


def not_done(
    request: PracticeRequest,
    appointment_id: int,
    refusal: Refusal,
    *,
    insist: MoveBack | None = None,
) -> HttpResponse:
    """Answer an act that was refused: say why, change nothing."""
    if refusal.status in (403, 404):
        raise refusal
    if not is_htmx(request):
        messages.error(request, refusal.sentence)
        return redirect("appointment", appointment_id)
    context = {"sentence": refusal.sentence, "tone": "bad", "undo": insist}
    return render(request, "calendar/_said.html", context, status=refusal.status)


def _next(request: PracticeRequest) -> str:
    """Where a plain form wants to go: only to a page of ours."""
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if ours and urlsplit(wanted).path.startswith("/") else ""


@require_POST
@door("appointments.edit")
def appointment_move(request: PracticeRequest, pk: int) -> HttpResponse:
    """To another time or practitioner; asks before it goes outside of working hours."""
    practice = request.practice
    form = MoveForm(request.POST)
    queries.appointment_brief(practice_id=practice.id, appointment_id=pk)
    try:
        if not form.is_valid():
            raise Invalid(_("Say a day and a time to move it to."), param="time")
        moved = move_appointment(
            MoveAppointment(
                practice_id=practice.id,
                by=request.member.actor,
                appointment_id=pk,
                starts_at=moment(
                    form.cleaned_data["date"], form.cleaned_data["time"], practice.zone
                ),
                practitioner_id=form.cleaned_data["practitioner"],
                anyway=form.cleaned_data["anyway"],
            ),
            timezone.now(),
        )
    except Refusal as refusal:
        insist = _insist(form, pk) if isinstance(refusal, NotWorking) else None
        return not_done(request, pk, refusal, insist=insist)
    return done(request, pk, _moved(request, moved), undo=_undo(request, moved), close=True)


def _insist(form: MoveForm, pk: int) -> MoveBack:
    values = form.cleaned_data
    return MoveBack(
        appointment_id=pk,
        date=values["date"].isoformat(),
        time=f"{values['time']:%H:%M}",
        practitioner_id=values["practitioner"] or 0,
        word=_("Move it all the same"),
    )


def _undo(request: PracticeRequest, moved: AppointmentMoved) -> MoveBack | None:
    if (moved.from_starts_at, moved.from_practitioner_id) == (
        moved.starts_at,
        moved.practitioner_id,
    ):
        return None
    before = datetime.fromisoformat(moved.from_starts_at).astimezone(request.practice.zone)
    return MoveBack(
        appointment_id=moved.appointment_id,
        date=before.date().isoformat(),
        time=f"{before:%H:%M}",
        practitioner_id=moved.from_practitioner_id,
        word=_("Undo"),
    )


def _moved(request: PracticeRequest, moved: AppointmentMoved) -> str:
    one = queries.appointment_brief(
        practice_id=request.practice.id, appointment_id=moved.appointment_id
    )
    first = one.attendees[0].first_name if one.attendees and not one.is_group else one.type_name
    return _("%(name)s moved to %(day)s, %(time)s with %(practitioner)s.") % {
        "name": first,
        "day": wording.day(one.starts_at, request.practice),
        "time": wording.clock(one.starts_at, request.practice),
        "practitioner": one.practitioner_name,
    }


@require_POST
@door("appointments.edit")
def attendee_add(request: PracticeRequest, pk: int) -> HttpResponse:
    """One more in a group."""
    queries.appointment_brief(practice_id=request.practice.id, appointment_id=pk)
    patient_id = as_id(request.POST.get("patient", ""))
    try:
        if patient_id is None:
            raise Invalid(_("Choose a patient from the list."), param="patient")
        add_attendee(
            AddAttendee(
                practice_id=request.practice.id,
                by=request.member.actor,
                appointment_id=pk,
                patient_id=patient_id,
            ),
            timezone.now(),
        )
    except NotFound as refusal:
        return not_done(request, pk, Invalid(refusal.sentence, param="patient"))
    except Refusal as refusal:
        return not_done(request, pk, refusal)
    return done(request, pk, _("Added to the group."))


@require_POST
@door("appointments.edit")
def attendee_remove(request: PracticeRequest, pk: int) -> HttpResponse:
    """Out of the group, as if never put in."""
    attendee = access(Attendee, request.member, pk, "appointments.edit")
    try:
        remove_attendee(
            RemoveAttendee(
                practice_id=request.practice.id, by=request.member.actor, attendee_id=pk
            ),
            timezone.now(),
        )
    except Refusal as refusal:
        return not_done(request, attendee.appointment_id, refusal)
    return done(request, attendee.appointment_id, _("Taken out of the group."))
