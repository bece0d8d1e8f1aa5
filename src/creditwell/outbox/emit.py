"""Tell the rest of the world, if and only if this transaction commits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from django.db import connection

from creditwell.kernel.rows import insert_at_end
from creditwell.outbox.interest import is_wanted
from creditwell.outbox.models import Event


def emit(
    topic: str, body: Mapping[str, int | str | bool | None], *, practice_id: int, at: datetime
) -> int | None:
    """
    Write an event. If somebody waits for it (`outbox.interest`), write the job that delivers it
    (`creditwell.deliver`) too, and return its id; one that nobody waits for is delivered as it is,
    and written with the last statement of the act.

    The job is named, not imported: the outbox lies below the worker. `body` holds ids, no names.
    """
    assert connection.in_atomic_block, "an event outside a transaction can be lost"
    if not is_wanted(topic, body):
        return insert_at_end(
            Event,
            {
                "practice_id": practice_id,
                "topic": topic,
                "body": dict(body),
                "created_at": at,
                "delivered_at": at,
            },
        )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT outbox_emit(%s, %s, %s::jsonb, %s, true)",
            [practice_id, topic, json.dumps(dict(body)), at],
        )
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])
