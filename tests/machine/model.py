"""
What the books must say, in plain Python: who holds which credit, who owes what.

It never asks the books. Whose credit pays first, and what a bounced payment takes back, are written
down here a second time, from the rule and not from the code. Amounts are minor units.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

Need = tuple["Bill", int, int | None]  # so much of a bill, out of somebody's credit or anybody's
Draw = tuple["Lot", "Bill", int, int]  # of a lot, for a bill, so much, by a share (0: one's own)


@dataclass(eq=False, kw_only=True)
class Lot:
    id: int
    payer: int
    kind: str
    original: int
    left: int
    received_on: date
    expires_on: date | None
    refundable: bool
    category: int | None
    root: Lot | None = None

    def usable(self, today: date) -> bool:
        return self.expires_on is None or self.expires_on >= today

    @property
    def money(self) -> Lot:
        """The lot that the money first came into."""
        return self.root or self


@dataclass(eq=False, kw_only=True)
class Part:
    id: int
    cash: bool
    came: int
    refunded: int = 0
    dishonoured: int = 0

    @property
    def room(self) -> int:
        return max(0, self.came - self.refunded - self.dishonoured)


@dataclass(eq=False, kw_only=True)
class Paid:
    id: int
    lot: Lot
    received_on: date
    parts: list[Part]
    standing: bool = True
    sold: list[Sold] = field(default_factory=list)


@dataclass(eq=False, kw_only=True)
class Sold:
    """A gift voucher; its payer is nobody but itself."""

    id: int
    code: str
    payer: int
    disabled: bool = False


@dataclass(eq=False, kw_only=True)
class Bill:
    id: int
    line: int
    payer: int
    category: int
    total: int
    owing: int
    issued_on: date
    credited: int = 0
    void: bool = False


@dataclass(eq=False, kw_only=True)
class Use:
    id: int
    lot: Lot
    bill: Bill
    stands: int
    share: int
    on: date


@dataclass(eq=False, kw_only=True)
class Passed:
    """A part of a transfer."""

    id: int
    transfer: int
    source: Lot
    target: Lot
    stands: int
    sale: bool = False


@dataclass(eq=False, kw_only=True)
class Gone:
    """Credit that expired."""

    id: int
    lot: Lot
    stands: int
    on: date


@dataclass(eq=False, kw_only=True)
class Share:
    id: int
    owner: int
    user: int
    mode: str
    cap: int | None
    ended: bool = False


@dataclass(eq=False, kw_only=True)
class Asked:
    """A refund that waits for a second person."""

    id: int
    lot: Lot
    part: Part
    minor: int
    waiting: bool = True


@dataclass(kw_only=True)
class Model:
    lots: dict[int, Lot] = field(default_factory=dict)
    paid: list[Paid] = field(default_factory=list)
    bills: dict[int, Bill] = field(default_factory=dict)
    uses: list[Use] = field(default_factory=list)
    passed: list[Passed] = field(default_factory=list)
    gone: list[Gone] = field(default_factory=list)
    shares: list[Share] = field(default_factory=list)
    gifts: dict[int, tuple[Lot, bool]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    # -- what there is ------------------------------------------------------------------------

    def credit(self, payer: int) -> int:
        return sum(lot.left for lot in self.lots.values() if lot.payer == payer)

    def owing(self, payer: int) -> int:
        return sum(bill.owing for bill in self.bills.values() if bill.payer == payer)

    def bills_of(self, payer: int) -> list[Bill]:
        """Open ones, in the order in which they are paid."""
        found = [b for b in self.bills.values() if b.payer == payer and b.owing > 0]
        return sorted(found, key=lambda bill: (bill.issued_on, bill.id))

    def paid_into(self, lot: Lot) -> Paid | None:
        return next((paid for paid in self.paid if paid.lot is lot.money), None)

    def share_between(self, owner: int, user: int) -> Share | None:
        return next(
            (s for s in self.shares if not s.ended and (s.owner, s.user) == (owner, user)), None
        )

    def passed_on(self, lot: Lot) -> list[Passed]:
        return [part for part in self.passed if part.source is lot and part.stands]

    def expired(self, lot: Lot) -> list[Gone]:
        return [gone for gone in self.gone if gone.lot is lot and gone.stands]

    # -- whose credit pays --------------------------------------------------------------------

    def room(self, share: Share, today: date) -> int | None:
        """What is left of a cap: of this month, between the two; or in all, of this permission."""
        if share.cap is None:
            return None
        if share.mode == "total":
            used = sum(use.stands for use in self.uses if use.share == share.id)
        else:
            ends = (share.owner, share.user)
            same = {one.id for one in self.shares if (one.owner, one.user) == ends}
            month = (today.year, today.month)
            used = sum(
                use.stands
                for use in self.uses
                if use.share in same and (use.on.year, use.on.month) == month
            )
        return max(0, share.cap - used)

    def in_order(self, lots: list[Lot], first: int = 0) -> list[Lot]:
        """Chosen by hand, for one kind of item, soonest gone, given before paid, oldest."""
        return sorted(
            lots,
            key=lambda lot: (
                lot.id != first,
                lot.category is None,
                lot.expires_on or date.max,
                lot.kind != "goodwill",
                lot.received_on,
                lot.id,
            ),
        )

    def draw(self, needs: list[Need], today: date, first: int = 0) -> list[Draw]:
        """What credit gives: the user's own first, then what others let them use."""
        left = {lot.id: lot.left for lot in self.lots.values()}
        caps = {share.id: self.room(share, today) for share in self.shares}
        found: list[Draw] = []
        for bill, wanted, owner in needs:
            rest = wanted
            for lot, share in self._candidates(bill, owner, today, first):
                cap = caps.get(share)
                part = min(rest, left[lot.id], rest if cap is None else cap)
                if part <= 0:
                    continue
                rest -= part
                left[lot.id] -= part
                if cap is not None:
                    caps[share] = cap - part
                found.append((lot, bill, part, share))
        return found

    def _candidates(
        self, bill: Bill, owner: int | None, today: date, first: int
    ) -> list[tuple[Lot, int]]:
        lots = [
            lot
            for lot in self.lots.values()
            if lot.left and lot.usable(today) and lot.category in (None, bill.category)
        ]
        own = [lot for lot in lots if lot.payer == bill.payer and owner in (None, lot.payer)]
        by = {
            share.owner: share.id
            for share in self.shares
            if not share.ended
            and share.user == bill.payer
            and (share.owner == owner or (owner is None and share.mode != "ask"))
        }
        lent = [lot for lot in lots if lot.payer in by]
        return [(lot, 0) for lot in self.in_order(own, first)] + [
            (lot, by[lot.payer]) for lot in self.in_order(lent, first)
        ]

    # -- what is taken back -------------------------------------------------------------------

    def give_back(self, use: Use, minor: int) -> None:
        use.stands -= minor
        use.lot.left += minor
        use.bill.owing += minor

    def pass_back(self, part: Passed, minor: int) -> None:
        part.stands -= minor
        part.target.left -= minor
        part.source.left += minor

    def undo(self, paid: Paid) -> None:
        for use in self.uses:
            if use.lot is paid.lot:
                self.give_back(use, use.stands)
        paid.standing, paid.lot.left = False, 0

    def gather(self, lot: Lot, need: int) -> int:
        """
        Bring so much onto a lot, and say how much of it is there: what is free, then what it pays,
        then what was passed on, then what expired; the newest of each first.
        """
        got = min(lot.left, need)
        uses = [use for use in self.uses if use.lot is lot]
        for use in sorted(uses, key=lambda use: (use.on, use.id), reverse=True):
            part = min(use.stands, need - got)
            self.give_back(use, part)
            got += part
        for passed in sorted(self.passed_on(lot), key=lambda part: part.id, reverse=True):
            part = self.gather(passed.target, min(passed.stands, need - got))
            self.pass_back(passed, part)
            got += part
        for gone in sorted(self.expired(lot), key=lambda gone: (gone.on, gone.id), reverse=True):
            part = min(gone.stands, need - got)
            gone.stands -= part
            lot.left += part
            got += part
        return got

    def owners_of(self, lot: Lot) -> set[int]:
        return {one.payer for one in self.lots.values() if one.money is lot}
