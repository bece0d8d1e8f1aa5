"""Who comes, who came, who cancelled, and groups; every refusal leaves all as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from creditwell.audit.models import Note
from creditwell.kernel.errors import NotFound
from creditwell.scheduling.models import (
    Appointment,
    AppointmentType,
    Attendee,
)
from creditwell.scheduling.operations import (
    AlreadyComing,
    DoubleBooked,
    GroupFull,
    IsCancelled,
    NotAllowedNow,
    Settled,
)
from creditwell.usecases.add_attendee import AddAttendee, add_attendee
from creditwell.usecases.book_appointment import book_appointment
from creditwell.usecases.cancel_appointment import CancelAppointment, cancel_appointment
from creditwell.usecases.cancel_attendance import CancelAttendance, cancel_attendance
from creditwell.usecases.mark_attendance import (
    MarkAttendance,
    mark_arrived,
    mark_completed,
)
from creditwell.usecases.move_appointment import MoveAppointment, move_appointment
from creditwell.usecases.remove_attendee import RemoveAttendee, remove_attendee
from creditwell.usecases.reset_attendance import ResetAttendance, reset_attendance
from creditwell.usecases.update_appointment import update_appointment
from tests.factories import (
    NOW,
    Clinic,
    make_appointment_type,
    make_clinic,
    make_patient,
)
from tests.refusing import refuses
from tests.visits import act, at, change, topics, wish

pytestmark = pytest.mark.django_db


@pytest.fixture
def kind(clinic: Clinic) -> AppointmentType:
    return make_appointment_type(practice=clinic.practice, name="Standard consultation")


@pytest.fixture
def pilates(clinic: Clinic) -> AppointmentType:
    return make_appointment_type(practice=clinic.practice, name="Pilates", max_attendees=2)


# ---------- attendance ----------


def test_a_patient_arrives_and_is_treated(clinic: Clinic, kind: AppointmentType) -> None:
    booked = book_appointment(wish(clinic, kind), NOW)
    who = MarkAttendance(**act(clinic, attendee_id=booked.attendee_id))
    assert mark_arrived(who, NOW).before == "booked"
    assert mark_completed(who, NOW).before == "arrived"
    mark_completed(who, NOW)  # twice is once
    assert Attendee.objects.get().status == "completed"
    assert topics() == ["appointment.booked", "attendee.arrived", "attendee.completed"]
    reset = reset_attendance(ResetAttendance(**act(clinic, attendee_id=booked.attendee_id)), NOW)
    assert reset.before == "completed"
    assert Attendee.objects.get().status == "booked"


def cancel(clinic: Clinic, attendee_id: int | None, **fields: Any) -> Any:
    return CancelAttendance(
        **act(clinic, attendee_id=attendee_id, **{"reason": "sick", "comment": "flu", **fields})
    )


def test_a_cancelled_visit_frees_its_time(clinic: Clinic, kind: AppointmentType) -> None:
    booked = book_appointment(wish(clinic, kind), NOW)
    cancel_attendance(cancel(clinic, booked.attendee_id), NOW)
    attendee = Attendee.objects.get()
    assert (attendee.status, attendee.cancel_reason, attendee.cancel_note) == (
        "cancelled",
        "sick",
        "flu",
    )
    assert Appointment.objects.get().status == "cancelled"
    again = book_appointment(wish(clinic, kind), NOW)
    with refuses(DoubleBooked, Appointment, Attendee):
        reset_attendance(ResetAttendance(**act(clinic, attendee_id=booked.attendee_id)), NOW)
    cancel_attendance(cancel(clinic, again.attendee_id), NOW)
    reset_attendance(ResetAttendance(**act(clinic, attendee_id=booked.attendee_id)), NOW)
    row = Appointment.objects.get(pk=booked.appointment_id)
    assert (row.status, row.attendees.get().cancel_reason) == ("booked", "")


def test_what_took_place_is_not_cancelled(clinic: Clinic, kind: AppointmentType) -> None:
    booked = book_appointment(wish(clinic, kind), NOW)
    mark_completed(MarkAttendance(**act(clinic, attendee_id=booked.attendee_id)), NOW)
    with refuses(NotAllowedNow, Appointment, Attendee):
        cancel_attendance(cancel(clinic, booked.attendee_id), NOW)
    with refuses(Settled, Appointment, Attendee):
        cancel_appointment(
            CancelAppointment(
                **act(clinic, appointment_id=booked.appointment_id, reason="practice")
            ),
            NOW,
        )


def test_a_cancelled_visit_stays_as_it_is(clinic: Clinic, kind: AppointmentType) -> None:
    booked = book_appointment(wish(clinic, kind), NOW)
    cancel_attendance(cancel(clinic, booked.attendee_id), NOW)
    with refuses(NotAllowedNow, Appointment, Attendee):
        cancel_attendance(cancel(clinic, booked.attendee_id), NOW)
    with refuses(NotAllowedNow, Appointment, Attendee):
        mark_arrived(MarkAttendance(**act(clinic, attendee_id=booked.attendee_id)), NOW)
    where = act(clinic, appointment_id=booked.appointment_id, starts_at=at(clinic, "10:00"))
    with refuses(IsCancelled, Appointment, Attendee):
        move_appointment(MoveAppointment(**where), NOW)
    with refuses(IsCancelled, Appointment, Attendee):
        cancel_appointment(
            CancelAppointment(**act(clinic, appointment_id=booked.appointment_id, reason="away")),
            NOW,
        )


# ---------- groups ----------


def test_a_group_fills_up(clinic: Clinic, pilates: AppointmentType) -> None:
    empty = book_appointment(wish(clinic, pilates, patient_id=None), NOW)
    assert empty.attendee_id is None
    place = act(clinic, appointment_id=empty.appointment_id)
    first = add_attendee(AddAttendee(**place, patient_id=clinic.patient.pk), NOW)
    with refuses(AlreadyComing, Appointment, Attendee):
        add_attendee(AddAttendee(**place, patient_id=clinic.patient.pk), NOW)
    second, third = (make_patient(practice=clinic.practice) for _ in range(2))
    add_attendee(AddAttendee(**place, patient_id=second.pk), NOW)
    with refuses(GroupFull, Appointment, Attendee) as refused:
        add_attendee(AddAttendee(**place, patient_id=third.pk), NOW)
    assert "All 2 places" in refused.value.sentence
    cancel_attendance(cancel(clinic, first.attendee_id), NOW)
    assert Appointment.objects.get().status == "booked"
    add_attendee(AddAttendee(**place, patient_id=third.pk), NOW)
    with refuses(GroupFull, Appointment, Attendee):
        reset_attendance(ResetAttendance(**act(clinic, attendee_id=first.attendee_id)), NOW)


def test_whoever_was_put_in_by_mistake_is_taken_out(
    clinic: Clinic, pilates: AppointmentType
) -> None:
    booked = book_appointment(wish(clinic, pilates), NOW)
    remove_attendee(RemoveAttendee(**act(clinic, attendee_id=booked.attendee_id)), NOW)
    assert not Attendee.objects.exists()
    assert Note.objects.filter(action="remove_attendee").count() == 1


def test_the_only_patient_is_not_taken_out(
    clinic: Clinic, kind: AppointmentType, pilates: AppointmentType
) -> None:
    single = book_appointment(wish(clinic, kind), NOW)
    with refuses(NotAllowedNow, Attendee):
        remove_attendee(RemoveAttendee(**act(clinic, attendee_id=single.attendee_id)), NOW)
    group = book_appointment(wish(clinic, pilates, "10:00"), NOW)
    mark_arrived(MarkAttendance(**act(clinic, attendee_id=group.attendee_id)), NOW)
    with refuses(NotAllowedNow, Attendee):
        remove_attendee(RemoveAttendee(**act(clinic, attendee_id=group.attendee_id)), NOW)


def test_nobody_acts_on_another_practices_visits(clinic: Clinic, kind: AppointmentType) -> None:
    booked = book_appointment(wish(clinic, kind), NOW)
    other = make_clinic()
    one = act(other, attendee_id=booked.attendee_id)
    whole = act(other, appointment_id=booked.appointment_id)
    acts: list[Callable[[], Any]] = [
        lambda: mark_arrived(MarkAttendance(**one), NOW),
        lambda: reset_attendance(ResetAttendance(**one), NOW),
        lambda: cancel_attendance(CancelAttendance(**one, reason="sick"), NOW),
        lambda: remove_attendee(RemoveAttendee(**one), NOW),
        lambda: add_attendee(AddAttendee(**whole, patient_id=other.patient.pk), NOW),
        lambda: cancel_appointment(CancelAppointment(**whole, reason="sick"), NOW),
        lambda: move_appointment(MoveAppointment(**whole, starts_at=at(clinic, "10:00")), NOW),
        lambda: update_appointment(change(other, kind, booked.appointment_id), NOW),
    ]
    for foreign in acts:
        with refuses(NotFound, Appointment, Attendee):
            foreign()
