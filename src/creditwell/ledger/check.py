"""Prove the books: what must be true of the journal, asked of the rows themselves."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True, slots=True)
class Fault:
    """A promise that a row breaks."""

    promise: str
    table: str
    row_id: int
    detail: str


PROOFS: dict[str, tuple[str, str]] = {
    "Every entry sums to zero": (
        "ledger_entry",
        "SELECT entry_id, 'sums to ' || sum(amount_minor) FROM ledger_posting "
        "WHERE practice_id = %s GROUP BY entry_id HAVING sum(amount_minor) <> 0",
    ),
    "Every entry has two legs or more": (
        "ledger_entry",
        "SELECT e.id, 'has ' || count(p.id) || ' legs' FROM ledger_entry e "
        "LEFT JOIN ledger_posting p "
        "ON p.practice_id = e.practice_id AND p.entry_id = e.id "
        "WHERE e.practice_id = %s GROUP BY e.id HAVING count(p.id) < 2",
    ),
    "A stored balance is the sum of its postings": (
        "ledger_account",
        "SELECT a.id, 'stores ' || a.balance_minor || ', postings say ' "
        "|| coalesce(sum(p.amount_minor), 0) "
        "FROM ledger_account a LEFT JOIN ledger_posting p "
        "ON p.practice_id = a.practice_id AND p.account_id = a.id "
        "WHERE a.practice_id = %s AND a.balance_minor IS NOT NULL "
        "GROUP BY a.id, a.balance_minor HAVING a.balance_minor <> coalesce(sum(p.amount_minor), 0)",
    ),
    "No lot and no package is below zero": (
        "ledger_account",
        "SELECT id, 'stands at ' || balance_minor FROM ledger_account "
        "WHERE practice_id = %s AND kind IN ('lot', 'package') AND balance_minor < 0",
    ),
    "No invoice is paid beyond what it asks": (
        "ledger_account",
        "SELECT id, 'stands at ' || balance_minor FROM ledger_account "
        "WHERE practice_id = %s AND kind = 'invoice' AND balance_minor > 0",
    ),
    "No day ended with a lot or a package below zero, or an invoice paid beyond what it asked": (
        "ledger_account",
        "SELECT account_id, 'stood at ' || stood || ' on ' || occurred_on FROM ("
        "SELECT p.account_id, a.kind, p.occurred_on, sum(sum(p.amount_minor)) "
        "OVER (PARTITION BY p.account_id ORDER BY p.occurred_on) AS stood "
        "FROM ledger_posting p JOIN ledger_account a "
        "ON a.practice_id = p.practice_id AND a.id = p.account_id "
        "WHERE p.practice_id = %s AND a.kind IN ('lot', 'package', 'invoice') "
        "GROUP BY p.account_id, a.kind, p.occurred_on) AS day "
        "WHERE CASE kind WHEN 'invoice' THEN stood > 0 ELSE stood < 0 END",
    ),
    "A reversal mirrors what it reverses": (
        "ledger_entry",
        "SELECT e.id, 'does not mirror entry ' || e.reverses_id FROM ledger_entry e "
        "JOIN ledger_posting p "
        "ON p.practice_id = e.practice_id AND p.entry_id IN (e.id, e.reverses_id) "
        "WHERE e.practice_id = %s AND e.reverses_id IS NOT NULL "
        "GROUP BY e.id, e.reverses_id, p.account_id HAVING sum(p.amount_minor) <> 0",
    ),
}


def check_ledger(practice_id: int) -> list[Fault]:
    """Run every proof on one practice; an empty list means that its books are straight."""
    return run_proofs(PROOFS, practice_id)


def run_proofs(proofs: dict[str, tuple[str, str]], practice_id: int) -> list[Fault]:
    """
    Run proofs `{promise: (table, sql)}`.

    Each statement takes the practice's id and returns (row id, detail) of the rows at fault.
    """
    faults = []
    with connection.cursor() as cursor:
        for promise, (table, sql) in proofs.items():
            cursor.execute(sql, [practice_id])
            faults += [Fault(promise, table, row[0], row[1]) for row in cursor.fetchall()]
    return faults
