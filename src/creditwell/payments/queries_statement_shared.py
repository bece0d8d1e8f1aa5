"""
Statements that more than one person reads: of a family, and of a funder.

Whoever pays for somebody else sees how much and when, never why: no treatments, no practitioners,
no reasons and notes of another person stand in these shapes, so no page, paper or letter made of
them can show any.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from creditwell.money.money import Money
from creditwell.payments.models import Allocation, AllocationReturn
from creditwell.payments.queries_credit import (
    Explanation,
    Move,
    explanation,
    explanations,
)
from creditwell.payments.wallets import StandingShare, shares_of
from creditwell.tenancy.access import PracticeFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One event; a positive balance is owed, a negative one is credit. One of the sums is set."""

    on: date
    text: str
    charged: Money | None
    paid: Money | None
    balance: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A sum of credit that is left: where it came from and when."""

    title: str
    on: date
    expires_on: date | None
    left: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person's account from one day to another; credit and owing are as at the last."""

    payer_id: int
    name: str
    opening: Money
    rows: tuple[Row, ...]
    credit: Money
    owing: Money
    lots: tuple[Held, ...]

    @property
    def closing(self) -> Money:
        return self.owing - self.credit


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyStatement:
    """The accounts of a family side by side, and what they come to."""

    since: date
    until: date
    people: tuple[Person, ...]
    opening: Money
    credit: Money
    owing: Money

    @property
    def closing(self) -> Money:
        return self.owing - self.credit


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """Credit that paid an invoice of somebody; negative when it was taken back."""

    on: date
    invoice: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """
    What one patient drew in the days of the statement, and what they may still draw.

    `mode` is a mode of credit.Share, "" where no permission stands (any more). `used` and `left`
    are of the cap, this month or in all.
    """

    payer_id: int
    name: str
    draws: tuple[Draw, ...]
    total: Money
    mode: str = ""
    cap: Money | None = None
    used: Money | None = None
    left: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FunderStatement:
    """What a funder's credit was, who drew on it, and what is left: opening + came - drawn."""

    since: date
    until: date
    opening: Money
    rows: tuple[Row, ...]
    people: tuple[Drawn, ...]
    drawn: Money
    closing: Money
    lots: tuple[Held, ...]


def family_statement(
    practice: PracticeFacts, members: Mapping[int, str], since: date, until: date
) -> FamilyStatement:
    """Read the accounts of payers (id: name) over some days; queries do not grow with them."""
    told = explanations(practice, list(members), as_of=until)
    people = tuple(
        _person(practice, payer_id, name, told[payer_id], since)
        for payer_id, name in members.items()
    )
    currency = practice.currency
    return FamilyStatement(
        since=since,
        until=until,
        people=people,
        opening=Money.total((person.opening for person in people), currency),
        credit=Money.total((person.credit for person in people), currency),
        owing=Money.total((person.owing for person in people), currency),
    )


def _person(
    practice: PracticeFacts, payer_id: int, name: str, told: Explanation, since: date
) -> Person:
    opening, rows = _rows(practice, told, since)
    return Person(
        payer_id=payer_id,
        name=name,
        opening=opening,
        rows=rows,
        credit=told.credit,
        owing=told.owing,
        lots=_held(told),
    )


def _rows(practice: PracticeFacts, told: Explanation, since: date) -> tuple[Money, tuple[Row, ...]]:
    """The opening balance, and a row for every entry that changed the balance since."""
    balance = practice.money(0)
    opening = balance
    rows = []
    for moves in _by_entry(told):
        change = Money.total((amount for _move, amount in moves), practice.currency)
        if not change:
            continue  # own credit paid an own invoice
        balance = balance + change
        first = moves[0][0]
        if first.on < since:
            opening = balance
            continue
        rows.append(
            Row(
                on=first.on,
                text=first.cause.text,
                charged=change if change.minor > 0 else None,
                paid=-change if change.minor < 0 else None,
                balance=balance,
            )
        )
    return opening, tuple(rows)


def _held(told: Explanation) -> tuple[Held, ...]:
    return tuple(
        Held(title=lot.title, on=lot.on, expires_on=lot.expires_on, left=lot.left)
        for lot in told.open_lots
    )


def _by_entry(told: Explanation) -> list[list[tuple[Move, Money]]]:
    """Movements with what they add to the balance, together by entry, in the books' order."""
    found: dict[tuple[date, int], list[tuple[Move, Money]]] = {}
    for lot in (*told.open_lots, *told.used_lots):
        for move in lot.moves:
            found.setdefault((move.on, move.entry_id), []).append((move, -move.amount))
    for asked in (*told.open_invoices, *told.settled_invoices):
        for move in asked.moves:
            found.setdefault((move.on, move.entry_id), []).append((move, move.amount))
    return [found[key] for key in sorted(found)]


def funder_statement(
    practice: PracticeFacts, payer_id: int, since: date, until: date
) -> FunderStatement:
    """Read what a funder's credit paid for whom; a bounded number of queries."""
    told = explanation(practice, payer_id, as_of=until)
    opening, rows = _rows(practice, told, since)
    draws = _draws(practice, payer_id, since, until)
    shares = {
        share.user_id: share
        for share in shares_of(practice_id=practice.id, on=until, owner_ids=[payer_id])
        if share.owner_id == payer_id
    }
    names = {share.user_id: share.user_name for share in shares.values()}
    names.update({user: name for user, (name, _drawn) in draws.items()})
    people = [
        _drawn(practice, user, names[user], draws.get(user, ("", []))[1], shares.get(user))
        for user in sorted(names, key=lambda user: (names[user], user))
    ]
    return FunderStatement(
        since=since,
        until=until,
        opening=-opening,
        rows=rows,
        people=tuple(people),
        drawn=Money.total((one.total for one in people), practice.currency),
        closing=told.credit,
        lots=_held(told),
    )


def _draws(
    practice: PracticeFacts, payer_id: int, since: date, until: date
) -> dict[int, tuple[str, list[Draw]]]:
    """By the payer whose invoices were paid; two queries."""
    found: dict[int, tuple[str, list[Draw]]] = {}
    paid = Allocation.objects.filter(
        practice_id=practice.id, lot__payer_id=payer_id, allocated_on__range=(since, until)
    ).select_related("invoice__payer")
    back = AllocationReturn.objects.filter(
        practice_id=practice.id,
        allocation__lot__payer_id=payer_id,
        returned_on__range=(since, until),
    ).select_related("allocation__invoice__payer")
    acts = [(row.allocated_on, row.invoice, row.amount_minor) for row in paid.order_by("pk")]
    acts += [
        (row.returned_on, row.allocation.invoice, -row.amount_minor) for row in back.order_by("pk")
    ]
    for on, invoice, minor in sorted(acts, key=lambda act: act[0]):
        _name, draws = found.setdefault(invoice.payer_id, (invoice.payer.name, []))
        number = practice.invoice_number(invoice.number)
        draws.append(Draw(on=on, invoice=number, amount=practice.money(minor)))
    return found


def _drawn(
    practice: PracticeFacts,
    payer_id: int,
    name: str,
    draws: Sequence[Draw],
    share: StandingShare | None,
) -> Drawn:
    capped = share is not None and share.cap_minor is not None
    return Drawn(
        payer_id=payer_id,
        name=name,
        draws=tuple(draws),
        total=Money.total((draw.amount for draw in draws), practice.currency),
        mode=share.mode if share else "",
        cap=practice.money(share.cap_minor or 0) if share and capped else None,
        used=practice.money(share.used_minor) if share and capped else None,
        left=practice.money(share.room_minor or 0) if share and capped else None,
    )


def cap_words(one: Drawn) -> str:
    """What a patient may draw, in one sentence without amounts; "" where nothing stands."""
    return {
        "always": _("Always, without a limit"),
        "ask": _("After asking, each time"),
        "monthly": _("Each month"),
        "total": _("In all"),
    }.get(one.mode, "")


def merged_rows(people: Iterable[Person]) -> list[tuple[Person, Row]]:
    """The rows of all people in the order of days, those of one person in theirs."""
    rows = [(person, row) for person in people for row in person.rows]
    return sorted(rows, key=lambda pair: pair[1].on)
