"""Add a concession or give one another name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.catalog import rules
from creditwell.catalog.operations import write_concession
from creditwell.kernel.usecase import usecase
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, kw_only=True)
class SaveConcession:
    """`concession_id` None adds one."""

    practice_id: int
    key: str = ""
    by: Actor
    concession_id: int | None = None
    name: str


@dataclass(frozen=True, kw_only=True)
class ConcessionSaved:
    concession_id: int


@usecase(ConcessionSaved)
def save_concession(command: SaveConcession, now: datetime) -> ConcessionSaved:
    """
    Keep the concession; patients who have it and its prices stay.

    :raises NameMissing, NameTooLong, NameTaken: see `catalog`
    :raises NotFound: if this practice has no such concession
    """
    name = rules.clean_name(command.name, longest=60)
    row = write_concession(
        practice_id=command.practice_id,
        concession_id=command.concession_id,
        name=name,
    )
    note(
        "save_concession",
        ("concession", row.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"name": name},
    )
    return ConcessionSaved(concession_id=row.pk)
