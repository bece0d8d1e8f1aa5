"""Read permissions to use somebody else's credit. They say nothing of what the credit paid."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from creditwell.credit.models import Share


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareLine:
    """A permission in one direction. Ids of owner and user are payers; `cap_minor` minor units."""

    id: int
    owner_id: int
    owner_name: str
    user_id: int
    user_name: str
    mode: str
    cap_minor: int | None
    note: str
    given_at: datetime
    given_by: str  # "" when it was a program


def open_shares(*, practice_id: int, payer_ids: Iterable[int]) -> list[ShareLine]:
    """Permissions that stand and are given or had by these payers, oldest first; one query."""
    ids = list(payer_ids)
    rows = (
        Share.objects.filter(
            Q(owner_id__in=ids) | Q(user_id__in=ids),
            practice_id=practice_id,
            ended_at__isnull=True,
        )
        .select_related("owner", "user", "given_by")
        .order_by("pk")
    )
    return [
        ShareLine(
            id=row.pk,
            owner_id=row.owner_id,
            owner_name=row.owner.name,
            user_id=row.user_id,
            user_name=row.user.name,
            mode=row.mode,
            cap_minor=row.cap_minor,
            note=row.note,
            given_at=row.given_at,
            given_by=row.given_by.name if row.given_by else "",
        )
        for row in rows
    ]
