"""Booking in tests: commands that are valid by default."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from creditwell.outbox.models import Event
from creditwell.scheduling.models import AppointmentType
from creditwell.scheduling.rules import moment
from creditwell.tenancy.access import SYSTEM, facts_of
from creditwell.usecases.book_appointment import BookAppointment
from creditwell.usecases.update_appointment import UpdateAppointment
from tests.factories import Clinic

TUESDAY = date(2026, 11, 24)


def at(clinic: Clinic, clock: str, day: date = TUESDAY) -> datetime:
    return moment(day, time.fromisoformat(clock), facts_of(clinic.practice).zone)


def the_day(appointment_id: int) -> str:
    """The calendar of that Tuesday, scrolled to an appointment."""
    return f"/appointments/?d={TUESDAY}&show={appointment_id}"


def wish(clinic: Clinic, kind: AppointmentType, clock: str = "09:00", **fields: Any) -> Any:
    values: dict[str, Any] = {
        "practice_id": clinic.practice.pk,
        "by": SYSTEM,
        "patient_id": clinic.patient.pk,
        "practitioner_id": clinic.practitioner.pk,
        "location_id": clinic.location.pk,
        "type_id": kind.pk,
        "starts_at": at(clinic, clock),
    }
    return BookAppointment(**{**values, **fields})


def act(clinic: Clinic, **fields: Any) -> dict[str, Any]:
    return {"practice_id": clinic.practice.pk, "by": SYSTEM, **fields}


def topics() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("topic", flat=True))


def change(clinic: Clinic, kind: AppointmentType, appointment_id: int, **fields: Any) -> Any:
    command = wish(clinic, kind)
    values = {
        name: getattr(command, name)
        for name in (
            "practice_id",
            "by",
            "practitioner_id",
            "location_id",
            "type_id",
            "starts_at",
        )
    }
    return UpdateAppointment(**{**values, "appointment_id": appointment_id, **fields})
