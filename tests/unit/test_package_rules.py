"""How a price is shared out over sessions."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from creditwell.money.money import Money
from creditwell.packages.rules import shares_of


def test_what_a_session_costs_with_tax_is_even() -> None:
    shares = shares_of(Money(40909, "AUD"), Money(4091, "AUD"), units=[1] * 5, weights=[0] * 5)
    assert [(one.value + one.tax).minor for one in shares] == [9000] * 5


@given(
    net=st.integers(0, 10**6),
    tax=st.integers(0, 10**6),
    weights=st.lists(st.integers(0, 1000), min_size=1, max_size=40),
)
def test_shares_add_up_and_none_is_below_nothing(net: int, tax: int, weights: list[int]) -> None:
    shares = shares_of(
        Money(net, "AUD"), Money(tax, "AUD"), units=[1] * len(weights), weights=weights
    )
    assert sum(one.value.minor for one in shares) == net
    assert sum(one.tax.minor for one in shares) == tax
    assert all(one.value.minor >= 0 and one.tax.minor >= 0 for one in shares)
