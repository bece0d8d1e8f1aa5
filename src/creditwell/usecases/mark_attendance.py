"""Write down whether a patient came: arrived, completed, did not arrive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.packages.forfeiting import BY_RULE, Keeping
from creditwell.packages.holding import hold_for_visits
from creditwell.scheduling import operations, wording
from creditwell.scheduling.models import Attendee
from creditwell.tenancy.access import Actor
from creditwell.usecases import _sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkAttendance:
    """
    What all three have in common. `keeping`: what is kept of a package's session when the patient
    did not come; as a rule what the package says. `anyway`: also of a visit on a day to come.
    """

    practice_id: int
    by: Actor
    key: str = ""
    attendee_id: int
    keeping: Keeping = BY_RULE
    anyway: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendanceMarked:
    appointment_id: int
    attendee_id: int
    status: str
    before: str


@usecase(AttendanceMarked)
def mark_arrived(command: MarkAttendance, now: datetime) -> AttendanceMarked:
    """
    The patient is here.

    :raises NotFound: if there is no such attendee
    :raises NotAllowedNow: if the visit is cancelled
    :raises NotYetDay: if it is on a day to come, unless asked for anyway
    """
    return _mark(command, Attendee.Status.ARRIVED, now)


@usecase(AttendanceMarked)
def mark_completed(command: MarkAttendance, now: datetime) -> AttendanceMarked:
    """The visit took place; refuses as `mark_arrived` does."""
    return _mark(command, Attendee.Status.COMPLETED, now)


@usecase(AttendanceMarked)
def mark_did_not_arrive(command: MarkAttendance, now: datetime) -> AttendanceMarked:
    """
    The patient did not come; refuses as `mark_arrived` does.

    :raises WrongPercent, WaiverReason: if the session cannot be kept so
    """
    return _mark(command, Attendee.Status.DID_NOT_ARRIVE, now)


def _mark(command: MarkAttendance, status: Attendee.Status, now: datetime) -> AttendanceMarked:
    facts = hold_for_visits(practice_id=command.practice_id, attendee_ids=[command.attendee_id])
    attendee = operations.lock_attendee(
        practice_id=command.practice_id, attendee_id=command.attendee_id
    )
    before = attendee.status
    starts_at = attendee.appointment.starts_at
    if facts.day_of(starts_at) > facts.day_of(now) and not (command.anyway or before == status):
        raise operations.NotYetDay(wording.day(starts_at, facts))
    if operations.mark(attendee=attendee, status=status.value, at=now):
        if status == Attendee.Status.DID_NOT_ARRIVE:
            _sessions.did_not_come(facts, attendee, command.keeping, by=command.by, now=now)
        else:
            _sessions.came(facts, attendee, by=command.by, now=now)
        note(
            f"mark_{status.value}",
            ("attendee", attendee.pk),
            practice_id=command.practice_id,
            by=command.by,
            at=now,
            details={"before": before},
        )
        emit(
            f"attendee.{status.value}",
            {"attendee_id": attendee.pk},
            practice_id=command.practice_id,
            at=now,
        )
    return AttendanceMarked(
        appointment_id=attendee.appointment_id,
        attendee_id=attendee.pk,
        status=status.value,
        before=before,
    )
