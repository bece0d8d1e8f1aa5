"""Cancel a whole appointment, or it and all later ones of its series."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.packages.forfeiting import BY_RULE, Keeping
from creditwell.packages.holding import hold_for_visits, require_held
from creditwell.scheduling import operations
from creditwell.scheduling.models import Appointment, Attendee
from creditwell.scheduling.rules import OVER
from creditwell.tenancy.access import Actor, PracticeFacts
from creditwell.usecases import _sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAppointment:
    """
    `reason` is a `CancelReason`; `later_too` cancels what follows in the series as well. `keeping`
    is about the sessions of packages of the first; later ones go by the rule.
    """

    practice_id: int
    by: Actor
    key: str = ""
    appointment_id: int
    reason: str
    comment: str = ""
    later_too: bool = False
    keeping: Keeping = BY_RULE


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
    :raises WrongPercent, WaiverReason: if sessions cannot be kept so
    :raises ChangedMeanwhile: if somebody else changed it at the same moment
    """
    held_ids = _visit_ids(command)
    facts = hold_for_visits(practice_id=command.practice_id, attendee_ids=held_ids)
    first = operations.lock_appointment(
        practice_id=command.practice_id, appointment_id=command.appointment_id
    )
    later = operations.lock_later_of_series(appointment=first) if command.later_too else []
    cancelled = [first, *(one for one in later if not _is_over(one))]
    require_held(
        practice_id=command.practice_id,
        attendee_ids=held_ids,
        appointment_ids=[one.pk for one in cancelled],
    )
    for appointment in cancelled:
        operations.call_off(appointment=appointment)
        keeping = command.keeping if appointment is first else BY_RULE
        _cancel_all(command, facts, appointment, keeping, now)
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


def _visit_ids(command: CancelAppointment) -> list[int]:
    """Visits whose sessions may come back: their people are held before the appointments are."""
    wanted = Q(appointment_id=command.appointment_id)
    if command.later_too:
        series_id = (
            Appointment.objects.filter(practice_id=command.practice_id, pk=command.appointment_id)
            .values_list("series_id", flat=True)
            .first()
        )
        if series_id is not None:
            wanted |= Q(appointment__series_id=series_id)
    visits = Attendee.objects.filter(wanted, practice_id=command.practice_id)
    return list(visits.values_list("pk", flat=True))


def _cancel_all(
    command: CancelAppointment,
    facts: PracticeFacts,
    appointment: Appointment,
    keeping: Keeping,
    now: datetime,
) -> None:
    coming = appointment.attendees.exclude(status=Attendee.Status.CANCELLED)
    for attendee in coming.select_for_update().order_by("id"):
        attendee.appointment = appointment
        operations.leave(attendee=attendee, reason=command.reason, note=command.comment, at=now)
        _sessions.cancelled(facts, attendee, keeping, by=command.by, now=now)
