"""Write down when a practitioner works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.scheduling import operations
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveWorkingHours:
    """All hours of the week; what is not among them is no working time any more."""

    practice_id: int
    by: Actor
    key: str = ""
    practitioner_id: int
    hours: tuple[operations.HoursInput, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingHoursSaved:
    practitioner_id: int


@usecase(WorkingHoursSaved)
def save_working_hours(command: SaveWorkingHours, now: datetime) -> WorkingHoursSaved:
    """
    Replace a practitioner's working hours. Appointments that are now outside of them stay.

    :raises WrongOrder, HoursOverlap: if they cannot be meant
    :raises NotFound: without such a practitioner or location
    """
    operations.put_hours(
        practice_id=command.practice_id,
        practitioner_id=command.practitioner_id,
        hours=command.hours,
    )
    note(
        "save_working_hours",
        ("practitioner", command.practitioner_id),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={
            "hours": [
                f"{one.weekday} {one.starts_at:%H:%M}–{one.ends_at:%H:%M}" for one in command.hours
            ]
        },
    )
    emit(
        "practitioner.hours",
        {"practitioner_id": command.practitioner_id},
        practice_id=command.practice_id,
        at=now,
    )
    return WorkingHoursSaved(practitioner_id=command.practitioner_id)
