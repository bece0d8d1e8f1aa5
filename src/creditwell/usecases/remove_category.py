"""Take away a category of revenue that nothing is counted under."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.catalog.operations import delete_category
from creditwell.kernel.usecase import usecase
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, kw_only=True)
class RemoveCategory:
    practice_id: int
    key: str = ""
    by: Actor
    category_id: int


@dataclass(frozen=True, kw_only=True)
class CategoryRemoved:
    category_id: int


@usecase(CategoryRemoved)
def remove_category(command: RemoveCategory, now: datetime) -> CategoryRemoved:
    """
    Delete the category.

    :raises CategoryInUse: if an item or an invoice is counted under it
    :raises NotFound: if this practice has no such category
    """
    delete_category(practice_id=command.practice_id, category_id=command.category_id)
    note(
        "remove_category",
        ("category", command.category_id),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
    )
    return CategoryRemoved(category_id=command.category_id)
