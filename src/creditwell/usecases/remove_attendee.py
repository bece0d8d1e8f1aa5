"""Take out of a group somebody who was put in by mistake."""

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
class RemoveAttendee:
    practice_id: int
    by: Actor
    key: str = ""
    attendee_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendeeRemoved:
    appointment_id: int
    patient_id: int


@usecase(AttendeeRemoved)
def remove_attendee(command: RemoveAttendee, now: datetime) -> AttendeeRemoved:
    """
    Free the place as if it had never been taken; only the trail remembers.

    :raises NotFound: if there is no such attendee
    :raises NotAllowedNow: if they have arrived, or are the only one the appointment is for
    :raises HasInvoice: if the visit was billed
    """
    facts = hold_for_visits(practice_id=command.practice_id, attendee_ids=[command.attendee_id])
    attendee = operations.lock_attendee(
        practice_id=command.practice_id, attendee_id=command.attendee_id
    )
    removed = AttendeeRemoved(
        appointment_id=attendee.appointment_id, patient_id=attendee.patient_id
    )
    note(
        "remove_attendee",
        ("attendee", attendee.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"appointment_id": removed.appointment_id, "patient_id": removed.patient_id},
    )
    _sessions.removed(facts, attendee, by=command.by, now=now)
    operations.take_out(attendee=attendee)
    emit(
        "attendee.removed",
        {"appointment_id": removed.appointment_id},
        practice_id=command.practice_id,
        at=now,
    )
    return removed
