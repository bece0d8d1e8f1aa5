"""Rows, lanes and windows: where things stand in the grid."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from creditwell.scheduling.rules import Stretch, day_stretch, moment
from creditwell.web.calendar import grid
from creditwell.web.calendar.grid import Place, Window

SYDNEY = ZoneInfo("Australia/Sydney")
TUESDAY = date(2026, 11, 24)
DAY = Window(8 * 60, 18 * 60)


def at(day: date, clock: str, minutes: int = 30) -> Stretch:
    start = moment(day, time.fromisoformat(clock), SYDNEY)
    return Stretch(start, start + timedelta(minutes=minutes))


def test_an_hour_is_twelve_rows() -> None:
    assert DAY.hours == 10
    assert DAY.labels[:2] == [(time(8), 1), (time(9), 13)]
    span = grid.span_of(at(TUESDAY, "09:15"), TUESDAY, SYDNEY)
    assert span == (555, 585)
    assert grid.place(DAY, span, "l1-2") == Place(16, 6, "l1-2")


def test_a_length_between_rows_takes_the_row() -> None:
    span = grid.span_of(at(TUESDAY, "09:00", 32), TUESDAY, SYDNEY)
    assert grid.place(DAY, span).span == 7


def test_the_window_holds_what_lies_outside_of_it() -> None:
    assert grid.window(time(8), time(18)) == DAY
    assert grid.window(time(8, 30), time(17, 30)) == DAY
    assert grid.window(time(8), time(18), [(6 * 60 + 45, 450), (1070, 1210)]) == Window(
        6 * 60, 21 * 60
    )
    assert grid.window(time(8), time(18), [(0, 1440)]) == Window(0, 1440)


@pytest.mark.parametrize("day", [date(2026, 10, 4), date(2027, 4, 4)], ids=["23 h", "25 h"])
def test_when_clocks_change_nine_is_still_at_nine(day: date) -> None:
    assert grid.span_of(at(day, "09:00"), day, SYDNEY) == (540, 570)
    assert grid.span_of(day_stretch(day, SYDNEY), day, SYDNEY) == (0, 1440)


def test_what_goes_on_over_the_hour_that_happens_twice_is_not_empty() -> None:
    back = date(2027, 4, 4)
    start = datetime(2027, 4, 3, 15, 45, tzinfo=UTC)  # 2:45, the first time
    assert grid.span_of(Stretch(start, start + timedelta(minutes=30)), back, SYDNEY) == (165, 195)


def test_what_reaches_over_midnight_is_cut() -> None:
    night = at(TUESDAY, "23:30", 60)
    assert grid.span_of(night, TUESDAY, SYDNEY) == (1410, 1440)
    assert grid.span_of(night, TUESDAY + timedelta(days=1), SYDNEY) == (0, 30)


@pytest.mark.parametrize(
    ("spans", "lanes"),
    [
        ([], []),
        ([(0, 30), (30, 60)], ["", ""]),
        ([(0, 30), (15, 45)], ["l1-2", "l2-2"]),
        ([(0, 60), (15, 30), (30, 45), (60, 90)], ["l1-2", "l2-2", "l2-2", ""]),
        ([(0, 60), (10, 60), (20, 60)], ["l1-3", "l2-3", "l3-3"]),
    ],
)
def test_overlaps_stand_beside_each_other(spans: list[tuple[int, int]], lanes: list[str]) -> None:
    assert grid.lanes(spans) == lanes


def test_there_are_classes_for_six_lanes() -> None:
    assert grid.lanes([(0, 60)] * 8)[5:] == ["l6-6", "l6-6", "l6-6"]


def test_what_is_not_working_time() -> None:
    assert grid.gaps(DAY, [(540, 750), (780, 1020)]) == [(480, 540), (750, 780), (1020, 1080)]
    assert grid.gaps(DAY, [(400, 1200)]) == []
    assert grid.gaps(DAY, []) == [(480, 1080)]


def test_a_week_begins_where_the_practice_says() -> None:
    assert grid.week_of(TUESDAY, 0)[0] == date(2026, 11, 23)
    assert grid.week_of(TUESDAY, 6)[0] == date(2026, 11, 22)
    assert grid.week_of(date(2026, 11, 22), 6)[0] == date(2026, 11, 22)
