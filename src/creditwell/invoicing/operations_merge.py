"""Move invoices to another patient and payer: two records of one person became one."""

from __future__ import annotations

from collections.abc import Iterable

from creditwell.invoicing.models import Invoice
from creditwell.ledger.accounts import change_holder


def move_payer(
    *, practice_id: int, from_id: int, to_id: int, ids: Iterable[int] | None = None
) -> list[int]:
    """
    Move all invoices that a payer is asked to pay (or those with these ids), with their accounts.

    Returns what moved. Numbers, amounts and what is printed on them stay.
    """
    found = Invoice.objects.filter(practice_id=practice_id, payer_id=from_id)
    if ids is not None:
        found = found.filter(pk__in=list(ids))
    rows = list(found.order_by("pk").values_list("pk", "account_id"))
    change_holder(
        practice_id=practice_id,
        from_id=from_id,
        to_id=to_id,
        account_ids=[account for _pk, account in rows if account is not None],
    )
    moved = [pk for pk, _account in rows]
    Invoice.objects.filter(practice_id=practice_id, pk__in=moved).update(payer_id=to_id)
    return moved


def move_patient(
    *, practice_id: int, from_id: int, to_id: int, ids: Iterable[int] | None = None
) -> list[int]:
    """Move all invoices about a patient (or those with these ids), whoever pays; returns them."""
    found = Invoice.objects.filter(practice_id=practice_id, patient_id=from_id)
    if ids is not None:
        found = found.filter(pk__in=list(ids))
    moved = list(found.order_by("pk").values_list("pk", flat=True))
    Invoice.objects.filter(practice_id=practice_id, pk__in=moved).update(patient_id=to_id)
    return moved
