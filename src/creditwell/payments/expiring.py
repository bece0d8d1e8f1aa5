"""Sweep off credit that has run out, and give it back. Amounts are minor units."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import connection
from django.db.models import F

from creditwell.credit.queries import OpenLot
from creditwell.credit.rules import PROMOTIONAL
from creditwell.kernel.errors import REFUSED_BY
from creditwell.kernel.rows import insert_rows
from creditwell.ledger.post import AlreadyReversed, Journal, Posted
from creditwell.payments.models import LotExpiry, LotExpiryReturn
from creditwell.payments.rules import day_of_correction
from creditwell.tenancy.access import PracticeFacts, Written

REFUSED_BY["payments_expiry_not_over_returned"] = AlreadyReversed

_DUE_SQL = """
SELECT DISTINCT l.payer_id FROM credit_lot l
  JOIN ledger_account a ON a.practice_id = l.practice_id AND a.id = l.account_id
 WHERE l.practice_id = %s AND l.expires_on < %s AND a.balance_minor > 0 ORDER BY 1 LIMIT %s
"""
_SOON_SQL = """
SELECT DISTINCT l.payer_id FROM credit_lot l
  JOIN ledger_account a ON a.practice_id = l.practice_id AND a.id = l.account_id
 WHERE l.practice_id = %s AND l.expires_on BETWEEN %s AND %s AND l.expiry_noticed_on IS NULL
   AND a.balance_minor > 0 ORDER BY 1 LIMIT %s
"""


def payers_with_expired(*, practice_id: int, today: date, limit: int) -> list[int]:
    """Whose credit has run out and has not been swept off yet."""
    return _ids(_DUE_SQL, [practice_id, today, limit])


def payers_to_notice(*, practice_id: int, today: date, until: date, limit: int) -> list[int]:
    """Whose credit runs out by a day and who was not told yet."""
    return _ids(_SOON_SQL, [practice_id, today, until, limit])


def _ids(sql: str, parameters: Sequence[int | date]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(parameters))
        return [row[0] for row in cursor.fetchall()]


def into_of(practice: PracticeFacts, lot: OpenLot) -> str:
    """
    Where it goes: breakage or unclaimed money, as the practice chose. Goodwill was never anybody's
    money, so it is never unclaimed.
    """
    return "breakage" if lot.kind in PROMOTIONAL else practice.expired_credit_into


def day_of_expiry(practice: PracticeFacts, lot: OpenLot, today: date) -> date:
    """
    The day after the last on which it could be used, however late the job runs, so that the books
    of any day tell the truth; later if something came back since, today if that day is closed.
    """
    assert lot.expires_on is not None
    return day_of_correction(
        original=max(date.fromordinal(lot.expires_on.toordinal() + 1), lot.there_since),
        today=today,
        books_closed_on=practice.books_closed_on,
    )


def post_expiry(
    journal: Journal, practice: PracticeFacts, lots: Sequence[OpenLot], today: date
) -> list[int]:
    """Add an entry for each lot, of all that is left of it."""
    return [
        journal.move(
            "expiry",
            day_of_expiry(practice, lot, today),
            source=lot.account_id,
            target=journal.clinic_wide(into_of(practice, lot)),
            minor=lot.left_minor,
        )
        for lot in lots
    ]


def write_expiry(
    practice: PracticeFacts,
    lots: Sequence[OpenLot],
    today: date,
    entry_ids: Sequence[int],
    written: Written,
) -> list[int]:
    """Insert a row for each; returns their ids."""
    return insert_rows(
        LotExpiry,
        [
            {
                "practice_id": practice.id,
                "lot_id": lot.id,
                "into": into_of(practice, lot),
                "amount_minor": lot.left_minor,
                "returned_minor": 0,
                "expired_on": day_of_expiry(practice, lot, today),
                "entry_id": entry_id,
                **written.columns,
            }
            for lot, entry_id in zip(lots, entry_ids, strict=True)
        ],
    )


def standing_expiries(*, practice_id: int, lot_id: int) -> list[LotExpiry]:
    """What expired of a lot and was not given back, its rows locked."""
    return list(
        LotExpiry.objects.select_for_update(of=("self",), no_key=True)
        .filter(practice_id=practice_id, lot_id=lot_id, returned_minor__lt=F("amount_minor"))
        .order_by("pk")
    )


def post_grace(
    journal: Journal, expiries: Sequence[LotExpiry], *, account_id: int, on: date
) -> list[int]:
    """Add an entry for each expiry: all that was swept off comes back onto the lot."""
    return [
        journal.move(
            "expiry_return",
            on,
            source=journal.clinic_wide(row.into),
            target=account_id,
            minor=row.amount_minor - row.returned_minor,
        )
        for row in expiries
    ]


def write_grace(
    expiries: Sequence[LotExpiry],
    entries: Sequence[int],
    posted: Posted,
    *,
    on: date,
    reason: str,
    written: Written,
) -> None:
    """Insert the rows and mark the expiries; the database refuses to return more than expired."""
    insert_rows(
        LotExpiryReturn,
        [
            {
                "practice_id": row.practice_id,
                "expiry_id": row.pk,
                "amount_minor": row.amount_minor - row.returned_minor,
                "returned_on": on,
                "reason": reason,
                "entry_id": posted.entry_ids[entry],
                **written.columns,
            }
            for row, entry in zip(expiries, entries, strict=True)
        ],
    )
    for row in expiries:
        LotExpiry.objects.filter(practice_id=row.practice_id, pk=row.pk).update(
            returned_minor=F("amount_minor")
        )
