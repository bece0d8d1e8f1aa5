"""Sell something no longer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.catalog.models import Item
from creditwell.catalog.operations import locked, set_archived
from creditwell.kernel.usecase import usecase
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, kw_only=True)
class ArchiveItem:
    practice_id: int
    key: str = ""
    by: Actor
    item_id: int


@dataclass(frozen=True, kw_only=True)
class ItemArchived:
    item_id: int


@usecase(ItemArchived)
def archive_item(command: ArchiveItem, now: datetime) -> ItemArchived:
    """
    Offer the item no longer; invoices and visits that name it keep it.

    :raises NotFound: if this practice has no such item
    """
    row = locked(Item, command.practice_id, command.item_id)
    set_archived(row, row.archived_at or now)
    note(
        "archive_item",
        ("item", row.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"name": row.name},
    )
    return ItemArchived(item_id=row.pk)
