"""Which credit pays first. Pure; amounts are minor units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from creditwell.credit.queries import OpenLot

PROMOTIONAL = frozenset({"goodwill"})


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
