"""What was sold and what was delivered between two days. Amounts in the rows are minor units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from creditwell.money.money import Money
from creditwell.tenancy.access import PracticeFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """
    A product between two days: how many were sold, and what was charged for its packages, tax
    included; how many sessions (of minutes and money: visits) were used or kept, and what they
    earned, net of tax. `open_count` and `expiring_count` are of today.

    Charged is every line of an invoice that stands and was issued on these days, if it pays into
    the account of a package: its sale, and what an upgrade or a swap asked for since. The package
    counts for the product that it is now, as in the roll-forward, whose "sold" these lines are
    too, without tax that is due at once.
    """

    item_id: int
    name: str
    sold_count: int
    charged: Money
    used_count: int
    kept_count: int
    earned: Money
    open_count: int
    expiring_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """
    What a practitioner earned the practice between two days, net of tax, when it was delivered:
    sessions of packages on the day of the visit, everything else on the day of its invoice (less
    its credit notes). `practitioner_id` 0: nobody is named.
    """

    practitioner_id: int
    name: str
    used_count: int
    used: Money
    kept_count: int
    kept: Money
    invoiced: Money

    @property
    def total(self) -> Money:
        return self.used + self.kept + self.invoiced


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month of packages: what was sold net of tax, what was earned, what stood at its end."""

    begins_on: date
    sold: Money
    earned: Money
    unearned: Money


_ACTIVITY = """
WITH sold AS (
  SELECT k.product_id, count(*) AS n
    FROM packages_package k
    JOIN invoicing_invoiceline l ON l.practice_id = k.practice_id AND l.id = k.line_id
    JOIN invoicing_invoice i ON i.practice_id = l.practice_id AND i.id = l.invoice_id
   WHERE k.practice_id = %(practice)s AND k.origin_id IS NULL AND i.status = 'issued'
     AND k.sold_on BETWEEN %(since)s AND %(until)s
   GROUP BY 1
), charged AS (
  SELECT k.product_id, sum(l.total_minor) AS minor
    FROM packages_package k
    JOIN invoicing_invoiceline l ON l.practice_id = k.practice_id AND l.account_id = k.account_id
    JOIN invoicing_invoice i ON i.practice_id = l.practice_id AND i.id = l.invoice_id
   WHERE k.practice_id = %(practice)s AND i.status = 'issued'
     AND i.issued_on BETWEEN %(since)s AND %(until)s
   GROUP BY 1
), used AS (
  SELECT k.product_id, count(*) FILTER (WHERE s.status = 'used') AS used_n,
         count(*) FILTER (WHERE s.status = 'forfeited') AS kept_n, sum(s.value_minor) AS minor
    FROM packages_session s
    JOIN packages_package k ON k.practice_id = s.practice_id AND k.id = s.package_id
   WHERE s.practice_id = %(practice)s AND s.status IN ('used', 'forfeited')
     AND s.used_on BETWEEN %(since)s AND %(until)s
   GROUP BY 1
), stands AS (
  SELECT k.product_id, count(*) AS open_n,
         count(*) FILTER (WHERE k.expires_on BETWEEN %(today)s AND %(soon)s) AS soon_n
    FROM packages_package k
   WHERE k.practice_id = %(practice)s AND k.ended_at IS NULL
     AND (k.expires_on IS NULL OR k.expires_on >= %(today)s)
     AND EXISTS (SELECT FROM packages_session s
                  WHERE s.practice_id = k.practice_id AND s.package_id = k.id
                    AND s.status IN ('free', 'booked') AND s.units > 0)
   GROUP BY 1
)
SELECT t.item_id, m.name, coalesce(sold.n, 0), coalesce(charged.minor, 0)::bigint,
       coalesce(used.used_n, 0), coalesce(used.kept_n, 0), coalesce(used.minor, 0)::bigint,
       coalesce(stands.open_n, 0), coalesce(stands.soon_n, 0)
  FROM packages_product t
  JOIN catalog_item m ON m.practice_id = t.practice_id AND m.id = t.item_id
  LEFT JOIN sold ON sold.product_id = t.id
  LEFT JOIN charged ON charged.product_id = t.id
  LEFT JOIN used ON used.product_id = t.id
  LEFT JOIN stands ON stands.product_id = t.id
 WHERE t.practice_id = %(practice)s
   AND coalesce(sold.n, charged.minor, used.used_n, used.kept_n, stands.open_n) IS NOT NULL
 ORDER BY coalesce(charged.minor, 0) DESC, m.name
"""


def activity(
    practice: PracticeFacts, since: date, until: date, *, today: date, soon: date
) -> list[Activity]:
    """What was sold and used of each product, the most charged first; one query."""
    asked = {
        "practice": practice.id,
        "since": since,
        "until": until,
        "today": today,
        "soon": soon,
    }
    return [
        Activity(
            item_id=row[0],
            name=row[1],
            sold_count=row[2],
            charged=practice.money(row[3]),
            used_count=row[4],
            kept_count=row[5],
            earned=practice.money(row[6]),
            open_count=row[7],
            expiring_count=row[8],
        )
        for row in _read(_ACTIVITY, asked)
    ]


# Sessions by the practitioner of the visit; other lines by the practitioner of the invoice.
_DELIVERED = """
WITH given AS (
  SELECT coalesce(a.practitioner_id, 0) AS who,
         count(*) FILTER (WHERE s.status = 'used') AS used_n,
         coalesce(sum(s.value_minor) FILTER (WHERE s.status = 'used'), 0) AS used,
         count(*) FILTER (WHERE s.status = 'forfeited') AS kept_n,
         coalesce(sum(s.value_minor) FILTER (WHERE s.status = 'forfeited'), 0) AS kept,
         0 AS invoiced
    FROM packages_session s
    LEFT JOIN scheduling_attendee v ON v.practice_id = s.practice_id AND v.id = s.attendee_id
    LEFT JOIN scheduling_appointment a
      ON a.practice_id = v.practice_id AND a.id = v.appointment_id
   WHERE s.practice_id = %(practice)s AND s.status IN ('used', 'forfeited')
     AND s.used_on BETWEEN %(since)s AND %(until)s
   GROUP BY 1
  UNION ALL
  SELECT coalesce(i.practitioner_id, 0), 0, 0, 0, 0, sum(l.net_minor)
    FROM invoicing_invoiceline l
    JOIN invoicing_invoice i ON i.practice_id = l.practice_id AND i.id = l.invoice_id
   WHERE l.practice_id = %(practice)s AND l.account_id IS NULL AND i.status = 'issued'
     AND i.issued_on BETWEEN %(since)s AND %(until)s
   GROUP BY 1
  UNION ALL
  SELECT coalesce(i.practitioner_id, 0), 0, 0, 0, 0, -sum(c.net_minor)
    FROM invoicing_creditnoteline c
    JOIN invoicing_creditnote n ON n.practice_id = c.practice_id AND n.id = c.credit_note_id
    JOIN invoicing_invoiceline l ON l.practice_id = c.practice_id AND l.id = c.line_id
    JOIN invoicing_invoice i ON i.practice_id = l.practice_id AND i.id = l.invoice_id
   WHERE c.practice_id = %(practice)s AND l.account_id IS NULL
     AND n.issued_on BETWEEN %(since)s AND %(until)s
   GROUP BY 1
)
SELECT who, coalesce(p.name, ''), sum(used_n)::bigint, sum(used)::bigint, sum(kept_n)::bigint,
       sum(kept)::bigint, sum(invoiced)::bigint
  FROM given
  LEFT JOIN scheduling_practitioner p ON p.practice_id = %(practice)s AND p.id = given.who
 GROUP BY who, p.name, p.position
 ORDER BY who = 0, p.position, p.name
"""


def delivered(practice: PracticeFacts, since: date, until: date) -> list[Delivered]:
    """What each practitioner delivered, in their order, nobody last; one query."""
    asked = {"practice": practice.id, "since": since, "until": until}
    return [
        Delivered(
            practitioner_id=row[0],
            name=row[1],
            used_count=row[2],
            used=practice.money(row[3]),
            kept_count=row[4],
            kept=practice.money(row[5]),
            invoiced=practice.money(row[6]),
        )
        for row in _read(_DELIVERED, asked)
    ]


_MONTHS = """
SELECT m.begins::date,
       coalesce((SELECT sum(g.amount_minor) FROM ledger_posting g
          JOIN ledger_entry e ON e.practice_id = g.practice_id AND e.id = g.entry_id
         WHERE g.practice_id = %(practice)s AND g.account_id = ANY(held.ids)
           AND e.kind IN ('invoice', 'invoice_void')
           AND g.occurred_on >= m.begins AND g.occurred_on < m.begins + interval '1 month'),
         0)::bigint,
       coalesce((SELECT -sum(g.amount_minor) FROM ledger_posting g
          JOIN ledger_entry e ON e.practice_id = g.practice_id AND e.id = g.entry_id
         WHERE g.practice_id = %(practice)s AND g.account_id = ANY(held.ids)
           AND e.kind LIKE 'session\\_%%'
           AND g.occurred_on >= m.begins AND g.occurred_on < m.begins + interval '1 month'),
         0)::bigint,
       coalesce((SELECT sum(g.amount_minor) FROM ledger_posting g
         WHERE g.practice_id = %(practice)s AND g.account_id = ANY(held.ids)
           AND g.occurred_on < m.begins + interval '1 month'), 0)::bigint
  FROM generate_series(%(first)s::date, %(last)s::date, interval '1 month') AS m(begins),
       (SELECT coalesce(array_agg(id), '{}') AS ids FROM ledger_account
         WHERE practice_id = %(practice)s AND kind = 'package') AS held
 ORDER BY 1
"""


def months(practice: PracticeFacts, last: date, *, count: int = 12) -> list[Month]:
    """So many months up to the one of a day, the oldest first; one query."""
    end = last.year * 12 + last.month - 1
    year, month = divmod(end - count + 1, 12)
    asked = {
        "practice": practice.id,
        "first": date(year, month + 1, 1),
        "last": last.replace(day=1),
    }
    return [
        Month(
            begins_on=row[0],
            sold=practice.money(row[1]),
            earned=practice.money(row[2]),
            unearned=practice.money(row[3]),
        )
        for row in _read(_MONTHS, asked)
    ]


def _read(sql: str, asked: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        return list(cursor.fetchall())
