"""
Decisions about time: days in a time zone, working hours, repeats, attendance. No database.

A day is a day of the practice's clock. On the days when clocks change it is 23 or 25 hours long;
appointments keep their time on the clock, and their length in elapsed minutes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from creditwell.kernel.errors import Invalid

MOST_REPEATS = 52


class NoSuchTime(Invalid):
    """The clocks go forward over this time, so it does not happen on this day."""

    code = "no_such_time"

    def __init__(self, day: date, at: time) -> None:
        super().__init__(
            _(
                "There is no %(time)s on %(day)s: the clocks go forward that night. "
                "Choose another time."
            )
            % {"time": at.strftime("%H:%M"), "day": day.isoformat()},
            param="time",
        )


class WrongRepeat(Invalid):
    """A series has between one week and a year between visits, and at most 52 visits."""

    code = "wrong_repeat"

    def __init__(self) -> None:
        super().__init__(
            _("Repeat every 1 to 52 weeks, at most %(most)s times.") % {"most": MOST_REPEATS},
            param="repeat_count",
        )


@dataclass(frozen=True, slots=True, order=True)
class Stretch:
    """From a moment up to, but without, another."""

    starts_at: datetime
    ends_at: datetime

    def touches(self, other: Stretch) -> bool:
        """Whether the two share any time."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyHours:
    """Working hours of a weekday (0 Monday … 6 Sunday), on the clock."""

    weekday: int
    starts_at: time
    ends_at: time


def moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """
    The moment of a time on the clock, in UTC. Of a time that happens twice, the first.

    :raises NoSuchTime: when the clocks skip it
    """
    there = datetime.combine(day, at, zone)
    utc = there.astimezone(UTC)
    if utc.astimezone(zone).replace(tzinfo=None) != there.replace(tzinfo=None):
        raise NoSuchTime(day, at)
    return utc


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins, in UTC; where midnight itself is skipped, the first moment after it."""
    return datetime.combine(day, time(0), zone).astimezone(UTC)


def day_stretch(day: date, zone: ZoneInfo) -> Stretch:
    """All of a day: 23 or 25 hours where the clocks change."""
    return Stretch(midnight(day, zone), midnight(day + timedelta(days=1), zone))


def at_work(day: date, hours: Iterable[WeeklyHours], zone: ZoneInfo) -> list[Stretch]:
    """The working hours of one day as moments, joined where they meet, in order."""
    parts = sorted(
        Stretch(
            datetime.combine(day, one.starts_at, zone).astimezone(UTC),
            datetime.combine(day, one.ends_at, zone).astimezone(UTC),
        )
        for one in hours
        if one.weekday == day.weekday()
    )
    joined: list[Stretch] = []
    for part in parts:
        if joined and part.starts_at <= joined[-1].ends_at:
            joined[-1] = Stretch(joined[-1].starts_at, max(joined[-1].ends_at, part.ends_at))
        else:
            joined.append(part)
    return joined


def works_through(wanted: Stretch, hours: Sequence[WeeklyHours], zone: ZoneInfo) -> bool:
    """Whether all of the time lies in working hours. Whoever has no hours at all is always in."""
    if not hours:
        return True
    day = wanted.starts_at.astimezone(zone).date()
    return any(
        part.starts_at <= wanted.starts_at and wanted.ends_at <= part.ends_at
        for part in at_work(day, hours, zone)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """The same visit again: every so many weeks, so many visits in all."""

    every_weeks: int
    count: int


def repeated(first: datetime, repeat: Repeat | None, zone: ZoneInfo) -> list[datetime]:
    """
    When the visits of a series begin: the same time on the clock, whatever the clocks do.

    :raises WrongRepeat: beyond a year of weeks or 52 visits
    :raises NoSuchTime: when one of them falls into a skipped hour
    """
    if repeat is None:
        return [first]
    if not (1 <= repeat.every_weeks <= 52 and 1 <= repeat.count <= MOST_REPEATS):
        raise WrongRepeat
    there = first.astimezone(zone)
    return [
        moment(there.date() + timedelta(weeks=repeat.every_weeks * n), there.time(), zone)
        for n in range(repeat.count)
    ]


LIVE = frozenset({"booked", "arrived", "completed", "did_not_arrive"})
"""States of an attendee that take a place."""

OVER = frozenset({"completed", "did_not_arrive"})
"""States that say how the visit went; its time is history and is not moved."""


def may_cancel(status: str) -> bool:
    """A visit that took place is not cancelled; it is set back first."""
    return status in {"booked", "arrived", "did_not_arrive"}
