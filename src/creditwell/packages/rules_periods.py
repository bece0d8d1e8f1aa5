"""Decisions about memberships: on which days their periods begin and end. Pure."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from creditwell.packages.rules import later_by


def next_start(starts_on: date, count: int, unit: str, *, anchor_on: date) -> date:
    """
    The first day of the period after the one that begins on a day.

    Months keep the anchor's day: from 31 January to 28 February, and on to 31 March.
    """
    after = later_by(starts_on, count, unit)
    if unit not in {"month", "year"} or after == date.max:
        return after
    return after.replace(day=min(anchor_on.day, monthrange(after.year, after.month)[1]))


def last_of_period(starts_on: date, count: int, unit: str, *, anchor_on: date) -> date:
    """The last day of the period that begins on a day."""
    after = next_start(starts_on, count, unit, anchor_on=anchor_on)
    return after if after == date.max else after - timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What decides whether a membership renews; `paused_on` may be a day to come."""

    status: str
    renews_on: date
    paused_on: date | None
    resumes_on: date | None

    def is_due(self, today: date) -> bool:
        """Whether its next period has begun without anybody having written it yet."""
        if self.status == "cancelled" or self.renews_on > today:
            return False
        return self.paused_on is None or self.renews_on < self.paused_on

    def wakes(self, today: date) -> bool:
        """Whether its pause is over by itself."""
        return self.status == "paused" and self.resumes_on is not None and self.resumes_on <= today


def last_membership_day(renews_on: date, *, periods_count: int, today: date) -> date:
    """The last day of a membership that is cancelled: of its period, or today if none goes on."""
    if periods_count == 0 or renews_on <= today:
        return today
    return renews_on - timedelta(days=1)
