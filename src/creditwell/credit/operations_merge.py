"""Move credit lots to another payer: two records of one person became one."""

from __future__ import annotations

from collections.abc import Iterable

from creditwell.credit.models import Lot
from creditwell.ledger.accounts import change_holder


def move_payer(
    *, practice_id: int, from_id: int, to_id: int, ids: Iterable[int] | None = None
) -> list[int]:
    """
    Move all lots of a payer (or those with these ids) with their accounts; returns what moved.

    No amount changes: the credit of the one is added to the credit of the other.
    """
    found = Lot.objects.filter(practice_id=practice_id, payer_id=from_id)
    if ids is not None:
        found = found.filter(pk__in=list(ids))
    rows = list(found.order_by("pk").values_list("pk", "account_id"))
    change_holder(
        practice_id=practice_id,
        from_id=from_id,
        to_id=to_id,
        account_ids=[account for _pk, account in rows],
    )
    moved = [pk for pk, _account in rows]
    Lot.objects.filter(practice_id=practice_id, pk__in=moved).update(payer_id=to_id)
    return moved
