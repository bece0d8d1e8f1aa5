"""
What is owing for a package: on the invoice that sold it, and on those that charged more since
(a swap, an upgrade). Whoever sells to be used when paid means all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

_INVOICES = """SELECT i.id, i.number, i.account_id, i.issued_on FROM invoicing_invoice i
     WHERE i.practice_id = k.practice_id AND i.id = ANY(ARRAY(
         SELECT l.invoice_id FROM invoicing_invoiceline l
          WHERE l.practice_id = k.practice_id AND l.id = k.line_id
         UNION
         SELECT l.invoice_id FROM invoicing_invoiceline l
          WHERE l.practice_id = k.practice_id AND l.account_id = k.account_id))"""


def owing_sql(until: str = "NULL::date") -> str:
    """
    A piece of SQL: what is owing for package `k`, in minor units. `until`: only on invoices of that
    day or before, for what was charged later is not for a session that was used by then.
    """
    return f"""(SELECT coalesce(sum(-asked.balance_minor), 0)::bigint FROM ledger_account asked
    WHERE asked.practice_id = k.practice_id AND asked.balance_minor < 0 AND asked.id = ANY(ARRAY(
        SELECT charged.account_id FROM ({_INVOICES}) charged
         WHERE {until} IS NULL OR charged.issued_on <= {until})))"""  # noqa: S608  # pieces of SQL of our own


OWING = owing_sql()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the invoices of a package still ask for in all, and how many charged it."""

    owing_minor: int
    invoices: int


def asked_for(*, practice_id: int, package_ids: Iterable[int]) -> dict[int, Asked]:
    """The same of several packages, by id; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT k.id, {OWING}, (SELECT count(*) FROM ({_INVOICES}) charged)
                  FROM packages_package k WHERE k.practice_id = %s AND k.id = ANY(%s)""",  # noqa: S608  # pieces of SQL of our own
            [practice_id, list(package_ids)],
        )
        return {row[0]: Asked(owing_minor=row[1], invoices=row[2]) for row in cursor.fetchall()}


@dataclass(frozen=True, slots=True, kw_only=True)
class OwingInvoice:
    """An invoice of a package that is not paid."""

    id: int
    number: int
    owing_minor: int


def owing_invoices(*, practice_id: int, package_id: int) -> list[OwingInvoice]:
    """Those of a package that are not paid, the oldest first; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT charged.id, charged.number, -asked.balance_minor
                  FROM packages_package k CROSS JOIN LATERAL ({_INVOICES}) charged
                  JOIN ledger_account asked
                    ON asked.practice_id = k.practice_id AND asked.id = charged.account_id
                 WHERE k.practice_id = %s AND k.id = %s AND asked.balance_minor < 0
                 ORDER BY charged.issued_on, charged.id""",  # noqa: S608  # pieces of SQL of our own
            [practice_id, package_id],
        )
        return [
            OwingInvoice(id=row[0], number=row[1], owing_minor=row[2]) for row in cursor.fetchall()
        ]
