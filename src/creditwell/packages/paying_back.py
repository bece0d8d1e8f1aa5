"""The way of freed money back to its sources. Amounts are minor units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from creditwell.credit.models import Lot, LotKind
from creditwell.kernel.errors import Refusal
from creditwell.packages.crediting import Plan
from creditwell.payments import refunding
from creditwell.payments.models import PaymentPart
from creditwell.payments.rules_refund import FromLot
from creditwell.tenancy.access import PracticeFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """So much of a lot goes back by a part of the payment it came by; `till_minor` in cash."""

    payer_id: int
    payer_name: str
    wanted: FromLot
    source: str
    reference: str
    minor: int
    till_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stays:
    """What stays account credit, and of which kind the lot is."""

    payer_id: int
    payer_name: str
    lot_kind: str
    expires_on: date | None
    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysBack:
    """All of what was paid and is freed: what goes back to its sources, what stays credit."""

    ways: tuple[Way, ...] = ()
    stays: tuple[Stays, ...] = ()

    @property
    def going_minor(self) -> int:
        return sum(way.minor for way in self.ways)

    def wanted_by(self, payer_id: int) -> list[FromLot]:
        return [way.wanted for way in self.ways if way.payer_id == payer_id]

    @property
    def payer_ids(self) -> list[int]:
        return sorted({way.payer_id for way in self.ways})


def freed_by(plans: Iterable[Plan]) -> dict[int, int]:
    """What comes back into each lot."""
    freed: dict[int, int] = {}
    for plan in plans:
        for back in plan.backs:
            lot_id = back.allocation.lot_id
            freed[lot_id] = freed.get(lot_id, 0) + back.amount_minor
    return freed


def all_stay(practice: PracticeFacts, freed: Mapping[int, int]) -> WaysBack:
    """Nothing goes back by a source: all of it is account credit."""
    return WaysBack(stays=tuple(_stays(lot, freed[lot.pk]) for lot in _lots(practice.id, freed)))


def ways_back(practice: PracticeFacts, freed: Mapping[int, int]) -> WaysBack:
    """
    By which parts of which payments freed money goes back: each lot by its own payment, as far as
    that came by it and was not refunded. Goodwill, opening balances and less than the smallest coin
    stay account credit.
    """
    lots = _lots(practice.id, freed)
    parts = _parts(practice.id, lots)
    room = {part.pk: refunding.room_of(part) for rows in parts.values() for part in rows}
    ways: list[Way] = []
    stays: list[Stays] = []
    for lot in lots:
        rest = freed[lot.pk]
        for part in _open_to(lot, parts):
            minor = min(rest, room[part.pk])
            piece = refunding.Piece(lot, part, part.source, minor)
            till = _till(practice, piece) if minor > 0 else None
            if till is None:
                continue
            room[part.pk] -= minor
            rest -= minor
            ways.append(_way(lot, part, minor, till))
        if rest:
            stays.append(_stays(lot, rest))
    return WaysBack(ways=tuple(ways), stays=tuple(stays))


def _lots(practice_id: int, freed: Mapping[int, int]) -> list[Lot]:
    rows = Lot.objects.filter(practice_id=practice_id, pk__in=list(freed))
    return list(rows.select_related("payer").order_by("pk"))


def _parts(practice_id: int, lots: Iterable[Lot]) -> dict[int, list[PaymentPart]]:
    found: dict[int, list[PaymentPart]] = {}
    rows = PaymentPart.objects.filter(
        practice_id=practice_id,
        payment__practice_id=practice_id,
        payment__lot_id__in={lot.root_id or lot.pk for lot in lots},
        payment__status="recorded",
    ).select_related("payment", "source")
    for part in rows.order_by("pk"):
        found.setdefault(part.payment.lot_id, []).append(part)
    return found


def _open_to(lot: Lot, parts: Mapping[int, list[PaymentPart]]) -> list[PaymentPart]:
    if not lot.refundable or lot.kind == LotKind.GOODWILL:
        return []
    return parts.get(lot.root_id or lot.pk, [])


def _till(practice: PracticeFacts, piece: refunding.Piece) -> int | None:
    """What would leave the till; None if no coin is small enough."""
    try:
        return refunding.payouts(practice, [piece])[0].minor
    except Refusal:
        return None


def _way(lot: Lot, part: PaymentPart, minor: int, till_minor: int) -> Way:
    return Way(
        payer_id=lot.payer_id,
        payer_name=lot.payer.name,
        wanted=FromLot(lot_id=lot.pk, part_id=part.pk, minor=minor),
        source=part.source.name,
        reference=part.reference,
        minor=minor,
        till_minor=till_minor,
    )


def _stays(lot: Lot, minor: int) -> Stays:
    gaps: dict[str, Any] = {"payer_id": lot.payer_id, "payer_name": lot.payer.name}
    return Stays(**gaps, lot_kind=lot.kind, expires_on=lot.expires_on, minor=minor)
