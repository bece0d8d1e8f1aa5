"""Set a visit back to booked: a wrong mark or cancellation is taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.packages.holding import hold_for_visits
from creditwell.scheduling import operations
from creditwell.tenancy.access import Actor
from creditwell.usecases import _sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetAttendance:
    practice_id: int
    by: Actor
    key: str = ""
    attendee_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendanceReset:
    appointment_id: int
    attendee_id: int
    before: str


@usecase(AttendanceReset)
def reset_attendance(command: ResetAttendance, now: datetime) -> AttendanceReset:
    """
    Make a visit booked again. A cancelled one takes its time again.

    :raises NotFound: if there is no such attendee
    :raises DoubleBooked: if the time was given to another meanwhile
    :raises GroupFull: if the place was
    :raises AlreadyComing: if the patient was booked into the same appointment again
    """
    facts = hold_for_visits(practice_id=command.practice_id, attendee_ids=[command.attendee_id])
    attendee = operations.lock_attendee(
        practice_id=command.practice_id, attendee_id=command.attendee_id
    )
    before = attendee.status
    operations.come_back(facts=facts, attendee=attendee, at=now)
    _sessions.came_back(facts, attendee, was=before, by=command.by, now=now)
    note(
        "reset_attendance",
        ("attendee", attendee.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"before": before},
    )
    emit(
        "attendee.reset",
        {"attendee_id": attendee.pk},
        practice_id=command.practice_id,
        at=now,
    )
    return AttendanceReset(
        appointment_id=attendee.appointment_id, attendee_id=attendee.pk, before=before
    )
