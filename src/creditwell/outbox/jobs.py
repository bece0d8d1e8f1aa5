"""Ask for work to be done later, if and only if this transaction commits."""

from __future__ import annotations

import json

from django.db import connection


def ask_for(task: str, *, queue: str, lock: str | None = None, **ids: int) -> None:
    """
    Put a job in the queue, by the task's name; the worker that knows it lies above.

    Tasks take ids, by keyword. Jobs under one lock are done one after the other, and one that is
    tried again holds up those behind it; without a lock a job holds up nobody.
    """
    assert connection.in_atomic_block, "a job outside a transaction can be lost"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW("
            "%s, %s, 0, %s, NULL, %s::jsonb, NULL)::procrastinate_job_to_defer_v1])",
            [queue, task, lock, json.dumps(ids)],
        )
