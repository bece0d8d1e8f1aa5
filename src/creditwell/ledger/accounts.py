"""Whose an account is. What stands in it is moved by the journal alone (post.py)."""

from __future__ import annotations

from collections.abc import Iterable

from creditwell.ledger.models import Account


def change_holder(
    *, practice_id: int, from_id: int, to_id: int, account_ids: Iterable[int]
) -> list[int]:
    """
    Give guarded accounts to another holder; no amount changes. Returns the ids that were given.

    Accounts that `from_id` does not hold (any more) are left alone.
    """
    found = Account.objects.filter(
        practice_id=practice_id,
        pk__in=list(account_ids),
        holder_id=from_id,
        reference__isnull=True,
    ).select_for_update(no_key=True)
    ids = sorted(found.order_by("pk").values_list("pk", flat=True))
    Account.objects.filter(practice_id=practice_id, pk__in=ids).update(holder_id=to_id)
    return ids
