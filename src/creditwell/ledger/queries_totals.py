"""What all accounts of a kind hold together: what reports have to come to."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection

_TOTALS_SQL = """
SELECT coalesce(sum(g.amount_minor) FILTER (WHERE g.occurred_on < %(since)s), 0)::bigint,
       coalesce(sum(g.amount_minor), 0)::bigint
  FROM ledger_posting g
 WHERE g.practice_id = %(practice)s AND g.occurred_on <= %(until)s AND g.account_id IN (
       SELECT id FROM ledger_account WHERE practice_id = %(practice)s AND kind = %(kind)s)
"""


def totals_of_kind(*, practice_id: int, kind: str, since: date, until: date) -> tuple[int, int]:
    """What they held before the first day and at the end of the last, in minor units; one query."""
    asked: dict[str, Any] = {"practice": practice_id, "kind": kind, "since": since, "until": until}
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS_SQL, asked)
        row = cursor.fetchone()
    assert row is not None
    return int(row[0]), int(row[1])
