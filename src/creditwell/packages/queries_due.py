"""What is due by the clock; the jobs ask, and each act asks again once it holds it."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import connection
from django.db.models import F, Q

from creditwell.packages.models import Membership

OF_MEMBERSHIPS = timedelta(days=7)
"""What lapses with a period is told at most so long before: else each period began with it."""

_RUNNING_OUT = """k.practice_id = %(practice)s AND k.ended_at IS NULL
   AND k.expires_on BETWEEN %(today)s AND %(until)s
   AND k.expiry_noticed_on IS DISTINCT FROM k.expires_on
   AND NOT (k.paused_on IS NOT NULL AND k.paused_on <= %(today)s
            AND (k.resumes_on IS NULL OR k.resumes_on > %(today)s))
   AND (SELECT coalesce(sum(s.units), 0) FROM packages_session s
         WHERE s.practice_id = k.practice_id AND s.package_id = k.id AND s.status = 'free')
       > coalesce((SELECT k.rollover_most FROM packages_membership m
                    WHERE m.practice_id = k.practice_id AND m.id = k.membership_id
                      AND m.status = 'active' AND m.periods_count = k.period_number), 0)
   AND (k.membership_id IS NULL OR k.expires_on <= %(soon)s)"""


def memberships_due(*, practice_id: int, today: date, limit: int) -> list[int]:
    """Memberships whose next period, or the end of whose pause, has come; oldest first."""
    begins = Q(renews_on__lte=today) & (Q(paused_on__isnull=True) | Q(paused_on__gt=F("renews_on")))
    wakes = Q(status="paused", resumes_on__lte=today)
    found = Membership.objects.filter(begins | wakes, practice_id=practice_id)
    rows = found.exclude(status="cancelled").order_by("renews_on", "pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def packages_running_out(*, practice_id: int, today: date, until: date, limit: int) -> list[int]:
    """
    Packages whose last day lies within these days and was not told of yet, and of which something
    would lapse; the soonest first. One query.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT k.id FROM packages_package k WHERE {_RUNNING_OUT} "  # noqa: S608  # no values
            "ORDER BY k.expires_on, k.id LIMIT %(limit)s",
            {
                "practice": practice_id,
                "today": today,
                "until": until,
                "soon": today + OF_MEMBERSHIPS,
                "limit": limit,
            },
        )
        return [int(row[0]) for row in cursor.fetchall()]


def is_running_out(*, practice_id: int, package_id: int, today: date, until: date) -> bool:
    """The same of one package, once it is held."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT FROM packages_package k WHERE {_RUNNING_OUT} "  # noqa: S608
            "AND k.id = %(package)s)",
            {
                "practice": practice_id,
                "today": today,
                "until": until,
                "soon": today + OF_MEMBERSHIPS,
                "package": package_id,
            },
        )
        row = cursor.fetchone()
        return bool(row and row[0])
