"""Read credit lots. Amounts are minor units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection

from creditwell.kernel.rows import one_of


@dataclass(frozen=True, slots=True)
class OpenLot:
    """
    A lot with something left. From `there_since` on, the last day that anything came into it (back
    from an invoice, too), all of `left_minor` has been there.
    """

    id: int
    account_id: int
    payer_id: int
    kind: str
    received_on: date
    expires_on: date | None
    refundable: bool
    left_minor: int
    original_minor: int = 0
    root_id: int = 0  # the lot that the money first came into; its own id unless transferred
    category_id: int | None = None  # of the items that it may pay for; none: any
    there_since: date = date.min


_OPEN_SQL = """
SELECT l.id, l.account_id, l.payer_id, l.kind, l.received_on, l.expires_on, l.refundable,
       a.balance_minor, l.original_minor, coalesce(l.root_id, l.id), l.category_id,
       (SELECT max(g.occurred_on) FROM ledger_posting g
         WHERE g.practice_id = a.practice_id AND g.account_id = a.id AND g.amount_minor > 0)
  FROM ledger_account a
  JOIN credit_lot l ON l.practice_id = a.practice_id AND l.account_id = a.id
 WHERE a.practice_id = %s AND a.holder_id {} AND a.kind = 'lot'
   AND a.reference IS NULL AND a.balance_minor > 0
 ORDER BY l.received_on, l.id
"""


def open_lots(*, practice_id: int, payer_ids: Iterable[int]) -> list[OpenLot]:
    """Lots of these payers with something left, oldest first; one prepared query."""
    among, payers = one_of(payer_ids)
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_SQL.format(among), [practice_id, payers])
        return [OpenLot(*row) for row in cursor.fetchall()]
