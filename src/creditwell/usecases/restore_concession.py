"""Offer a concession again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.catalog.operations import locked, set_archived
from creditwell.kernel.usecase import usecase
from creditwell.tenancy.access import Actor
from creditwell.tenancy.models import Concession


@dataclass(frozen=True, kw_only=True)
class RestoreConcession:
    practice_id: int
    key: str = ""
    by: Actor
    concession_id: int


@dataclass(frozen=True, kw_only=True)
class ConcessionRestored:
    concession_id: int


@usecase(ConcessionRestored)
def restore_concession(command: RestoreConcession, now: datetime) -> ConcessionRestored:
    """
    Offer the concession again.

    :raises NotFound: if this practice has no such concession
    """
    row = locked(Concession, command.practice_id, command.concession_id)
    set_archived(row, None)
    note(
        "restore_concession",
        ("concession", row.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"name": row.name},
    )
    return ConcessionRestored(concession_id=row.pk)
