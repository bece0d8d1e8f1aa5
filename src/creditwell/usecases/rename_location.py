"""Change what a location is called and how it is reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.tenancy.access import Actor
from creditwell.tenancy.operations import change_location


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameLocation:
    practice_id: int
    by: Actor
    location_id: int
    name: str
    address: str = ""
    phone: str = ""
    email: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationRenamed:
    location_id: int


@usecase(LocationRenamed)
def rename_location(command: RenameLocation, now: datetime) -> LocationRenamed:
    """
    Write name, address, phone and email of a location.

    :raises NotFound: if this practice has no such location
    :raises Required: without a name
    :raises NameTaken: if there is another of this name
    """
    location = change_location(
        practice_id=command.practice_id,
        location_id=command.location_id,
        name=command.name,
        address=command.address,
        phone=command.phone,
        email=command.email,
    )
    note(
        "rename_location",
        ("location", location.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"name": location.name},
    )
    return LocationRenamed(location_id=location.pk)
