"""Write tasks and tick them off."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from creditwell.kernel.errors import NotFound
from creditwell.kernel.rows import insert_row
from creditwell.tasks.models import Task
from creditwell.tenancy.access import Actor


def add_task(
    kind: str,
    subject: tuple[str, int],
    *,
    practice_id: int,
    at: datetime,
    body: Mapping[str, int | str] | None = None,
) -> int:
    """Leave something to do for the staff; returns its id."""
    return insert_row(
        Task,
        {
            "practice_id": practice_id,
            "kind": kind,
            "subject_type": subject[0],
            "subject_id": subject[1],
            "body": dict(body or {}),
            "created_at": at,
        },
    )


def finish_task(*, practice_id: int, task_id: int, by: Actor, at: datetime) -> bool:
    """
    Tick a task off; one that is done stays as it is. Returns whether it was open.

    :raises NotFound: if this practice has no such task
    """
    found = Task.objects.filter(practice_id=practice_id, pk=task_id)
    if not found.exists():
        raise NotFound
    ticked = found.filter(done_at__isnull=True).update(done_at=at, done_by_id=by.user_id)
    return bool(ticked)


def finish_tasks_about(
    subject: tuple[str, int], *, practice_id: int, by: Actor, at: datetime, kind: str = ""
) -> int:
    """
    Tick off whatever is open about a record (of one kind): it was dealt with. Returns how many.
    """
    found = Task.objects.filter(
        practice_id=practice_id,
        subject_type=subject[0],
        subject_id=subject[1],
        done_at__isnull=True,
    )
    if kind:
        found = found.filter(kind=kind)
    return found.update(done_at=at, done_by_id=by.user_id)
