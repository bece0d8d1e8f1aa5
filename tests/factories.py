"""Rows for tests: keyword-only, valid by default."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from creditwell.catalog.models import Category, Item, PaymentSource, TaxRate
from creditwell.people.models import Patient, Payer
from creditwell.people.operations import write_words
from creditwell.people.queries import details_of
from creditwell.scheduling.models import Appointment, AppointmentType, Attendee, Practitioner
from creditwell.tenancy.models import Location, Membership, Practice, User

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # Tuesday noon in Sydney
_count = itertools.count(1)


def make_practice(**fields: Any) -> Practice:
    """A practice in Sydney with books in Australian dollars."""
    defaults = {
        "name": f"Practice {next(_count)}",
        "country": "AU",
        "currency": "AUD",
        "time_zone": "Australia/Sydney",
        "locale": "en_AU",
        "tax_name": "GST",
        "tax_number_label": "ABN",
    }
    return Practice.objects.create(**{**defaults, **fields})


def make_user(**fields: Any) -> User:
    n = next(_count)
    email = fields.pop("email", f"user{n}@clinic.example")
    password = fields.pop("password", "correct horse battery")
    return User.objects.create_user(email, password, **{"name": f"User {n}", **fields})


def make_member(*, practice: Practice, role: str, **fields: Any) -> User:
    """A user who works in the practice in that role."""
    user = make_user(**fields)
    Membership.objects.create(practice=practice, user=user, role=role)
    return user


def make_patient(*, practice: Practice, **fields: Any) -> Patient:
    """A patient who can be found."""
    n = next(_count)
    first = fields.pop("first_name", f"Pat{n}")
    last = fields.pop("last_name", "Example")
    payer = Payer.objects.create(practice=practice, name=f"{first} {last}".strip())
    patient = Patient.objects.create(
        practice=practice, payer=payer, first_name=first, last_name=last, **fields
    )
    write_words(practice_id=practice.pk, payer_id=payer.pk, person=details_of(patient).findable)
    return patient


def make_location(*, practice: Practice, **fields: Any) -> Location:
    return Location.objects.create(
        practice=practice, **{"name": f"Location {next(_count)}", **fields}
    )


def make_practitioner(*, practice: Practice, **fields: Any) -> Practitioner:
    return Practitioner.objects.create(
        practice=practice, **{"name": f"Practitioner {next(_count)}", **fields}
    )


def make_tax_rate(*, practice: Practice, percent: str = "10", **fields: Any) -> TaxRate:
    return TaxRate.objects.create(
        practice=practice,
        percent=Decimal(percent),
        **{"name": f"Tax {percent} {next(_count)}", **fields},
    )


def make_category(*, practice: Practice, **fields: Any) -> Category:
    return Category.objects.create(
        practice=practice, **{"name": f"Category {next(_count)}", **fields}
    )


def make_item(*, practice: Practice, price_minor: int = 9000, **fields: Any) -> Item:
    category = fields.pop("category", None) or make_category(practice=practice)
    return Item.objects.create(
        practice=practice,
        price_minor=price_minor,
        category=category,
        **{"name": f"Item {next(_count)}", **fields},
    )


def make_source(*, practice: Practice, kind: str = "card", **fields: Any) -> PaymentSource:
    return PaymentSource.objects.create(
        practice=practice, kind=kind, **{"name": f"Source {next(_count)}", **fields}
    )


def make_appointment_type(*, practice: Practice, **fields: Any) -> AppointmentType:
    defaults = {"name": f"Visit {next(_count)}", "duration_minutes": 30}
    return AppointmentType.objects.create(practice=practice, **{**defaults, **fields})


def make_appointment(
    *, practice: Practice, patient: Patient | None = None, starts_at: datetime = NOW, **fields: Any
) -> Attendee:
    """An appointment with one attendee; returns the attendee."""
    kind = fields.pop("appointment_type", None) or make_appointment_type(practice=practice)
    appointment = Appointment.objects.create(
        practice=practice,
        appointment_type=kind,
        practitioner=fields.pop("practitioner", None) or make_practitioner(practice=practice),
        location=fields.pop("location", None) or make_location(practice=practice),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=kind.duration_minutes),
        **fields,
    )
    return Attendee.objects.create(
        practice=practice,
        appointment=appointment,
        patient=patient or make_patient(practice=practice),
    )


@dataclass
class Clinic:
    """A small clinic with everything that a payment needs."""

    practice: Practice
    location: Location
    practitioner: Practitioner
    patient: Patient
    cash: PaymentSource
    card: PaymentSource
    tax: TaxRate
    item: Item  # 90.00, no tax
    taxed_item: Item  # 110.00, 10 %


def make_clinic(**fields: Any) -> Clinic:
    practice = make_practice(**fields)
    tax = make_tax_rate(practice=practice)
    return Clinic(
        practice=practice,
        location=make_location(practice=practice),
        practitioner=make_practitioner(practice=practice),
        patient=make_patient(practice=practice, first_name="Liam", last_name="Brennan"),
        cash=make_source(practice=practice, kind="cash", name="Cash"),
        card=make_source(practice=practice, kind="card", name="Card"),
        tax=tax,
        item=make_item(practice=practice, name="Standard consultation"),
        taxed_item=make_item(
            practice=practice, name="Exercise band", price_minor=11000, tax_rate=tax, kind="product"
        ),
    )
