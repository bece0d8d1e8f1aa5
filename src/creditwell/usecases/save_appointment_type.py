"""Make a kind of appointment, change one, or put one away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.scheduling import operations
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveAppointmentType:
    """`type_id` None makes one; `hue` '' takes the practitioner's colour."""

    practice_id: int
    by: Actor
    key: str = ""
    type_id: int | None = None
    name: str
    duration_minutes: int
    max_attendees: int = 1
    hue: str = ""
    items: tuple[operations.TypeItemInput, ...] = ()
    archived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentTypeSaved:
    type_id: int


@usecase(AppointmentTypeSaved)
def save_appointment_type(command: SaveAppointmentType, now: datetime) -> AppointmentTypeSaved:
    """
    Write a type and what it bills. Appointments made before keep their length.

    :raises NotFound: without such a type or item
    :raises TypeNameTaken: if another has the name
    """
    row = operations.put_type(
        practice_id=command.practice_id,
        type_id=command.type_id,
        fields={
            "name": command.name,
            "duration_minutes": command.duration_minutes,
            "max_attendees": command.max_attendees,
            "hue": command.hue,
            "archived_at": now if command.archived else None,
        },
        items=command.items,
    )
    note(
        "save_appointment_type",
        ("appointment_type", row.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"name": command.name, "archived": command.archived},
    )
    emit("appointment_type.saved", {"type_id": row.pk}, practice_id=command.practice_id, at=now)
    return AppointmentTypeSaved(type_id=row.pk)
