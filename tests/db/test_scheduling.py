"""Booking, moving, attending and cancelling; every refusal leaves all as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from creditwell.audit.models import Note
from creditwell.kernel.errors import NotFound
from creditwell.kernel.usecase import KeyReused
from creditwell.scheduling import queries
from creditwell.scheduling.models import (
    Appointment,
    AppointmentType,
    Attendee,
    Block,
    Series,
    WorkingHours,
)
from creditwell.scheduling.operations import (
    DoubleBooked,
    GroupFull,
    NotWorking,
    NotYetDay,
    Settled,
)
from creditwell.scheduling.rules import Repeat
from creditwell.tenancy.access import facts_of
from creditwell.usecases.add_attendee import AddAttendee, add_attendee
from creditwell.usecases.book_appointment import DatesTaken, book_appointment
from creditwell.usecases.cancel_appointment import CancelAppointment, cancel_appointment
from creditwell.usecases.mark_attendance import (
    MarkAttendance,
    mark_arrived,
    mark_completed,
    mark_did_not_arrive,
)
from creditwell.usecases.move_appointment import MoveAppointment, move_appointment
from creditwell.usecases.update_appointment import update_appointment
from tests.factories import (
    NOW,
    Clinic,
    make_appointment,
    make_appointment_type,
    make_clinic,
    make_patient,
    make_practitioner,
)
from tests.refusing import refuses
from tests.visits import TUESDAY, act, at, change, topics, wish

pytestmark = pytest.mark.django_db


@pytest.fixture
def kind(clinic: Clinic) -> AppointmentType:
    return make_appointment_type(practice=clinic.practice, name="Standard consultation")


@pytest.fixture
def pilates(clinic: Clinic) -> AppointmentType:
    return make_appointment_type(practice=clinic.practice, name="Pilates", max_attendees=2)


# ---------- booking ----------


def test_a_visit_is_booked_told_and_written_down(clinic: Clinic, kind: AppointmentType) -> None:
    booked = book_appointment(wish(clinic, kind, notes="First visit"), NOW)
    brief = queries.appointment_brief(
        practice_id=clinic.practice.pk, appointment_id=booked.appointment_id
    )
    assert (brief.starts_at, brief.ends_at) == (at(clinic, "09:00"), at(clinic, "09:30"))
    assert [(one.id, one.name, one.status) for one in brief.attendees] == [
        (booked.attendee_id, "Liam Brennan", "booked")
    ]
    assert (brief.notes, brief.type_name, brief.cancelled) == (
        "First visit",
        "Standard consultation",
        False,
    )
    assert topics() == ["appointment.booked"]
    note = Note.objects.get()
    assert (note.action, note.subject_id) == ("book_appointment", booked.appointment_id)


def test_the_same_request_is_one_visit(clinic: Clinic, kind: AppointmentType) -> None:
    command = wish(clinic, kind, key="a-key")
    assert book_appointment(command, NOW) == book_appointment(command, NOW)
    assert Appointment.objects.count() == 1
    with refuses(KeyReused, Appointment, Attendee):
        book_appointment(replace(command, notes="Another"), NOW)


@pytest.mark.parametrize("clock", ["08:35", "09:00", "09:25"])
def test_two_visits_at_once_are_refused(clinic: Clinic, kind: AppointmentType, clock: str) -> None:
    book_appointment(wish(clinic, kind), NOW)
    other = make_patient(practice=clinic.practice).pk
    with refuses(DoubleBooked, Appointment, Attendee) as refused:
        book_appointment(wish(clinic, kind, clock, patient_id=other), NOW)
    assert "24 Nov 2026 from 9:00 am to 9:30 am" in refused.value.sentence
    assert clinic.practitioner.name in refused.value.sentence


@pytest.mark.parametrize("clock", ["08:30", "09:30"])
def test_visits_may_touch(clinic: Clinic, kind: AppointmentType, clock: str) -> None:
    book_appointment(wish(clinic, kind), NOW)
    book_appointment(wish(clinic, kind, clock), NOW)
    assert Appointment.objects.count() == 2


def test_another_practitioner_is_free(clinic: Clinic, kind: AppointmentType) -> None:
    book_appointment(wish(clinic, kind), NOW)
    other = make_practitioner(practice=clinic.practice)
    book_appointment(wish(clinic, kind, practitioner_id=other.pk), NOW)
    assert Appointment.objects.count() == 2


def works_tuesday(clinic: Clinic, start: str = "09:00", end: str = "17:00") -> None:
    WorkingHours.objects.create(
        practice=clinic.practice,
        practitioner=clinic.practitioner,
        location=clinic.location,
        weekday=1,
        starts_at=time.fromisoformat(start),
        ends_at=time.fromisoformat(end),
    )


def test_outside_working_hours_is_asked_about(clinic: Clinic, kind: AppointmentType) -> None:
    works_tuesday(clinic)
    with refuses(NotWorking, Appointment, Attendee) as refused:
        book_appointment(wish(clinic, kind, "16:45"), NOW)
    assert refused.value.param == "anyway"
    assert "from 4:45 pm to 5:15 pm" in refused.value.sentence
    book_appointment(wish(clinic, kind, "16:45", anyway=True), NOW)
    book_appointment(wish(clinic, kind, "16:00"), NOW)
    assert Appointment.objects.count() == 2


def test_time_off_is_asked_about(clinic: Clinic, kind: AppointmentType) -> None:
    works_tuesday(clinic)
    Block.objects.create(
        practice=clinic.practice,
        practitioner=clinic.practitioner,
        starts_at=at(clinic, "12:00"),
        ends_at=at(clinic, "13:00"),
        reason="lunch",
    )
    with refuses(NotWorking, Appointment, Attendee) as refused:
        book_appointment(wish(clinic, kind, "12:45"), NOW)
    assert "lunch" in refused.value.sentence
    book_appointment(wish(clinic, kind, "13:00"), NOW)
    book_appointment(wish(clinic, kind, "12:15", anyway=True), NOW)


@pytest.mark.parametrize("field", ["patient_id", "practitioner_id", "location_id", "type_id"])
def test_nothing_of_another_practice_is_booked(
    clinic: Clinic, kind: AppointmentType, field: str
) -> None:
    other = make_clinic()
    foreign = {
        "patient_id": other.patient.pk,
        "practitioner_id": other.practitioner.pk,
        "location_id": other.location.pk,
        "type_id": make_appointment_type(practice=other.practice).pk,
    }[field]
    with refuses(NotFound, Appointment, Attendee):
        book_appointment(wish(clinic, kind, **{field: foreign}), NOW)


def test_an_archived_patient_is_not_booked(clinic: Clinic, kind: AppointmentType) -> None:
    gone = make_patient(practice=clinic.practice, archived_at=NOW)
    with refuses(NotFound, Appointment, Attendee) as refused:
        book_appointment(wish(clinic, kind, patient_id=gone.pk), NOW)
    assert refused.value.param == "patient"


# ---------- series ----------


def test_a_series_repeats_by_the_clock(clinic: Clinic, kind: AppointmentType) -> None:
    first = at(clinic, "09:00", date(2027, 3, 23))
    command = wish(clinic, kind, starts_at=first, repeat=Repeat(every_weeks=1, count=4))
    booked = book_appointment(command, NOW)
    zone = facts_of(clinic.practice).zone
    starts = [row.starts_at.astimezone(zone) for row in Appointment.objects.order_by("starts_at")]
    assert [f"{start:%d %b %H:%M}" for start in starts] == [
        "23 Mar 09:00",
        "30 Mar 09:00",
        "06 Apr 09:00",  # the clocks went back on the 4th
        "13 Apr 09:00",
    ]
    assert len(booked.appointment_ids) == 4
    assert Series.objects.get().every_weeks == 1
    assert topics() == ["appointment.booked"] * 4


def test_a_series_names_the_dates_that_are_taken(clinic: Clinic, kind: AppointmentType) -> None:
    book_appointment(wish(clinic, kind, starts_at=at(clinic, "09:15", date(2026, 12, 1))), NOW)
    command = wish(clinic, kind, repeat=Repeat(every_weeks=1, count=3))
    with refuses(DatesTaken, Appointment, Attendee, Series) as refused:
        book_appointment(command, NOW)
    assert "1 Dec 2026 from 9:15 am to 9:45 am" in refused.value.sentence
    assert refused.value.param == "only_free"
    booked = book_appointment(replace(command, only_free=True), NOW)
    assert len(booked.appointment_ids) == 2
    assert booked.left_out == ["1 Dec 2026"]


def test_a_series_without_a_free_date_is_refused(clinic: Clinic, kind: AppointmentType) -> None:
    for day in (TUESDAY, date(2026, 12, 1)):
        book_appointment(wish(clinic, kind, starts_at=at(clinic, "09:00", day)), NOW)
    repeat = Repeat(every_weeks=1, count=2)
    with refuses(DatesTaken, Appointment, Attendee, Series):
        book_appointment(wish(clinic, kind, repeat=repeat, only_free=True), NOW)


def test_this_and_all_later_ones_are_cancelled(clinic: Clinic, kind: AppointmentType) -> None:
    booked = book_appointment(wish(clinic, kind, repeat=Repeat(every_weeks=2, count=4)), NOW)
    ids = booked.appointment_ids
    over = Attendee.objects.get(appointment_id=ids[3])
    mark_completed(MarkAttendance(**act(clinic, attendee_id=over.pk, anyway=True)), NOW)
    cancelled = cancel_appointment(
        CancelAppointment(
            **act(clinic, appointment_id=ids[1], reason="away", comment="moves", later_too=True)
        ),
        NOW,
    )
    assert cancelled.appointment_ids == [ids[1], ids[2]]
    states = dict(Appointment.objects.values_list("pk", "status"))
    assert [states[pk] for pk in ids] == ["booked", "cancelled", "cancelled", "booked"]
    assert list(
        Attendee.objects.order_by("appointment_id").values_list("status", "cancel_reason")
    ) == [("booked", ""), ("cancelled", "away"), ("cancelled", "away"), ("completed", "")]


# ---------- moving and changing ----------


def test_a_visit_is_moved_and_says_where_it_was(clinic: Clinic, kind: AppointmentType) -> None:
    booked = book_appointment(wish(clinic, kind), NOW)
    other = make_practitioner(practice=clinic.practice)
    moved = move_appointment(
        MoveAppointment(
            **act(
                clinic,
                appointment_id=booked.appointment_id,
                starts_at=at(clinic, "11:15"),
                practitioner_id=other.pk,
            )
        ),
        NOW,
    )
    row = Appointment.objects.get()
    assert (row.starts_at, row.ends_at) == (at(clinic, "11:15"), at(clinic, "11:45"))
    assert row.practitioner_id == other.pk
    assert datetime.fromisoformat(moved.from_starts_at) == at(clinic, "09:00")
    assert moved.from_practitioner_id == clinic.practitioner.pk
    assert topics() == ["appointment.booked", "appointment.moved"]


def test_moving_to_the_same_place_is_no_act(clinic: Clinic, kind: AppointmentType) -> None:
    booked = book_appointment(wish(clinic, kind), NOW)
    where = act(clinic, appointment_id=booked.appointment_id, starts_at=at(clinic, "09:00"))
    move_appointment(MoveAppointment(**where), NOW)
    assert topics() == ["appointment.booked"]


def test_a_visit_is_not_moved_onto_another(clinic: Clinic, kind: AppointmentType) -> None:
    booked = book_appointment(wish(clinic, kind), NOW)
    book_appointment(wish(clinic, kind, "10:00"), NOW)
    where = act(clinic, appointment_id=booked.appointment_id, starts_at=at(clinic, "09:45"))
    with refuses(DoubleBooked, Appointment) as refused:
        move_appointment(MoveAppointment(**where), NOW)
    assert "from 10:00 am to 10:30 am" in refused.value.sentence


@pytest.mark.parametrize(
    ("mark", "error"), [(mark_completed, Settled), (mark_did_not_arrive, Settled)]
)
def test_what_is_over_stays_where_it_was(
    clinic: Clinic, kind: AppointmentType, mark: Callable[..., Any], error: type[Settled]
) -> None:
    booked = book_appointment(wish(clinic, kind), NOW)
    mark(MarkAttendance(**act(clinic, attendee_id=booked.attendee_id)), NOW)
    where = act(clinic, appointment_id=booked.appointment_id, starts_at=at(clinic, "10:00"))
    with refuses(error, Appointment):
        move_appointment(MoveAppointment(**where), NOW)


def test_a_visit_becomes_another_kind(clinic: Clinic, kind: AppointmentType) -> None:
    booked = book_appointment(wish(clinic, kind), NOW)
    long = make_appointment_type(practice=clinic.practice, duration_minutes=60)
    update_appointment(change(clinic, long, booked.appointment_id, notes="Longer"), NOW)
    row = Appointment.objects.get()
    assert (row.appointment_type_id, row.notes) == (long.pk, "Longer")
    assert row.ends_at - row.starts_at == timedelta(minutes=60)


def test_a_longer_visit_must_fit(clinic: Clinic, kind: AppointmentType) -> None:
    booked = book_appointment(wish(clinic, kind), NOW)
    book_appointment(wish(clinic, kind, "09:30"), NOW)
    with refuses(DoubleBooked, Appointment):
        update_appointment(change(clinic, kind, booked.appointment_id, minutes=45), NOW)


def test_notes_may_change_outside_of_hours(clinic: Clinic, kind: AppointmentType) -> None:
    booked = book_appointment(wish(clinic, kind), NOW)
    works_tuesday(clinic, "13:00")
    update_appointment(change(clinic, kind, booked.appointment_id, notes="Bring scans"), NOW)
    assert Appointment.objects.get().notes == "Bring scans"
    with refuses(NotWorking, Appointment):
        update_appointment(change(clinic, kind, booked.appointment_id, minutes=60), NOW)


def test_a_group_with_two_is_no_single_visit(
    clinic: Clinic, kind: AppointmentType, pilates: AppointmentType
) -> None:
    booked = book_appointment(wish(clinic, pilates), NOW)
    other = make_patient(practice=clinic.practice)
    add_attendee(
        AddAttendee(**act(clinic, appointment_id=booked.appointment_id, patient_id=other.pk)), NOW
    )
    with refuses(GroupFull, Appointment, Attendee):
        update_appointment(change(clinic, kind, booked.appointment_id), NOW)


@pytest.mark.parametrize("mark", [mark_arrived, mark_completed, mark_did_not_arrive])
def test_how_a_visit_of_a_day_to_come_went_is_not_written_down_by_mistake(
    clinic: Clinic, mark: Callable[..., Any]
) -> None:
    """Later today it is; tomorrow's is only if that is meant."""
    for clock, days in (("23:30", 0), ("00:15", 1)):
        visit = make_appointment(
            practice=clinic.practice,
            patient=clinic.patient,
            practitioner=clinic.practitioner,
            starts_at=at(clinic, clock) + timedelta(days=days),
        )
        command = MarkAttendance(**act(clinic, attendee_id=visit.pk))
        if days:
            with refuses(NotYetDay, Attendee, Appointment):
                mark(command, NOW)
            command = replace(command, anyway=True)
        marked = mark(command, NOW)
        assert marked.before == "booked"
        visit.refresh_from_db()
        assert visit.status == marked.status
