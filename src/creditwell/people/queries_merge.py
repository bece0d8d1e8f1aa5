"""Read merges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.people.models import Merge


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeLine:
    """A merge that stands; `name` is of the record that was merged away."""

    id: int
    merged_id: int
    name: str
    merged_at: datetime


def standing_merges(*, practice_id: int, kept_id: int) -> list[MergeLine]:
    """Merges into this record that were not undone, latest first; one query."""
    rows = (
        Merge.objects.filter(practice_id=practice_id, kept_id=kept_id, undone_at__isnull=True)
        .select_related("merged")
        .order_by("-id")
    )
    return [
        MergeLine(
            id=row.pk,
            merged_id=row.merged_id,
            name=f"{row.merged.first_name} {row.merged.last_name}".strip(),
            merged_at=row.merged_at,
        )
        for row in rows
    ]
