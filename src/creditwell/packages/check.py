"""Prove the packages: their sessions against their accounts, their visits and their invoices."""

from __future__ import annotations

from creditwell.ledger.check import Fault, run_proofs

PROOFS: dict[str, tuple[str, str]] = {
    "What stands in a package's account is what its free and booked sessions are worth": (
        "packages_package",
        "SELECT k.id, 'account holds ' || a.balance_minor || ', sessions are worth ' || "
        "coalesce(sum(s.value_minor + CASE WHEN k.tax_at_use THEN s.tax_minor ELSE 0 END), 0) "
        "FROM packages_package k "
        "JOIN ledger_account a ON a.practice_id = k.practice_id AND a.id = k.account_id "
        "LEFT JOIN packages_session s ON s.practice_id = k.practice_id AND s.package_id = k.id "
        "AND s.status IN ('free', 'booked') "
        "WHERE k.practice_id = %s GROUP BY k.id, a.balance_minor HAVING a.balance_minor <> "
        "coalesce(sum(s.value_minor + CASE WHEN k.tax_at_use THEN s.tax_minor ELSE 0 END), 0)",
    ),
    "The shares of a package's sessions add up to its price": (
        "packages_package",
        "SELECT k.id, 'costs ' || k.net_minor || ' and tax ' || k.tax_minor || ', shares ' || "
        "coalesce(sum(s.value_minor), 0) || ' and tax ' || coalesce(sum(s.tax_minor), 0) "
        "FROM packages_package k LEFT JOIN packages_session s "
        "ON s.practice_id = k.practice_id AND s.package_id = k.id AND s.status <> 'refunded' "
        "WHERE k.practice_id = %s GROUP BY k.id, k.net_minor, k.tax_minor "
        "HAVING k.net_minor <> coalesce(sum(s.value_minor), 0) "
        "OR k.tax_minor <> coalesce(sum(s.tax_minor), 0)",
    ),
    "A part of a package has as many units as its sessions": (
        "packages_soldpart",
        "SELECT p.id, 'says ' || p.units || ', sessions ' || coalesce(sum(s.units), 0) "
        "FROM packages_soldpart p LEFT JOIN packages_session s "
        "ON s.practice_id = p.practice_id AND s.part_id = p.id "
        "WHERE p.practice_id = %s GROUP BY p.id, p.units "
        "HAVING p.units <> coalesce(sum(s.units), 0)",
    ),
    "A session belongs to the package of its part": (
        "packages_session",
        "SELECT s.id, 'of package ' || s.package_id || ', its part of ' || p.package_id "
        "FROM packages_session s JOIN packages_soldpart p "
        "ON p.practice_id = s.practice_id AND p.id = s.part_id "
        "WHERE s.practice_id = %s AND p.package_id <> s.package_id",
    ),
    "A session that was used, kept or expired left the account by its entry": (
        "packages_session",
        "SELECT s.id, s.status || ' of ' || s.value_minor || ', entry ' || "
        "coalesce(-p.amount_minor, 0) "
        "FROM packages_session s "
        "JOIN packages_package k ON k.practice_id = s.practice_id AND k.id = s.package_id "
        "LEFT JOIN ledger_posting p ON p.practice_id = s.practice_id AND p.entry_id = s.entry_id "
        "AND p.account_id = k.account_id "
        "WHERE s.practice_id = %s AND s.status IN ('used', 'forfeited') "
        "AND s.value_minor + CASE WHEN k.tax_at_use THEN s.tax_minor ELSE 0 END "
        "<> coalesce(-p.amount_minor, 0)",
    ),
    "Sessions and visits agree": (
        "packages_session",
        "SELECT s.id, s.status || ', its visit is ' || v.status FROM packages_session s "
        "JOIN scheduling_attendee v ON v.practice_id = s.practice_id AND v.id = s.attendee_id "
        "WHERE s.practice_id = %s AND NOT CASE s.status "
        "WHEN 'booked' THEN v.status = 'booked' "
        "WHEN 'used' THEN v.status IN ('arrived', 'completed') "
        "WHEN 'forfeited' THEN v.status IN ('cancelled', 'did_not_arrive') "
        "OR s.kept_percent < 100 ELSE false END",
    ),
    "The visit of a session is its patient's": (
        "packages_session",
        "SELECT s.id, 'patient ' || coalesce(s.patient_id, 0) || ', visit of ' || v.patient_id "
        "FROM packages_session s "
        "JOIN scheduling_attendee v ON v.practice_id = s.practice_id AND v.id = s.attendee_id "
        "WHERE s.practice_id = %s AND s.patient_id IS DISTINCT FROM v.patient_id",
    ),
    "An issued line that sells a package has one": (
        "invoicing_invoiceline",
        "SELECT l.id, 'no package' FROM invoicing_invoiceline l JOIN invoicing_invoice i "
        "ON i.practice_id = l.practice_id AND i.id = l.invoice_id "
        "WHERE l.practice_id = %s AND l.sells_package AND i.status <> 'draft' "
        "AND NOT EXISTS (SELECT FROM packages_package k WHERE k.practice_id = l.practice_id "
        "AND k.line_id = l.id AND k.account_id = l.account_id)",
    ),
    "A package's account is held by its payer": (
        "packages_package",
        "SELECT k.id, 'account ' || a.id || ' is held by ' || coalesce(a.holder_id, 0) "
        "FROM packages_package k JOIN ledger_account a "
        "ON a.practice_id = k.practice_id AND a.id = k.account_id "
        "WHERE k.practice_id = %s AND (a.holder_id IS DISTINCT FROM k.payer_id "
        "OR a.kind <> 'package')",
    ),
    "A package's account moved as its history says": (
        "packages_package",
        "SELECT k.id, 'account holds ' || a.balance_minor || ', its history says ' || "
        "coalesce(sum(x.value_minor), 0) FROM packages_package k "
        "JOIN ledger_account a ON a.practice_id = k.practice_id AND a.id = k.account_id "
        "LEFT JOIN packages_packageact x ON x.practice_id = k.practice_id AND x.package_id = k.id "
        "WHERE k.practice_id = %s GROUP BY k.id, a.balance_minor "
        "HAVING a.balance_minor <> coalesce(sum(x.value_minor), 0)",
    ),
    "Every account of a package belongs to one": (
        "ledger_account",
        "SELECT a.id, 'belongs to nothing' FROM ledger_account a "
        "WHERE a.practice_id = %s AND a.kind = 'package' AND NOT EXISTS ("
        "SELECT FROM packages_package k "
        "WHERE k.practice_id = a.practice_id AND k.account_id = a.id)",
    ),
    "No package stands at a merged payer": (
        "packages_package",
        "SELECT k.id, 'its payer was merged into ' || y.merged_into_id FROM packages_package k "
        "JOIN people_payer y ON y.practice_id = k.practice_id AND y.id = k.payer_id "
        "WHERE k.practice_id = %s AND y.merged_into_id IS NOT NULL",
    ),
    "A package that is over holds nothing": (
        "packages_package",
        "SELECT k.id, 'holds ' || a.balance_minor FROM packages_package k "
        "JOIN ledger_account a ON a.practice_id = k.practice_id AND a.id = k.account_id "
        "WHERE k.practice_id = %s AND k.ended_at IS NOT NULL AND a.balance_minor <> 0",
    ),
}


def check_packages(practice_id: int) -> list[Fault]:
    """Run every proof on the packages of one practice."""
    return run_proofs(PROOFS, practice_id)
