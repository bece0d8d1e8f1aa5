"""
From what was typed to what the payment form shows: amounts read, shared out, examined.

The sums are made by payments.rules alone; the page while typing, the refused page and the saved
payment all come through here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from django.core.exceptions import ValidationError

from creditwell.money.money import Money
from creditwell.payments import spending
from creditwell.payments.rules import Credit, FamilyUse, PartDraft, Worksheet, examine, plan
from creditwell.web.components.fields import read_amount
from creditwell.web.components.formats import amount_text
from creditwell.web.payments.ground import Ground
from creditwell.web.payments.typed import Pair, Typed, TypedSource

K = TypeVar("K")

Errors = dict[str, list[str]]
"""Sentences by the id of the field that they are about; "" is the form as a whole."""


@dataclass(slots=True, kw_only=True)
class Reading:
    """The form worked out: cells as they are to be shown, the sums, the mistakes."""

    typed: Typed
    sheet: Worksheet
    drafts: list[tuple[TypedSource, Money]]
    pay: dict[int, Money]
    use_credit: dict[int, Money]
    lent: dict[Pair, Money] = field(default_factory=dict)
    errors: Errors = field(default_factory=dict)
    filled: set[str] = field(default_factory=set)  # ids of cells that "=" filled


def work_out(ground: Ground, typed: Typed) -> Reading:
    """Read the amounts, share out what is not decided by hand, examine it all."""
    reader = _Reader(ground, typed)
    use_credit, lent = reader.credit_cells()
    given = reader.given(use_credit, lent)
    by_hand = reader.pay_cells(given)
    drafts = reader.fill_sources(reader.sources(), by_hand, given)
    received = Money.total((amount for _row, amount in drafts), ground.practice.currency)
    pay = reader.pay_plan(received, given) if by_hand is None else by_hand
    sheet = examine(
        parts=[
            PartDraft(source.source_id, reader.kind_of(source), amount, source.reference)
            for source, amount in drafts
            if amount
        ],
        invoices=ground.invoices,
        pay=pay,
        credit=Credit(
            before=ground.credit,
            own=use_credit,
            family=[FamilyUse(*pair, amount) for pair, amount in lent.items()],
        ),
        cash_rounding_minor=ground.practice.cash_rounding_minor,
    )
    typed = replace(
        typed,
        sources=tuple(source for source, _amount in drafts),
        location_id=_location(ground, typed),
    )
    return Reading(
        typed=typed,
        sheet=_with_family_problems(ground, typed, sheet),
        drafts=drafts,
        pay=pay,
        use_credit=use_credit,
        lent=lent,
        errors=reader.errors,
        filled=reader.filled,
    )


def wishes_of(typed: Typed) -> spending.Wishes:
    """How owners agreed who are to be asked first, as typed."""
    return spending.Wishes(agreed={pk: text for pk, text in typed.agreed.items() if text})


def _with_family_problems(ground: Ground, typed: Typed, sheet: Worksheet) -> Worksheet:
    if ground.means is None:
        return sheet
    problems = spending.problems_of(sheet, ground.means, wishes_of(typed))
    return replace(sheet, problems=(*sheet.problems, *problems))


def _location(ground: Ground, typed: Typed) -> int | None:
    """The location chosen while it is in use, else the practice's first."""
    known = [place.id for place in ground.locations]
    return typed.location_id if typed.location_id in known else next(iter(known), None)


class _Reader:
    """Turns the texts of one form into amounts, and remembers what could not be read."""

    def __init__(self, ground: Ground, typed: Typed) -> None:
        self.ground = ground
        self.typed = typed
        self.zero = Money.zero(ground.practice.currency)
        self.owing = {i.id: ground.practice.money(i.owing_minor) for i in ground.invoices}
        self.errors: Errors = {}
        self.filled: set[str] = set()

    def sources(self) -> list[tuple[TypedSource, Money]]:
        """Each row with its amount; a row that names no source has the first on offer."""
        first = self.ground.sources[0].id if self.ground.sources else 0
        known = {source.id for source in self.ground.sources}
        rows = []
        for source in self.typed.sources:
            chosen = source.source_id if source.source_id in known else first
            row = replace(source, source_id=chosen)
            rows.append((row, self.amount(f"amount-{row.row}", row.amount)))
        return rows

    def kind_of(self, row: TypedSource) -> str:
        return next((s.kind for s in self.ground.sources if s.id == row.source_id), "other")

    def credit_cells(self) -> tuple[dict[int, Money], dict[Pair, Money]]:
        """What account credit gives, one's own and the family's: by the order unless edited."""
        means, money = self.ground.means, self.ground.practice.money
        if means is None:
            return {}, {}
        if not self.typed.credit_by_hand:
            wanted = self.ground.in_order(self.typed.order, self.typed.invoice_id)
            own, lent = spending.planned(means, wanted, spending.Wishes())
            return (
                {pk: money(minor) for pk, minor in own.items()},
                {pair: money(minor) for pair, minor in lent.items()},
            )
        cells = self._cells("credit", self.typed.use_credit)
        lent_cells = {
            pair: self.amount(f"family-{pair[0]}-{pair[1]}", text)
            for pair, text in self.typed.lent.items()
        }
        for pk in self._asking(self.typed.use_credit):
            left = self.ground.credit - self._sum(v for k, v in cells.items() if k != pk)
            cells[pk] = max(self.zero, min(self.owing.get(pk, self.zero), left))
            self.filled.add(f"credit-{pk}")
        for pair in (pair for pair, text in self.typed.lent.items() if text.strip().endswith("=")):
            lent_cells[pair] = self._fill_lent(pair, cells, lent_cells)
            self.filled.add(f"family-{pair[0]}-{pair[1]}")
        return _filled(cells), _filled(lent_cells)

    def _fill_lent(
        self, pair: Pair, cells: Mapping[int, Money], lent: Mapping[Pair, Money]
    ) -> Money:
        """Where "=" was typed: what the invoice still asks, as far as the owner's credit goes."""
        invoice_id, owner_id = pair
        others = {other: amount for other, amount in lent.items() if other != pair}
        owing = self.owing.get(invoice_id, self.zero) - cells.get(invoice_id, self.zero)
        owing -= self._sum(v for other, v in others.items() if other[0] == invoice_id)
        user_id = next((i.payer_id for i in self.ground.invoices if i.id == invoice_id), 0)
        purses = self.ground.means.purses if self.ground.means else ()
        left = next(
            (p.left_minor for p in purses if (p.owner_id, p.user_id) == (owner_id, user_id)), 0
        )
        used = self._sum(v for other, v in others.items() if other[1] == owner_id)
        return max(self.zero, min(owing, self.ground.practice.money(left) - used))

    def given(
        self, use_credit: Mapping[int, Money], lent: Mapping[Pair, Money]
    ) -> dict[int, Money]:
        """What credit gives to each invoice, whosoever it is."""
        sums = dict(use_credit)
        for (invoice_id, _owner), amount in lent.items():
            sums[invoice_id] = sums.get(invoice_id, self.zero) + amount
        return sums

    def pay_cells(self, given: Mapping[int, Money]) -> dict[int, Money] | None:
        """What this payment gives to each invoice as edited; None when nobody edited it."""
        if not self.typed.pay_by_hand:
            return None
        cells = self._cells("pay", self.typed.pay)
        for pk in self._asking(self.typed.pay):
            owing = self.owing.get(pk, self.zero) - given.get(pk, self.zero)
            cells[pk] = max(self.zero, owing)
            self.filled.add(f"pay-{pk}")
        return _filled(cells)

    def pay_plan(self, received: Money, given: Mapping[int, Money]) -> dict[int, Money]:
        """What this payment gives to each invoice by the order chosen: one's own come first."""
        cells: dict[int, Money] = {}
        for invoice in self.ground.in_order(self.typed.order, self.typed.invoice_id):
            left = received - self._sum(cells.values())
            cells |= plan(order="oldest", available=left, invoices=[invoice], taken=given)
        return cells

    def fill_sources(
        self,
        rows: list[tuple[TypedSource, Money]],
        by_hand: Mapping[int, Money] | None,
        given: Mapping[int, Money],
    ) -> list[tuple[TypedSource, Money]]:
        """Where "=" was typed: what is still to pay after credit and the other sources."""
        currency = self.zero.currency
        wanted = (
            Money.total(self.owing.values(), currency) - Money.total(given.values(), currency)
            if by_hand is None
            else Money.total(by_hand.values(), currency)
        )
        result = []
        for row, amount in rows:
            if not row.amount.strip().endswith("="):
                result.append((row, amount))
                continue
            others = Money.total((a for r, a in rows if r.row != row.row), currency)
            fill = max(self.zero, wanted - others)
            self.filled.add(f"amount-{row.row}")
            result.append((replace(row, amount=amount_text(fill) if fill else ""), fill))
        return result

    def amount(self, name: str, text: str) -> Money:
        """An amount, zero when empty; what cannot be read is an error and counts as zero."""
        bare = text.strip()
        if not bare or bare.endswith("="):
            return self.zero
        try:
            return read_amount(bare, self.zero.currency)
        except ValidationError as error:
            self.errors.setdefault(name, []).extend(str(line) for line in error.messages)
            return self.zero

    def _cells(self, name: str, texts: Mapping[int, str]) -> dict[int, Money]:
        return {pk: self.amount(f"{name}-{pk}", text) for pk, text in texts.items()}

    def _sum(self, amounts: Iterable[Money]) -> Money:
        return Money.total(amounts, self.zero.currency)

    def _asking(self, texts: Mapping[int, str]) -> list[int]:
        return [pk for pk, text in texts.items() if text.strip().endswith("=")]


def _filled(cells: Mapping[K, Money]) -> dict[K, Money]:
    return {key: amount for key, amount in cells.items() if amount}
