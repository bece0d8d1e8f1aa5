"""
What we owe our patients: the roll-forward of account credit, and the lots behind it.

Everything is added up from the postings on lots by the kind of their entry, so it comes to the
ledger's total of all lots on any day. Amounts in the rows are minor units.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from creditwell.ledger.queries_totals import totals_of_kind
from creditwell.money.money import Money
from creditwell.tenancy.access import PracticeFacts

LINES: Mapping[str, tuple[str, ...]] = {
    "received": ("payment",),
    "given": ("goodwill", "goodwill_return", "opening", "opening_return"),
    "used": ("allocation", "allocation_return"),
    "refunded": ("refund",),
    "expired": ("expiry", "expiry_return"),
    "dishonoured": ("dishonour",),
    "transferred": ("transfer", "transfer_return"),
}
"""Which kinds of entry make a line of the roll-forward; any other kind is a correction."""
CORRECTED = "corrected"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RollForward:
    """
    The roll-forward from `since` to `until`, both included, and what the ledger has.

    `books_opening` and `books_closing` are the ledger's own totals of all lots, read without the
    lots and groups that the rows are made of.
    """

    since: date
    until: date
    by: str
    total: Roll
    rows: tuple[Roll, ...]
    books_opening: Money
    books_closing: Money

    @property
    def ties(self) -> bool:
        """Whether the report comes to what the books say, on both days."""
        return (self.books_opening, self.books_closing) == (self.total.opening, self.total.closing)


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


# Each part is worked out once: without figures of how much there is of what, PostgreSQL would
# begin some of them anew for each lot.
# Lots of the practice with the groups that they are counted in at the end of a day. Where the money
# came in and how old it is are told by the lot that it first came into; a transfer changes neither.
# "Here" was whoever attended; an appointment that nobody marked counts once it is over.
_PLACED = """
seen AS MATERIALIZED (
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
_ROLL = f"""
WITH moved AS MATERIALIZED (
  SELECT g.account_id, 'opening_balance' AS line, sum(g.amount_minor) AS minor
    FROM ledger_posting g
    JOIN ledger_account a ON a.practice_id = g.practice_id AND a.id = g.account_id
   WHERE g.practice_id = %(practice)s AND a.kind = 'lot' AND g.occurred_on < %(since)s
   GROUP BY 1
  UNION ALL
  SELECT g.account_id,
         CASE e.kind || sign(g.amount_minor)
              WHEN 'transfer1' THEN '{IN}' WHEN 'transfer_return-1' THEN '{IN}'
              WHEN 'transfer-1' THEN '{OUT}' WHEN 'transfer_return1' THEN '{OUT}'
              ELSE e.kind END, sum(g.amount_minor)
    FROM ledger_posting g
    JOIN ledger_account a ON a.practice_id = g.practice_id AND a.id = g.account_id
    JOIN ledger_entry e ON e.practice_id = g.practice_id AND e.id = g.entry_id
   WHERE g.practice_id = %(practice)s AND a.kind = 'lot'
     AND g.occurred_on BETWEEN %(since)s AND %(until)s
   GROUP BY 1, 2),
{_PLACED}
SELECT {{by}}, moved.line, sum(moved.minor)::bigint
  FROM moved JOIN placed ON placed.account_id = moved.account_id
 GROUP BY 1, 2
"""  # noqa: S608  # names of our own columns
_HELD = f"""
WITH stands AS MATERIALIZED (
  SELECT g.account_id, sum(g.amount_minor)::bigint AS minor
    FROM ledger_posting g
    JOIN ledger_account a ON a.practice_id = g.practice_id AND a.id = g.account_id
   WHERE g.practice_id = %(practice)s AND a.kind = 'lot' AND g.occurred_on <= %(until)s
   GROUP BY 1 HAVING sum(g.amount_minor) <> 0),
{_PLACED}
SELECT placed.id, w.name, placed.patient_id, c.id, placed.kind, placed.origin_id IS NOT NULL,
       placed.payment_id, placed.number, placed.received_on, placed.expires_on, stands.minor,
       placed.last_on, count(*) OVER (), (sum(stands.minor) OVER ())::bigint
  FROM stands
  JOIN placed ON placed.account_id = stands.account_id
  JOIN people_payer w ON w.practice_id = %(practice)s AND w.id = placed.payer_id
  LEFT JOIN people_contact c ON c.practice_id = w.practice_id AND c.payer_id = w.id
 WHERE {{which}}
 ORDER BY placed.received_on, placed.id
 LIMIT %(limit)s OFFSET %(after)s
"""  # noqa: S608  # names of our own columns
# Of a fixed list, never of what was asked.
_COLUMN = {"location": "location", "age": "age", "visit": "visit", "kind": "kind"}


def roll_forward(
    practice: PracticeFacts, since: date, until: date, *, by: str = "location"
) -> RollForward:
    """
    Account credit from one day to another, both included, in groups; two queries.

    `by` is one of BY. Groups are those of the last day: how old the money is then, when its owner
    was last here. The rows stand in the order of their keys' lists; locations by their ids.
    """
    asked = {**_asked(practice, until), "since": since}
    found: dict[str, dict[str, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_ROLL.format(by=_COLUMN[by]), asked)
        for key, line, minor in cursor.fetchall():
            lines = found.setdefault(key, {})
            name = _line_of(line)
            lines[name] = lines.get(name, 0) + minor
    opening, closing = totals_of_kind(practice_id=practice.id, kind="lot", since=since, until=until)
    rows = [_roll(practice, key, [found[key]]) for key in _sorted(by, found)]
    return RollForward(
        since=since,
        until=until,
        by=by,
        total=_roll(practice, "", found.values()),
        rows=tuple(rows),
        books_opening=practice.money(opening),
        books_closing=practice.money(closing),
    )


def held_lots(
    practice: PracticeFacts,
    until: date,
    group: tuple[str, str] | None = None,
    *,
    after: int = 0,
    limit: int | None = 50,
) -> HeldLots:
    """
    The lots that made up the credit at the end of a day, or one group of it; one query.

    `group` is (one of BY, a key of its rows). With `limit` None all of them, for exports.
    """
    which = "true" if group is None else f"placed.{_COLUMN[group[0]]} = %(key)s"
    asked = {
        **_asked(practice, until),
        "key": group[1] if group else "",
        "limit": limit,
        "after": after,
    }
    with connection.cursor() as cursor:
        cursor.execute(_HELD.format(which=which), asked)
        rows = cursor.fetchall()
    return HeldLots(
        lots=tuple(_lot(practice, row) for row in rows),
        count=rows[0][12] if rows else 0,
        total=practice.money(rows[0][13] if rows else 0),
    )


def usual_period(today: date) -> tuple[date, date]:
    """What the roll-forward covers when nobody says otherwise: this month so far."""
    return today.replace(day=1), today


def last_month(today: date) -> tuple[date, date]:
    """The whole month before this one."""
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def _asked(practice: PracticeFacts, until: date) -> dict[str, Any]:
    return {"practice": practice.id, "until": until, "zone": practice.time_zone}


def _line_of(kind: str) -> str:
    if kind in ("opening_balance", IN, OUT):
        return kind
    return next((line for line, kinds in LINES.items() if kind in kinds), CORRECTED)


def _sorted(by: str, keys: Iterable[str]) -> list[str]:
    order: Sequence[str] = {"age": AGES, "visit": VISITS, "kind": KINDS}.get(by, ())
    if order:
        return sorted(keys, key=order.index)
    return sorted(keys, key=lambda key: (key == "0", int(key)))


def _roll(practice: PracticeFacts, key: str, groups: Iterable[Mapping[str, int]]) -> Roll:
    sums: dict[str, int] = {}
    for lines in groups:
        for line, minor in lines.items():
            sums[line] = sums.get(line, 0) + minor

    def of(line: str) -> Money:
        return practice.money(sums.get(line, 0))

    return Roll(
        key=key,
        opening=of("opening_balance"),
        received=of("received"),
        given=of("given"),
        used=of("used"),
        refunded=of("refunded"),
        expired=of("expired"),
        dishonoured=of("dishonoured"),
        transferred_in=of(IN),
        transferred_out=of(OUT),
        corrected=of(CORRECTED),
        closing=practice.money(sum(sums.values())),
    )


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
        left=practice.money(row[10]),
        last_visit_on=row[11],
    )
