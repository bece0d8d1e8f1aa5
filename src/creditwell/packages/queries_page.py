"""
Read one package for its page: its sessions in the order of visits, who may use it, what happened.

Units are sessions, minutes, or minor units of money; amounts are minor units.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from creditwell.invoicing.queries import BILLED
from creditwell.kernel.errors import NotFound
from creditwell.packages.models import TERMS, Package
from creditwell.packages.queries import STANDS_AT
from creditwell.packages.rules_products import TermsInput


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLine:
    """
    One session that a visit has, or had, in the order of visits; or all that are free (refunded,
    expired) of a part, as one line without ordinal. `ordinal` counts units where those are minutes
    or money. `visit_state` is of the visit: booked, arrived …; "" without one.
    """

    id: int | None
    part_id: int
    part_name: str
    status: str
    units: int
    count: int
    value_minor: int
    tax_minor: int
    kept_percent: int
    bonus_units: int
    ordinal: int | None
    used_on: date | None
    attendee_id: int | None
    appointment_id: int | None
    starts_at: datetime | None
    practitioner: str
    patient_id: int | None
    patient: str
    visit_state: str


_SESSIONS_SQL = f"""
WITH placed AS (
    SELECT s.*, v.appointment_id, v.status AS visit_state, a.starts_at,
           coalesce(doctor.name, '') AS practitioner,
           s.status IN ('booked', 'used', 'forfeited') AS live,
           {STANDS_AT} AS moment
      FROM packages_session s
      JOIN tenancy_practice zone ON zone.id = s.practice_id
      LEFT JOIN scheduling_attendee v ON v.practice_id = s.practice_id AND v.id = s.attendee_id
      LEFT JOIN scheduling_appointment a
        ON a.practice_id = v.practice_id AND a.id = v.appointment_id
      LEFT JOIN scheduling_practitioner doctor
        ON doctor.practice_id = a.practice_id AND doctor.id = a.practitioner_id
     WHERE s.practice_id = %(practice)s AND s.package_id = %(package)s AND s.units > 0
), lines AS (
    SELECT p.id::bigint AS id, p.part_id, p.status, p.units::bigint AS units, 1::bigint AS n,
           p.value_minor::bigint AS value, p.tax_minor::bigint AS tax,
           p.kept_percent::int AS kept, p.bonus_units::bigint AS bonus,
           CASE WHEN k.measure = 'sessions' THEN row_number() OVER walk
                ELSE sum(p.units) OVER walk END::bigint AS ordinal,
           p.used_on, p.attendee_id, p.appointment_id, p.starts_at, p.practitioner,
           p.patient_id, p.visit_state, p.moment
      FROM placed p
      JOIN packages_package k ON k.practice_id = p.practice_id AND k.id = p.package_id
     WHERE p.live
    WINDOW walk AS (PARTITION BY p.part_id ORDER BY p.moment, p.id ROWS UNBOUNDED PRECEDING)
    UNION ALL
    SELECT NULL, p.part_id, p.status, sum(p.units)::bigint, count(*),
           sum(p.value_minor)::bigint, sum(p.tax_minor)::bigint, 100,
           sum(p.bonus_units)::bigint,
           NULL, NULL, NULL, NULL, NULL, '', NULL, NULL, NULL
      FROM placed p WHERE NOT p.live GROUP BY p.part_id, p.status
)
SELECT l.id, l.part_id, part.name, l.status, l.units, l.n, l.value, l.tax, l.kept, l.bonus,
       l.ordinal, l.used_on, l.attendee_id, l.appointment_id, l.starts_at, l.practitioner,
       l.patient_id, coalesce(who.name, ''), coalesce(l.visit_state, '')
  FROM lines l
  JOIN packages_soldpart part ON part.practice_id = %(practice)s AND part.id = l.part_id
  LEFT JOIN people_patient patient
    ON patient.practice_id = %(practice)s AND patient.id = l.patient_id
  LEFT JOIN people_payer who ON who.practice_id = patient.practice_id AND who.id = patient.payer_id
 ORDER BY l.moment NULLS LAST, l.id,
          array_position(ARRAY['free', 'expired', 'refunded'], l.status::text),
          part.position, part.id
"""  # noqa: S608  # a piece of SQL of this file


def session_lines(*, practice_id: int, package_id: int) -> list[SessionLine]:
    """The sessions of a package: visits in their order, then what is free or gone. One query."""
    rows = _read(_SESSIONS_SQL, {"practice": practice_id, "package": package_id})
    names = tuple(SessionLine.__dataclass_fields__)
    return [SessionLine(**dict(zip(names, row, strict=True))) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareLine:
    """Somebody who may use a package; `used_units` are booked, used or forfeited for them."""

    id: int
    patient_id: int
    name: str
    most_units: int | None
    used_units: int
    booked_units: int
    given_at: datetime
    given_by: str


_SHARES_SQL = """
SELECT h.id, h.patient_id, y.name, h.most_units,
       coalesce(sum(s.units), 0)::bigint,
       coalesce(sum(s.units) FILTER (WHERE s.status = 'booked'), 0)::bigint,
       h.given_at, coalesce(u.name, '')
  FROM packages_packageshare h
  JOIN people_patient t ON t.practice_id = h.practice_id AND t.id = h.patient_id
  JOIN people_payer y ON y.practice_id = t.practice_id AND y.id = t.payer_id
  LEFT JOIN tenancy_user u ON u.id = h.given_by_id
  LEFT JOIN packages_session s
    ON s.practice_id = h.practice_id AND s.package_id = h.package_id
   AND s.patient_id = h.patient_id AND s.status IN ('booked', 'used', 'forfeited')
 WHERE h.practice_id = %(practice)s AND h.package_id = %(package)s AND h.ended_at IS NULL
 GROUP BY h.id, h.patient_id, y.name, h.most_units, h.given_at, u.name
 ORDER BY y.name, h.id
"""


def share_lines(*, practice_id: int, package_id: int) -> list[ShareLine]:
    """Who may use a package besides its owner; one query."""
    rows = _read(_SHARES_SQL, {"practice": practice_id, "package": package_id})
    names = tuple(ShareLine.__dataclass_fields__)
    return [ShareLine(**dict(zip(names, row, strict=True))) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActLine:
    """
    One line of the history. `patient` is whom it was about: of the visit, or of a permission or
    transfer. `undone` says that a later act took it back; `undoes` that it takes one back.
    """

    id: int
    kind: str
    on: date
    at: datetime
    who: str
    reason: str
    value_minor: int
    details: dict[str, Any]
    session_id: int | None
    visit_id: int | None
    appointment_id: int | None
    patient_id: int | None
    patient: str
    undone: bool
    undoes: bool


_ACTS_SQL = """
SELECT x.id, x.kind, x.occurred_on, x.created_at, coalesce(u.name, ''), x.reason, x.value_minor,
       x.details, x.session_id, x.visit_id, v.appointment_id, t.id, coalesce(y.name, ''),
       EXISTS (SELECT FROM packages_packageact later
                WHERE later.practice_id = x.practice_id AND later.undoes_id = x.id),
       x.undoes_id IS NOT NULL
  FROM packages_packageact x
  LEFT JOIN tenancy_user u ON u.id = x.created_by_id
  LEFT JOIN scheduling_attendee v ON v.practice_id = x.practice_id AND v.id = x.visit_id
  LEFT JOIN packages_package other
    ON other.practice_id = x.practice_id
   AND other.id = coalesce(x.details ->> 'to_package_id', x.details ->> 'from_package_id')::bigint
  LEFT JOIN people_patient t
    ON t.practice_id = x.practice_id
   AND t.id = coalesce(v.patient_id, (x.details ->> 'patient_id')::bigint, other.patient_id)
  LEFT JOIN people_payer y ON y.practice_id = t.practice_id AND y.id = t.payer_id
 WHERE x.practice_id = %(practice)s AND x.package_id = %(package)s
   AND (%(act)s::bigint IS NULL OR x.id = %(act)s)
 ORDER BY x.id DESC LIMIT %(limit)s
"""


def act_lines(*, practice_id: int, package_id: int, limit: int) -> list[ActLine]:
    """The history of a package, the newest first; one query."""
    return _acts({"practice": practice_id, "package": package_id, "act": None, "limit": limit})


def act_line(*, practice_id: int, package_id: int, act_id: int) -> ActLine:
    """
    One line of it; one query.

    :raises NotFound: if this package has no such line
    """
    found = _acts({"practice": practice_id, "package": package_id, "act": act_id, "limit": 1})
    if not found:
        raise NotFound
    return found[0]


def _acts(asked: dict[str, Any]) -> list[ActLine]:
    names = tuple(ActLine.__dataclass_fields__)
    found = [dict(zip(names, row, strict=True)) for row in _read(_ACTS_SQL, asked)]
    return [ActLine(**{**one, "details": json.loads(one["details"])}) for one in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsLine(TermsInput):
    """
    The rules that a package was sold with, the package it came from by transfer, and the membership
    that it is a period of.
    """

    origin_id: int | None
    origin_owner: str
    membership_id: int | None


def terms_line(*, practice_id: int, package_id: int) -> TermsLine:
    """The rules of one package; one query."""
    row = Package.objects.values(*TERMS, "origin_id", "origin__payer__name", "membership_id").get(
        practice_id=practice_id, pk=package_id
    )
    return TermsLine(origin_owner=row.pop("origin__payer__name") or "", **row)


def _read(sql: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverableVisit:
    """A visit of a kind that a package covers, of somebody who may use it, without a session."""

    attendee_id: int
    starts_at: datetime
    kind: str
    patient_id: int
    patient: str


_COVERABLE_SQL = f"""
SELECT v.id, a.starts_at, kind.name, v.patient_id, y.name
  FROM packages_package k
  JOIN scheduling_attendee v ON v.practice_id = k.practice_id
  JOIN scheduling_appointment a ON a.practice_id = v.practice_id AND a.id = v.appointment_id
  JOIN scheduling_appointmenttype kind
    ON kind.practice_id = a.practice_id AND kind.id = a.appointment_type_id
  JOIN people_patient t ON t.practice_id = v.practice_id AND t.id = v.patient_id
  JOIN people_payer y ON y.practice_id = t.practice_id AND y.id = t.payer_id
 WHERE k.practice_id = %(practice)s AND k.id = %(package)s
   AND v.status IN ('booked', 'arrived', 'completed') AND a.status = 'booked'
   AND (v.patient_id = k.patient_id OR v.patient_id IN (
        SELECT h.patient_id FROM packages_packageshare h
         WHERE h.practice_id = k.practice_id AND h.package_id = k.id AND h.ended_at IS NULL))
   AND (k.expires_on IS NULL OR (a.starts_at AT TIME ZONE %(zone)s)::date <= k.expires_on)
   AND EXISTS (SELECT FROM packages_soldcover c
                 JOIN packages_soldpart p ON p.practice_id = c.practice_id AND p.id = c.part_id
                WHERE p.practice_id = k.practice_id AND p.package_id = k.id
                  AND (c.appointment_type_id = a.appointment_type_id OR c.item_id IN (
                       SELECT i.item_id FROM scheduling_typeitem i
                        WHERE i.practice_id = k.practice_id
                          AND i.appointment_type_id = a.appointment_type_id)))
   AND NOT EXISTS (SELECT FROM packages_session s
                    WHERE s.practice_id = v.practice_id AND s.attendee_id = v.id
                      AND s.status IN ('booked', 'used', 'forfeited'))
   AND NOT {BILLED}
 ORDER BY a.starts_at DESC, v.id LIMIT 30
"""  # noqa: S608  # pieces of SQL of our own


def coverable_visits(*, practice_id: int, package_id: int, time_zone: str) -> list[CoverableVisit]:
    """Visits that could use a package and have no session, the latest first; one query."""
    asked = {"practice": practice_id, "package": package_id, "zone": time_zone}
    names = tuple(CoverableVisit.__dataclass_fields__)
    rows = _read(_COVERABLE_SQL, asked)
    return [CoverableVisit(**dict(zip(names, row, strict=True))) for row in rows]
