"""
Read packages: where a visit stands ("2 of 5"), where a package stands, whose a patient may use.

Units are sessions, minutes, or minor units of money, as the package measures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from creditwell.packages.owing import OWING, owing_sql
from creditwell.packages.rules import open_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """
    Where a visit stands in its part of a package: `ordinal` of `total` ("2 of 5"), from the order
    of visits, and what else is there. Of minutes and money `ordinal` counts the units up to and
    with this visit.
    """

    attendee_id: int
    session_id: int
    package_id: int
    part_id: int
    package_name: str
    part_name: str
    parts_count: int
    measure: str
    status: str  # of the session: booked, used, forfeited
    kept_percent: int
    units: int
    ordinal: int
    total: int
    used: int  # used and forfeited
    booked: int
    free: int
    expires_on: date | None
    patient_id: int  # whose visit
    owner_id: int  # the patient whose package
    owner_name: str
    value_minor: int  # net
    tax_minor: int
    invoice_id: int
    invoice_number: int | None
    owing_minor: int  # for the package, on what was charged until the session was used

    @property
    def is_shared(self) -> bool:
        """Whether somebody else's package is used."""
        return self.owner_id != self.patient_id

    @property
    def gross_minor(self) -> int:
        """What the session cost, tax included."""
        return self.value_minor + self.tax_minor


STANDS_AT = """coalesce(a.starts_at, CASE WHEN s.used_on IS NOT NULL THEN least(
    (SELECT max(w.created_at) FROM packages_packageact w WHERE w.practice_id = s.practice_id
        AND w.session_id = s.id AND w.kind IN ('used', 'forfeited')),
    (s.used_on + time '24:00') AT TIME ZONE zone.time_zone) END, s.created_at)"""
"""
Which moment gives a session its place among the others: its visit's. One that no visit has was used
when that was written down, or, written down later, at the end of its day: the visits before it keep
their ordinals. `zone` is the practice.
"""

_PLACES_SQL = f"""
WITH numbered AS (
    SELECT s.*,
           count(*) FILTER (WHERE s.status IN ('booked', 'used', 'forfeited')) OVER walk AS nth,
           sum(s.units) FILTER (WHERE s.status IN ('booked', 'used', 'forfeited')) OVER walk
               AS upto,
           sum(s.units) OVER whole AS total,
           sum(s.units) FILTER (WHERE s.status IN ('used', 'forfeited')) OVER whole AS used,
           sum(s.units) FILTER (WHERE s.status = 'booked') OVER whole AS booked,
           sum(s.units) FILTER (WHERE s.status = 'free') OVER whole AS free
      FROM packages_session s
      LEFT JOIN scheduling_attendee v ON v.practice_id = s.practice_id AND v.id = s.attendee_id
      LEFT JOIN scheduling_appointment a
        ON a.practice_id = v.practice_id AND a.id = v.appointment_id
      JOIN tenancy_practice zone ON zone.id = s.practice_id
     WHERE s.practice_id = %(practice)s
       AND s.part_id = ANY(ARRAY(
           SELECT t.part_id FROM packages_session t
            WHERE t.practice_id = %(practice)s AND t.attendee_id = ANY(%(attendees)s)
              AND t.status IN ('booked', 'used', 'forfeited')))
    WINDOW whole AS (PARTITION BY s.part_id),
           walk AS (PARTITION BY s.part_id
                    ORDER BY {STANDS_AT}, s.id
                    ROWS UNBOUNDED PRECEDING)
)
SELECT n.attendee_id, n.id, k.id, n.part_id, k.name, part.name,
       (SELECT count(*) FROM packages_soldpart q
         WHERE q.practice_id = k.practice_id AND q.package_id = k.id),
       k.measure, n.status, n.kept_percent, n.units,
       (CASE WHEN k.measure = 'sessions' THEN n.nth ELSE n.upto END)::bigint,
       n.total::bigint, coalesce(n.used, 0)::bigint, coalesce(n.booked, 0)::bigint,
       coalesce(n.free, 0)::bigint, k.expires_on,
       n.patient_id, k.patient_id, owner.name, n.value_minor, n.tax_minor,
       inv.id, inv.number, {owing_sql("n.used_on")}
  FROM numbered n
  JOIN packages_package k ON k.practice_id = n.practice_id AND k.id = n.package_id
  JOIN packages_soldpart part ON part.practice_id = n.practice_id AND part.id = n.part_id
  JOIN people_payer owner ON owner.practice_id = k.practice_id AND owner.id = k.payer_id
  JOIN invoicing_invoiceline line ON line.practice_id = k.practice_id AND line.id = k.line_id
  JOIN invoicing_invoice inv ON inv.practice_id = line.practice_id AND inv.id = line.invoice_id
 WHERE n.attendee_id = ANY(%(attendees)s) AND n.status IN ('booked', 'used', 'forfeited')
"""  # noqa: S608  # a piece of SQL of this file


def places_of(*, practice_id: int, attendee_ids: Iterable[int]) -> dict[int, Place]:
    """Where these visits stand in packages, by attendee; visits without one left out. One query."""
    wanted = list(attendee_ids)
    if not wanted:
        return {}
    rows = _read(_PLACES_SQL, {"practice": practice_id, "attendees": wanted})
    return {row[0]: _place(row) for row in rows}


def _place(row: tuple[Any, ...]) -> Place:
    names = tuple(Place.__dataclass_fields__)
    return Place(**dict(zip(names, row, strict=True)))


def place_of(*, practice_id: int, attendee_id: int) -> Place | None:
    """Where one visit stands; None if no package covers it."""
    return places_of(practice_id=practice_id, attendee_ids=[attendee_id]).get(attendee_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartStanding:
    """One kind of session of a package: what became of its units."""

    part_id: int
    name: str
    total: int
    free: int
    booked: int
    used: int
    forfeited: int
    refunded: int
    expired: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageStanding:
    """
    Where a package stands. `unearned_minor` is what of its price is not earned yet; `state` is
    active, unpaid, paused, used_up, expired or ended.
    """

    id: int
    name: str
    product_id: int
    patient_id: int
    owner_name: str
    payer_id: int
    measure: str
    sold_on: date
    first_used_on: date | None
    expires_on: date | None
    paused_on: date | None
    resumes_on: date | None
    ended_at: datetime | None
    usable_when: str
    membership_id: int | None
    origin_id: int | None
    invoice_id: int
    invoice_number: int | None
    owing_minor: int  # what the invoices that it was charged on still ask for
    voided: bool  # the invoice that sold it
    net_minor: int
    tax_minor: int
    tax_at_use: bool  # else the tax is not in what is unearned: it was due with the sale
    unearned_minor: int
    shared: bool  # with the patient that was asked for: it is somebody else's
    begins_with_use: bool  # its days begin to count with the first visit, which is still to come
    sharing: str  # with whom its terms let it be shared
    parts: tuple[PartStanding, ...]
    today: date

    def _sum(self, name: str) -> int:
        return sum(getattr(part, name) for part in self.parts)

    @property
    def total(self) -> int:
        return self._sum("total")

    @property
    def free(self) -> int:
        return self._sum("free")

    @property
    def booked(self) -> int:
        return self._sum("booked")

    @property
    def used(self) -> int:
        """Used and forfeited."""
        return self._sum("used") + self._sum("forfeited")

    @property
    def gross_minor(self) -> int:
        return self.net_minor + self.tax_minor

    @property
    def state(self) -> str:
        if self.ended_at is not None:
            return "ended"
        if self.free + self.booked == 0:
            return "expired" if self._sum("expired") else "used_up"
        if not open_on(
            self.today,
            expires_on=None,
            paused_on=self.paused_on,
            resumes_on=self.resumes_on,
        ):
            return "paused"  # its days do not count, so it does not expire meanwhile
        if self.expires_on is not None and self.expires_on < self.today:
            return "expired"
        if self.usable_when == "paid" and self.owing_minor > 0:
            return "unpaid"
        return "active"


_STANDING_SQL = f"""
SELECT k.id, k.name, k.product_id, k.patient_id, owner.name, k.payer_id, k.measure, k.sold_on,
       k.first_used_on, k.expires_on, k.paused_on, k.resumes_on, k.ended_at, k.usable_when,
       k.membership_id, k.origin_id, inv.id, inv.number, {OWING},
       inv.status = 'void',
       k.net_minor, k.tax_minor, k.tax_at_use, held.balance_minor, k.patient_id <> %(patient)s,
       k.valid_from = 'first_use' AND k.valid_count IS NOT NULL AND k.expires_on IS NULL,
       k.sharing
  FROM packages_package k
  JOIN people_payer owner ON owner.practice_id = k.practice_id AND owner.id = k.payer_id
  JOIN invoicing_invoiceline line ON line.practice_id = k.practice_id AND line.id = k.line_id
  JOIN invoicing_invoice inv ON inv.practice_id = line.practice_id AND inv.id = line.invoice_id
  JOIN ledger_account held ON held.practice_id = k.practice_id AND held.id = k.account_id
 WHERE k.practice_id = %(practice)s AND {{which}}
 ORDER BY k.ended_at IS NOT NULL, k.expires_on NULLS LAST, k.id
"""  # noqa: S608  # pieces of SQL of our own
_OF_PATIENT = """(k.patient_id = %(patient)s OR EXISTS (
    SELECT FROM packages_packageshare h WHERE h.practice_id = k.practice_id
       AND h.package_id = k.id AND h.patient_id = %(patient)s AND h.ended_at IS NULL))"""
_BY_ID = "k.id = ANY(%(ids)s)"
_PARTS_SQL = """
SELECT part.package_id, part.id, part.name, coalesce(sum(s.units), 0)::bigint,
       coalesce(sum(s.units) FILTER (WHERE s.status = 'free'), 0)::bigint,
       coalesce(sum(s.units) FILTER (WHERE s.status = 'booked'), 0)::bigint,
       coalesce(sum(s.units) FILTER (WHERE s.status = 'used'), 0)::bigint,
       coalesce(sum(s.units) FILTER (WHERE s.status = 'forfeited'), 0)::bigint,
       coalesce(sum(s.units) FILTER (WHERE s.status = 'refunded'), 0)::bigint,
       coalesce(sum(s.units) FILTER (WHERE s.status = 'expired'), 0)::bigint
  FROM packages_soldpart part
  LEFT JOIN packages_session s ON s.practice_id = part.practice_id AND s.part_id = part.id
 WHERE part.practice_id = %s AND part.package_id = ANY(%s)
 GROUP BY part.package_id, part.id, part.name, part.position ORDER BY part.position, part.id
"""


def packages_of(*, practice_id: int, patient_id: int, today: date) -> list[PackageStanding]:
    """A patient's own packages and those that others let them use, open ones first; two queries."""
    asked = {"practice": practice_id, "patient": patient_id}
    rows = _read(_STANDING_SQL.format(which=_OF_PATIENT), asked)
    return _standings(practice_id, rows, today)


def count_packages(*, practice_id: int, patient_id: int) -> int:
    """How many packages a patient has or may use, also those that are over; one query."""
    sql = f"SELECT count(*) FROM packages_package k WHERE k.practice_id = %(practice)s AND {_OF_PATIENT}"  # noqa: E501, S608
    found: int = _read(sql, {"practice": practice_id, "patient": patient_id})[0][0]
    return found


def packages_by_id(
    *, practice_id: int, package_ids: Sequence[int], today: date
) -> dict[int, PackageStanding]:
    """These packages by id; two queries."""
    asked = {"practice": practice_id, "patient": 0, "ids": list(package_ids)}
    rows = _read(_STANDING_SQL.format(which=_BY_ID), asked)
    return {one.id: one for one in _standings(practice_id, rows, today, shared=False)}


def _standings(
    practice_id: int,
    rows: Sequence[tuple[Any, ...]],
    today: date,
    *,
    shared: bool | None = None,
) -> list[PackageStanding]:
    parts: dict[int, list[PartStanding]] = {row[0]: [] for row in rows}
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_PARTS_SQL, [practice_id, list(parts)])
            for package_id, *part in cursor.fetchall():
                names = tuple(PartStanding.__dataclass_fields__)
                parts[package_id].append(PartStanding(**dict(zip(names, part, strict=True))))
    names = tuple(PackageStanding.__dataclass_fields__)[:-2]
    found = []
    for row in rows:
        values = dict(zip(names, row, strict=True))
        if shared is not None:
            values["shared"] = shared
        found.append(PackageStanding(**values, parts=tuple(parts[row[0]]), today=today))
    return found


def _read(sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, dict(parameters))
        return list(cursor.fetchall())
