"""Which credit pays first. Pure; amounts are minor units."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from creditwell.credit.models import LotKind
from creditwell.credit.queries import OpenLot
from creditwell.tenancy.access import PracticeFacts
from creditwell.tenancy.countries import credit_law

PROMOTIONAL = frozenset({"goodwill"})


def months_later(day: date, months: int) -> date:
    """
    The same day so many months later; the month's last where it has no such day.

    A day after the last that the calendar knows becomes that last one.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def last_day(practice: PracticeFacts, kind: str, received_on: date) -> date | None:
    """
    The last day on which new credit of a kind can be used, by the practice's rule; None: no end.

    Credit that was paid for lasts as long as the law of the country asks, whatever the setting
    says; goodwill may be shorter.
    """
    months = {
        LotKind.GOODWILL: practice.goodwill_lasts_months,
        LotKind.VOUCHER: practice.voucher_lasts_months,
    }.get(LotKind(kind), practice.credit_lasts_months)
    if months is None:
        return None
    if kind not in PROMOTIONAL:
        least = credit_law(practice.country).months
        if least is None:
            return None
        months = max(months, least)
    return months_later(received_on, months)


def later(one: date | None, other: date | None) -> date | None:
    """The later of two last days; none is later than any."""
    return None if one is None or other is None else max(one, other)


def usable(lots: Iterable[OpenLot], on: date) -> list[OpenLot]:
    """
    The lots that may be spent on that day: credit can be used up to and on the day it expires.

    What is left of the others is swept off by a job, maybe hours later; nobody may spend it until
    somebody gives grace.
    """
    return [lot for lot in lots if lot.expires_on is None or lot.expires_on >= on]


def order_of_use(lots: Iterable[OpenLot], *, by_hand: Sequence[int] = ()) -> list[OpenLot]:
    """
    The written order: lots chosen by hand, those that may only pay for one kind of item, the
    earliest expiry, promotional before paid, the oldest.
    """
    chosen = {lot_id: n for n, lot_id in enumerate(by_hand)}
    return sorted(
        lots,
        key=lambda lot: (
            chosen.get(lot.id, len(chosen)),
            lot.category_id is None,
            lot.expires_on or date.max,
            lot.kind not in PROMOTIONAL,
            lot.received_on,
            lot.id,
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """
    The credit of one payer as one person may use it: their own, or by a permission (`share_id`)
    that leaves `room_minor` of its cap (None: no cap). `lots` are usable, in the order of use.
    """

    owner_id: int
    user_id: int
    lots: tuple[OpenLot, ...]
    share_id: int | None = None
    mode: str = ""
    room_minor: int | None = None
    owner_name: str = ""

    @property
    def own(self) -> bool:
        return self.owner_id == self.user_id

    @property
    def left_minor(self) -> int:
        held = sum(lot.left_minor for lot in self.lots)
        return held if self.room_minor is None else max(0, min(held, self.room_minor))


@dataclass(frozen=True, slots=True)
class Need:
    """What an invoice of `user_id` is to be given: by `owner_id`, or by whoever may (None)."""

    invoice_id: int
    user_id: int
    amount_minor: int
    owner_id: int | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """Take so much of a lot for an invoice; of somebody else's, by a permission."""

    lot: OpenLot
    invoice_id: int
    amount_minor: int
    share_id: int | None = None


Rooms = Mapping[tuple[int, int], int]
"""By (invoice, category): how much credit that may pay for that category only can still give."""


def draw(
    purses: Sequence[Purse],
    needs: Sequence[Need],
    *,
    rooms: Rooms,
    by_hand: Sequence[int] = (),
) -> list[Use]:
    """
    Share credit over the needs in the order given: for each, one's own credit first, then the
    family's, each in the written order of use.

    What asks first (mode `ask`) is used only where a need names its owner. What the purses cannot
    cover is left out: the caller compares the sums.
    """
    limits = _Limits(purses, rooms)
    uses = []
    for need in needs:
        rest = need.amount_minor
        for purse, lot in _candidates(purses, need, by_hand):
            part = limits.take(purse, lot, need.invoice_id, rest)
            if part:
                rest -= part
                uses.append(Use(lot, need.invoice_id, part, purse.share_id))
    return uses


class _Limits:
    """What is left of lots, caps and rooms while credit is being shared out."""

    def __init__(self, purses: Sequence[Purse], rooms: Rooms) -> None:
        self.lots = {lot.id: lot.left_minor for purse in purses for lot in purse.lots}
        self.caps = {
            purse.share_id: purse.room_minor
            for purse in purses
            if purse.share_id is not None and purse.room_minor is not None
        }
        self.rooms = dict(rooms)

    def take(self, purse: Purse, lot: OpenLot, invoice_id: int, wanted_minor: int) -> int:
        """As much of what is wanted as the limits let be; they fall by it."""
        part = min(wanted_minor, self.lots[lot.id])
        if purse.share_id in self.caps:
            part = min(part, self.caps[purse.share_id])
        if lot.category_id is not None:
            part = min(part, self.rooms.get((invoice_id, lot.category_id), 0))
        if part <= 0:
            return 0
        self.lots[lot.id] -= part
        if purse.share_id in self.caps:
            self.caps[purse.share_id] -= part
        if lot.category_id is not None:
            self.rooms[invoice_id, lot.category_id] -= part
        return part


def _candidates(
    purses: Sequence[Purse], need: Need, by_hand: Sequence[int]
) -> list[tuple[Purse, OpenLot]]:
    """Own lots in the order of use, then the family's in the same order."""
    allowed = [
        purse
        for purse in purses
        if purse.user_id == need.user_id
        and (purse.owner_id == need.owner_id if need.owner_id else purse.mode != "ask")
    ]
    found = []
    for own in (True, False):
        of_lot = {lot.id: purse for purse in allowed if purse.own is own for lot in purse.lots}
        lots = [lot for purse in allowed if purse.own is own for lot in purse.lots]
        found += [(of_lot[lot.id], lot) for lot in order_of_use(lots, by_hand=by_hand)]
    return found
