"""Read the trail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from creditwell.audit.models import Note


@dataclass(frozen=True, slots=True)
class NoteLine:
    """One line of the trail."""

    at: datetime
    who: str  # name of the person or the API key; '' is the system
    action: str
    subject: str
    subject_id: int
    details: dict[str, Any]


def notes_about(
    *, practice_id: int, subjects: Iterable[tuple[str, int]], limit: int = 100
) -> list[NoteLine]:
    """What happened to these things, newest first; one query for each kind of thing."""
    by_kind: dict[str, list[int]] = {}
    for kind, pk in subjects:
        by_kind.setdefault(kind, []).append(pk)
    lines: list[NoteLine] = []
    for kind, ids in by_kind.items():
        found = Note.objects.filter(practice_id=practice_id, subject=kind, subject_id__in=ids)
        lines += [line(row) for row in _with_names(found.order_by("-at", "-id"))[:limit]]
    return sorted(lines, key=lambda found_line: found_line.at, reverse=True)[:limit]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailPage:
    """A page of the whole trail, newest first; `next_before` asks for the older ones, if any."""

    lines: list[NoteLine]
    next_before: int | None


def trail(
    *,
    practice_id: int,
    subject: str = "",
    user_id: int | None = None,
    before: int | None = None,
    size: int = 50,
) -> TrailPage:
    """Who did what in the practice: of a kind of thing, by a person, before a note; one query."""
    notes = Note.objects.filter(practice_id=practice_id)
    if subject:
        notes = notes.filter(subject=subject)
    if user_id is not None:
        notes = notes.filter(user_id=user_id)
    if before is not None:
        notes = notes.filter(pk__lt=before)
    rows = list(_with_names(notes.order_by("-id"))[: size + 1])
    more = len(rows) > size
    return TrailPage(
        lines=[line(row) for row in rows[:size]],
        next_before=rows[size - 1].pk if more else None,
    )


def of_action(*, practice_id: int, action: str, size: int = 50) -> list[NoteLine]:
    """The last notes of one kind of act, newest first; one query."""
    notes = Note.objects.filter(practice_id=practice_id, subject="practice", action=action)
    return [line(row) for row in _with_names(notes.order_by("-id"))[:size]]


def _with_names(notes: Any) -> Any:
    return notes.select_related("user", "api_key")


def line(row: Note) -> NoteLine:
    """A row (with its user and key loaded) as plain data."""
    who = row.user.name if row.user else row.api_key.name if row.api_key else ""
    return NoteLine(row.at, who, row.action, row.subject, row.subject_id, row.details)
