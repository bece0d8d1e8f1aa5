"""Make a practitioner, change one, or put one away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.scheduling import operations
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class SavePractitioner:
    """`practitioner_id` None makes one. `user_id`: who signs in as them, if anybody."""

    practice_id: int
    by: Actor
    key: str = ""
    practitioner_id: int | None = None
    name: str
    profession: str = ""
    provider_number: str = ""
    hue: str
    user_id: int | None = None
    archived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PractitionerSaved:
    practitioner_id: int


@usecase(PractitionerSaved)
def save_practitioner(command: SavePractitioner, now: datetime) -> PractitionerSaved:
    """
    Write a practitioner. An archived one takes no part in the calendar; appointments stay.

    :raises NotFound: without such a practitioner, or if the user does not work here
    """
    row = operations.put_practitioner(
        practice_id=command.practice_id,
        practitioner_id=command.practitioner_id,
        fields={
            "name": command.name,
            "profession": command.profession,
            "provider_number": command.provider_number,
            "hue": command.hue,
            "user_id": command.user_id,
            "archived_at": now if command.archived else None,
        },
    )
    note(
        "save_practitioner",
        ("practitioner", row.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"name": command.name, "archived": command.archived},
    )
    emit("practitioner.saved", {"practitioner_id": row.pk}, practice_id=command.practice_id, at=now)
    return PractitionerSaved(practitioner_id=row.pk)
