"""On which days the periods of a membership begin and end."""

from __future__ import annotations

from datetime import date

import pytest

from creditwell.packages.rules_periods import (
    Standing,
    last_membership_day,
    last_of_period,
    next_start,
)


def starts(first: date, count: int, unit: str, periods: int) -> list[date]:
    found = [first]
    for _n in range(periods):
        found.append(next_start(found[-1], count, unit, anchor_on=first))
    return found


def test_a_month_keeps_its_day_where_there_is_one() -> None:
    assert starts(date(2027, 1, 31), 1, "month", 4) == [
        date(2027, 1, 31),
        date(2027, 2, 28),
        date(2027, 3, 31),
        date(2027, 4, 30),
        date(2027, 5, 31),
    ]
    assert starts(date(2028, 1, 31), 1, "month", 1)[1] == date(2028, 2, 29)


def test_other_units_count_on() -> None:
    assert starts(date(2026, 12, 30), 1, "week", 2)[1:] == [date(2027, 1, 6), date(2027, 1, 13)]
    assert starts(date(2026, 12, 30), 10, "day", 1)[1] == date(2027, 1, 9)
    assert starts(date(2028, 2, 29), 1, "year", 4)[1:] == [
        date(2029, 2, 28),
        date(2030, 2, 28),
        date(2031, 2, 28),
        date(2032, 2, 29),
    ]
    assert next_start(date(9999, 12, 1), 1, "month", anchor_on=date(9999, 12, 1)) == date.max


def test_a_period_ends_the_day_before_the_next() -> None:
    anchor = date(2027, 1, 31)
    assert last_of_period(anchor, 1, "month", anchor_on=anchor) == date(2027, 2, 27)
    second = date(2027, 2, 28)
    assert last_of_period(second, 1, "month", anchor_on=anchor) == date(2027, 3, 30)


TODAY = date(2027, 3, 10)


@pytest.mark.parametrize(
    ("status", "renews_on", "paused_on", "due"),
    [
        ("active", date(2027, 3, 10), None, True),
        ("active", date(2027, 3, 11), None, False),
        ("cancelled", date(2027, 3, 1), None, False),
        ("paused", date(2027, 3, 10), date(2027, 3, 10), False),
        ("paused", date(2027, 3, 10), date(2027, 3, 11), True),
        ("paused", date(2027, 3, 1), date(2027, 2, 1), False),
    ],
)
def test_what_is_due(status: str, renews_on: date, paused_on: date | None, due: bool) -> None:
    standing = Standing(status=status, renews_on=renews_on, paused_on=paused_on, resumes_on=None)
    assert standing.is_due(TODAY) is due


def test_a_pause_ends_on_its_day_or_never_by_itself() -> None:
    for resumes_on, wakes in ((TODAY, True), (date(2027, 3, 11), False), (None, False)):
        standing = Standing(
            status="paused", renews_on=TODAY, paused_on=date(2027, 3, 1), resumes_on=resumes_on
        )
        assert standing.wakes(TODAY) is wakes


def test_the_last_day_of_what_is_cancelled() -> None:
    ends = last_membership_day(date(2027, 4, 1), periods_count=2, today=TODAY)
    assert ends == date(2027, 3, 31)
    assert last_membership_day(TODAY, periods_count=2, today=TODAY) == TODAY
    assert last_membership_day(date(2027, 4, 1), periods_count=0, today=TODAY) == TODAY
