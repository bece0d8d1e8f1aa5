"""
What of packages is not earned yet: the roll-forward between two days, and the packages behind it.

Everything is added up from the postings on accounts of packages by the kind of their entry, so it
comes to the ledger's total of all packages on any day. Amounts in the rows are minor units.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from creditwell.ledger.queries_totals import totals_of_kind
from creditwell.money.money import Money
from creditwell.tenancy.access import PracticeFacts

LINES: Mapping[str, tuple[str, ...]] = {
    "sold": ("invoice",),
    "used": ("session_use", "session_use_return"),
    "forfeited": ("session_forfeit", "session_forfeit_return"),
    "refunded": ("credit_note",),
    "kept": ("package_kept",),
    "expired": ("package_expiry", "package_expiry_return"),
    "transferred": ("package_transfer", "package_transfer_return"),
}
"""Which kinds of entry make a line of the roll-forward; any other kind is a correction."""
CORRECTED = "corrected"

BY = ("product", "practitioner", "location", "measure")
NOTHING = "0"
"""The key of packages without a practitioner or location."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roll:
    """
    Unearned value from one day to another: opening + all that moved = closing.

    What lowered it is negative. `key` is the group: the id of a product's item, a practitioner, a
    location ("0": none), or a measure; "" for all together. Transfers come to nothing in all.
    """

    key: str
    opening: Money
    sold: Money
    used: Money
    forfeited: Money
    refunded: Money
    kept: Money
    expired: Money
    transferred: Money
    corrected: Money
    closing: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class RollForward:
    """
    The roll-forward from `since` to `until`, both included, and what the ledger has.

    `books_opening` and `books_closing` are the ledger's own totals of all packages, read without
    the packages and groups that the rows are made of.
    """

    since: date
    until: date
    by: str
    total: Roll
    rows: tuple[Roll, ...]
    books_opening: Money
    books_closing: Money

    @property
    def ties(self) -> bool:
        """Whether the report comes to what the books say, on both days."""
        return (self.books_opening, self.books_closing) == (self.total.opening, self.total.closing)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPackage:
    """A package with something unearned at the end of a day."""

    id: int
    name: str
    patient_id: int
    owner: str
    sold_on: date
    expires_on: date | None
    invoice_id: int
    invoice: str
    unearned: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPackages:
    """One page of packages, the oldest first; `count` and `total` are of all pages."""

    packages: tuple[HeldPackage, ...]
    count: int
    total: Money


# The practitioner is the one whom the sale's invoice names, the location too.
_PLACED = """
placed AS MATERIALIZED (
  SELECT k.id, k.account_id, k.name, k.patient_id, k.payer_id, k.sold_on, k.expires_on,
         i.id AS invoice_id, i.number,
         t.item_id::text AS product, k.measure AS measure,
         coalesce(i.practitioner_id, 0)::text AS practitioner,
         coalesce(i.location_id, 0)::text AS location
    FROM packages_package k
    JOIN packages_product t ON t.practice_id = k.practice_id AND t.id = k.product_id
    JOIN invoicing_invoiceline l ON l.practice_id = k.practice_id AND l.id = k.line_id
    JOIN invoicing_invoice i ON i.practice_id = l.practice_id AND i.id = l.invoice_id
   WHERE k.practice_id = %(practice)s)
"""
_ROLL = f"""
WITH moved AS MATERIALIZED (
  SELECT g.account_id, 'opening_balance' AS line, sum(g.amount_minor) AS minor
    FROM ledger_posting g
    JOIN ledger_account a ON a.practice_id = g.practice_id AND a.id = g.account_id
   WHERE g.practice_id = %(practice)s AND a.kind = 'package' AND g.occurred_on < %(since)s
   GROUP BY 1
  UNION ALL
  SELECT g.account_id, e.kind, sum(g.amount_minor)
    FROM ledger_posting g
    JOIN ledger_account a ON a.practice_id = g.practice_id AND a.id = g.account_id
    JOIN ledger_entry e ON e.practice_id = g.practice_id AND e.id = g.entry_id
   WHERE g.practice_id = %(practice)s AND a.kind = 'package'
     AND g.occurred_on BETWEEN %(since)s AND %(until)s
   GROUP BY 1, 2),
{_PLACED}
SELECT {{by}}, moved.line, sum(moved.minor)::bigint
  FROM moved JOIN placed ON placed.account_id = moved.account_id
 GROUP BY 1, 2
"""  # noqa: S608  # names of our own columns
_HELD = f"""
WITH stands AS MATERIALIZED (
  SELECT g.account_id, sum(g.amount_minor)::bigint AS minor
    FROM ledger_posting g
    JOIN ledger_account a ON a.practice_id = g.practice_id AND a.id = g.account_id
   WHERE g.practice_id = %(practice)s AND a.kind = 'package' AND g.occurred_on <= %(until)s
   GROUP BY 1 HAVING sum(g.amount_minor) <> 0),
{_PLACED}
SELECT placed.id, placed.name, placed.patient_id, w.name, placed.sold_on, placed.expires_on,
       placed.invoice_id, placed.number, stands.minor,
       count(*) OVER (), (sum(stands.minor) OVER ())::bigint
  FROM stands
  JOIN placed ON placed.account_id = stands.account_id
  JOIN people_payer w ON w.practice_id = %(practice)s AND w.id = placed.payer_id
 WHERE {{which}}
 ORDER BY placed.sold_on, placed.id
 LIMIT %(limit)s OFFSET %(after)s
"""  # noqa: S608  # names of our own columns
# Of a fixed list, never of what was asked.
_COLUMN = {name: name for name in BY}


def roll_forward(
    practice: PracticeFacts, since: date, until: date, *, by: str = "product"
) -> RollForward:
    """
    What of packages is not earned, from one day to another, both included, in groups; two queries.

    `by` is one of BY. The rows with the largest closing figure stand first.
    """
    asked: dict[str, Any] = {"practice": practice.id, "since": since, "until": until}
    found: dict[str, dict[str, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_ROLL.format(by=_COLUMN[by]), asked)
        for key, line, minor in cursor.fetchall():
            lines = found.setdefault(key, {})
            name = _line_of(line)
            lines[name] = lines.get(name, 0) + minor
    opening, closing = totals_of_kind(
        practice_id=practice.id, kind="package", since=since, until=until
    )
    rows = [_roll(practice, key, [lines]) for key, lines in found.items()]
    return RollForward(
        since=since,
        until=until,
        by=by,
        total=_roll(practice, "", found.values()),
        rows=tuple(sorted(rows, key=lambda row: (-row.closing.minor, row.key))),
        books_opening=practice.money(opening),
        books_closing=practice.money(closing),
    )


def held_packages(
    practice: PracticeFacts,
    until: date,
    group: tuple[str, str] | None = None,
    *,
    after: int = 0,
    limit: int | None = 50,
) -> HeldPackages:
    """
    The packages that made up the unearned value at the end of a day, or one group of it; one query.

    `group` is (one of BY, a key of its rows). With `limit` None all of them, for exports.
    """
    which = "true" if group is None else f"placed.{_COLUMN[group[0]]} = %(key)s"
    asked: dict[str, Any] = {
        "practice": practice.id,
        "until": until,
        "key": group[1] if group else "",
        "limit": limit,
        "after": after,
    }
    with connection.cursor() as cursor:
        cursor.execute(_HELD.format(which=which), asked)
        rows = cursor.fetchall()
    return HeldPackages(
        packages=tuple(_held(practice, row) for row in rows),
        count=rows[0][9] if rows else 0,
        total=practice.money(rows[0][10] if rows else 0),
    )


def _line_of(kind: str) -> str:
    if kind == "opening_balance":
        return kind
    return next((line for line, kinds in LINES.items() if kind in kinds), CORRECTED)


def _roll(practice: PracticeFacts, key: str, groups: Iterable[Mapping[str, int]]) -> Roll:
    sums: dict[str, int] = {}
    for lines in groups:
        for line, minor in lines.items():
            sums[line] = sums.get(line, 0) + minor
    return Roll(
        key=key,
        opening=practice.money(sums.get("opening_balance", 0)),
        closing=practice.money(sum(sums.values())),
        **{line: practice.money(sums.get(line, 0)) for line in (*LINES, CORRECTED)},
    )


def _held(practice: PracticeFacts, row: tuple[Any, ...]) -> HeldPackage:
    return HeldPackage(
        id=row[0],
        name=row[1],
        patient_id=row[2],
        owner=row[3],
        sold_on=row[4],
        expires_on=row[5],
        invoice_id=row[6],
        invoice=practice.invoice_number(row[7]),
        unearned=practice.money(row[8]),
    )
