"""Who is in credit: patients for whom we hold money, on any day. Amounts in minor units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection

from creditwell.money.money import Money
from creditwell.tenancy.access import PracticeFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class InCredit:
    """A patient for whom we hold money. `oldest_on` is the day that the oldest of it came in."""

    patient_id: int
    name: str
    credit: Money
    owing: Money
    oldest_on: date
    expires_on: date | None
    last_visit_on: date | None

    @property
    def net(self) -> Money:
        """What is left when the credit has paid what is owing; negative where more is owing."""
        return self.credit - self.owing


@dataclass(frozen=True, slots=True, kw_only=True)
class InCreditList:
    """One page of patients; `count` and the sums are of all pages."""

    patients: tuple[InCredit, ...]
    count: int
    credit: Money
    owing: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Who: at the end of which day (None: now), from how much credit on, in which order."""

    as_of: date | None = None
    minimum_minor: int = 1
    sort: str = "credit"


SORTS = {
    "credit": "credit DESC, p.sort_name, p.id",
    "name": "p.sort_name, p.id",
    "owing": "owing DESC, credit DESC, p.id",
    "net": "credit - owing DESC, p.sort_name, p.id",
    "oldest": "oldest_on, p.sort_name, p.id",
    "expires": "expires_on NULLS LAST, p.sort_name, p.id",
    "visit": "last_on NULLS FIRST, p.sort_name, p.id",
}
"""Ways to sort, each with the rows first that somebody who sorts so looks for."""

_NOW = """
  SELECT a.id, a.holder_id, a.kind, a.balance_minor AS minor
    FROM ledger_account a
   WHERE a.practice_id = %(practice)s AND a.kind IN ('lot', 'invoice') AND a.reference IS NULL
     AND a.balance_minor <> 0
"""
_THEN = """
  SELECT a.id, a.holder_id, a.kind, sum(g.amount_minor)::bigint AS minor
    FROM ledger_account a
    JOIN ledger_posting g ON g.practice_id = a.practice_id AND g.account_id = a.id
   WHERE a.practice_id = %(practice)s AND a.kind IN ('lot', 'invoice') AND a.reference IS NULL
     AND g.occurred_on <= %(day)s
   GROUP BY a.id, a.holder_id, a.kind HAVING sum(g.amount_minor) <> 0
"""
_LIST = """
WITH stands AS ({stands}),
held AS (
  SELECT holder_id, coalesce(sum(minor) FILTER (WHERE kind = 'lot'), 0)::bigint AS credit,
         coalesce(-sum(minor) FILTER (WHERE kind = 'invoice'), 0)::bigint AS owing
    FROM stands GROUP BY holder_id),
lots AS (
  SELECT s.holder_id, min(r.received_on) AS oldest_on, min(l.expires_on) AS expires_on
    FROM stands s
    JOIN credit_lot l ON l.practice_id = %(practice)s AND l.account_id = s.id
    JOIN credit_lot r ON r.practice_id = l.practice_id AND r.id = coalesce(l.root_id, l.id)
   WHERE s.kind = 'lot' GROUP BY s.holder_id),
seen AS (
  SELECT t.patient_id, max((m.starts_at AT TIME ZONE %(zone)s)::date) AS last_on
    FROM scheduling_attendee t
    JOIN scheduling_appointment m ON m.practice_id = t.practice_id AND m.id = t.appointment_id
   WHERE t.practice_id = %(practice)s AND t.status NOT IN ('cancelled', 'did_not_arrive')
     AND m.status <> 'cancelled' AND (m.starts_at AT TIME ZONE %(zone)s)::date <= %(day)s
   GROUP BY t.patient_id)
SELECT p.id, y.name, held.credit, held.owing, lots.oldest_on, lots.expires_on, seen.last_on,
       count(*) OVER (), (sum(held.credit) OVER ())::bigint, (sum(held.owing) OVER ())::bigint
  FROM held
  JOIN lots ON lots.holder_id = held.holder_id
  JOIN people_payer y ON y.practice_id = %(practice)s AND y.id = held.holder_id
  JOIN people_patient p ON p.practice_id = y.practice_id AND p.payer_id = y.id
  LEFT JOIN seen ON seen.patient_id = p.id
 WHERE held.credit >= %(minimum)s
 ORDER BY {order}
 LIMIT %(limit)s OFFSET %(after)s
"""


def patients_in_credit(
    practice: PracticeFacts, wanted: Wanted, today: date, *, after: int = 0, limit: int | None = 50
) -> InCreditList:
    """
    Patients for whom we hold at least so much, their owing beside it; one query at any size.

    `limit` None is all of them, for exports. Contacts and vouchers are in the credit report.
    """
    sql = _LIST.format(
        stands=_NOW if wanted.as_of is None else _THEN,
        order=SORTS.get(wanted.sort, SORTS["credit"]),
    )
    with connection.cursor() as cursor:
        cursor.execute(
            sql,
            {
                "practice": practice.id,
                "day": wanted.as_of or today,
                "zone": practice.time_zone,
                "minimum": max(wanted.minimum_minor, 1),
                "limit": limit,
                "after": after,
            },
        )
        rows = cursor.fetchall()
    money = practice.money
    return InCreditList(
        patients=tuple(
            InCredit(
                patient_id=pk,
                name=name,
                credit=money(credit),
                owing=money(owing),
                oldest_on=oldest,
                expires_on=expires,
                last_visit_on=seen,
            )
            for pk, name, credit, owing, oldest, expires, seen, *_sums in rows
        ),
        count=rows[0][7] if rows else 0,
        credit=money(rows[0][8] if rows else 0),
        owing=money(rows[0][9] if rows else 0),
    )
