"""Money is exact, knows its currency, and never loses a cent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditwell.money.money import CurrencyMismatch, Money, NotAnAmount, TooFine


def test_parse_reads_major_units_by_the_currency() -> None:
    assert Money.parse("89.50", "AUD") == Money(8950, "AUD")
    assert Money.parse("1200", "JPY") == Money(1200, "JPY")
    assert Money.parse("1.234", "KWD") == Money(1234, "KWD")


@pytest.mark.parametrize(
    ("text", "currency"), [("89.505", "AUD"), ("0.5", "JPY"), ("1.2345", "KWD")]
)
def test_finer_than_the_smallest_coin_is_refused(text: str, currency: str) -> None:
    with pytest.raises(TooFine):
        Money.parse(text, currency)


@pytest.mark.parametrize("text", ["", "abc", "NaN", "Infinity", "1,2"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(NotAnAmount):
        Money.parse(text, "AUD")


def test_rounding_is_half_up_away_from_zero() -> None:
    assert Money(5, "AUD").at_rate(Decimal("0.5")) == Money(3, "AUD")
    assert Money(-5, "AUD").at_rate(Decimal("0.5")) == Money(-3, "AUD")


def test_currencies_do_not_mix() -> None:
    with pytest.raises(CurrencyMismatch):
        Money(1, "AUD") + Money(1, "NZD")


def test_a_hundred_in_three() -> None:
    assert [part.minor for part in Money(10000, "AUD").split([1, 1, 1])] == [3333, 3333, 3334]


@given(
    st.integers(-(10**12), 10**12),
    st.lists(st.integers(0, 1000), min_size=1, max_size=20).filter(any),
)
def test_shares_always_add_up_and_are_fair(minor: int, weights: list[int]) -> None:
    parts = Money(minor, "AUD").split(weights)
    assert sum(part.minor for part in parts) == minor
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.minor - minor * weight / sum(weights)) < 1.001
