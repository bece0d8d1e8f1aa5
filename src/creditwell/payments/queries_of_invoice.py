"""What paid an invoice, and what of it was taken back. Amounts are minor units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Sum

from creditwell.payments.models import Allocation, AllocationReturn, Payment, PaymentPart


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationLine:
    """
    Money of a lot that pays an invoice. `standing_minor` is what was not taken back.

    `from_credit`: it was account credit before; otherwise it came with the payment itself. `owner`
    is whose money it was, when not that of whoever the invoice is billed to.
    """

    id: int
    amount_minor: int
    standing_minor: int
    allocated_on: date
    from_credit: bool
    owner: str
    lot_id: int
    lot_kind: str
    payment_id: int | None
    receipt_number: int | None
    sources: tuple[str, ...]


def allocations_of_invoice(*, practice_id: int, invoice_id: int) -> list[AllocationLine]:
    """All allocations to an invoice, oldest first, taken-back ones too; three queries at most."""
    rows = list(
        Allocation.objects.filter(practice_id=practice_id, invoice_id=invoice_id)
        .select_related("lot__payer", "invoice")
        .order_by("allocated_on", "id")
    )
    payments = _payments_of_lots(practice_id, {row.lot_id for row in rows})
    sources = _sources(practice_id, {pk for pk, _number in payments.values()})
    lines = []
    for row in rows:
        payment_id, number = payments.get(row.lot_id, (None, None))
        lines.append(
            AllocationLine(
                id=row.pk,
                amount_minor=row.amount_minor,
                standing_minor=row.amount_minor - row.returned_minor,
                allocated_on=row.allocated_on,
                from_credit=row.payment_id is None,
                owner="" if row.lot.payer_id == row.invoice.payer_id else row.lot.payer.name,
                lot_id=row.lot_id,
                lot_kind=row.lot.kind,
                payment_id=payment_id,
                receipt_number=number,
                sources=tuple(sources.get(payment_id or 0, ())),
            )
        )
    return lines


def freed_at(*, practice_id: int, invoice_id: int, at: datetime) -> int:
    """What one act (known by its moment) took back of what had paid an invoice."""
    rows = AllocationReturn.objects.filter(
        practice_id=practice_id, allocation__invoice_id=invoice_id, created_at=at
    )
    return rows.aggregate(total=Sum("amount_minor"))["total"] or 0


def _payments_of_lots(practice_id: int, lot_ids: set[int]) -> dict[int, tuple[int, int]]:
    if not lot_ids:
        return {}
    found = Payment.objects.filter(practice_id=practice_id, lot_id__in=lot_ids)
    return {lot: (pk, number) for lot, pk, number in found.values_list("lot_id", "pk", "number")}


def _sources(practice_id: int, payment_ids: set[int]) -> dict[int, list[str]]:
    if not payment_ids:
        return {}
    parts = PaymentPart.objects.filter(practice_id=practice_id, payment_id__in=payment_ids)
    found: dict[int, list[str]] = {}
    for payment_id, name in parts.order_by("id").values_list("payment_id", "source__name"):
        found.setdefault(payment_id, []).append(name)
    return found
