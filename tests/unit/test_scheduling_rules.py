"""Days in a time zone, working hours and repeats, on the days when clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from creditwell.scheduling.rules import (
    NoSuchTime,
    Repeat,
    Stretch,
    WeeklyHours,
    WrongRepeat,
    at_work,
    day_stretch,
    may_cancel,
    moment,
    repeated,
    works_through,
)

SYDNEY = ZoneInfo("Australia/Sydney")
FORWARD = date(2026, 10, 4)  # 2:00 becomes 3:00
BACK = date(2027, 4, 4)  # 3:00 becomes 2:00


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 11, 24), 24), (FORWARD, 23), (BACK, 25)], ids=str
)
def test_a_day_is_as_long_as_the_clocks_make_it(day: date, hours: int) -> None:
    stretch = day_stretch(day, SYDNEY)
    assert stretch.ends_at - stretch.starts_at == timedelta(hours=hours)
    assert stretch.starts_at.astimezone(SYDNEY).time() == time(0)


def test_a_time_on_the_clock_is_a_moment() -> None:
    assert moment(date(2026, 10, 3), time(9), SYDNEY) == datetime(2026, 10, 2, 23, tzinfo=UTC)
    assert moment(FORWARD, time(9), SYDNEY) == datetime(2026, 10, 3, 22, tzinfo=UTC)


def test_a_time_that_the_clocks_skip_is_refused() -> None:
    with pytest.raises(NoSuchTime) as refused:
        moment(FORWARD, time(2, 30), SYDNEY)
    assert refused.value.param == "time"
    assert "02:30" in refused.value.sentence


def test_a_time_that_happens_twice_means_the_first() -> None:
    assert moment(BACK, time(2, 30), SYDNEY) == datetime(2027, 4, 3, 15, 30, tzinfo=UTC)


def test_a_series_keeps_its_time_on_the_clock() -> None:
    first = moment(date(2026, 9, 29), time(9), SYDNEY)
    starts = repeated(first, Repeat(every_weeks=1, count=3), SYDNEY)
    assert [start.astimezone(SYDNEY).strftime("%d %b %H:%M") for start in starts] == [
        "29 Sep 09:00",
        "06 Oct 09:00",
        "13 Oct 09:00",
    ]
    assert starts[1] - starts[0] == timedelta(days=7, hours=-1)


def test_no_repeat_is_one_visit() -> None:
    first = moment(FORWARD, time(9), SYDNEY)
    assert repeated(first, None, SYDNEY) == [first]


@pytest.mark.parametrize("repeat", [(0, 2), (53, 2), (1, 0), (1, 53)])
def test_a_series_without_measure_is_refused(repeat: tuple[int, int]) -> None:
    with pytest.raises(WrongRepeat):
        repeated(
            datetime(2026, 11, 24, tzinfo=UTC), Repeat(every_weeks=repeat[0], count=repeat[1]), UTC
        )


SUNDAYS = [
    WeeklyHours(weekday=6, starts_at=time(13), ends_at=time(17)),
    WeeklyHours(weekday=6, starts_at=time(9), ends_at=time(12)),
]


def at(day: date, start: str, end: str) -> Stretch:
    return Stretch(
        moment(day, time.fromisoformat(start), SYDNEY), moment(day, time.fromisoformat(end), SYDNEY)
    )


def test_working_hours_of_a_day_are_moments_in_order() -> None:
    assert at_work(FORWARD, SUNDAYS, SYDNEY) == [
        at(FORWARD, "09:00", "12:00"),
        at(FORWARD, "13:00", "17:00"),
    ]
    assert at_work(FORWARD + timedelta(days=1), SUNDAYS, SYDNEY) == []


def test_hours_that_meet_are_one() -> None:
    hours = [*SUNDAYS, WeeklyHours(weekday=6, starts_at=time(12), ends_at=time(13))]
    assert at_work(BACK, hours, SYDNEY) == [at(BACK, "09:00", "17:00")]


@pytest.mark.parametrize(
    ("start", "end", "inside"),
    [
        ("09:00", "12:00", True),
        ("08:55", "09:30", False),
        ("11:30", "12:30", False),
        ("12:15", "12:45", False),
        ("16:30", "17:00", True),
        ("16:45", "17:15", False),
    ],
)
def test_an_appointment_lies_in_working_hours_or_not(start: str, end: str, inside: bool) -> None:
    assert works_through(at(FORWARD, start, end), SUNDAYS, SYDNEY) is inside


def test_whoever_has_no_hours_is_always_in() -> None:
    assert works_through(at(FORWARD, "05:00", "05:30"), [], SYDNEY)


def test_touching_is_not_overlapping() -> None:
    nine = at(FORWARD, "09:00", "10:00")
    assert not nine.touches(at(FORWARD, "10:00", "11:00"))
    assert nine.touches(at(FORWARD, "09:55", "11:00"))


def test_what_took_place_is_not_cancelled() -> None:
    states = ["booked", "arrived", "completed", "did_not_arrive", "cancelled"]
    assert [state for state in states if may_cancel(state)] == [
        "booked",
        "arrived",
        "did_not_arrive",
    ]
