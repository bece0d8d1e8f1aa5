"""
How money is taken out of credit that has been used: a plan, made of what stands. Pure.

Amounts are minor units. Used when the bank takes a payment back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Held:
    """What of a lot stands elsewhere (an invoice, an expiry) since a day, and can be had back."""

    id: int
    minor: int
    since: date


@dataclass(frozen=True, slots=True)
class Node:
    """
    A lot: what is free on it, and where the rest of it is. All come newest first, in the order in
    which they are taken back.
    """

    lot_id: int
    account_id: int
    free_minor: int
    allocations: tuple[Held, ...] = ()
    passed_on: tuple[PassedOn, ...] = ()
    expired: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True)
class PassedOn:
    """What of a lot was transferred, by the part of a transfer, and the lot that it became."""

    id: int
    minor: int
    since: date
    lot: Node


@dataclass(frozen=True, slots=True)
class Step:
    """Take so much back onto a lot: `kind` is allocation, transfer or expiry, `id` its row's."""

    kind: str
    id: int
    minor: int
    since: date
    onto: int  # id of the lot


@dataclass(frozen=True, slots=True)
class Plan:
    """
    Steps in the order in which they have to be made, so that no lot falls below zero in between;
    what they bring; and what is gone for good.
    """

    steps: tuple[Step, ...] = ()
    got_minor: int = 0
    loss_minor: int = 0


def unwind(lot: Node, need_minor: int) -> Plan:
    """
    Get so much out of a lot: what is free; then what it pays, newest first; then what was passed
    on, newest first, out of the lots that it became by the same order; then what expired. What is
    still missing was given back to somebody: a loss.
    """
    steps: list[Step] = []
    got = _gather(lot, need_minor, steps)
    return Plan(tuple(steps), got, need_minor - got)


def _gather(lot: Node, need: int, steps: list[Step]) -> int:
    got = min(lot.free_minor, need)
    got += _have_back("allocation", lot, lot.allocations, need - got, steps)
    for part in lot.passed_on:
        want = min(part.minor, need - got)
        back = _gather(part.lot, want, steps) if want > 0 else 0
        if back > 0:
            steps.append(Step("transfer", part.id, back, part.since, lot.lot_id))
            got += back
    return got + _have_back("expiry", lot, lot.expired, need - got, steps)


def _have_back(kind: str, lot: Node, rows: Iterable[Held], need: int, steps: list[Step]) -> int:
    got = 0
    for row in rows:
        part = min(row.minor, need - got)
        if part > 0:
            steps.append(Step(kind, row.id, part, row.since, lot.lot_id))
            got += part
    return got


@dataclass(frozen=True, slots=True)
class Movement:
    """So much onto (or, negative, off) an account on a day."""

    account_id: int
    on: date
    minor: int


@dataclass(slots=True)
class History:
    """What accounts of lots moved by day, and what would happen with more movements."""

    days: dict[int, dict[date, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, movements: Iterable[Movement]) -> History:
        history = cls()
        for one in movements:
            days = history.days.setdefault(one.account_id, {})
            days[one.on] = days.get(one.on, 0) + one.minor
        return history

    def bears(self, more: Sequence[Movement]) -> bool:
        """Whether every day would still end at zero or above on every account."""
        added = History.of(more).days
        return all(
            _never_below(self.days.get(account_id, {}), days) for account_id, days in added.items()
        )


def _never_below(one: Mapping[date, int], other: Mapping[date, int]) -> bool:
    rest = 0
    for day in sorted({*one, *other}):
        rest += one.get(day, 0) + other.get(day, 0)
        if rest < 0:
            return False
    return True
