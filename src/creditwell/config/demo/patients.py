"""Made-up patients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from faker import Faker

from creditwell.config.demo.cast import CAST, Part
from creditwell.config.demo.clinic import Clinic
from creditwell.people.models import Contact, ContactKind, Patient
from creditwell.people.operations import create_contact_row, create_patient_row
from creditwell.people.rules import ContactDetails, PatientDetails

LOCALES = ("en_AU", "en_AU", "en_AU", "en_GB", "pl_PL", "it_IT", "vi_VN", "en_IN")
ALERTS = (
    "Prefers to be phoned in the afternoon.",
    "Uses a wheelchair: book the ground floor room.",
    "Pays the gap after the health fund claim.",
    "Latex allergy.",
)
STREETS = ("Quay", "Hill", "Mill", "Wattle")
FUNDS = ("Meridian Mutual", "Southern Cross Harbour Fund", "Bluegum Health")


def add_patients(
    clinic: Clinic, count: int, chance: Random, now: datetime, tick: Callable[[str, int, int], None]
) -> list[Patient]:
    """Add patients (and a few health funds), oldest first; those of the cast have their names."""
    fakers = {locale: Faker(locale) for locale in set(LOCALES)}
    for locale in sorted(fakers):
        fakers[locale].seed_instance(chance.randrange(10**6))
    practice_id = clinic.practice.id
    funds = [
        create_contact_row(
            practice_id=practice_id,
            details=ContactDetails(
                kind=ContactKind.INSURER,
                name=name,
                email=f"claims@{name.split()[0].lower()}.example",
            ),
            now=now - timedelta(days=399),
        )
        for name in FUNDS
    ]
    patients = []
    for n in range(count):
        tick("Patients", n, count)
        fake = fakers[chance.choice(LOCALES)]
        part = CAST.get(n)
        names = (part.first_name, part.last_name) if part else (fake.first_name(), fake.last_name())
        details = _details(clinic, names, funds, chance, now)
        created = now - timedelta(days=chance.randint(20, 398))
        if part:
            details, created = _as_cast(details, part, now), now - timedelta(days=398)
        patients.append(create_patient_row(practice_id=practice_id, details=details, now=created))
    tick("Patients", count, count)
    return patients


def _as_cast(details: PatientDetails, part: Part, now: datetime) -> PatientDetails:
    """Of that age, whatever chance said; nobody else is billed for them."""
    born = now.date() - timedelta(days=part.age * 365 + 100)
    return replace(details, date_of_birth=born, concession_id=None, bill_to_id=None)


def _details(
    clinic: Clinic,
    names: tuple[str, str],
    funds: list[Contact],
    chance: Random,
    now: datetime,
) -> PatientDetails:
    letters = [letter for letter in "".join(names).lower() if "a" <= letter <= "z"]
    plain = "".join(letters)
    age_days = chance.randint(6 * 365, 88 * 365)
    concession = None
    if age_days > 66 * 365:
        concession = clinic.concessions[0].pk
    elif chance.random() < 0.06:
        concession = clinic.concessions[-1].pk
    return PatientDetails(
        first_name=names[0],
        last_name=names[1],
        date_of_birth=now.date() - timedelta(days=age_days),
        email=f"{plain[:14]}{chance.randint(10, 99)}@mail.example",
        # 0491 57x xxx: numbers kept free for stories
        phone=f"0491 57{chance.randint(0, 9)} {chance.randint(100, 999)}",
        address=f"{chance.randint(1, 140)} {chance.choice(STREETS)} Street\nWharfside NSW 2999",
        concession_id=concession,
        alert=chance.choice(ALERTS) if chance.random() < 0.07 else "",
        bill_to_id=chance.choice(funds).pk if chance.random() < 0.03 else None,
    )
