"""Open a practice: its row, its owner, a place, a practitioner, and what it starts with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.tenancy.access import Actor
from creditwell.tenancy.operations import (
    add_location,
    create_practice_row,
    must_say,
)
from creditwell.tenancy.permissions import Role
from creditwell.tenancy.staff import add_member
from creditwell.usecases._practice_defaults import fill_practice


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePractice:
    """
    `currency` (ISO 4217) and `time_zone` may be '': then the country's own.

    `practitioner_name` is the first who treats; `owner_practises` says that it is the owner.
    """

    owner_id: int
    name: str
    country: str
    location_name: str
    practitioner_name: str
    owner_practises: bool = False
    currency: str = ""
    time_zone: str = ""
    tax_number: str = ""
    location_address: str = ""
    key: str = ""
    practice_id: int = 0  # there is none yet; requests are kept under 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeCreated:
    practice_id: int
    location_id: int
    practitioner_id: int


@usecase(PracticeCreated)
def create_practice(command: CreatePractice, now: datetime) -> PracticeCreated:
    """
    Open a practice with sensible defaults of its country; the owner may do everything in it.

    :raises UnknownCountry, UnknownCurrency, UnknownTimeZone:
    :raises Required: without a name of the practice, the location or the practitioner
    """
    return open_practice(command, now)


def open_practice(command: CreatePractice, now: datetime) -> PracticeCreated:
    """The work of `create_practice`, for a use case that does it as a part of its own."""
    must_say(command.location_name, "location_name")
    practitioner = must_say(command.practitioner_name, "practitioner_name")
    chosen = {"currency": command.currency, "time_zone": command.time_zone}
    practice = create_practice_row(
        name=command.name,
        country=command.country,
        at=now,
        tax_number=command.tax_number.strip(),
        **{name: value for name, value in chosen.items() if value},
    )
    add_member(practice_id=practice.pk, user_id=command.owner_id, role=Role.OWNER, at=now)
    location = add_location(
        practice_id=practice.pk, name=command.location_name, address=command.location_address
    )
    practitioner_id = fill_practice(
        practice=practice,
        location_id=location.pk,
        practitioner_name=practitioner,
        practitioner_user=command.owner_id if command.owner_practises else None,
    )
    note(
        "create_practice",
        ("practice", practice.pk),
        practice_id=practice.pk,
        by=Actor(user_id=command.owner_id),
        at=now,
        details={"name": practice.name, "country": practice.country},
    )
    return PracticeCreated(
        practice_id=practice.pk, location_id=location.pk, practitioner_id=practitioner_id
    )
