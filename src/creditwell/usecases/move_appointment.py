"""Move an appointment to another time or practitioner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.scheduling import operations
from creditwell.tenancy.access import Actor
from creditwell.usecases import _sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveAppointment:
    """`practitioner_id` None leaves the practitioner. `anyway`: outside working hours too."""

    practice_id: int
    by: Actor
    key: str = ""
    appointment_id: int
    starts_at: datetime
    practitioner_id: int | None = None
    anyway: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentMoved:
    """Where it was, so that it can be put back: moments as ISO text."""

    appointment_id: int
    practitioner_id: int
    starts_at: str
    from_practitioner_id: int
    from_starts_at: str


@usecase(AppointmentMoved)
def move_appointment(command: MoveAppointment, now: datetime) -> AppointmentMoved:
    """
    Put an appointment somewhere else; it stays as long as it was. To the same place is no act.

    :raises NotFound: if there is no such appointment or practitioner
    :raises DoubleBooked: if the time is taken
    :raises NotWorking: outside working hours or in time off, unless `anyway`
    :raises IsCancelled, Settled: if it is not to be moved any more
    """
    facts, appointment = _sessions.lock_with_people(
        practice_id=command.practice_id, appointment_id=command.appointment_id
    )
    before = (appointment.practitioner_id, appointment.starts_at)
    length = appointment.ends_at - appointment.starts_at
    slot = operations.slot_of(
        practice_id=command.practice_id,
        practitioner_id=command.practitioner_id or appointment.practitioner_id,
        location_id=appointment.location_id,
        type_id=appointment.appointment_type_id,
        starts_at=command.starts_at,
        minutes=int(length.total_seconds() // 60),
    )
    after = (slot.practitioner.pk, slot.time.starts_at)
    if after != before:
        if not command.anyway:
            operations.require_working(facts=facts, slot=slot)
        operations.shift(facts=facts, appointment=appointment, slot=slot)
        _sessions.moved(facts, appointment, by=command.by, now=now)
        _tell(command, before, after, now)
    return AppointmentMoved(
        appointment_id=appointment.pk,
        practitioner_id=after[0],
        starts_at=after[1].isoformat(),
        from_practitioner_id=before[0],
        from_starts_at=before[1].isoformat(),
    )


def _tell(
    command: MoveAppointment,
    before: tuple[int, datetime],
    after: tuple[int, datetime],
    now: datetime,
) -> None:
    note(
        "move_appointment",
        ("appointment", command.appointment_id),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={
            "from": {"practitioner_id": before[0], "starts_at": before[1].isoformat()},
            "to": {"practitioner_id": after[0], "starts_at": after[1].isoformat()},
        },
    )
    emit(
        "appointment.moved",
        {"appointment_id": command.appointment_id},
        practice_id=command.practice_id,
        at=now,
    )
