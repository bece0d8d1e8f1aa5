"""Put a location away, or bring it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.tenancy import operations
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveLocation:
    practice_id: int
    by: Actor
    location_id: int
    archived: bool = True
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationArchived:
    location_id: int


@usecase(LocationArchived)
def archive_location(command: ArchiveLocation, now: datetime) -> LocationArchived:
    """
    Archive a location: nothing new is booked there, what was stays. `archived=False` undoes it.

    :raises NotFound: if this practice has no such location
    :raises LastLocation: if it is the only one in use
    """
    location = operations.archive_location(
        practice_id=command.practice_id,
        location_id=command.location_id,
        archived=command.archived,
        at=now,
    )
    note(
        "archive_location" if command.archived else "restore_location",
        ("location", location.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"name": location.name},
    )
    return LocationArchived(location_id=location.pk)
