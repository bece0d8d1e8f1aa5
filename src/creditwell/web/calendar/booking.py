"""Book an appointment, and change one."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from creditwell.kernel.errors import NotFound, Refusal
from creditwell.people.models import Patient
from creditwell.scheduling import queries, wording
from creditwell.scheduling.queries import AppointmentBrief
from creditwell.tenancy.access import Member, access
from creditwell.usecases.book_appointment import (
    AppointmentBooked,
    BookAppointment,
    book_appointment,
)
from creditwell.usecases.update_appointment import UpdateAppointment, update_appointment
from creditwell.web.calendar.asked import as_id, day_url
from creditwell.web.calendar.covering import covered_words, offers_in
from creditwell.web.calendar.forms import BookingForm, SlotForm
from creditwell.web.calendar.items import name_of
from creditwell.web.calendar.picking import Picked, picked_patient
from creditwell.web.door.guard import door, is_htmx
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.packages.offers import choice_of
from creditwell.web.patients.quick import QuickPatientForm


@require_http_methods(["GET", "HEAD", "POST"])
@door("appointments.edit")
def appointment_new(request: PracticeRequest) -> HttpResponse:
    """The booking form, filled in from where one comes: a slot, a patient, an earlier visit."""
    if request.method != "POST":
        again = _again(request)
        form = BookingForm(initial=_initial(request, again), member=request.member)
        patient = _asked_patient(request.member, again, request.GET.get("patient", ""))
        quick = QuickPatientForm()
        return _form_page(request, form, quick, Picked(id=patient[0], name=patient[1]))
    form = BookingForm(request.POST, member=request.member)
    quick = QuickPatientForm(request.POST)
    key = request.POST.get("key", "")[:80]
    if "look" in request.POST:
        picked = Picked(**_chosen_before(request))
        form = BookingForm(initial=request.POST.dict(), member=request.member)
        return _form_page(request, form, quick, picked)
    if "find-patient" in request.POST or form.is_valid():
        picked = picked_patient(request, quick, key=key, now=timezone.now())
    else:
        picked = Picked(**_chosen_before(request))
    if picked.asked_to_find:
        form = BookingForm(initial=request.POST.dict(), member=request.member)
    elif form.is_valid():
        return _book(request, form, quick, picked, key)
    return _form_page(request, form, quick, picked, status=422)


def _book(
    request: PracticeRequest,
    form: BookingForm,
    quick: QuickPatientForm,
    picked: Picked,
    key: str,
) -> HttpResponse:
    if picked.id is None:
        picked = _nobody(form, quick, picked)
    try:
        if not picked.refused:
            command = _booking(request.member, form, picked.id, key)
            booked = book_appointment(command, timezone.now())
            messages.success(request, _booked(request.member, booked))
            return _to_day(request, form.starts_at, booked.appointment_id)
    except Refusal as refusal:
        if refusal.param == "patient":
            picked = picked.with_error(refusal.sentence)
        form.refuse(refusal)
    return _form_page(request, form, quick, picked, status=422)


def _chosen_before(request: PracticeRequest) -> dict[str, Any]:
    """Who was chosen in a form that cannot be booked yet; nobody is created for it."""
    pk, name = _asked_patient(request.member, None, request.POST.get("patient", ""))
    query = request.POST.get("patient-q", "").strip()[:80]
    return {"id": pk, "name": name, "query": query}


def _nobody(form: BookingForm, quick: QuickPatientForm, picked: Picked) -> Picked:
    """A group may be booked before anybody comes; another visit may not."""
    if quick.errors:
        return picked.with_error(_("The new patient cannot be created yet; see below."))
    kind = queries.type_brief(
        practice_id=form.member.practice_id, type_id=form.cleaned_data["appointment_type"]
    )
    if kind.max_attendees > 1 and not picked.query:
        return picked
    return picked.with_error(_("Choose a patient from the list, or create a new one."))


def _booking(
    member: Member, form: BookingForm, patient_id: int | None, key: str
) -> BookAppointment:
    return BookAppointment(
        practice_id=member.practice_id,
        by=member.actor,
        key=key,
        patient_id=patient_id,
        repeat=form.repeat(),
        only_free=form.cleaned_data["only_free"],
        package=choice_of(form.cleaned_data["package"]),
        **form.slot(),
    )


def _booked(member: Member, booked: AppointmentBooked) -> str:
    count = len(booked.appointment_ids)
    sentences = [
        ngettext("Appointment booked.", "%(count)s appointments booked.", count) % {"count": count}
    ]
    if booked.covered_ids:
        sentences.append(covered_words(member, booked))
    if booked.left_out:
        left_out = _("Not free, so left out: %(dates)s.")
        sentences.append(left_out % {"dates": ", ".join(booked.left_out)})
    return " ".join(sentences)


def _again(request: PracticeRequest) -> AppointmentBrief | None:
    """The visit that is booked again, if the address names one of this practice."""
    pk = as_id(request.GET.get("again", ""))
    if pk is None:
        return None
    return queries.appointment_brief(practice_id=request.practice.id, appointment_id=pk)


def _initial(request: PracticeRequest, again: AppointmentBrief | None) -> dict[str, Any]:
    """What the fields begin with."""
    asked = request.GET
    initial: dict[str, Any] = {
        "date": asked.get("d") or request.practice.day_of(timezone.now()).isoformat(),
        "time": asked.get("t") or "",
        "practitioner": as_id(asked.get("practitioner", "")),
        "location": as_id(asked.get("location", "")),
    }
    if again is not None:
        local = again.starts_at.astimezone(request.practice.zone)
        length = again.ends_at - again.starts_at
        initial |= {
            "date": (local.date() + timedelta(weeks=1)).isoformat(),
            "time": f"{local:%H:%M}",
            "practitioner": again.practitioner_id,
            "location": again.location_id,
            "appointment_type": again.type_id,
            "minutes": int(length.total_seconds() // 60),
        }
    return initial


def _asked_patient(
    member: Member, again: AppointmentBrief | None, asked: str
) -> tuple[int | None, str]:
    """The patient that the form begins with: id and name."""
    if again is not None and again.attendees and not again.is_group:
        return again.attendees[0].patient_id, again.attendees[0].name
    pk = as_id(asked)
    if pk is None:
        return None, ""
    patient = access(Patient, member, pk, "patients.view")
    return patient.pk, patient.payer.name


def _form_page(
    request: PracticeRequest,
    form: BookingForm,
    quick: QuickPatientForm,
    picked: Picked,
    *,
    status: int = 200,
) -> HttpResponse:
    if picked.id is not None and status == 200:
        form.fields["appointment_type"].widget.attrs["autofocus"] = True
    context = {
        "form": form,
        "offers": offers_in(form, picked.id),
        "quick": quick,
        "may_create": request.member.may("patients.edit"),
        "picked": picked,
        "key": request.POST.get("key") or uuid.uuid4().hex,
        "live": is_htmx(request),
        "back_url": reverse("calendar"),
    }
    page = "calendar/book.html#form" if is_htmx(request) else "calendar/book.html"
    return render(request, page, context, status=status)


def _to_day(
    request: PracticeRequest, starts_at: datetime | None, appointment_id: int
) -> HttpResponse:
    """To where an appointment stands in the calendar now."""
    assert starts_at is not None, "a valid form has a moment"
    url = day_url(request.practice.day_of(starts_at), appointment_id)
    if is_htmx(request):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)


@require_http_methods(["GET", "HEAD", "POST"])
@door("appointments.edit")
def appointment_edit(request: PracticeRequest, pk: int) -> HttpResponse:
    """Change type, length, time, place and notes of an appointment."""
    one = queries.appointment_brief(practice_id=request.practice.id, appointment_id=pk)
    form = SlotForm(
        request.POST or None,
        member=request.member,
        initial=_initial_of(request, one),
        keep_type=one.type_id,
        keep_practitioner=one.practitioner_id,
    )
    form.guard()
    if request.method == "POST" and form.is_valid():
        try:
            update_appointment(
                UpdateAppointment(
                    practice_id=request.practice.id,
                    by=request.member.actor,
                    appointment_id=pk,
                    **form.slot(),
                ),
                timezone.now(),
            )
        except NotFound:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Appointment changed."))
            return _to_day(request, form.starts_at, pk)
    context = {
        "form": form,
        "name": name_of(one),
        "when": wording.day(one.starts_at, request.practice),
        "back_url": reverse("appointment", args=[pk]),
    }
    return render(request, "calendar/edit.html", context, status=422 if form.is_bound else 200)


def _initial_of(request: PracticeRequest, one: AppointmentBrief) -> dict[str, Any]:
    local = one.starts_at.astimezone(request.practice.zone)
    return {
        "appointment_type": one.type_id,
        "practitioner": one.practitioner_id,
        "location": one.location_id,
        "date": local.date(),
        "time": local.time(),
        "minutes": int((one.ends_at - one.starts_at).total_seconds() // 60),
        "notes": one.notes,
    }
