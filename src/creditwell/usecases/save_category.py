"""Add a category of revenue or give one another name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.catalog import rules
from creditwell.catalog.operations import write_category
from creditwell.kernel.usecase import usecase
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, kw_only=True)
class SaveCategory:
    """`category_id` None adds one."""

    practice_id: int
    key: str = ""
    by: Actor
    category_id: int | None = None
    name: str


@dataclass(frozen=True, kw_only=True)
class CategorySaved:
    category_id: int


@usecase(CategorySaved)
def save_category(command: SaveCategory, now: datetime) -> CategorySaved:
    """
    Keep the category; money counts under the new name, also what was sold before.

    :raises NameMissing, NameTooLong, NameTaken: see `catalog`
    :raises NotFound: if this practice has no such category
    """
    name = rules.clean_name(command.name, longest=60)
    row = write_category(
        practice_id=command.practice_id,
        category_id=command.category_id,
        name=name,
    )
    note(
        "save_category",
        ("category", row.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"name": name},
    )
    return CategorySaved(category_id=row.pk)
