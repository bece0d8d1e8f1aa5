"""Tell the rest of the world, if and only if this transaction commits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from django.db import connection

from creditwell.outbox.interest import is_wanted


def emit(
    topic: str, body: Mapping[str, int | str | bool | None], *, practice_id: int, at: datetime
) -> int:
    """
    Write an event; returns its id. If somebody waits for it (`outbox.interest`), write the job
    that delivers it (`creditwell.deliver`) too; one that nobody waits for is delivered as it is.

    The job is named, not imported: the outbox lies below the worker. `body` holds ids, no names.
    """
    assert connection.in_atomic_block, "an event outside a transaction can be lost"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT outbox_emit(%s, %s, %s::jsonb, %s, %s)",
            [practice_id, topic, json.dumps(dict(body)), at, is_wanted(topic, body)],
        )
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])
