"""Give a concession to nobody new."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.catalog.operations import locked, set_archived
from creditwell.kernel.usecase import usecase
from creditwell.tenancy.access import Actor
from creditwell.tenancy.models import Concession


@dataclass(frozen=True, kw_only=True)
class ArchiveConcession:
    practice_id: int
    key: str = ""
    by: Actor
    concession_id: int


@dataclass(frozen=True, kw_only=True)
class ConcessionArchived:
    concession_id: int


@usecase(ConcessionArchived)
def archive_concession(command: ArchiveConcession, now: datetime) -> ConcessionArchived:
    """
    Offer the concession no longer. Patients who have it keep it, and its prices.

    :raises NotFound: if this practice has no such concession
    """
    row = locked(Concession, command.practice_id, command.concession_id)
    set_archived(row, row.archived_at or now)
    note(
        "archive_concession",
        ("concession", row.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"name": row.name},
    )
    return ConcessionArchived(concession_id=row.pk)
