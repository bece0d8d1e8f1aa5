"""What a refund would hand over, before it is made: cash is rounded to the coins in use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from creditwell.kernel.errors import Refusal
from creditwell.money.money import Money
from creditwell.payments.refunding import payouts, pieces_of
from creditwell.payments.rules_refund import FromLot
from creditwell.tenancy.access import PracticeFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """
    `coins`: what leaves by its source for each piece of the refund. `in_cash` is what of it is
    handed over in cash, for so much `credit`.
    """

    coins: tuple[Money, ...]
    in_cash: Money
    credit: Money

    @property
    def rounding(self) -> Money:
        """Less than the credit below zero; more than it when all the coins that came go back."""
        return self.in_cash - self.credit

    def __add__(self, other: HandedOver) -> HandedOver:
        return HandedOver(
            coins=(*self.coins, *other.coins),
            in_cash=self.in_cash + other.in_cash,
            credit=self.credit + other.credit,
        )


def handed_over(
    practice: PracticeFacts, payer_id: int, wanted: Sequence[FromLot]
) -> HandedOver | None:
    """
    What would be handed over, worked out as the refund itself does it; a few queries, and one for
    each part that came in cash. None for what would be refused, and for nothing.
    """
    try:
        pieces = pieces_of(practice_id=practice.id, payer_id=payer_id, wanted=wanted)
        coins = payouts(practice, pieces)
    except Refusal:
        return None
    cash = [
        (paid, practice.money(piece.minor))
        for piece, paid in zip(pieces, coins, strict=True)
        if piece.source.kind == "cash"
    ]
    return HandedOver(
        coins=tuple(coins),
        in_cash=_sum(practice, (paid for paid, _credit in cash)),
        credit=_sum(practice, (credit for _paid, credit in cash)),
    )


def _sum(practice: PracticeFacts, amounts: Iterable[Money]) -> Money:
    return Money.total(amounts, practice.currency)
