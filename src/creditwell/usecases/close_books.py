"""Close the books up to a day: nothing is written on or before it any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.kernel.errors import Refusal
from creditwell.kernel.usecase import usecase
from creditwell.tenancy.access import Actor, practice_facts
from creditwell.tenancy.operations import change_practice


class DayNotOver(Refusal):
    """A day on which money may still come in cannot be closed."""

    code = "day_not_over"

    def __init__(self) -> None:
        super().__init__(
            _("Choose a day before today: money may still be taken today."), param="until"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseBooks:
    """`until` is the last closed day; None opens all books, an earlier day opens some again."""

    practice_id: int
    by: Actor
    until: date | None
    reason: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BooksClosed:
    until: str  # ISO 8601, '' when the books are open


@usecase(BooksClosed)
def close_books(command: CloseBooks, now: datetime) -> BooksClosed:
    """
    Move the lock date; the trail keeps every move with its reason.

    :raises DayNotOver: for today or later, in the practice's time zone
    """
    today = practice_facts(command.practice_id).day_of(now)
    if command.until is not None and command.until >= today:
        raise DayNotOver
    changed = change_practice(
        practice_id=command.practice_id, changes={"books_closed_on": command.until}
    )
    if changed:
        before = changed["books_closed_on"][0]
        note(
            "close_books",
            ("practice", command.practice_id),
            practice_id=command.practice_id,
            by=command.by,
            at=now,
            details={
                "from": before.isoformat() if before else "",
                "until": _text(command.until),
                "reason": command.reason.strip(),
            },
        )
    return BooksClosed(until=_text(command.until))


def _text(day: date | None) -> str:
    return day.isoformat() if day else ""
