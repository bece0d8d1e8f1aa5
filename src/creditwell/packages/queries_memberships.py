"""Read memberships: the list, one with its periods, those of a patient. Amounts are minor units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from creditwell.kernel.errors import NotFound
from creditwell.packages.models import ActKind, Package, PackageAct
from creditwell.packages.owing import OWING
from creditwell.packages.queries import PackageStanding, packages_by_id

SOON = timedelta(days=7)
SHOWN = ("active", "soon", "owing", "paused", "cancelled")
"""What the list can be narrowed to; "" is all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipLine:
    """
    A membership; `paused_on` may be a day to come, `cancelled_on` is its last day. `owing_minor` is
    what its invoices still ask for.
    """

    id: int
    patient_id: int
    patient_name: str
    payer_id: int
    product_id: int
    name: str
    status: str
    started_on: date
    anchor_on: date
    renews_on: date
    periods_count: int
    paused_on: date | None
    resumes_on: date | None
    cancelled_on: date | None
    cancel_reason: str
    owing_minor: int
    today: date

    @property
    def state(self) -> str:
        """Active, paused (or active until its pause begins), cancelled."""
        if self.status == "paused" and self.paused_on is not None and self.paused_on > self.today:
            return "active"
        return self.status

    @property
    def is_over(self) -> bool:
        return self.cancelled_on is not None and self.cancelled_on < self.today

    @property
    def renews(self) -> bool:
        """Whether a next period is to come by itself."""
        if self.status == "cancelled":
            return False
        return self.paused_on is None or self.renews_on < self.paused_on


_LINES_SQL = f"""
SELECT m.id, m.patient_id, owner.name, m.payer_id, m.product_id, item.name, m.status, m.started_on,
       m.anchor_on, m.renews_on, m.periods_count, m.paused_on, m.resumes_on, m.cancelled_on,
       m.cancel_reason, owed.minor
  FROM packages_membership m
  JOIN people_patient pat ON pat.practice_id = m.practice_id AND pat.id = m.patient_id
  JOIN people_payer owner ON owner.practice_id = m.practice_id AND owner.id = pat.payer_id
  JOIN packages_product product ON product.practice_id = m.practice_id AND product.id = m.product_id
  JOIN catalog_item item ON item.practice_id = m.practice_id AND item.id = product.item_id
  CROSS JOIN LATERAL (
       SELECT coalesce(sum({OWING}), 0)::bigint AS minor FROM packages_package k
        WHERE k.practice_id = m.practice_id AND k.membership_id = m.id) owed
 WHERE m.practice_id = %(practice)s AND {{which}}
 ORDER BY m.status = 'cancelled', m.renews_on, m.id
 LIMIT %(limit)s OFFSET %(after)s
"""  # noqa: S608  # pieces of SQL of our own
_WHICH = {
    "": "true",
    "active": "m.status = 'active'",
    "soon": "m.status = 'active' AND m.renews_on <= %(soon)s",
    "owing": "owed.minor > 0",
    "paused": "m.status = 'paused'",
    "cancelled": "m.status = 'cancelled'",
}


def list_memberships(
    *, practice_id: int, show: str, today: date, after: int, limit: int
) -> list[MembershipLine]:
    """Memberships (`show` as in SHOWN), those that renew first on top; one query."""
    return _lines(practice_id, _WHICH[show], today, after=after, limit=limit)


def memberships_of(*, practice_id: int, patient_id: int, today: date) -> list[MembershipLine]:
    """A patient's memberships; one query."""
    return _lines(practice_id, "m.patient_id = ANY(%(ids)s)", today, ids=[patient_id])


def memberships_by_id(
    *, practice_id: int, ids: Sequence[int], today: date
) -> dict[int, MembershipLine]:
    """These memberships by id; one query."""
    lines = _lines(practice_id, "m.id = ANY(%(ids)s)", today, ids=ids)
    return {line.id: line for line in lines}


def count_memberships(*, practice_id: int, today: date) -> dict[str, int]:
    """How many there are of each, as in SHOWN, and of all (""); one query."""
    columns = ", ".join(f"count(*) FILTER (WHERE {_WHICH[name]})" for name in ("", *SHOWN))
    head, tail = _LINES_SQL.split("  FROM packages_membership m", 1)
    assert head
    body = tail.split(" ORDER BY", 1)[0].format(which="true")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM packages_membership m {body}",  # noqa: S608  # no values
            {"practice": practice_id, "soon": today + SOON},
        )
        row = cursor.fetchone() or ()
    return dict(zip(("", *SHOWN), row, strict=True))


def _lines(
    practice_id: int,
    which: str,
    today: date,
    *,
    ids: Sequence[int] = (),
    after: int = 0,
    limit: int = 200,
) -> list[MembershipLine]:
    with connection.cursor() as cursor:
        cursor.execute(
            _LINES_SQL.format(which=which),
            {
                "practice": practice_id,
                "soon": today + SOON,
                "ids": list(ids),
                "after": after,
                "limit": limit,
            },
        )
        rows = cursor.fetchall()
    names = tuple(MembershipLine.__dataclass_fields__)[:-1]
    return [MembershipLine(**dict(zip(names, row, strict=True)), today=today) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodLine:
    """A period that began, with its package; units that came from the one before, or went on."""

    number: int
    starts_on: date
    ends_on: date
    standing: PackageStanding
    rolled_in: int
    rolled_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipFacts:
    """A membership with its periods, the latest first."""

    line: MembershipLine
    periods: tuple[PeriodLine, ...]


def membership_facts(*, practice_id: int, membership_id: int, today: date) -> MembershipFacts:
    """
    A membership with all its periods; five queries.

    :raises NotFound: if this practice has no such membership
    """
    lines = memberships_by_id(practice_id=practice_id, ids=[membership_id], today=today)
    if membership_id not in lines:
        raise NotFound
    return MembershipFacts(
        line=lines[membership_id], periods=tuple(_periods(practice_id, membership_id, today))
    )


def _periods(practice_id: int, membership_id: int, today: date) -> list[PeriodLine]:
    rows: Sequence[tuple[Any, ...]] = list(
        Package.objects.filter(practice_id=practice_id, membership_id=membership_id)
        .order_by("-period_number")
        .values_list("pk", "period_number", "period_starts_on", "period_ends_on")
    )
    ids = [row[0] for row in rows]
    standings = packages_by_id(practice_id=practice_id, package_ids=ids, today=today)
    rolled: dict[tuple[int, bool], int] = {}
    for package_id, details in PackageAct.objects.filter(
        practice_id=practice_id, package_id__in=ids, kind=ActKind.ROLLED_OVER
    ).values_list("package_id", "details"):
        key = (package_id, "from_package_id" in details)
        rolled[key] = rolled.get(key, 0) + int(details["units"])
    return [
        PeriodLine(
            number=number,
            starts_on=starts_on,
            ends_on=ends_on,
            standing=standings[pk],
            rolled_in=rolled.get((pk, True), 0),
            rolled_out=rolled.get((pk, False), 0),
        )
        for pk, number, starts_on, ends_on in rows
    ]
