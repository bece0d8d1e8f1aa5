"""The other end of the outbox: events as they are told to those who asked to hear."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from creditwell.outbox.models import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An event that has happened. It may be told twice: its id is the key to tell them apart."""

    practice_id: int
    id: int
    topic: str
    body: dict[str, Any]
    created_at: datetime
    delivered: bool


def told(*, practice_id: int, event_id: int) -> Told:
    """The event; one query. It is there: its job was written in the same transaction."""
    row = Event.objects.get(practice_id=practice_id, pk=event_id)
    return Told(
        practice_id=practice_id,
        id=event_id,
        topic=row.topic,
        body=row.body,
        created_at=row.created_at,
        delivered=row.delivered_at is not None,
    )


def mark_delivered(*, practice_id: int, event_id: int, at: datetime) -> None:
    """All who asked have heard; said once."""
    Event.objects.filter(practice_id=practice_id, pk=event_id, delivered_at__isnull=True).update(
        delivered_at=at
    )


def undelivered(*, since: datetime, until: datetime, limit: int = 500) -> list[tuple[int, int]]:
    """Practice and id of events of that time that nobody was told of, oldest first; one query."""
    waiting = Event.objects.filter(
        delivered_at__isnull=True, created_at__gte=since, created_at__lte=until
    )
    return list(waiting.order_by("practice_id", "id").values_list("practice_id", "id")[:limit])
