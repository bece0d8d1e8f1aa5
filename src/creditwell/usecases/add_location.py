"""Open one more place of the practice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.tenancy import operations
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class AddLocation:
    practice_id: int
    by: Actor
    name: str
    address: str = ""
    phone: str = ""
    email: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationAdded:
    location_id: int


@usecase(LocationAdded)
def add_location(command: AddLocation, now: datetime) -> LocationAdded:
    """
    Add a location at the end of the list.

    :raises Required: without a name
    :raises NameTaken: if there is one of this name
    """
    location = operations.add_location(
        practice_id=command.practice_id,
        name=command.name,
        address=command.address,
        phone=command.phone,
        email=command.email,
    )
    note(
        "add_location",
        ("location", location.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"name": location.name},
    )
    return LocationAdded(location_id=location.pk)
