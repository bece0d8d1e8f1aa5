"""A year of appointments, and a month ahead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from creditwell.config.demo.clinic import Clinic
from creditwell.people.models import Patient
from creditwell.scheduling.models import (
    Appointment,
    AppointmentType,
    Attendee,
    Block,
    CancelReason,
    Practitioner,
)

DAYS_BACK = 365
DAYS_AHEAD = 28


@dataclass(frozen=True)
class Visit:
    """One patient in one appointment."""

    attendee: Attendee
    patient: Patient
    appointment: Appointment
    kind: AppointmentType


def fill_calendar(
    clinic: Clinic,
    patients: list[Patient],
    chance: Random,
    now: datetime,
    tick: Callable[[str, int, int], None],
) -> list[Visit]:
    """Book every weekday from a year ago to a month ahead; returns all visits, oldest first."""
    today = clinic.practice.day_of(now)
    days = [today + timedelta(days=n) for n in range(-DAYS_BACK, DAYS_AHEAD + 1)]
    # Whoever opens the demo on a weekend still finds a day's work.
    days = [day for day in days if day.weekday() < 5 or day == today]
    appointments: list[tuple[Appointment, list[Patient]]] = []
    for n, day in enumerate(days):
        tick("Appointments", n, len(days))
        seen: set[int] = set()  # nobody comes twice on a day
        for practitioner in clinic.practitioners:
            for starts_at, kind in _slots(clinic, practitioner, day, chance, _density(day, today)):
                who = _who(patients, practitioner, kind, chance, seen)
                seen.update(patient.pk for patient in who)
                appointments.append((_appointment(clinic, practitioner, kind, starts_at), who))
    tick("Appointments", len(days), len(days))
    _meetings(clinic, days, today)
    Appointment.objects.bulk_create([row for row, _who in appointments])
    visits = [
        Visit(_attendee(clinic, row, patient, now, chance), patient, row, row.appointment_type)
        for row, who in appointments
        for patient in who
    ]
    Attendee.objects.bulk_create([visit.attendee for visit in visits])
    _free_cancelled(visits)
    return sorted(visits, key=lambda visit: visit.appointment.starts_at)


def _density(day: date, today: date) -> float:
    """How full a day is: today and its neighbours are, the far past is thinned out."""
    if day == today:
        return 0.9
    away = (day - today).days
    if -14 <= away <= 7:
        return 0.75
    return 0.4 if away > 0 else 0.07


def _slots(
    clinic: Clinic, practitioner: Practitioner, day: date, chance: Random, density: float
) -> Iterator[tuple[datetime, AppointmentType]]:
    zone = clinic.practice.zone
    for starts, ends in ((time(8, 30), time(12, 30)), (time(13, 30), time(17, 30))):
        moment = datetime.combine(day, starts, zone)
        end = datetime.combine(day, ends, zone)
        while moment < end:
            kind = chance.choices(clinic.types, weights=(2, 6, 2)[: len(clinic.types)])[0]
            morning = moment.time() == time(8, 30) and day.weekday() in (1, 3)
            if practitioner.position == 1 and morning:
                kind = clinic.group
            length = timedelta(minutes=kind.duration_minutes)
            if moment + length > end:
                return
            if kind is clinic.group or chance.random() < density:
                yield moment, kind
                moment += length
            else:
                moment += timedelta(minutes=30)


def _who(
    patients: list[Patient],
    practitioner: Practitioner,
    kind: AppointmentType,
    chance: Random,
    seen: set[int],
) -> list[Patient]:
    """Patients come back to whom they know; some come often."""
    if kind.max_attendees > 1:
        free = [patient for patient in patients if patient.pk not in seen]
        return chance.sample(free, chance.randint(3, kind.max_attendees))
    regulars = [
        patient for patient in patients[practitioner.position :: 5] if patient.pk not in seen
    ]
    return [regulars[min(int(chance.expovariate(1 / 26)), len(regulars) - 1)]]


def _appointment(
    clinic: Clinic, practitioner: Practitioner, kind: AppointmentType, starts_at: datetime
) -> Appointment:
    return Appointment(
        practice_id=clinic.practice.id,
        practitioner=practitioner,
        location=clinic.locations[1 if practitioner.position == 4 else 0],
        appointment_type=kind,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=kind.duration_minutes),
        created_at=starts_at - timedelta(days=9),
    )


def _attendee(
    clinic: Clinic, appointment: Appointment, patient: Patient, now: datetime, chance: Random
) -> Attendee:
    past = appointment.ends_at <= now
    if past:
        status = chance.choices(("completed", "did_not_arrive", "cancelled"), (90, 3, 7))[0]
    elif appointment.starts_at <= now + timedelta(minutes=10):
        status = "arrived"
    else:
        status = "cancelled" if chance.random() < 0.04 else "booked"
    return Attendee(
        practice_id=clinic.practice.id,
        appointment=appointment,
        patient=patient,
        status=status,
        cancel_reason=chance.choice(CancelReason.values) if status == "cancelled" else "",
        changed_at=min(appointment.starts_at, now),
    )


def _free_cancelled(visits: list[Visit]) -> None:
    """An appointment whose only patient cancelled is cancelled."""
    alone = [
        visit.appointment.pk
        for visit in visits
        if visit.attendee.status == "cancelled" and visit.kind.max_attendees == 1
    ]
    Appointment.objects.filter(pk__in=alone).update(status=Appointment.Status.CANCELLED)


def _meetings(clinic: Clinic, days: list[date], today: date) -> None:
    near = [day for day in days if abs((day - today).days) <= DAYS_AHEAD]
    Block.objects.bulk_create(
        Block(
            practice_id=clinic.practice.id,
            practitioner=practitioner,
            starts_at=datetime.combine(day, time(12, 30), clinic.practice.zone),
            ends_at=datetime.combine(day, time(13, 30), clinic.practice.zone),
            reason="Lunch",
        )
        for day in near
        for practitioner in clinic.practitioners
    )
