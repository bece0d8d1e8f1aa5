"""What is answered about appointments: who comes, and which package covers the visit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from typing_extensions import TypedDict

from creditwell.packages.queries import places_of
from creditwell.scheduling.queries import AppointmentBrief


class VisitPackageOut(TypedDict):
    """
    Which of how many (`ordinal` of `total`), and what else is there, in units of `measure`:
    sessions, minutes or minor units of money. Of minutes and money `ordinal` counts the units up to
    and with this visit. `status` is of the session: booked, used or forfeited.
    """

    package_id: int
    name: str
    measure: str
    ordinal: int
    total: int
    used: int
    booked: int
    free: int
    expires_on: date | None
    status: str


class AttendeeOut(TypedDict):
    """A patient in an appointment: booked, arrived, completed, did_not_arrive or cancelled."""

    id: int
    patient_id: int
    payer_id: int
    status: str
    cancel_reason: str
    cancel_note: str
    package: VisitPackageOut | None


class AppointmentOut(TypedDict):
    """A practitioner's time, given to one or more patients."""

    id: int
    practitioner_id: int
    location_id: int
    appointment_type_id: int
    starts_at: datetime
    ends_at: datetime
    cancelled: bool
    notes: str
    series_id: int | None
    attendees: list[AttendeeOut]


class Booked(TypedDict):
    """The (first) appointment, all of a series, and the days that were left out of it."""

    id: int
    attendee_id: int | None
    appointment_ids: list[int]
    left_out: list[str]


class Cancelled(TypedDict):
    """What was cancelled."""

    appointment_ids: list[int]


class AttendeeStatus(TypedDict):
    """How it stands now."""

    id: int
    appointment_id: int
    status: str
    package: VisitPackageOut | None


def packages_of_visits(practice_id: int, attendee_ids: Iterable[int]) -> dict[int, VisitPackageOut]:
    """By attendee; visits that no package covers are left out. One query."""
    places = places_of(practice_id=practice_id, attendee_ids=attendee_ids)
    return {
        attendee_id: {
            "package_id": place.package_id,
            "name": place.package_name,
            "measure": place.measure,
            "ordinal": place.ordinal,
            "total": place.total,
            "used": place.used,
            "booked": place.booked,
            "free": place.free,
            "expires_on": place.expires_on,
            "status": place.status,
        }
        for attendee_id, place in places.items()
    }


def package_of_visit(practice_id: int, attendee_id: int) -> VisitPackageOut | None:
    """The same of one visit; None if no package covers it."""
    return packages_of_visits(practice_id, [attendee_id]).get(attendee_id)


def shown(practice_id: int, found: Sequence[AppointmentBrief]) -> list[AppointmentOut]:
    """Appointments with everybody in them; one query."""
    ids = [who.id for one in found for who in one.attendees]
    packages = packages_of_visits(practice_id, ids)
    return [_appointment(one, packages) for one in found]


def _appointment(one: AppointmentBrief, packages: Mapping[int, VisitPackageOut]) -> AppointmentOut:
    return {
        "id": one.id,
        "practitioner_id": one.practitioner_id,
        "location_id": one.location_id,
        "appointment_type_id": one.type_id,
        "starts_at": one.starts_at,
        "ends_at": one.ends_at,
        "cancelled": one.cancelled,
        "notes": one.notes,
        "series_id": one.series_id,
        "attendees": [
            {
                "id": who.id,
                "patient_id": who.patient_id,
                "payer_id": who.payer_id,
                "status": who.status,
                "cancel_reason": who.cancel_reason,
                "cancel_note": who.cancel_note,
                "package": packages.get(who.id),
            }
            for who in one.attendees
        ],
    }
