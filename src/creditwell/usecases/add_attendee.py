"""Give a patient a place in a group."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.packages.booking import FIRST, Choice
from creditwell.packages.holding import hold_for_patient
from creditwell.scheduling import operations
from creditwell.tenancy.access import Actor, Written
from creditwell.usecases import _sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class AddAttendee:
    practice_id: int
    by: Actor
    key: str = ""
    appointment_id: int
    patient_id: int
    package: Choice = FIRST


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendeeAdded:
    appointment_id: int
    attendee_id: int
    package_id: int | None = None


@usecase(AttendeeAdded)
def add_attendee(command: AddAttendee, now: datetime) -> AttendeeAdded:
    """
    Book a patient into an appointment that others come to as well.

    :raises NotFound: if there is no such appointment or patient
    :raises GroupFull: without a free place; the appointment is locked, so the last place is one
    :raises AlreadyComing: if the patient has one
    :raises IsCancelled: if the appointment is cancelled
    :raises NoSuchSession: if a package was named that is not good for the visit
    """
    facts = hold_for_patient(practice_id=command.practice_id, patient_id=command.patient_id)
    appointment = operations.lock_appointment(
        practice_id=command.practice_id, appointment_id=command.appointment_id
    )
    attendee = operations.join(appointment=appointment, patient_id=command.patient_id, at=now)
    package_id = _sessions.book(facts, attendee, command.package, written=Written(command.by, now))
    note(
        "add_attendee",
        ("attendee", attendee.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"appointment_id": appointment.pk, "patient_id": command.patient_id},
    )
    emit(
        "attendee.booked",
        {"attendee_id": attendee.pk, "appointment_id": appointment.pk},
        practice_id=command.practice_id,
        at=now,
    )
    return AttendeeAdded(
        appointment_id=appointment.pk, attendee_id=attendee.pk, package_id=package_id
    )
