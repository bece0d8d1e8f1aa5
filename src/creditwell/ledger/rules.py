"""In which order the movements of one day are told. Amounts are minor units."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from creditwell.ledger.queries_history import Leg


def in_telling_order(legs: Sequence[Leg], *, sign: int) -> list[Leg]:
    """
    Put the legs of one account in an order in which its rest never falls below zero.

    `legs` come in the order of the books (day, then entry); `sign` is 1 where a positive posting
    raises the rest (a lot), -1 where it lowers it (what an invoice still asks for).

    A correction is dated on the day of what it puts right (ADR 0007), so of one day's movements the
    one recorded last may be what the others stand on: a payment was used, the use was taken back,
    the credit was used again, and the first use is corrected onto its own day. The books know days
    and not hours, and every day ends at zero or above (the ledger's check proves it). So within a
    day the movements stay in the order in which they were recorded, but one that would take more
    than there is waits until enough has come. If all that wait took more than there is, the day
    would end below zero: so each has its turn. The order depends on nothing but the legs.
    """
    told: list[Leg] = []
    rest = 0
    for _day, of_day in groupby(legs, key=lambda leg: leg.on):
        waiting = list(of_day)
        while waiting:
            turn = next((leg for leg in waiting if rest + sign * leg.amount_minor >= 0), waiting[0])
            waiting.remove(turn)
            rest += sign * turn.amount_minor
            told.append(turn)
    return told
