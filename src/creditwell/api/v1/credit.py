"""Account credit: what we hold for somebody, what they owe, and where each sum came from."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection
from ninja import Query
from pydantic import Field
from typing_extensions import TypedDict

from creditwell.api.auth import Call
from creditwell.api.routes import Routes
from creditwell.api.shapes import Day, Filters, QueryId
from creditwell.kernel.errors import NotFound

credit = Routes("Account credit")


class AsOf(Filters):
    """At the end of which day."""

    as_of: Day | None = Field(None, description="At the end of this day; now unless sent.")


class LotOut(TypedDict):
    """
    A sum of credit with one origin, and what is left of it. `payment_id` and `receipt_number` are
    of the payment that it came by.
    """

    id: int
    kind: str
    received_on: date
    expires_on: date | None
    refundable: bool
    original_minor: int
    left_minor: int
    currency: str
    payment_id: int | None
    receipt_number: str | None


class CreditOut(TypedDict):
    """
    `credit_minor` is what we hold, `owing_minor` what the invoices still ask, both zero or more;
    `balance_minor` is owing less credit. `lots` are those with something left, oldest first, and
    add up to the credit.
    """

    payer_id: int
    currency: str
    as_of: date | None
    credit_minor: int
    owing_minor: int
    balance_minor: int
    lots: list[LotOut]


@credit.get("/patients/{patient_id}/credit", needs="payments.view")
def get_patient_credit(call: Call, patient_id: QueryId, filters: Query[AsOf]) -> CreditOut:
    """A patient's account credit and what they owe.

    With `as_of` as it stood at the end of that day of the books.
    """
    return _credit(call, "people_patient", patient_id, filters.as_of)


@credit.get("/contacts/{contact_id}/credit", needs="payments.view")
def get_contact_credit(call: Call, contact_id: QueryId, filters: Query[AsOf]) -> CreditOut:
    """A contact's account credit and what it owes."""
    return _credit(call, "people_contact", contact_id, filters.as_of)


# One statement, so that credit, owing and lots are of one moment. It begins at the person and
# gives one row at least if they are of this practice.
NOW = """
WITH person AS (SELECT practice_id, payer_id FROM {table} WHERE practice_id = %s AND id = %s),
account AS (
  SELECT a.id, a.kind, a.balance_minor AS stands
    FROM ledger_account a JOIN person p ON a.practice_id = p.practice_id
     AND a.holder_id = p.payer_id
   WHERE a.kind IN ('lot', 'invoice') AND a.reference IS NULL AND a.balance_minor <> 0)
"""
THEN = """
WITH person AS (SELECT practice_id, payer_id FROM {table} WHERE practice_id = %s AND id = %s),
account AS (
  SELECT a.id, a.kind, sum(g.amount_minor)::bigint AS stands
    FROM ledger_account a JOIN person p ON a.practice_id = p.practice_id
     AND a.holder_id = p.payer_id
    JOIN ledger_posting g ON g.practice_id = a.practice_id AND g.account_id = a.id
     AND g.occurred_on <= %s
   WHERE a.kind IN ('lot', 'invoice') AND a.reference IS NULL
   GROUP BY a.id, a.kind)
"""
REST = """
SELECT p.payer_id,
       (SELECT coalesce(-sum(stands), 0)::bigint FROM account WHERE kind = 'invoice') AS owing,
       l.id, l.kind, l.received_on, l.expires_on, l.refundable, l.original_minor,
       a.stands, y.id, y.number
  FROM person p
  LEFT JOIN account a ON a.kind = 'lot' AND a.stands <> 0
  LEFT JOIN credit_lot l ON l.practice_id = p.practice_id AND l.account_id = a.id
  LEFT JOIN payments_payment y ON y.practice_id = p.practice_id AND y.lot_id = l.id
 ORDER BY l.received_on, l.id
"""
STATEMENTS = {
    (table, then): ((THEN if then else NOW) + REST).format(table=table)
    for table in ("people_patient", "people_contact")
    for then in (False, True)
}


def _credit(call: Call, table: str, pk: int, as_of: date | None) -> CreditOut:
    """:raises NotFound: if this practice has no such person"""
    parameters: list[Any] = [call.practice_id, pk]
    if as_of is not None:
        parameters.append(as_of)
    with connection.cursor() as cursor:
        cursor.execute(STATEMENTS[table, as_of is not None], parameters)
        rows = cursor.fetchall()
    if not rows:
        raise NotFound
    lots = [_lot(call, row) for row in rows if row[2] is not None]
    held = sum(lot["left_minor"] for lot in lots)
    owing = rows[0][1]
    return {
        "payer_id": rows[0][0],
        "currency": call.currency,
        "as_of": as_of,
        "credit_minor": held,
        "owing_minor": owing,
        "balance_minor": owing - held,
        "lots": lots,
    }


def _lot(call: Call, row: tuple[Any, ...]) -> LotOut:
    number = row[10]
    return {
        "id": row[2],
        "kind": row[3],
        "received_on": row[4],
        "expires_on": row[5],
        "refundable": row[6],
        "original_minor": row[7],
        "left_minor": row[8],
        "currency": call.currency,
        "payment_id": row[9],
        "receipt_number": None if number is None else call.practice.receipt_number(number),
    }
