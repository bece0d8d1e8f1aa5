"""Change what an appointment is: type, length, time, place, notes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.scheduling import operations
from creditwell.scheduling.models import Appointment
from creditwell.tenancy.access import Actor
from creditwell.usecases import _sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateAppointment:
    practice_id: int
    by: Actor
    key: str = ""
    appointment_id: int
    practitioner_id: int
    location_id: int
    type_id: int
    starts_at: datetime
    minutes: int | None = None
    notes: str = ""
    anyway: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentUpdated:
    appointment_id: int


@usecase(AppointmentUpdated)
def update_appointment(command: UpdateAppointment, now: datetime) -> AppointmentUpdated:
    """
    Write an appointment anew; the trail keeps what it was.

    :raises NotFound: if it, or what it names, is not there
    :raises DoubleBooked: if the time is taken
    :raises NotWorking: if its time changes to outside working hours, unless `anyway`
    :raises GroupFull: if more patients come than the new type takes
    :raises IsCancelled, Settled: if it is not to be changed any more
    """
    facts, appointment = _sessions.lock_with_people(
        practice_id=command.practice_id, appointment_id=command.appointment_id
    )
    slot = operations.slot_of(
        practice_id=command.practice_id,
        practitioner_id=command.practitioner_id,
        location_id=command.location_id,
        type_id=command.type_id,
        starts_at=command.starts_at,
        minutes=command.minutes,
    )
    before = _picture(appointment)
    if not command.anyway and _elsewhere(appointment, slot):
        operations.require_working(facts=facts, slot=slot)
    operations.require_room(appointment=appointment, kind=slot.kind)
    operations.shift(facts=facts, appointment=appointment, slot=slot, notes=command.notes)
    retyped = before["type_id"] != appointment.appointment_type_id
    _sessions.moved(facts, appointment, by=command.by, now=now, retyped=retyped)
    note(
        "update_appointment",
        ("appointment", appointment.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"from": before, "to": _picture(appointment)},
    )
    emit(
        "appointment.changed",
        {"appointment_id": appointment.pk},
        practice_id=command.practice_id,
        at=now,
    )
    return AppointmentUpdated(appointment_id=appointment.pk)


def _elsewhere(appointment: Appointment, slot: operations.Slot) -> bool:
    """Whether it goes to a time or place that nobody has agreed to yet."""
    return (
        slot.time.starts_at < appointment.starts_at
        or slot.time.ends_at > appointment.ends_at
        or slot.practitioner.pk != appointment.practitioner_id
        or slot.location.pk != appointment.location_id
    )


def _picture(appointment: Appointment) -> dict[str, str | int]:
    return {
        "starts_at": appointment.starts_at.isoformat(),
        "ends_at": appointment.ends_at.isoformat(),
        "practitioner_id": appointment.practitioner_id,
        "location_id": appointment.location_id,
        "type_id": appointment.appointment_type_id,
    }
