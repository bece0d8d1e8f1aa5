"""Packages that run out soon, and those of which something expired lately; two queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from creditwell.money.money import Money
from creditwell.tenancy.access import PracticeFacts

SHOWN = timedelta(days=60)
MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiringPackage:
    """`free` runs out on a day; `expired` did and did not come back, with what it was worth."""

    package_id: int
    name: str
    patient_id: int
    owner_name: str
    measure: str
    expires_on: date | None
    noticed_on: date | None
    free: int
    expired: int
    worth: Money


_IN_TIME = "k.expires_on BETWEEN %(since)s AND %(until)s"
_THIS_ONE = "k.id = %(package)s"
_SQL = """
SELECT k.id, k.name, k.patient_id, owner.name, k.measure, k.expires_on, k.expiry_noticed_on,
       coalesce(sum(s.units) FILTER (WHERE s.status = 'free'), 0)::bigint,
       coalesce(sum(s.units) FILTER (WHERE s.status = 'expired'), 0)::bigint,
       coalesce(sum(s.value_minor + s.tax_minor)
                FILTER (WHERE s.status = ANY(%(states)s)), 0)::bigint
  FROM packages_package k
  JOIN people_payer owner ON owner.practice_id = k.practice_id AND owner.id = k.payer_id
  JOIN packages_session s ON s.practice_id = k.practice_id AND s.package_id = k.id
 WHERE k.practice_id = %(practice)s AND k.ended_at IS NULL
   AND {which}
 GROUP BY k.id, k.name, k.patient_id, owner.name, k.measure, k.expires_on, k.expiry_noticed_on
HAVING coalesce(sum(s.units) FILTER (WHERE s.status = ANY(%(states)s)), 0) > 0
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiringPackages:
    """At most MOST of each: the earliest first, and the latest expired first."""

    soon: tuple[ExpiringPackage, ...]
    gone: tuple[ExpiringPackage, ...]


def expiring_packages(practice: PracticeFacts, today: date) -> ExpiringPackages:
    """What runs out in the next sixty days, and what ran out in the last."""
    soon = _read(practice, today, today + SHOWN, ["free"], "ORDER BY k.expires_on, k.id")
    over = today - timedelta(days=1)
    gone = _read(
        practice,
        today - SHOWN,
        over,
        ["free", "expired"],
        "ORDER BY k.expires_on DESC, k.id DESC",
    )
    return ExpiringPackages(soon=soon, gone=gone)


def expired_package(practice: PracticeFacts, package_id: int) -> ExpiringPackage | None:
    """One package with what of it expired; None if it is over, or nothing did."""
    asked = {"practice": practice.id, "states": ["expired"], "package": package_id}
    rows = _fetch(_SQL.format(which=_THIS_ONE), asked)
    return _row(practice, rows[0]) if rows else None


def _read(
    practice: PracticeFacts, since: date, until: date, states: list[str], order: str
) -> tuple[ExpiringPackage, ...]:
    asked = {
        "practice": practice.id,
        "since": since,
        "until": until,
        "states": states,
        "most": MOST,
    }
    rows = _fetch(f"{_SQL.format(which=_IN_TIME)} {order} LIMIT %(most)s", asked)
    return tuple(_row(practice, row) for row in rows)


def _fetch(sql: str, asked: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        return list(cursor.fetchall())


def _row(practice: PracticeFacts, row: tuple[Any, ...]) -> ExpiringPackage:
    return ExpiringPackage(
        package_id=row[0],
        name=row[1],
        patient_id=row[2],
        owner_name=row[3],
        measure=row[4],
        expires_on=row[5],
        noticed_on=row[6],
        free=row[7],
        expired=row[8],
        worth=practice.money(row[9]),
    )
