"""Call a family otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.people.families import lock_family, rename_row
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameFamily:
    practice_id: int
    by: Actor
    key: str = ""
    family_id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyRenamed:
    family_id: int
    name: str


@usecase(FamilyRenamed)
def rename_family(command: RenameFamily, now: datetime) -> FamilyRenamed:
    """
    Write the new name; the same name again writes nothing.

    :raises NotFound: if this practice has no such family
    :raises Nameless: without a name
    """
    family = lock_family(practice_id=command.practice_id, family_id=command.family_id)
    before, after = rename_row(family=family, name=command.name)
    if before != after:
        note(
            "rename_family",
            ("family", family.pk),
            practice_id=command.practice_id,
            by=command.by,
            at=now,
            details={"name": [before, after]},
        )
    return FamilyRenamed(family_id=family.pk, name=after)
