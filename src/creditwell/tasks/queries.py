"""Read tasks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from creditwell.tasks.models import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskLine:
    """A task as lists show it; who ticked it off, if anybody did."""

    id: int
    kind: str
    subject_type: str
    subject_id: int
    body: dict[str, Any]
    created_at: datetime
    done_at: datetime | None
    done_by: str


def tasks_of(
    *, practice_id: int, done: bool = False, kinds: Collection[str] | None = None, limit: int = 100
) -> list[TaskLine]:
    """Open tasks, oldest first; or those that are done, the last first. One query."""
    found = Task.objects.filter(practice_id=practice_id, done_at__isnull=not done)
    if kinds is not None:
        found = found.filter(kind__in=kinds)
    rows = found.select_related("done_by").order_by(*(["-done_at", "-pk"] if done else ["pk"]))
    return [
        TaskLine(
            id=row.pk,
            kind=row.kind,
            subject_type=row.subject_type,
            subject_id=row.subject_id,
            body=row.body,
            created_at=row.created_at,
            done_at=row.done_at,
            done_by=row.done_by.name if row.done_by else "",
        )
        for row in rows[:limit]
    ]


def open_task_count(*, practice_id: int) -> int:
    """How many wait to be done; one query."""
    return Task.objects.filter(practice_id=practice_id, done_at__isnull=True).count()
