"""Move payments and refunds to another payer: two records of one person became one."""

from __future__ import annotations

from collections.abc import Iterable

from creditwell.payments.models import Payment, Refund, RefundPart


def move_payer(
    *, practice_id: int, from_id: int, to_id: int, ids: Iterable[int] | None = None
) -> list[int]:
    """
    Move all payments of a payer (or those with these ids); returns what moved.

    Their lots are moved by credit.operations_merge.
    """
    found = Payment.objects.filter(practice_id=practice_id, payer_id=from_id)
    if ids is not None:
        found = found.filter(pk__in=list(ids))
    moved = list(found.order_by("pk").values_list("pk", flat=True))
    Payment.objects.filter(practice_id=practice_id, pk__in=moved).update(payer_id=to_id)
    return moved


def move_refunds(
    *, practice_id: int, from_id: int, to_id: int, ids: Iterable[int] | None = None
) -> list[int]:
    """Move all refunds to a payer (or those with these ids); returns what moved."""
    found = Refund.objects.filter(practice_id=practice_id, payer_id=from_id)
    if ids is not None:
        found = found.filter(pk__in=list(ids))
    moved = list(found.order_by("pk").values_list("pk", flat=True))
    Refund.objects.filter(practice_id=practice_id, pk__in=moved).update(payer_id=to_id)
    return moved


def editions_of(*, practice_id: int, payment_ids: Iterable[int]) -> list[int]:
    """These payments and everything that replaced them since: an edited payment is one payment."""
    found = set(payment_ids)
    fresh = found
    while fresh:
        rows = Payment.objects.filter(practice_id=practice_id, replaces_id__in=fresh)
        fresh = set(rows.values_list("pk", flat=True)) - found
        found = found | fresh
    return sorted(found)


def lots_of(*, practice_id: int, payment_ids: Iterable[int]) -> list[int]:
    """The lots that these payments brought."""
    rows = Payment.objects.filter(practice_id=practice_id, pk__in=list(payment_ids))
    return list(rows.order_by("pk").values_list("lot_id", flat=True))


def refunds_of(*, practice_id: int, payment_ids: Iterable[int]) -> list[int]:
    """Refunds of nothing but these payments."""
    wanted = set(payment_ids)
    touching = RefundPart.objects.filter(
        practice_id=practice_id, part__payment_id__in=wanted
    ).values_list("refund_id", flat=True)
    parts = RefundPart.objects.filter(practice_id=practice_id, refund_id__in=set(touching))
    payments: dict[int, set[int]] = {}
    for refund_id, payment_id in parts.values_list("refund_id", "part__payment_id"):
        payments.setdefault(refund_id, set()).add(payment_id)
    return sorted(refund for refund, paid in payments.items() if paid <= wanted)
