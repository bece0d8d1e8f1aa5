"""Credit that goes every way it can, so that reports have something to tell."""

from __future__ import annotations

from datetime import date

from django.db import connection

from creditwell.ledger.post import Journal
from creditwell.tenancy.models import Practice

_RAW = """
SELECT coalesce(sum(g.amount_minor), 0)::bigint
  FROM ledger_posting g, ledger_account a, ledger_entry e
 WHERE g.practice_id = %s AND a.practice_id = %s AND e.practice_id = %s
   AND a.id = g.account_id AND e.id = g.entry_id AND a.kind = 'lot'
   AND g.account_id = ANY(%s) AND e.kind = ANY(%s)
   AND e.occurred_on >= %s AND e.occurred_on <= %s
"""


def raw(practice: Practice, accounts: list[int], kinds: list[str], since: date, until: date) -> int:
    """Sum postings one entry kind at a time: another way to the same figure."""
    with connection.cursor() as cursor:
        pk = practice.pk
        cursor.execute(_RAW, [pk, pk, pk, accounts, kinds, since, until])
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def kinds_on_lots(practice: Practice) -> list[str]:
    """Every kind of entry that ever moved a lot of this practice."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT e.kind FROM ledger_entry e JOIN ledger_posting g ON g.entry_id = e.id"
            " JOIN ledger_account a ON a.id = g.account_id AND a.kind = 'lot'"
            " WHERE e.practice_id = %s",
            [practice.pk],
        )
        return [row[0] for row in cursor.fetchall()]


def move(practice: Practice, kind: str, on: date, *, lot: int, other: str, minor: int) -> int:
    """One entry between a lot and a clinic-wide account; positive is onto the lot."""
    journal = Journal(practice_id=practice.pk)
    account = journal.clinic_wide(other)
    journal.entry(kind, on, [(lot, minor), (account, -minor)])
    return journal.post().entry_ids[0]
