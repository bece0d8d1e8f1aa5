"""Prove the payments: what the rows say against what the accounts hold."""

from __future__ import annotations

from creditwell.ledger.check import Fault, run_proofs
from creditwell.payments.check_vouchers import VOUCHER_PROOFS

# What the rows say of one lot `l`: what came into it, less everything that was taken from it.
LOT_SQL = """
SELECT CASE WHEN EXISTS (SELECT FROM payments_payment p WHERE p.practice_id = l.practice_id
                            AND p.lot_id = l.id AND p.status <> 'recorded')
              OR EXISTS (SELECT FROM payments_gift g WHERE g.practice_id = l.practice_id
                            AND g.lot_id = l.id AND g.taken_back_on IS NOT NULL)
            THEN 0 ELSE l.original_minor END
     - coalesce((SELECT sum(x.amount_minor - x.returned_minor) FROM payments_allocation x
                  WHERE x.practice_id = l.practice_id AND x.lot_id = l.id), 0)
     - coalesce((SELECT sum(x.amount_minor + x.rounding_minor) FROM payments_refundpart x
                  WHERE x.practice_id = l.practice_id AND x.lot_id = l.id), 0)
     - coalesce((SELECT sum(x.amount_minor - x.returned_minor) FROM payments_transferpart x
                  WHERE x.practice_id = l.practice_id AND x.from_lot_id = l.id), 0)
     - coalesce((SELECT sum(x.returned_minor) FROM payments_transferpart x
                  WHERE x.practice_id = l.practice_id AND x.to_lot_id = l.id), 0)
     - coalesce((SELECT sum(x.amount_minor - x.returned_minor) FROM payments_lotexpiry x
                  WHERE x.practice_id = l.practice_id AND x.lot_id = l.id), 0)
     - coalesce((SELECT sum(d.amount_minor - d.loss_minor) FROM payments_dishonour d
                   JOIN payments_paymentpart x
                     ON x.practice_id = d.practice_id AND x.id = d.part_id
                   JOIN payments_payment p
                     ON p.practice_id = x.practice_id AND p.id = x.payment_id
                  WHERE d.practice_id = l.practice_id AND p.lot_id = l.id), 0) AS minor
"""

PROOFS: dict[str, tuple[str, str]] = {
    "The parts of a payment add up to it": (
        "payments_payment",
        "SELECT p.id, 'says ' || p.total_minor || ', its parts ' "
        "|| coalesce(sum(x.amount_minor + x.rounding_minor), 0) "
        "FROM payments_payment p LEFT JOIN payments_paymentpart x "
        "ON x.practice_id = p.practice_id AND x.payment_id = p.id "
        "WHERE p.practice_id = %s GROUP BY p.id, p.total_minor "
        "HAVING p.total_minor <> coalesce(sum(x.amount_minor + x.rounding_minor), 0)",
    ),
    "A lot holds what came, less what was taken from it": (
        "credit_lot",
        "SELECT l.id, 'holds ' || a.balance_minor || ', rows say ' || said.minor FROM credit_lot l "  # noqa: S608
        "JOIN ledger_account a ON a.practice_id = l.practice_id AND a.id = l.account_id "
        "CROSS JOIN LATERAL (" + LOT_SQL + ") said "
        "WHERE l.practice_id = %s AND a.balance_minor <> said.minor",
    ),
    "A lot has one origin": (
        "credit_lot",
        "SELECT l.id, l.kind || ' has ' || origins.n FROM credit_lot l CROSS JOIN LATERAL ("
        "SELECT (SELECT count(*) FROM payments_payment p "
        "WHERE p.practice_id = l.practice_id AND p.lot_id = l.id AND l.kind = 'payment') "
        "+ (SELECT count(*) FROM payments_gift g WHERE g.practice_id = l.practice_id "
        "AND g.lot_id = l.id AND l.kind IN ('goodwill', 'opening')) "
        "+ (SELECT count(*) FROM payments_transferpart t WHERE t.practice_id = l.practice_id "
        "AND t.to_lot_id = l.id AND t.from_lot_id = l.origin_id "
        "AND t.amount_minor = l.original_minor) AS n) AS origins "
        "WHERE l.practice_id = %s AND origins.n <> 1",
    ),
    "What came back of a transfer is written down": (
        "payments_transferpart",
        "SELECT x.id, 'says ' || x.returned_minor || ', returns ' || "
        "coalesce(sum(r.amount_minor), 0) "
        "FROM payments_transferpart x LEFT JOIN payments_transferreturn r "
        "ON r.practice_id = x.practice_id AND r.part_id = x.id "
        "WHERE x.practice_id = %s GROUP BY x.id, x.returned_minor "
        "HAVING x.returned_minor <> coalesce(sum(r.amount_minor), 0)",
    ),
    "What grace gave back is written down": (
        "payments_lotexpiry",
        "SELECT x.id, 'says ' || x.returned_minor || ', returns ' || "
        "coalesce(sum(r.amount_minor), 0) "
        "FROM payments_lotexpiry x LEFT JOIN payments_lotexpiryreturn r "
        "ON r.practice_id = x.practice_id AND r.expiry_id = x.id "
        "WHERE x.practice_id = %s GROUP BY x.id, x.returned_minor "
        "HAVING x.returned_minor <> coalesce(sum(r.amount_minor), 0)",
    ),
    "The parts of a transfer add up to it": (
        "payments_transfer",
        "SELECT t.id, 'says ' || t.total_minor || ', its parts ' "
        "|| coalesce(sum(x.amount_minor), 0) "
        "FROM payments_transfer t LEFT JOIN payments_transferpart x "
        "ON x.practice_id = t.practice_id AND x.transfer_id = t.id "
        "WHERE t.practice_id = %s GROUP BY t.id, t.total_minor "
        "HAVING t.total_minor <> coalesce(sum(x.amount_minor), 0)",
    ),
    "Dishonours are written on the part that they took back": (
        "payments_paymentpart",
        "SELECT x.id, 'says ' || x.dishonoured_minor || ', dishonours ' "
        "|| coalesce(sum(d.amount_minor), 0) "
        "FROM payments_paymentpart x LEFT JOIN payments_dishonour d "
        "ON d.practice_id = x.practice_id AND d.part_id = x.id "
        "WHERE x.practice_id = %s GROUP BY x.id, x.dishonoured_minor "
        "HAVING x.dishonoured_minor <> coalesce(sum(d.amount_minor), 0)",
    ),
    "Somebody else's credit is used by a permission": (
        "payments_allocation",
        "SELECT x.id, 'of payer ' || l.payer_id || ' for payer ' || i.payer_id "
        "FROM payments_allocation x "
        "JOIN credit_share s ON s.practice_id = x.practice_id AND s.id = x.share_id "
        "JOIN credit_lot l ON l.practice_id = x.practice_id AND l.id = x.lot_id "
        "JOIN invoicing_invoice i ON i.practice_id = x.practice_id AND i.id = x.invoice_id "
        "WHERE x.practice_id = %s AND (s.owner_id <> l.payer_id OR s.user_id <> i.payer_id) "
        "AND NOT EXISTS (SELECT FROM people_payer y WHERE y.practice_id = x.practice_id "
        "AND y.id IN (s.owner_id, s.user_id) AND y.merged_into_id IS NOT NULL)",
    ),
    "Transfer numbers have no gap": (
        "payments_transfer",
        "SELECT coalesce(min(id), 0), count(*) || ' numbers up to ' || max(number) "
        "FROM payments_transfer WHERE practice_id = %s HAVING count(*) <> max(number)",
    ),
    "An invoice asks for what was not credited or allocated": (
        "invoicing_invoice",
        "SELECT i.id, 'asks ' || -a.balance_minor || ', rows say ' || said.minor "
        "FROM invoicing_invoice i "
        "JOIN ledger_account a ON a.practice_id = i.practice_id AND a.id = i.account_id "
        "CROSS JOIN LATERAL (SELECT CASE WHEN i.status = 'issued' "
        "THEN i.total_minor - i.credited_minor ELSE 0 END "
        "- coalesce((SELECT sum(x.amount_minor - x.returned_minor) FROM payments_allocation x "
        "WHERE x.practice_id = i.practice_id AND x.invoice_id = i.id), 0) AS minor) said "
        "WHERE i.practice_id = %s AND -a.balance_minor <> said.minor",
    ),
    "What came back of an allocation is written down": (
        "payments_allocation",
        "SELECT x.id, 'says ' || x.returned_minor || ', returns ' || "
        "coalesce(sum(r.amount_minor), 0) "
        "FROM payments_allocation x LEFT JOIN payments_allocationreturn r "
        "ON r.practice_id = x.practice_id AND r.allocation_id = x.id "
        "WHERE x.practice_id = %s GROUP BY x.id, x.returned_minor "
        "HAVING x.returned_minor <> coalesce(sum(r.amount_minor), 0)",
    ),
    "Refunds are written on the part that they went back by": (
        "payments_paymentpart",
        "SELECT x.id, 'says ' || x.refunded_minor || ', refunds ' "
        "|| coalesce(sum(r.amount_minor + r.rounding_minor), 0) "
        "FROM payments_paymentpart x LEFT JOIN payments_refundpart r "
        "ON r.practice_id = x.practice_id AND r.part_id = x.id "
        "WHERE x.practice_id = %s GROUP BY x.id, x.refunded_minor "
        "HAVING x.refunded_minor <> coalesce(sum(r.amount_minor + r.rounding_minor), 0)",
    ),
    "A lot's account is held by its payer": (
        "credit_lot",
        "SELECT l.id, 'account ' || a.id || ' is held by ' || coalesce(a.holder_id, 0) "
        "FROM credit_lot l JOIN ledger_account a "
        "ON a.practice_id = l.practice_id AND a.id = l.account_id "
        "WHERE l.practice_id = %s AND (a.holder_id IS DISTINCT FROM l.payer_id OR a.kind <> 'lot')",
    ),
    "Every guarded account belongs to a lot or an invoice": (
        "ledger_account",
        "SELECT a.id, 'belongs to nothing' FROM ledger_account a "
        "WHERE a.practice_id = %s AND a.reference IS NULL AND a.kind <> 'package' "
        "AND NOT EXISTS (SELECT FROM credit_lot l "
        "WHERE l.practice_id = a.practice_id AND l.account_id = a.id) "
        "AND NOT EXISTS (SELECT FROM invoicing_invoice i "
        "WHERE i.practice_id = a.practice_id AND i.account_id = a.id)",
    ),
    "Nothing stands at a merged payer": (
        "people_payer",
        "SELECT y.id, 'was merged into ' || y.merged_into_id || ' and still has a ' || x.what "
        "FROM people_payer y CROSS JOIN LATERAL ("
        "SELECT 'lot' AS what FROM credit_lot "
        "WHERE practice_id = y.practice_id AND payer_id = y.id "
        "UNION SELECT 'invoice' FROM invoicing_invoice "
        "WHERE practice_id = y.practice_id AND payer_id = y.id "
        "UNION SELECT 'payment' FROM payments_payment "
        "WHERE practice_id = y.practice_id AND payer_id = y.id "
        "UNION SELECT 'refund' FROM payments_refund "
        "WHERE practice_id = y.practice_id AND payer_id = y.id "
        "UNION SELECT 'account' FROM ledger_account WHERE practice_id = y.practice_id "
        "AND holder_id = y.id AND reference IS NULL AND balance_minor <> 0) AS x "
        "WHERE y.practice_id = %s AND y.merged_into_id IS NOT NULL",
    ),
    "Receipt numbers have no gap": (
        "payments_payment",
        "SELECT coalesce(min(id), 0), count(*) || ' numbers up to ' || max(number) "
        "FROM payments_payment WHERE practice_id = %s HAVING count(*) <> max(number)",
    ),
    "Refund numbers have no gap": (
        "payments_refund",
        "SELECT coalesce(min(id), 0), count(*) || ' numbers up to ' || max(number) "
        "FROM payments_refund WHERE practice_id = %s HAVING count(*) <> max(number)",
    ),
}


def check_payments(practice_id: int) -> list[Fault]:
    """Run every proof on the payments of one practice."""
    return run_proofs({**PROOFS, **VOUCHER_PROOFS}, practice_id)
