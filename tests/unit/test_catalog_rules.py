from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditwell.catalog import rules
from creditwell.money.money import Money


def test_a_name_is_kept_with_single_spaces() -> None:
    assert rules.clean_name("  Standard \t consultation ", longest=40) == "Standard consultation"


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_a_name_is_needed(text: str) -> None:
    with pytest.raises(rules.NameMissing):
        rules.clean_name(text, longest=40)


def test_a_name_of_exactly_the_longest_length_fits_and_one_more_does_not() -> None:
    assert rules.clean_name("x" * 40, longest=40) == "x" * 40
    with pytest.raises(rules.NameTooLong) as raised:
        rules.clean_name("x" * 41, longest=40)
    assert "40" in raised.value.sentence


def test_a_price_of_nil_is_a_price_and_less_is_none() -> None:
    rules.check_price(Money(0, "AUD"), "AUD")
    with pytest.raises(rules.NegativePrice):
        rules.check_price(Money(-1, "AUD"), "AUD")


@pytest.mark.parametrize("percent", ["0", "10", "8.875", "100"])
def test_taxes_that_are_charged_somewhere(percent: str) -> None:
    rules.check_percent(Decimal(percent))


@pytest.mark.parametrize("percent", ["-0.001", "100.001", "8.8755", "NaN", "Infinity"])
def test_taxes_that_nobody_charges(percent: str) -> None:
    with pytest.raises(rules.WrongPercent):
        rules.check_percent(Decimal(percent))


def test_a_concession_pays_its_own_price_even_when_it_is_nil() -> None:
    assert rules.price_for(9000, None) == 9000
    assert rules.price_for(9000, 7000) == 7000
    assert rules.price_for(9000, 0) == 0


def test_one_moves_up_and_down_and_stops_at_the_ends() -> None:
    assert rules.moved([1, 2, 3], 3, -1) == [1, 3, 2]
    assert rules.moved([1, 2, 3], 1, 1) == [2, 1, 3]
    assert rules.moved([1, 2, 3], 1, -1) == [1, 2, 3]
    assert rules.moved([1, 2, 3], 3, 5) == [1, 2, 3]
    assert rules.moved([1, 2, 3], 9, 1) == [1, 2, 3]


@given(st.lists(st.integers(1, 50), unique=True), st.integers(1, 50), st.integers(-60, 60))
def test_moving_loses_none(ids: list[int], moving: int, steps: int) -> None:
    assert sorted(rules.moved(ids, moving, steps)) == sorted(ids)
