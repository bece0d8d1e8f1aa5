"""
Where things stand in the grid: rows of five minutes on the clock, lanes beside each other.

Pure: moments and a time zone in, row numbers out. The numbers are CSS classes (see tools/slots.py),
because the CSP allows no style attributes. A day has 288 rows whatever the clocks do; what lies in
an hour that happens twice is drawn at the time the clock shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from creditwell.scheduling.rules import Stretch

ROW_MINUTES = 5
HOUR_ROWS = 60 // ROW_MINUTES
MOST_LANES = 6
DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the day that is shown, in minutes after midnight; whole hours."""

    opens: int
    closes: int

    @property
    def hours(self) -> int:
        return (self.closes - self.opens) // 60

    @property
    def labels(self) -> list[tuple[time, int]]:
        """Each hour with its row."""
        return [(time(self.opens // 60 + n), n * HOUR_ROWS + 1) for n in range(self.hours)]

    def row(self, minute: int) -> int:
        """The row that begins at, or holds, a minute of the day."""
        inside = min(max(minute, self.opens), self.closes)
        return (inside - self.opens) // ROW_MINUTES + 1


@dataclass(frozen=True, slots=True)
class Place:
    """First row, number of rows, lane class ("" when alone)."""

    row: int
    span: int
    lane: str = ""


def clock_minutes(moment: datetime, day: date, zone: ZoneInfo) -> int:
    """Minutes after midnight that the clock shows; 0 before the day and 1440 after it."""
    local = moment.astimezone(zone)
    if local.date() != day:
        return 0 if local.date() < day else DAY_MINUTES
    return local.hour * 60 + local.minute


def window(opens_at: time, closes_at: time, spans: Iterable[tuple[int, int]] = ()) -> Window:
    """The practice's day, widened to hold what lies outside of it, in whole hours."""
    opens = opens_at.hour * 60 + opens_at.minute
    closes = closes_at.hour * 60 + closes_at.minute
    for start, end in spans:
        opens, closes = min(opens, start), max(closes, end)
    return Window(opens // 60 * 60, min(-(-closes // 60) * 60, DAY_MINUTES))


def span_of(stretch: Stretch, day: date, zone: ZoneInfo) -> tuple[int, int]:
    """First and last minute of a stretch on a day; never empty."""
    start = clock_minutes(stretch.starts_at, day, zone)
    end = clock_minutes(stretch.ends_at, day, zone)
    if end <= start:  # the clocks went back in between
        length = stretch.ends_at - stretch.starts_at
        end = min(start + int(length.total_seconds() // 60), DAY_MINUTES)
    return start, max(end, start + ROW_MINUTES)


def place(frame: Window, span: tuple[int, int], lane: str = "") -> Place:
    """Rows of a span inside the window."""
    first = frame.row(span[0])
    last = frame.row(span[1] + ROW_MINUTES - 1)
    return Place(first, max(last - first, 1), lane)


def lanes(spans: Sequence[tuple[int, int]]) -> list[str]:
    """
    Lane classes for spans in order of their beginning, so that none covers another.

    Spans that overlap, directly or through others, share the width evenly.
    """
    found = [""] * len(spans)
    group: list[tuple[int, int]] = []  # (index, lane)
    ends: list[int] = []
    reach = -1
    for index, (start, end) in enumerate(spans):
        if group and start >= reach:
            _name(found, group, len(ends))
            group, ends = [], []
        free = next((lane for lane, until in enumerate(ends) if until <= start), len(ends))
        if free == len(ends):
            ends.append(end)
        else:
            ends[free] = end
        group.append((index, free))
        reach = max(reach, end)
    _name(found, group, len(ends))
    return found


def _name(found: list[str], group: list[tuple[int, int]], width: int) -> None:
    many = min(width, MOST_LANES)
    for index, lane in group:
        found[index] = f"l{min(lane + 1, many)}-{many}" if many > 1 else ""


def gaps(shown: Window, working: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """What of the window is not working time; `working` in order, not overlapping."""
    free: list[tuple[int, int]] = []
    at = shown.opens
    for start, end in working:
        if start > at:
            free.append((at, min(start, shown.closes)))
        at = max(at, end)
    if at < shown.closes:
        free.append((at, shown.closes))
    return [(start, end) for start, end in free if start < end]


def week_of(day: date, starts_on: int) -> list[date]:
    """The seven days of the week that a day is in; `starts_on` 0 Monday … 6 Sunday."""
    first = day - timedelta(days=(day.weekday() - starts_on) % 7)
    return [first + timedelta(days=n) for n in range(7)]
