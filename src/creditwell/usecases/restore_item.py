"""Sell something again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.catalog.models import Item
from creditwell.catalog.operations import locked, set_archived
from creditwell.kernel.usecase import usecase
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, kw_only=True)
class RestoreItem:
    practice_id: int
    key: str = ""
    by: Actor
    item_id: int


@dataclass(frozen=True, kw_only=True)
class ItemRestored:
    item_id: int


@usecase(ItemRestored)
def restore_item(command: RestoreItem, now: datetime) -> ItemRestored:
    """
    Offer the item again.

    :raises CodeTaken: if another item has its code by now
    :raises NotFound: if this practice has no such item
    """
    row = locked(Item, command.practice_id, command.item_id)
    set_archived(row, None)
    note(
        "restore_item",
        ("item", row.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"name": row.name},
    )
    return ItemRestored(item_id=row.pk)
