"""What moved on accounts of one holder, day by day. Amounts are minor units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Sum

from creditwell.ledger.models import Posting


@dataclass(frozen=True, slots=True)
class Movement:
    """What one entry moved on the accounts asked for; `undoes_id` is the entry it reverses."""

    entry_id: int
    kind: str
    on: date
    recorded_at: datetime
    undoes_id: int | None
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Leg:
    """One posting on one account."""

    account_id: int
    entry_id: int
    kind: str
    on: date
    recorded_at: datetime
    undoes_id: int | None
    amount_minor: int


def movements(
    *, practice_id: int, account_ids: Iterable[int], until: date | None = None
) -> list[Movement]:
    """
    Entries that changed the sum of these accounts, in the order of the books; one query.

    Positive is to the holder's good. What only moves between the accounts (credit that pays an
    invoice) changes nothing and is left out.
    """
    found = Posting.objects.filter(practice_id=practice_id, account_id__in=list(account_ids))
    if until is not None:
        found = found.filter(occurred_on__lte=until)
    rows = (
        found.values_list(
            "entry_id",
            "entry__kind",
            "occurred_on",
            "entry__recorded_at",
            "entry__reverses_id",
        )
        .annotate(total=Sum("amount_minor"))
        .order_by("occurred_on", "entry_id")
    )
    return [
        Movement(entry, kind, on, at, undoes, total or 0)
        for entry, kind, on, at, undoes, total in rows
        if total
    ]


def legs_of(
    *, practice_id: int, account_ids: Iterable[int], until: date | None = None
) -> list[Leg]:
    """Every posting on these accounts, in the order of the books; one query."""
    found = Posting.objects.filter(practice_id=practice_id, account_id__in=list(account_ids))
    if until is not None:
        found = found.filter(occurred_on__lte=until)
    rows = found.order_by("occurred_on", "entry_id", "pk").values_list(
        "account_id",
        "entry_id",
        "entry__kind",
        "occurred_on",
        "entry__recorded_at",
        "entry__reverses_id",
        "amount_minor",
    )
    return [Leg(*row) for row in rows]
