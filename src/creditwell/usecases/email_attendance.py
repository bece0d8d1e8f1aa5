"""A patient asks for the receipt of a visit that a package covered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.errors import NotFound
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.packages.models import Session
from creditwell.packages.queries_attendance import NotAttended
from creditwell.scheduling.models import Attendee
from creditwell.tenancy.access import Actor
from creditwell.usecases.email_receipt import checked_address


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailAttendance:
    practice_id: int
    key: str
    by: Actor
    attendee_id: int
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendanceMailAsked:
    attendee_id: int
    to: str


@usecase(AttendanceMailAsked)
def email_attendance(command: EmailAttendance, now: datetime) -> AttendanceMailAsked:
    """
    Ask for the receipt to be sent; the worker writes and sends it. The address stays out of notes.

    :raises NotFound: if this practice has no such visit
    :raises Invalid: without an email address
    :raises NotAttended: if the visit used no session of a package
    """
    to = checked_address(command.to)
    practice_id, attendee_id = command.practice_id, command.attendee_id
    if not Attendee.objects.filter(practice_id=practice_id, pk=attendee_id).exists():
        raise NotFound
    used = Session.objects.filter(practice_id=practice_id, attendee_id=attendee_id, status="used")
    if not used.exists():
        raise NotAttended
    note(
        "email_attendance",
        ("attendee", attendee_id),
        practice_id=practice_id,
        by=command.by,
        at=now,
    )
    emit(
        "attendance.email_requested",
        {"attendee_id": attendee_id, "to": to},
        practice_id=practice_id,
        at=now,
    )
    return AttendanceMailAsked(attendee_id=attendee_id, to=to)
