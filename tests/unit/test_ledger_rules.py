"""The order in which one day's movements are told."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from creditwell.ledger.queries_history import Leg
from creditwell.ledger.rules import in_telling_order
from tests.factories import NOW


def legs(*days: list[int]) -> list[Leg]:
    """One leg for each amount, in the order of recording; each list is a day."""
    return [
        Leg(1, 100 * n + at, "entry", (NOW + timedelta(days=n)).date(), NOW, None, amount)
        for n, day in enumerate(days)
        for at, amount in enumerate(day)
    ]


def amounts(told: list[Leg]) -> list[int]:
    return [leg.amount_minor for leg in told]


def test_the_order_of_recording_stays_where_it_can() -> None:
    day = [500, -200, 100, -400]
    assert amounts(in_telling_order(legs(day), sign=1)) == day


def test_what_takes_more_than_there_is_waits_for_what_came_later() -> None:
    assert amounts(in_telling_order(legs([500, -500, -300, -100, 400]), sign=1)) == [
        500,
        -500,
        400,
        -300,
        -100,
    ]


def test_an_invoice_is_asked_before_it_is_paid() -> None:
    assert amounts(in_telling_order(legs([90, -90]), sign=-1)) == [-90, 90]


def test_nothing_leaves_its_day() -> None:
    told = in_telling_order(legs([300, -300], [-50, 50], [10]), sign=1)
    assert amounts(told) == [300, -300, 50, -50, 10]


@given(st.lists(st.lists(st.integers(-50, 50).filter(bool), max_size=6), max_size=5))
def test_no_rest_is_below_zero_when_every_day_ends_above(days: list[list[int]]) -> None:
    ended = 0
    for day in days:
        ended += sum(day)
        if ended < 0:
            day.append(-ended)
            ended = 0
    found = legs(*days)
    told = in_telling_order(found, sign=1)
    assert sorted(told, key=lambda leg: leg.entry_id) == found
    assert [leg.on for leg in told] == [leg.on for leg in found]
    rest = 0
    for leg in told:
        rest += leg.amount_minor
        assert rest >= 0
