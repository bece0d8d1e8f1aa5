"""What a patient's page shows of their money. Amounts are minor units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from creditwell.credit.queries import open_lots
from creditwell.payments.models import Payment


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditOrigin:
    """Credit that is left of one lot; `receipt_number` is None when no payment brought it."""

    lot_id: int
    kind: str
    received_on: date
    left_minor: int
    payment_id: int | None
    receipt_number: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentLine:
    """A payment in a list. `left_minor` is what of it is account credit still."""

    id: int
    number: int
    status: str
    received_on: date
    total_minor: int
    left_minor: int
    sources: tuple[str, ...]
    note: str


def credit_origins(*, practice_id: int, payer_id: int) -> list[CreditOrigin]:
    """Where a payer's account credit came from, oldest first; two queries."""
    lots = open_lots(practice_id=practice_id, payer_ids=[payer_id])
    brought = _payments_of_lots(practice_id, [lot.id for lot in lots])
    return [
        CreditOrigin(
            lot_id=lot.id,
            kind=lot.kind,
            received_on=lot.received_on,
            left_minor=lot.left_minor,
            payment_id=brought.get(lot.id, (None, None))[0],
            receipt_number=brought.get(lot.id, (None, None))[1],
        )
        for lot in lots
    ]


def count_payments(*, practice_id: int, payer_id: int) -> int:
    """Payments of a payer that stand."""
    return Payment.objects.filter(
        practice_id=practice_id, payer_id=payer_id, status=Payment.Status.RECORDED
    ).count()


def payments_of(
    *, practice_id: int, payer_id: int, after: int = 0, limit: int = 50
) -> list[PaymentLine]:
    """One page of a payer's payments, newest first; changed ones by their last edition."""
    rows = (
        Payment.objects.filter(
            practice_id=practice_id, payer_id=payer_id, lot__practice_id=practice_id
        )
        .exclude(status=Payment.Status.REPLACED)
        .select_related("lot__account")
        .prefetch_related("parts__source")
        .order_by("-received_on", "-id")
    )
    return [
        PaymentLine(
            id=row.pk,
            number=row.number,
            status=row.status,
            received_on=row.received_on,
            total_minor=row.total_minor,
            left_minor=row.lot.account.balance_minor or 0,
            sources=tuple(dict.fromkeys(part.source.name for part in row.parts.all())),
            note=row.note or row.void_reason,
        )
        for row in rows[after : after + limit]
    ]


def _payments_of_lots(
    practice_id: int, lot_ids: Iterable[int]
) -> dict[int, tuple[int | None, int | None]]:
    rows = Payment.objects.filter(practice_id=practice_id, lot_id__in=list(lot_ids))
    return {lot: (pk, number) for lot, pk, number in rows.values_list("lot_id", "pk", "number")}


def find_by_number(*, practice_id: int, number: int) -> tuple[PaymentLine, str] | None:
    """The payment of a receipt number with its payer's name, or None; one query."""
    row = (
        Payment.objects.filter(practice_id=practice_id, number=number)
        .select_related("lot__account", "payer")
        .first()
    )
    if row is None:
        return None
    line = PaymentLine(
        id=row.pk,
        number=row.number,
        status=row.status,
        received_on=row.received_on,
        total_minor=row.total_minor,
        left_minor=row.lot.account.balance_minor or 0,
        sources=(),
        note=row.note,
    )
    return line, row.payer.name
