"""The calendar as a page shows it: plain data, no models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from creditwell.web.calendar import grid
from creditwell.web.calendar.asked import Asked
from creditwell.web.calendar.items import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Off:
    """Time off with its reason; without one, time out of working hours."""

    place: grid.Place
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One practitioner on one day."""

    key: str
    practitioner_id: int
    day: date
    title: str
    subtitle: str
    hue: str
    initials: str
    is_today: bool
    book_url: str
    items: tuple[Item, ...]
    off: tuple[Off, ...]
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixCell:
    day: date
    book_url: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRow:
    """One practitioner's week, without the grid."""

    id: int
    name: str
    profession: str
    hue: str
    url: str
    cells: tuple[MatrixCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A link that shows the calendar otherwise."""

    word: str
    url: str
    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """All that the calendar page shows."""

    asked: Asked
    title: str
    title_strong: str
    summary: str
    previous_url: str
    next_url: str
    today_url: str
    previous_word: str
    next_word: str
    views: tuple[Choice, ...]
    locations: tuple[Choice, ...]
    practitioners: tuple[Choice, ...]
    hours: tuple[tuple[str, int], ...]
    hour_count: int
    opens: int
    now_row: int
    now_minute: int
    columns: tuple[Column, ...]
    days: tuple[tuple[date, bool, str], ...]
    matrix: tuple[MatrixRow, ...]
    items: tuple[Item, ...]
    new_url: str
    may_edit: bool
