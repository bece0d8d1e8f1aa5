"""Take time out of a practitioner's calendar: lunch, leave, a meeting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.scheduling import operations
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveBlock:
    practice_id: int
    by: Actor
    key: str = ""
    practitioner_id: int
    starts_at: datetime
    ends_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockSaved:
    block_id: int
    practitioner_id: int


@usecase(BlockSaved)
def save_block(command: SaveBlock, now: datetime) -> BlockSaved:
    """
    Block time. Appointments in it stay; new ones are asked about.

    :raises WrongOrder: if it ends before it begins
    :raises NotFound: without such a practitioner
    """
    block = operations.put_block(
        practice_id=command.practice_id,
        practitioner_id=command.practitioner_id,
        starts_at=command.starts_at,
        ends_at=command.ends_at,
        reason=command.reason,
    )
    note(
        "save_block",
        ("block", block.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={
            "practitioner_id": command.practitioner_id,
            "starts_at": command.starts_at.isoformat(),
            "ends_at": command.ends_at.isoformat(),
        },
    )
    emit("block.saved", {"block_id": block.pk}, practice_id=command.practice_id, at=now)
    return BlockSaved(block_id=block.pk, practitioner_id=command.practitioner_id)
