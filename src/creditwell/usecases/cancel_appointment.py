"""Cancel a whole appointment, or it and all later ones of its series."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.scheduling import operations
from creditwell.scheduling.models import Appointment, Attendee
from creditwell.scheduling.rules import OVER
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAppointment:
    """`reason` is a `CancelReason`; `later_too` cancels what follows in the series as well."""

    practice_id: int
    by: Actor
    key: str = ""
    appointment_id: int
    reason: str
    comment: str = ""
    later_too: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentCancelled:
    appointment_ids: list[int]


@usecase(AppointmentCancelled)
def cancel_appointment(command: CancelAppointment, now: datetime) -> AppointmentCancelled:
    """
    Free the practitioner's time; every patient in it is cancelled with the same reason.

    Later visits of the series that are over already are left alone.

    :raises NotFound: if there is no such appointment
    :raises IsCancelled: if it is cancelled already
    :raises Settled: if a visit in it is over
    """
    first = operations.lock_appointment(
        practice_id=command.practice_id, appointment_id=command.appointment_id
    )
    later = operations.lock_later_of_series(appointment=first) if command.later_too else []
    cancelled = [first, *(one for one in later if not _is_over(one))]
    for appointment in cancelled:
        operations.call_off(appointment=appointment)
        _cancel_all(command, appointment, now)
        note(
            "cancel_appointment",
            ("appointment", appointment.pk),
            practice_id=command.practice_id,
            by=command.by,
            at=now,
            details={"reason": command.reason},
        )
        emit(
            "appointment.cancelled",
            {"appointment_id": appointment.pk},
            practice_id=command.practice_id,
            at=now,
        )
    return AppointmentCancelled(appointment_ids=[one.pk for one in cancelled])


def _is_over(appointment: Appointment) -> bool:
    return appointment.attendees.filter(status__in=OVER).exists()


def _cancel_all(command: CancelAppointment, appointment: Appointment, now: datetime) -> None:
    coming = appointment.attendees.exclude(status=Attendee.Status.CANCELLED)
    for attendee in coming.select_for_update().order_by("id"):
        attendee.appointment = appointment
        operations.leave(attendee=attendee, reason=command.reason, note=command.comment, at=now)
