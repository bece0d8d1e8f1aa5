"""How much of an invoice credit may pay that is for one kind of item. Amounts are minor units."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

Room = dict[tuple[int, int], int]
"""(invoice id, category id) -> minor units that lots of this category may still pay of it."""

_ROOM_SQL = """
SELECT i.id, c.id,
       coalesce((SELECT sum(n.total_minor - coalesce(
                     (SELECT sum(x.total_minor) FROM invoicing_creditnoteline x
                       WHERE x.practice_id = n.practice_id AND x.line_id = n.id), 0))
                   FROM invoicing_invoiceline n
                  WHERE n.practice_id = i.practice_id AND n.invoice_id = i.id
                    AND n.category_id = c.id), 0)
     - coalesce((SELECT sum(a.amount_minor - a.returned_minor) FROM payments_allocation a
                   JOIN credit_lot l ON l.practice_id = a.practice_id AND l.id = a.lot_id
                  WHERE a.practice_id = i.practice_id AND a.invoice_id = i.id
                    AND l.category_id = c.id), 0)
  FROM invoicing_invoice i CROSS JOIN catalog_category c
 WHERE i.practice_id = %s AND i.id = ANY(%s::bigint[])
   AND c.practice_id = i.practice_id AND c.id = ANY(%s::bigint[])
"""


def room(*, practice_id: int, invoice_ids: Iterable[int], category_ids: Iterable[int]) -> Room:
    """
    How much lots restricted to a category may still pay of an invoice; one query.

    That is the invoice's lines of the category, after discount and with tax, less what credit
    notes took of them, less what restricted lots of this category paid of it before. What the
    invoice still asks for bounds it besides, and that is the caller's to see to: other credit may
    have paid these very lines. Never below zero; no query without both ids.
    """
    invoices, categories = set(invoice_ids), set(category_ids)
    if not invoices or not categories:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_ROOM_SQL, [practice_id, sorted(invoices), sorted(categories)])
        return {(row[0], row[1]): max(0, int(row[2])) for row in cursor.fetchall()}
