"""
What packages must say, in plain Python: what of each is free, and which visit has what.

Which package a visit gets is written down here a second time, from the rule and not from the code.
Amounts are minor units; units are sessions, minutes, or minor units of money.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tests.machine.model import Bill

Sum = tuple[int, int, int]  # units, value, tax
NIL: Sum = (0, 0, 0)


def add(one: Sum, other: Sum, sign: int = 1) -> Sum:
    return one[0] + sign * other[0], one[1] + sign * other[1], one[2] + sign * other[2]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of visit."""

    id: int
    minutes: int
    price: int
    group: bool


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A product: each part is so many units, for some kinds of visit."""

    id: int
    item: int
    category: int
    measure: str
    parts: tuple[tuple[int, tuple[Kind, ...]], ...]
    price: int
    at_use: bool = False
    paid_first: bool = False
    days: int | None = None
    from_first: bool = False
    no_show: int = 100
    late: int = 0
    fee: int = 0


@dataclass(eq=False, kw_only=True)
class Piece:
    """A part of a package: what of it is free, and what became of what never comes back."""

    id: int
    kinds: tuple[Kind, ...]
    free: Sum
    refunded: Sum = NIL
    expired: Sum = NIL


@dataclass(eq=False, kw_only=True)
class Pack:
    id: int
    offer: Offer
    bill: Bill
    owner: int  # patient
    payer: int
    sold_on: date
    expires_on: date | None
    pieces: list[Piece]
    visits: list[Visit] = field(default_factory=list)  # those that have something of it
    users: dict[int, int | None] = field(default_factory=dict)  # patient: most units
    first: date | None = None
    changed: bool = False  # more than being booked and used happened to it
    origin: Pack | None = None
    sent: int = 0  # units that came by its transfer
    received_by: int = 0  # the line of its history that says so
    came: Sum = NIL  # what that was
    ended: bool = False
    more: list[Bill] = field(default_factory=list)  # what was charged for it since

    @property
    def bills(self) -> list[Bill]:
        """All that it was charged with, also before it was transferred."""
        return [self.bill, *self.more, *(self.origin.bills if self.origin else [])]

    @property
    def owing(self) -> int:
        """For it, on the invoice that sold it and on those that charged more since."""
        return sum(bill.owing for bill in (self.bill, *self.more))

    @property
    def live(self) -> Iterator[Held]:
        return (visit.held for visit in self.visits if visit.held)

    @property
    def price(self) -> Sum:
        """Units, net and tax of all that was not given back."""
        total = NIL
        for piece in self.pieces:
            total = add(add(total, piece.free), piece.expired)
        for held in self.live:
            total = add(total, held.sum)
        return total

    @property
    def unearned(self) -> int:
        total = NIL
        for piece in self.pieces:
            total = add(total, piece.free)
        for held in self.live:
            if held.state == "booked":
                total = add(total, held.sum)
        return total[1] + (total[2] if self.offer.at_use else 0)

    @property
    def has_free(self) -> bool:
        return not self.ended and any(piece.free[0] for piece in self.pieces)

    @property
    def used(self) -> bool:
        return any(held.state != "booked" for held in self.live)

    def rows(self) -> Counter[tuple[int, str, int]]:
        """What stands in the table of sessions: (part, state, which sum) and how much."""
        found: Counter[tuple[int, str, int]] = Counter()
        for piece in self.pieces:
            for state, what in (
                ("free", piece.free),
                ("refunded", piece.refunded),
                ("expired", piece.expired),
            ):
                for n, minor in enumerate(what):
                    found[piece.id, state, n] += minor
        for held in self.live:
            for n, minor in enumerate(held.sum):
                found[held.piece.id, held.state, n] += minor
        return +found

    def begin(self) -> None:
        """The first use was another than before: so is the last day."""
        days = [held.used_on for held in self.live if held.used_on]
        first = min(days) if days else None
        if (
            first != self.first
            and self.offer.from_first
            and self.expires_on == self.end(self.first)
        ):
            self.expires_on = self.end(first)
        self.first = first

    def end(self, begins: date | None) -> date | None:
        if begins is None or self.offer.days is None:
            return None
        return begins + timedelta(days=self.offer.days - 1)


@dataclass(eq=False, kw_only=True)
class Held:
    """What a visit has of a package."""

    id: int
    pack: Pack
    piece: Piece
    sum: Sum
    state: str = "booked"
    percent: int = 100
    used_on: date | None = None


@dataclass(eq=False, kw_only=True)
class Visit:
    id: int
    appointment: int
    patient: int
    kind: Kind
    minutes: int
    starts_at: datetime
    day: date
    state: str = "booked"
    held: Held | None = None
    had_one: bool = False


@dataclass(kw_only=True)
class Packs:
    offers: list[Offer] = field(default_factory=list)
    packs: dict[int, Pack] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    bonuses: list[tuple[Pack, Piece, int, int]] = field(default_factory=list)

    def of_bill(self, bill: Bill) -> Pack | None:
        return next((one for one in self.packs.values() if one.bill is bill), None)

    def is_sold(self, bill: Bill) -> bool:
        return any(bill in pack.bills for pack in self.packs.values())

    def may_void(self, bill: Bill) -> bool:
        pack = self.of_bill(bill)
        if pack is None:
            return not self.is_sold(bill)
        return not (pack.used or pack.changed or pack.ended)

    def void(self, bill: Bill) -> None:
        """All of what it sold is dead; visits that were booked with it have nothing."""
        pack = self.of_bill(bill)
        if pack is None:
            return
        for visit in list(pack.visits):
            assert visit.held is not None
            visit.held.piece.free = add(visit.held.piece.free, visit.held.sum)
            visit.held = None
        pack.visits.clear()
        for piece in pack.pieces:
            piece.refunded, piece.free = add(piece.refunded, piece.free), NIL
        pack.ended = True

    def could_use(
        self, patient: int, kind: Kind, minutes: int, day: date
    ) -> list[tuple[Pack, Piece]]:
        """Soonest gone, one's own, good for fewer kinds, oldest."""
        found = [
            (pack, piece)
            for pack in self.packs.values()
            for piece in pack.pieces
            if kind in piece.kinds and self._can(pack, piece, patient, day)
            if self._enough(pack, piece, patient, need_of(pack.offer, kind, minutes))
        ]
        return sorted(
            found,
            key=lambda one: (
                one[0].expires_on or date.max,
                one[0].owner != patient,
                len(one[1].kinds),
                one[0].sold_on,
                one[0].id,
                one[1].id,
            ),
        )

    def _can(self, pack: Pack, piece: Piece, patient: int, day: date) -> bool:
        return (
            not pack.ended
            and (pack.owner == patient or patient in pack.users)
            and (pack.expires_on is None or pack.expires_on >= day)
            and not (pack.offer.paid_first and pack.owing > 0)
        )

    def _enough(self, pack: Pack, piece: Piece, patient: int, need: int) -> bool:
        most = pack.users.get(patient) if pack.owner != patient else None
        taken = sum(v.held.sum[0] for v in pack.visits if v.patient == patient and v.held)
        return need <= piece.free[0] and (most is None or need <= most - taken)


def need_of(offer: Offer, kind: Kind, minutes: int) -> int:
    """What a visit takes."""
    return max(1, {"sessions": 1, "minutes": minutes, "money": kind.price}[offer.measure])
