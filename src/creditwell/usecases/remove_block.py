"""Give blocked time back to the calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.scheduling import operations
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveBlock:
    practice_id: int
    by: Actor
    key: str = ""
    block_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRemoved:
    practitioner_id: int


@usecase(BlockRemoved)
def remove_block(command: RemoveBlock, now: datetime) -> BlockRemoved:
    """:raises NotFound: if this practice has no such block"""
    block = operations.take_block_away(practice_id=command.practice_id, block_id=command.block_id)
    note(
        "remove_block",
        ("block", command.block_id),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={
            "practitioner_id": block.practitioner_id,
            "starts_at": block.starts_at.isoformat(),
            "ends_at": block.ends_at.isoformat(),
        },
    )
    emit("block.removed", {"block_id": command.block_id}, practice_id=command.practice_id, at=now)
    return BlockRemoved(practitioner_id=block.practitioner_id)
