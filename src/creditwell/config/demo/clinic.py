"""The demo clinic itself: physiotherapy by the sea, two places, five who treat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from creditwell.catalog.models import PaymentSource
from creditwell.scheduling.models import (
    AppointmentType,
    Practitioner,
    WorkingHours,
)
from creditwell.tenancy.access import Actor, PracticeFacts, practice_facts
from creditwell.tenancy.models import Concession, Location, Practice
from creditwell.usecases.create_practice import CreatePractice, create_practice

TEAM = (
    ("Amara Okafor", "Physiotherapist", "sea", "2931841A"),
    ("Liam Brennan", "Exercise physiologist", "clay", "4410277J"),
    ("Mei-Lin Tan", "Remedial massage", "heath", "5093316X"),
    ("Tomas Lindqvist", "Physiotherapist", "moss", "2938852B"),
    ("Aroha Parata", "Podiatrist", "dusk", "3316094K"),
)


@dataclass(frozen=True)
class Clinic:
    practice: PracticeFacts
    by: Actor
    locations: list[Location]
    practitioners: list[Practitioner]
    types: list[AppointmentType]
    group: AppointmentType
    concessions: list[Concession]
    sources: dict[str, PaymentSource]


def open_clinic(*, owner_id: int, name: str, now: datetime, looked_at: datetime) -> Clinic:
    """
    Create the practice with its country's defaults, and its team with their hours.

    They work on weekdays, and on the day on which somebody looks at it.
    """
    created = create_practice(
        CreatePractice(
            owner_id=owner_id,
            name=name,
            country="AU",
            time_zone="Australia/Sydney",
            tax_number="51 824 753 556",
            location_name="Harbour Lane",
            location_address="12 Harbour Lane\nWharfside NSW 2999",
            practitioner_name=TEAM[0][0],
        ),
        now,
    )
    practice_id = created.practice_id
    Practice.objects.filter(pk=practice_id).update(
        invoice_notes="Thank you. Your health fund can be claimed from at the desk.",
        receipt_notes="Please keep this receipt for your health fund.",
    )
    locations = [
        Location.objects.get(pk=created.location_id),
        Location.objects.create(
            practice_id=practice_id,
            name="Hill Street",
            address="3 Hill Street\nUpper Wharfside NSW 2998",
            phone="02 5550 0102",
            position=1,
        ),
    ]
    locations[0].phone = "02 5550 0101"
    locations[0].save(update_fields=["phone"])
    types = list(AppointmentType.objects.filter(practice_id=practice_id).order_by("position"))
    practice = practice_facts(practice_id)
    today = practice.day_of(looked_at)
    return Clinic(
        practice=practice,
        by=Actor(user_id=owner_id),
        locations=locations,
        practitioners=_team(practice_id, locations, {*range(5), today.weekday()}),
        types=[kind for kind in types if kind.max_attendees == 1],
        group=next(kind for kind in types if kind.max_attendees > 1),
        concessions=list(Concession.objects.filter(practice_id=practice_id)),
        sources={
            source.kind: source for source in PaymentSource.objects.filter(practice_id=practice_id)
        },
    )


def _team(practice_id: int, locations: list[Location], weekdays: set[int]) -> list[Practitioner]:
    team = []
    first = Practitioner.objects.get(practice_id=practice_id)
    for position, (name, profession, hue, number) in enumerate(TEAM):
        person = first if position == 0 else Practitioner(practice_id=practice_id)
        person.name, person.profession, person.hue = name, profession, hue
        person.provider_number, person.position = number, position
        person.save()
        team.append(person)
    WorkingHours.objects.filter(practice_id=practice_id).delete()
    WorkingHours.objects.bulk_create(
        WorkingHours(
            practice_id=practice_id,
            practitioner=person,
            location=locations[1 if person.position == 4 else 0],
            weekday=weekday,
            starts_at=starts,
            ends_at=ends,
        )
        for person in team
        for weekday in sorted(weekdays)
        for starts, ends in ((time(8, 30), time(12, 30)), (time(13, 30), time(17, 30)))
    )
    return team
