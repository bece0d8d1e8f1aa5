"""Cancel one patient's visit, and say why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.packages.forfeiting import BY_RULE, Keeping
from creditwell.packages.holding import hold_for_visits
from creditwell.scheduling import operations
from creditwell.tenancy.access import Actor
from creditwell.usecases import _sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAttendance:
    """`reason` is a `CancelReason`; `keeping`: what is kept of a package's session."""

    practice_id: int
    by: Actor
    key: str = ""
    attendee_id: int
    reason: str
    comment: str = ""
    keeping: Keeping = BY_RULE


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendanceCancelled:
    appointment_id: int
    attendee_id: int
    kept_percent: int | None = None  # of the session, if the visit had one


@usecase(AttendanceCancelled)
def cancel_attendance(command: CancelAttendance, now: datetime) -> AttendanceCancelled:
    """
    Take one patient out of an appointment. Where only one may come, its time becomes free.

    :raises NotFound: if there is no such attendee
    :raises NotAllowedNow: if the visit took place, or is cancelled already
    :raises WrongPercent, WaiverReason: if its session cannot be kept so
    """
    facts = hold_for_visits(practice_id=command.practice_id, attendee_ids=[command.attendee_id])
    attendee = operations.lock_attendee(
        practice_id=command.practice_id, attendee_id=command.attendee_id
    )
    operations.leave(attendee=attendee, reason=command.reason, note=command.comment, at=now)
    kept = _sessions.cancelled(facts, attendee, command.keeping, by=command.by, now=now)
    note(
        "cancel_attendance",
        ("attendee", attendee.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"reason": command.reason, **({} if kept is None else {"kept_percent": kept})},
    )
    emit(
        "attendee.cancelled",
        {"attendee_id": attendee.pk, "appointment_id": attendee.appointment_id},
        practice_id=command.practice_id,
        at=now,
    )
    return AttendanceCancelled(
        appointment_id=attendee.appointment_id, attendee_id=attendee.pk, kept_percent=kept
    )
