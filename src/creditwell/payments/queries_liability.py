"""
What we owe our patients: the roll-forward of account credit, and the lots behind it.

How it is added up stands in `ledger.roll_forward`; here stand the lots and their groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from creditwell.ledger import roll_forward as ledger
from creditwell.ledger.roll_forward import Group, Source, Sums
from creditwell.money.money import Money
from creditwell.tenancy.access import PracticeFacts

IN, OUT = "transferred_in", "transferred_out"
"""What came by transfer and what left by it; what was undone is taken off both."""

BY = ("location", "age", "visit", "kind")
AGES = ("0-30", "31-90", "91-180", "181-365", "366")
VISITS = ("90", "365", "longer", "never", "nobody")
KINDS = ("payment", "goodwill", "opening", "voucher", "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class Roll:
    """
    Account credit from one day to another: opening + all that moved = closing.

    What lowered the credit is negative. `key` is the group: the id of a location ("0": none), a
    word of AGES, VISITS or KINDS; "" for all together.
    """

    key: str
    opening: Money
    received: Money
    given: Money
    used: Money
    refunded: Money
    expired: Money
    dishonoured: Money
    transferred_in: Money
    transferred_out: Money
    corrected: Money
    closing: Money

    @property
    def transferred(self) -> Money:
        """In less out: nothing in all, for what leaves one lot comes onto another."""
        return self.transferred_in + self.transferred_out


RollForward = ledger.RollForward[Roll]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLot:
    """
    A lot with something left at the end of a day. `payment_id` and `receipt` are of the payment
    that its money first came by, also when it was transferred since.
    """

    id: int
    payer: str
    patient_id: int | None
    contact_id: int | None
    kind: str
    transferred: bool
    payment_id: int | None
    receipt: str
    received_on: date
    expires_on: date | None
    left: Money
    last_visit_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLots:
    """One page of lots, the oldest money first; `count` and `total` are of all pages."""

    lots: tuple[HeldLot, ...]
    count: int
    total: Money


# Lots of the practice with the groups that they are counted in at the end of a day. Where the money
# came in and how old it is are told by the lot that it first came into; a transfer changes neither.
# "Here" was whoever attended; an appointment that nobody marked counts once it is over.
_PLACED = """seen AS MATERIALIZED (
  SELECT t.patient_id, max((m.starts_at AT TIME ZONE %(zone)s)::date) AS last_on
  FROM scheduling_attendee t
  JOIN scheduling_appointment m ON m.practice_id = t.practice_id AND m.id = t.appointment_id
  WHERE t.practice_id = %(practice)s AND t.status NOT IN ('cancelled', 'did_not_arrive')
  AND m.status <> 'cancelled'
  AND (m.starts_at AT TIME ZONE %(zone)s)::date <= %(until)s
  GROUP BY t.patient_id),
placed AS MATERIALIZED (
  SELECT l.id, l.account_id, l.payer_id, l.kind AS own_kind, l.origin_id, l.expires_on,
         y.id AS payment_id, y.number, r.received_on, seen.last_on,
         coalesce(y.location_id, 0)::text AS location,
         CASE WHEN %(until)s - r.received_on <= 30 THEN '0-30'
              WHEN %(until)s - r.received_on <= 90 THEN '31-90'
              WHEN %(until)s - r.received_on <= 180 THEN '91-180'
              WHEN %(until)s - r.received_on <= 365 THEN '181-365' ELSE '366' END AS age,
         CASE WHEN p.id IS NULL THEN 'nobody' WHEN seen.last_on IS NULL THEN 'never'
              WHEN %(until)s - seen.last_on <= 90 THEN '90'
              WHEN %(until)s - seen.last_on <= 365 THEN '365' ELSE 'longer' END AS visit,
         CASE WHEN v.id IS NOT NULL THEN 'voucher'
              WHEN r.kind IN ('payment', 'goodwill', 'opening', 'voucher') THEN r.kind
              ELSE 'other' END AS kind,
         p.id AS patient_id
    FROM credit_lot l
    JOIN credit_lot r ON r.practice_id = l.practice_id AND r.id = coalesce(l.root_id, l.id)
    LEFT JOIN payments_payment y ON y.practice_id = l.practice_id AND y.lot_id = r.id
    LEFT JOIN payments_voucher v ON v.practice_id = l.practice_id AND v.payer_id = l.payer_id
    LEFT JOIN people_patient p ON p.practice_id = l.practice_id AND p.payer_id = l.payer_id
    LEFT JOIN seen ON seen.patient_id = p.id
   WHERE l.practice_id = %(practice)s)
"""
_LOTS = Source(
    kind="lot",
    by=BY,
    placed=_PLACED,
    lines={
        "received": ("payment",),
        "given": ("goodwill", "goodwill_return", "opening", "opening_return"),
        "used": ("allocation", "allocation_return"),
        "refunded": ("refund",),
        "expired": ("expiry", "expiry_return"),
        "dishonoured": ("dishonour",),
        IN: (IN,),
        OUT: (OUT,),
    },
    line_of_entry=f"""CASE e.kind || sign(g.amount_minor)
              WHEN 'transfer1' THEN '{IN}' WHEN 'transfer_return-1' THEN '{IN}'
              WHEN 'transfer-1' THEN '{OUT}' WHEN 'transfer_return1' THEN '{OUT}'
              ELSE e.kind END""",
    columns="""placed.id, w.name, placed.patient_id, c.id, placed.kind,
       placed.origin_id IS NOT NULL, placed.payment_id, placed.number, placed.received_on,
       placed.expires_on, placed.last_on""",
    joins="""JOIN people_payer w ON w.practice_id = %(practice)s AND w.id = placed.payer_id
  LEFT JOIN people_contact c ON c.practice_id = w.practice_id AND c.payer_id = w.id""",
    order="placed.received_on, placed.id",
)


def roll_forward(
    practice: PracticeFacts, since: date, until: date, *, by: str = "location"
) -> RollForward:
    """
    Account credit from one day to another, both included, in groups; two queries.

    `by` is one of BY. Groups are those of the last day: how old the money is then, when its owner
    was last here. The rows stand in the order of their keys' lists; locations by their ids.
    """
    order: Sequence[str] = {"age": AGES, "visit": VISITS, "kind": KINDS}.get(by, ())

    def row_of(key: str, sums: Sums) -> Roll:
        return Roll(key=key, **_LOTS.amounts(practice, sums))

    def place_of(row: Roll) -> tuple[bool, int]:
        return row.key == "0", order.index(row.key) if order else int(row.key)

    return ledger.rolled(_LOTS, practice, (since, until), by=by, row_of=row_of, order=place_of)


def held_lots(
    practice: PracticeFacts,
    until: date,
    group: Group | None = None,
    *,
    after: int = 0,
    limit: int | None = 50,
) -> HeldLots:
    """
    The lots that made up the credit at the end of a day, or one group of it; one query.

    `group` is (one of BY, a key of its rows). With `limit` None all of them, for exports.
    """
    found = ledger.standing(_LOTS, practice, until, group, after=after, limit=limit)
    return HeldLots(
        lots=tuple(_lot(practice, row) for row in found.rows),
        count=found.count,
        total=found.total,
    )


def usual_period(today: date) -> tuple[date, date]:
    """What the roll-forward covers when nobody says otherwise: this month so far."""
    return today.replace(day=1), today


def last_month(today: date) -> tuple[date, date]:
    """The whole month before this one."""
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def _lot(practice: PracticeFacts, row: tuple[Any, ...]) -> HeldLot:
    return HeldLot(
        id=row[0],
        payer=row[1],
        patient_id=row[2],
        contact_id=row[3],
        kind=row[4],
        transferred=row[5],
        payment_id=row[6],
        receipt="" if row[7] is None else practice.receipt_number(row[7]),
        received_on=row[8],
        expires_on=row[9],
        last_visit_on=row[10],
        left=practice.money(row[11]),
    )
