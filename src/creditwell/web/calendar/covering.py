"""Which package a visit uses: asked while it is booked, and changed afterwards."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from creditwell.kernel.errors import NotFound, Refusal
from creditwell.packages import wording
from creditwell.packages.queries import Place, place_of, places_of
from creditwell.packages.queries_offers import Wanted
from creditwell.scheduling import queries
from creditwell.scheduling.models import Attendee
from creditwell.scheduling.rules import midnight
from creditwell.tenancy.access import Member, access
from creditwell.usecases.book_appointment import AppointmentBooked
from creditwell.usecases.cover_visit import CoverVisit, cover_visit
from creditwell.usecases.uncover_visit import UncoverVisit, uncover_visit
from creditwell.web.calendar.acts import done, not_done
from creditwell.web.calendar.asked import as_id
from creditwell.web.calendar.forms import BookingForm
from creditwell.web.components.fields import Form
from creditwell.web.door.guard import door, is_htmx
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.packages.marks import mark
from creditwell.web.packages.offers import (
    NONE_VALUE,
    OffersShown,
    choice_of,
    offers_for_visit,
    offers_shown,
)
from creditwell.web.packages.sell_here import sale_page


@require_POST
@door("appointments.edit")
def booking_package(request: PracticeRequest) -> HttpResponse:
    """The part of the booking form that says which package the visit will use."""
    form = BookingForm(request.POST, member=request.member)
    offers = offers_in(form, as_id(request.POST.get("patient", "")))
    context = {"form": form, "offers": offers}
    return render(request, "calendar/_package_choice.html", context)


def offers_in(form: BookingForm, patient_id: int | None) -> OffersShown:
    """What the visit in the form could use, as far as the form says who, what and when."""
    type_id = as_id(str(_value(form, "appointment_type") or ""))
    on = _value(form, "date")
    offers = OffersShown()
    if patient_id is not None and type_id is not None and on is not None:
        member, at = form.member, _value(form, "time") or time.max
        starts_at = midnight(on, member.practice.zone) + timedelta(hours=at.hour, minutes=at.minute)
        wanted = Wanted(
            patient_id=patient_id, type_id=type_id, on=on, minutes=_minutes(form, type_id)
        )
        offers = offers_shown(member, wanted, starts_at)
    form.fields["package"].widget.choices = _choices(offers)
    return offers


def _value(form: Form, name: str) -> Any:
    """What stands in a field, read; None if that is nothing, or not to be read."""
    field, value = form.fields[name], form[name].value()
    if value is None and name == "appointment_type":
        choices = list(field.choices)  # type: ignore[attr-defined]
        return choices[0][0] if choices else None
    try:
        return field.to_python(value)
    except ValidationError:
        return None


def _minutes(form: BookingForm, type_id: int) -> int:
    minutes = _value(form, "minutes")
    if minutes:
        return int(minutes)
    practice_id = form.member.practice_id
    try:
        return queries.type_brief(practice_id=practice_id, type_id=type_id).duration_minutes
    except NotFound:
        return 0


def _choices(offers: OffersShown) -> list[tuple[str, str]]:
    """The first by the rule is what nothing said means."""
    if not offers.usable:
        return []
    first, *others = offers.usable
    return [
        ("", _("Uses %(offer)s") % {"offer": first.words}),
        *((one.value, _("Uses %(offer)s") % {"offer": one.words}) for one in others),
        (NONE_VALUE, _("Uses no package: it will be invoiced")),
    ]


def covered_words(member: Member, booked: AppointmentBooked) -> str:
    """Which sessions a booking took: "It is session 3 of 5, Five massages."."""
    practice_id = member.practice_id
    found = queries.appointments_with_ids(
        practice_id=practice_id, appointment_ids=booked.covered_ids
    )
    ids = [who.id for one in found for who in one.attendees]
    places = places_of(practice_id=practice_id, attendee_ids=ids)
    said = [_said(member, places[attendee_id]) for attendee_id in ids if attendee_id in places]
    if len(booked.appointment_ids) == 1:
        return _("It uses %(session)s.") % {"session": said[0]}
    without = len(booked.appointment_ids) - len(said)
    sentence = _("They use %(sessions)s.") % {"sessions": "; ".join(said)}
    if not without:
        return sentence
    rest = ngettext(
        "%(count)s visit is without a package.", "%(count)s visits are without a package.", without
    )
    return f"{sentence} {rest % {'count': without}}"


def _said(member: Member, place: Place) -> str:
    gaps = {"nth": wording.ordinal(place, member.practice), "name": wording.name_of(place)}
    if place.measure == "sessions":
        return _("session %(nth)s of %(name)s") % gaps
    return _("%(nth)s, %(name)s") % gaps


@require_http_methods(["GET", "HEAD", "POST"])
@door("appointments.edit")
def visit_package(request: PracticeRequest, pk: int) -> HttpResponse:
    """Let a visit use a package, another one, or none."""
    attendee = access(Attendee, request.member, pk, "appointments.edit")
    refusal = None
    if request.method == "POST":
        try:
            sentence = _change(request, pk, request.POST.get("package", ""))
        except NotFound:
            raise
        except Refusal as refused:
            if is_htmx(request):
                return not_done(request, attendee.appointment_id, refused)
            refusal = refused
        else:
            return done(request, attendee.appointment_id, sentence)
    return _page(request, attendee, refusal)


def _change(request: PracticeRequest, pk: int, value: str) -> str:
    common: dict[str, Any] = {
        "practice_id": request.practice.id,
        "by": request.member.actor,
        "attendee_id": pk,
    }
    now = timezone.now()
    if value == NONE_VALUE:
        if uncover_visit(UncoverVisit(**common), now).kept:
            return _("The visit uses no package now. What was kept of its session stays kept.")
        return _("The visit uses no package now.")
    cover_visit(CoverVisit(**common, package=choice_of(value)), now)
    place = place_of(practice_id=request.practice.id, attendee_id=pk)
    assert place is not None, pk
    return _("The visit uses %(session)s.") % {"session": _said(request.member, place)}


def _page(request: PracticeRequest, attendee: Attendee, refusal: Refusal | None) -> HttpResponse:
    practice_id = request.practice.id
    one = queries.appointment_brief(practice_id=practice_id, appointment_id=attendee.appointment_id)
    place = place_of(practice_id=practice_id, attendee_id=attendee.pk)
    offers = offers_for_visit(
        request.member, one, attendee.patient_id, but_part=place.part_id if place else None
    )
    who = next(who for who in one.attendees if who.id == attendee.pk)
    context = {
        "one": one,
        "who": who,
        "mark": mark(request.member, place) if place else None,
        "offers": offers,
        "none": NONE_VALUE,
        "chosen": request.POST.get("package", ""),
        "refusal": refusal,
        "sell_url": sale_page(request.member, who) if place is None else "",
    }
    status = 200 if refusal is None else refusal.status
    return render(request, "calendar/package.html", context, status=status)
