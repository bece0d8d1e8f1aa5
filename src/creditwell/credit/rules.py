"""Which credit pays first. Pure; amounts are minor units."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
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


def order_of_use(lots: Sequence[OpenLot], *, by_hand: Sequence[int] = ()) -> list[OpenLot]:
    """
    The written order: lots chosen by hand, then the earliest expiry, then promotional before
    paid, then the oldest.
    """
    chosen = {lot_id: n for n, lot_id in enumerate(by_hand)}
    return sorted(
        lots,
        key=lambda lot: (
            chosen.get(lot.id, len(chosen)),
            lot.expires_on or date.max,
            lot.kind not in PROMOTIONAL,
            lot.received_on,
            lot.id,
        ),
    )


@dataclass(frozen=True, slots=True)
class Use:
    """Take so much of a lot for an invoice."""

    lot: OpenLot
    invoice_id: int
    amount_minor: int


def spend(lots: Sequence[OpenLot], wanted: Sequence[tuple[int, int]]) -> list[Use]:
    """
    Share lots, in the order given, over `(invoice id, amount)` in the order given.

    What the lots cannot cover is left out: the caller compares the sums.
    """
    left = {lot.id: lot.left_minor for lot in lots}
    uses = []
    for invoice_id, amount in wanted:
        need = amount
        for lot in lots:
            part = min(need, left[lot.id])
            if part > 0:
                left[lot.id] -= part
                need -= part
                uses.append(Use(lot, invoice_id, part))
    return uses
