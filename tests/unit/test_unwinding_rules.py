"""What is taken back, and in which order, when money is taken out of used credit."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from creditwell.payments.unwinding import Held, History, Movement, Node, PassedOn, Step, unwind

D = date(2026, 11, 1)


def node(free: int = 0, **rest: object) -> Node:
    return Node(1, 11, free, **rest)  # type: ignore[arg-type]


def test_what_is_free_comes_first() -> None:
    plan = unwind(node(100, allocations=(Held(7, 50, D),)), 100)
    assert (plan.steps, plan.got_minor, plan.loss_minor) == ((), 100, 0)


def test_then_what_it_pays_newest_first_and_no_more_than_needed() -> None:
    lot = node(10, allocations=(Held(8, 50, D), Held(7, 60, D)))
    plan = unwind(lot, 80)
    assert plan.steps == (Step("allocation", 8, 50, D, 1), Step("allocation", 7, 20, D, 1))
    assert plan.loss_minor == 0


def test_then_what_was_passed_on_out_of_what_it_pays() -> None:
    deeper = Node(3, 13, 5, allocations=(Held(9, 15, D),))
    child = Node(2, 12, 10, allocations=(Held(8, 20, D),), passed_on=(PassedOn(5, 20, D, deeper),))
    lot = node(0, passed_on=(PassedOn(4, 50, D, child),), expired=(Held(6, 30, D),))
    plan = unwind(lot, 75)
    assert plan.steps == (
        Step("allocation", 8, 20, D, 2),
        Step("allocation", 9, 15, D, 3),
        Step("transfer", 5, 20, D, 2),
        Step("transfer", 4, 50, D, 1),
        Step("expiry", 6, 25, D, 1),
    )
    assert (plan.got_minor, plan.loss_minor) == (75, 0)


def test_what_went_out_of_the_house_is_a_loss() -> None:
    refunded = Node(2, 12, 0)
    plan = unwind(node(10, passed_on=(PassedOn(4, 50, D, refunded),)), 60)
    assert (plan.steps, plan.got_minor, plan.loss_minor) == ((), 10, 50)


rows = st.lists(st.integers(1, 50), max_size=3).map(
    lambda sums: tuple(Held(n, minor, D) for n, minor in enumerate(sums))
)
nodes = st.deferred(
    lambda: st.builds(
        Node,
        st.integers(1, 9),
        st.integers(1, 9),
        st.integers(0, 50),
        rows,
        st.lists(
            st.builds(PassedOn, st.integers(1, 9), st.integers(1, 99), st.just(D), nodes),
            max_size=2,
        ).map(tuple),
        rows,
    )
)


@given(nodes, st.integers(1, 400))
def test_nothing_is_made_and_nothing_taken_twice(lot: Node, need: int) -> None:
    plan = unwind(lot, need)
    assert plan.got_minor + plan.loss_minor == need
    assert 0 <= plan.got_minor <= need
    onto_it = [step.minor for step in plan.steps]
    assert all(minor > 0 for minor in onto_it)
    assert plan.got_minor >= min(lot.free_minor, need)


def test_a_day_below_zero_is_not_borne() -> None:
    at = {n: date(2026, 11, n) for n in (1, 3, 5, 8)}
    history = History.of(
        [Movement(1, at[1], 100), Movement(1, at[3], -100), Movement(1, at[8], 100)]
    )
    assert not history.bears([Movement(1, at[5], -100)])
    assert history.bears([Movement(1, at[8], -100)])
    assert history.bears([Movement(1, at[5], 100), Movement(1, at[5], -100)])
    assert not history.bears([Movement(2, at[5], -1)])
