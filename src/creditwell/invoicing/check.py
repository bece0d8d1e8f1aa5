"""Prove the invoices: their rows against each other and against their accounts."""

from __future__ import annotations

from creditwell.ledger.check import Fault, run_proofs

PROOFS: dict[str, tuple[str, str]] = {
    "The lines of an invoice add up to it": (
        "invoicing_invoice",
        "SELECT i.id, 'says ' || i.total_minor || ', its lines ' || "
        "coalesce(sum(l.total_minor), 0) "
        "FROM invoicing_invoice i LEFT JOIN invoicing_invoiceline l "
        "ON l.practice_id = i.practice_id AND l.invoice_id = i.id "
        "WHERE i.practice_id = %s GROUP BY i.id, i.net_minor, i.tax_minor, i.total_minor "
        "HAVING i.net_minor <> coalesce(sum(l.net_minor), 0) "
        "OR i.tax_minor <> coalesce(sum(l.tax_minor), 0)",
    ),
    "Credit notes add up to what an invoice was credited": (
        "invoicing_invoice",
        "SELECT i.id, 'says ' || i.credited_minor || ', notes ' || coalesce(sum(n.total_minor), 0) "
        "FROM invoicing_invoice i LEFT JOIN invoicing_creditnote n "
        "ON n.practice_id = i.practice_id AND n.invoice_id = i.id "
        "WHERE i.practice_id = %s GROUP BY i.id, i.credited_minor "
        "HAVING i.credited_minor <> coalesce(sum(n.total_minor), 0)",
    ),
    "The lines of a credit note add up to it": (
        "invoicing_creditnote",
        "SELECT n.id, 'says ' || n.total_minor || ', its lines ' || "
        "coalesce(sum(l.total_minor), 0) "
        "FROM invoicing_creditnote n LEFT JOIN invoicing_creditnoteline l "
        "ON l.practice_id = n.practice_id AND l.credit_note_id = n.id "
        "WHERE n.practice_id = %s GROUP BY n.id, n.net_minor, n.tax_minor, n.total_minor "
        "HAVING n.net_minor <> coalesce(sum(l.net_minor), 0) "
        "OR n.tax_minor <> coalesce(sum(l.tax_minor), 0)",
    ),
    "An issued invoice asked for its total in the books": (
        "invoicing_invoice",
        "SELECT i.id, 'asks ' || i.total_minor || ', entry ' || coalesce(-p.amount_minor, 0) "
        "FROM invoicing_invoice i LEFT JOIN ledger_posting p "
        "ON p.practice_id = i.practice_id AND p.entry_id = i.entry_id AND p.account_id = "
        "i.account_id "
        "WHERE i.practice_id = %s AND i.status <> 'draft' "
        "AND i.total_minor <> coalesce(-p.amount_minor, 0)",
    ),
    "A void invoice asks for nothing": (
        "invoicing_invoice",
        "SELECT i.id, 'still asks ' || -a.balance_minor FROM invoicing_invoice i "
        "JOIN ledger_account a ON a.practice_id = i.practice_id AND a.id = i.account_id "
        "WHERE i.practice_id = %s AND i.status = 'void' AND a.balance_minor <> 0",
    ),
    "An invoice's account is held by its payer": (
        "invoicing_invoice",
        "SELECT i.id, 'account ' || a.id || ' is held by ' || coalesce(a.holder_id, 0) "
        "FROM invoicing_invoice i JOIN ledger_account a "
        "ON a.practice_id = i.practice_id AND a.id = i.account_id "
        "WHERE i.practice_id = %s AND (a.holder_id IS DISTINCT FROM i.payer_id OR a.kind "
        "<> 'invoice')",
    ),
    "Invoice numbers have no gap": (
        "invoicing_invoice",
        "SELECT coalesce(min(id), 0), count(*) || ' numbers up to ' || max(number) "
        "FROM invoicing_invoice WHERE practice_id = %s AND number IS NOT NULL "
        "HAVING count(*) <> max(number)",
    ),
    "Credit note numbers have no gap": (
        "invoicing_creditnote",
        "SELECT coalesce(min(id), 0), count(*) || ' numbers up to ' || max(number) "
        "FROM invoicing_creditnote WHERE practice_id = %s HAVING count(*) <> max(number)",
    ),
}


def check_invoicing(practice_id: int) -> list[Fault]:
    """Run every proof on the invoices of one practice."""
    return run_proofs(PROOFS, practice_id)
