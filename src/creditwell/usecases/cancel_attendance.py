"""Cancel one patient's visit, and say why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.scheduling import operations
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAttendance:
    """`reason` is a `CancelReason`."""

    practice_id: int
    by: Actor
    key: str = ""
    attendee_id: int
    reason: str
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendanceCancelled:
    appointment_id: int
    attendee_id: int


@usecase(AttendanceCancelled)
def cancel_attendance(command: CancelAttendance, now: datetime) -> AttendanceCancelled:
    """
    Take one patient out of an appointment. Where only one may come, its time becomes free.

    :raises NotFound: if there is no such attendee
    :raises NotAllowedNow: if the visit took place, or is cancelled already
    """
    attendee = operations.lock_attendee(
        practice_id=command.practice_id, attendee_id=command.attendee_id
    )
    operations.leave(attendee=attendee, reason=command.reason, note=command.comment, at=now)
    note(
        "cancel_attendance",
        ("attendee", attendee.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"reason": command.reason},
    )
    emit(
        "attendee.cancelled",
        {"attendee_id": attendee.pk, "appointment_id": attendee.appointment_id},
        practice_id=command.practice_id,
        at=now,
    )
    return AttendanceCancelled(appointment_id=attendee.appointment_id, attendee_id=attendee.pk)
