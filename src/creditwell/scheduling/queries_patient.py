"""What the calendar knows of a patient: visits to come, visits that were."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, QuerySet

from creditwell.scheduling.models import Appointment, Attendee


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One patient's part in one appointment. `state` is a status of web.components.statuses."""

    id: int  # of the attendee
    appointment_id: int
    starts_at: datetime
    ends_at: datetime
    kind: str
    practitioner: str
    hue: str
    location: str
    state: str


STATES = {
    Attendee.Status.BOOKED: "booked",
    Attendee.Status.ARRIVED: "arrived",
    Attendee.Status.COMPLETED: "done",
    Attendee.Status.DID_NOT_ARRIVE: "did_not_arrive",
    Attendee.Status.CANCELLED: "cancelled",
}


def next_visits(*, practice_id: int, patient_id: int, now: datetime, limit: int = 3) -> list[Visit]:
    """Visits that are not over yet and not cancelled, the next first; one query."""
    found = _visits(practice_id, patient_id).filter(
        appointment__ends_at__gt=now,
        appointment__status=Appointment.Status.BOOKED,
        status__in=[Attendee.Status.BOOKED, Attendee.Status.ARRIVED],
    )
    return [visit(row) for row in found.order_by("appointment__starts_at", "id")[:limit]]


def visits_of(*, practice_id: int, patient_id: int, after: int = 0, limit: int = 50) -> list[Visit]:
    """One page of all visits, the latest first, cancelled ones too; one query."""
    found = _visits(practice_id, patient_id).order_by("-appointment__starts_at", "-id")
    return [visit(row) for row in found[after : after + limit]]


def count_visits(*, practice_id: int, patient_id: int) -> int:
    """How many visits a patient has, cancelled ones too."""
    return Attendee.objects.filter(practice_id=practice_id, patient_id=patient_id).count()


def last_seen(
    *, practice_id: int, patient_ids: Iterable[int], now: datetime
) -> dict[int, datetime]:
    """When each of these patients was last here, of those who ever were; one query."""
    return dict(
        Attendee.objects.filter(
            practice_id=practice_id,
            patient_id__in=list(patient_ids),
            appointment__practice_id=practice_id,
            appointment__starts_at__lte=now,
        )
        .exclude(status__in=[Attendee.Status.CANCELLED, Attendee.Status.DID_NOT_ARRIVE])
        .values_list("patient_id")
        .annotate(seen=Max("appointment__starts_at"))
    )


def visit(row: Attendee) -> Visit:
    """An attendee, with everything around it loaded, as plain data."""
    appointment = row.appointment
    cancelled = appointment.status == Appointment.Status.CANCELLED
    return Visit(
        id=row.pk,
        appointment_id=appointment.pk,
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
        kind=appointment.appointment_type.name,
        practitioner=appointment.practitioner.name,
        hue=appointment.practitioner.hue,
        location=appointment.location.name,
        state="cancelled" if cancelled else STATES[Attendee.Status(row.status)],
    )


def _visits(practice_id: int, patient_id: int) -> QuerySet[Attendee]:
    return Attendee.objects.filter(
        practice_id=practice_id,
        patient_id=patient_id,
        appointment__practice_id=practice_id,
    ).select_related(
        "appointment__appointment_type", "appointment__practitioner", "appointment__location"
    )
