"""Prove the gift vouchers: what was sold, and that nothing else stands at their payers."""

from __future__ import annotations

# What a voucher `v` is worth by its rows: sold, less redeemed, refunded, expired, taken back.
WORTH_SQL = """
SELECT v.value_minor
     - coalesce((SELECT sum(x.amount_minor - x.returned_minor) FROM payments_transferpart x
                   JOIN credit_lot l ON l.practice_id = x.practice_id AND l.id = x.from_lot_id
                  WHERE l.practice_id = v.practice_id AND l.payer_id = v.payer_id), 0)
     - coalesce((SELECT sum(x.returned_minor) FROM payments_transferpart x
                   JOIN credit_lot l ON l.practice_id = x.practice_id AND l.id = x.to_lot_id
                  WHERE l.practice_id = v.practice_id AND l.payer_id = v.payer_id), 0)
     - coalesce((SELECT sum(x.amount_minor + x.rounding_minor) FROM payments_refundpart x
                   JOIN credit_lot l ON l.practice_id = x.practice_id AND l.id = x.lot_id
                  WHERE l.practice_id = v.practice_id AND l.payer_id = v.payer_id), 0)
     - coalesce((SELECT sum(x.amount_minor - x.returned_minor) FROM payments_lotexpiry x
                   JOIN credit_lot l ON l.practice_id = x.practice_id AND l.id = x.lot_id
                  WHERE l.practice_id = v.practice_id AND l.payer_id = v.payer_id), 0) AS minor
"""

VOUCHER_PROOFS: dict[str, tuple[str, str]] = {
    "A voucher holds what was sold, less what was redeemed, refunded and expired": (
        "payments_voucher",
        "SELECT v.id, 'holds ' || held.minor || ', rows say ' || said.minor "
        "FROM payments_voucher v CROSS JOIN LATERAL (" + WORTH_SQL + ") said "
        "CROSS JOIN LATERAL (SELECT coalesce(sum(a.balance_minor), 0) AS minor "
        "FROM ledger_account a WHERE a.practice_id = v.practice_id "
        "AND a.holder_id = v.payer_id) held "
        "WHERE v.practice_id = %s AND held.minor <> said.minor",
    ),
    "A voucher has one lot, which came from its own sale": (
        "payments_voucher",
        "SELECT v.id, 'has ' || count(l.id) || ' lots' FROM payments_voucher v "
        "JOIN payments_payment p ON p.practice_id = v.practice_id AND p.id = v.payment_id "
        "LEFT JOIN credit_lot l ON l.practice_id = v.practice_id AND l.payer_id = v.payer_id "
        "WHERE v.practice_id = %s GROUP BY v.id, v.value_minor, p.lot_id "
        "HAVING count(l.id) <> 1 OR NOT bool_and(l.kind = 'voucher' "
        "AND l.origin_id = p.lot_id AND l.original_minor = v.value_minor)",
    ),
    "Nothing but its own credit stands at a voucher": (
        "payments_voucher",
        "SELECT v.id, 'has a ' || x.what FROM payments_voucher v CROSS JOIN LATERAL ("
        "SELECT 'patient' AS what FROM people_patient "
        "WHERE practice_id = v.practice_id AND payer_id = v.payer_id "
        "UNION ALL SELECT 'contact' FROM people_contact "
        "WHERE practice_id = v.practice_id AND payer_id = v.payer_id "
        "UNION ALL SELECT 'invoice' FROM invoicing_invoice "
        "WHERE practice_id = v.practice_id AND payer_id = v.payer_id "
        "UNION ALL SELECT 'payment' FROM payments_payment "
        "WHERE practice_id = v.practice_id AND payer_id = v.payer_id "
        "UNION ALL SELECT 'share' FROM credit_share "
        "WHERE practice_id = v.practice_id AND v.payer_id IN (owner_id, user_id) "
        "UNION ALL SELECT 'merge' FROM people_payer "
        "WHERE practice_id = v.practice_id AND id = v.payer_id AND merged_into_id IS NOT NULL "
        "UNION ALL SELECT 'allocation' FROM payments_allocation a "
        "JOIN credit_lot l ON l.practice_id = a.practice_id AND l.id = a.lot_id "
        "WHERE l.practice_id = v.practice_id AND l.payer_id = v.payer_id) AS x "
        "WHERE v.practice_id = %s",
    ),
    "A payment that sold vouchers has sold all of itself": (
        "payments_payment",
        "SELECT p.id, 'is ' || p.total_minor || ', its vouchers ' || sum(v.value_minor) "
        "FROM payments_payment p "
        "JOIN payments_voucher v ON v.practice_id = p.practice_id AND v.payment_id = p.id "
        "WHERE p.practice_id = %s GROUP BY p.id, p.total_minor "
        "HAVING sum(v.value_minor) <> p.total_minor",
    ),
    "A code belongs to one voucher and its payer": (
        "payments_voucher",
        "SELECT v.id, 'a code of ' || length(v.code) || ' characters' FROM payments_voucher v "
        "WHERE v.practice_id = %s AND v.code !~ '^[2-9A-HJKMNP-Z]{12}$'",
    ),
}
