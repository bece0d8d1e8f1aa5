"""The list of packages: which there are of each kind, and what they come to. Amounts are minor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from creditwell.packages.models import Product
from creditwell.packages.owing import OWING

TABS = ("active", "last", "expiring", "unpaid", "ended")
"""
Live ones; of those what has one session left, what expires soon, and what is not paid; and what
is used up, expired or over.
"""

SOON_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which packages: of these patients and of this product; None: of all."""

    practice_id: int
    today: date
    patient_ids: tuple[int, ...] | None = None
    product_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TabSum:
    """How many packages are in a tab, what they cost, what of it is not earned, what is owing."""

    count: int = 0
    price_minor: int = 0
    unearned_minor: int = 0
    owing_minor: int = 0


_STATED_SQL = f"""
WITH stated AS (
    SELECT k.id, k.expires_on, k.net_minor + k.tax_minor AS price,
           held.balance_minor AS unearned,
           {OWING} AS owing,
           k.measure = 'sessions' AND coalesce(sums.unused, 0) = 1 AS is_last,
           k.ended_at IS NULL AND coalesce(sums.unused, 0) > 0
               AND (k.expires_on IS NULL OR k.expires_on >= %(today)s
                    OR (k.paused_on IS NOT NULL AND k.paused_on <= %(today)s
                        AND (k.resumes_on IS NULL OR k.resumes_on > %(today)s))) AS live
      FROM packages_package k
      JOIN ledger_account held ON held.practice_id = k.practice_id AND held.id = k.account_id
      CROSS JOIN LATERAL (
           SELECT sum(s.units) AS unused FROM packages_session s
            WHERE s.practice_id = k.practice_id AND s.package_id = k.id
              AND s.status IN ('free', 'booked')) sums
     WHERE k.practice_id = %(practice)s
       AND (%(patients)s::bigint[] IS NULL OR k.patient_id = ANY(%(patients)s))
       AND (%(product)s::bigint IS NULL OR k.product_id = %(product)s)
)
"""  # noqa: S608  # pieces of SQL of our own
_IN_TAB = {
    "active": "live",
    "last": "live AND is_last",
    "expiring": "live AND expires_on BETWEEN %(today)s AND %(soon)s",
    "unpaid": "live AND owing > 0",
    "ended": "NOT live",
}
_ORDER = {
    "active": "id DESC",
    "last": "expires_on NULLS LAST, id DESC",
    "expiring": "expires_on, id DESC",
    "unpaid": "id DESC",
    "ended": "id DESC",
}


def sums_by_tab(wanted: Wanted) -> dict[str, TabSum]:
    """Counts and sums of each tab; one query."""
    columns = ", ".join(
        f"count(*) FILTER (WHERE {which}), "
        f"coalesce(sum(price) FILTER (WHERE {which}), 0)::bigint, "
        f"coalesce(sum(unearned) FILTER (WHERE {which}), 0)::bigint, "
        f"coalesce(sum(owing) FILTER (WHERE {which}), 0)::bigint"
        for which in _IN_TAB.values()
    )
    row = _read(f"{_STATED_SQL} SELECT {columns} FROM stated", wanted)[0]  # noqa: S608
    return {
        tab: TabSum(
            count=row[4 * n],
            price_minor=row[4 * n + 1],
            unearned_minor=row[4 * n + 2],
            owing_minor=row[4 * n + 3],
        )
        for n, tab in enumerate(TABS)
    }


def package_ids(wanted: Wanted, *, tab: str, after: int = 0, limit: int | None = None) -> list[int]:
    """The packages of a tab in its order; `limit` None is all of them. One query."""
    assert tab in TABS, tab
    sql = (
        f"{_STATED_SQL} SELECT id FROM stated WHERE {_IN_TAB[tab]} "  # noqa: S608
        f"ORDER BY {_ORDER[tab]} LIMIT %(limit)s OFFSET %(after)s"
    )
    return [row[0] for row in _read(sql, wanted, after=after, limit=limit)]


def _read(sql: str, wanted: Wanted, **more: Any) -> list[tuple[Any, ...]]:
    asked = {
        "practice": wanted.practice_id,
        "today": wanted.today,
        "soon": wanted.today + timedelta(days=SOON_DAYS),
        "patients": list(wanted.patient_ids) if wanted.patient_ids is not None else None,
        "product": wanted.product_id,
        **more,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        return list(cursor.fetchall())


def product_names(*, practice_id: int) -> list[tuple[int, str]]:
    """All products by name, archived ones too; one query."""
    rows = Product.objects.filter(practice_id=practice_id).order_by("item__name", "id")
    return list(rows.values_list("pk", "item__name"))
