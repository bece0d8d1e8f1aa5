"""What is free of a package the day after its last day expires, and comes back by grace."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import connection

from creditwell.ledger.post import Journal, Leg
from creditwell.packages.acts import Line, write_act
from creditwell.packages.models import ActKind, Package, PackageAct, Session
from creditwell.packages.using import held_minor
from creditwell.payments.rules import day_of_correction
from creditwell.tenancy.access import PracticeFacts, Written
from creditwell.tenancy.countries import tax_on_lapsed_credit

# Not while it is paused, for the days of a pause are added to its last one; and not before the next
# period of its membership took over what it takes.
_DUE = """k.practice_id = %(practice)s AND k.ended_at IS NULL AND k.expires_on < %(today)s
   AND NOT (k.paused_on IS NOT NULL AND k.paused_on <= %(today)s
            AND (k.resumes_on IS NULL OR k.resumes_on > %(today)s))
   AND NOT EXISTS (SELECT FROM packages_membership m
                    WHERE m.practice_id = k.practice_id AND m.id = k.membership_id
                      AND m.status <> 'cancelled' AND m.periods_count = k.period_number
                      AND m.renews_on <= %(today)s
                      AND (m.paused_on IS NULL OR m.renews_on < m.paused_on))
   AND EXISTS (SELECT FROM packages_session s
                WHERE s.practice_id = k.practice_id AND s.package_id = k.id
                  AND s.status = 'free' AND s.units > 0)"""


def packages_due(*, practice_id: int, today: date, limit: int) -> list[int]:
    """Packages of which something is free although their last day is over; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT k.id FROM packages_package k WHERE {_DUE} "  # noqa: S608  # no values
            "ORDER BY k.expires_on, k.id LIMIT %(limit)s",
            {"practice": practice_id, "today": today, "limit": limit},
        )
        return [int(row[0]) for row in cursor.fetchall()]


def is_due(*, practice_id: int, package_id: int, today: date) -> bool:
    """The same of one package, once it is held."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT FROM packages_package k WHERE {_DUE} "  # noqa: S608
            "AND k.id = %(package)s)",
            {"practice": practice_id, "package": package_id, "today": today},
        )
        row = cursor.fetchone()
        return bool(row and row[0])


def expire(practice: PracticeFacts, package: Package, *, written: Written) -> list[Session]:
    """Sweep off what is free of a package that is held and due; returns the sessions."""
    gone = list(
        Session.objects.select_for_update(of=("self",))
        .filter(practice_id=practice.id, package_id=package.pk, status="free", units__gt=0)
        .order_by("pk")
    )
    on = day_of_expiry(practice, package, gone, practice.day_of(written.at))
    held = sum(held_minor(package, one) for one in gone)
    tax = _tax_due(practice, package, gone)
    entry_id = None
    if held:
        journal = Journal(practice.id)
        journal.entry("package_expiry", on, _legs(journal, practice, package, held, tax))
        entry_id = journal.post().entry_ids[0]
    ids = [one.pk for one in gone]
    Session.objects.filter(practice_id=practice.id, pk__in=ids).update(
        status="expired", entry_id=entry_id
    )
    details: dict[str, Any] = {
        "session_ids": ids,
        "units": sum(one.units for one in gone),
        "into": practice.expired_credit_into,
        "tax_minor": tax,
    }
    write_act(
        practice.id,
        Line(
            package_id=package.pk,
            kind=ActKind.EXPIRED,
            on=on,
            value_minor=-held,
            entry_id=entry_id,
            details=details,
        ),
        written,
    )
    return gone


def day_of_expiry(
    practice: PracticeFacts, package: Package, sessions: list[Session], today: date
) -> date:
    """
    The day after the last on which it could be used, however late the job runs; later if value came
    into it since, today if that day is closed.
    """
    assert package.expires_on is not None, package.pk
    since = max((one.since_on for one in sessions), default=date.min)
    return day_of_correction(
        original=max(package.expires_on + timedelta(days=1), since),
        today=today,
        books_closed_on=practice.books_closed_on,
    )


def _tax_due(practice: PracticeFacts, package: Package, sessions: list[Session]) -> int:
    """
    The tax that becomes due because nobody used it, where it was not due before: by the law of the
    country, once it is income. Unclaimed money is owed to somebody still, and is none.
    """
    income = practice.expired_credit_into == "breakage"
    if not (income and package.tax_at_use and tax_on_lapsed_credit(practice.country)):
        return 0
    return sum(one.tax_minor for one in sessions)


def _legs(
    journal: Journal, practice: PracticeFacts, package: Package, held: int, tax: int
) -> list[Leg]:
    legs: list[Leg] = [
        (package.account_id, -held),
        (journal.clinic_wide(practice.expired_credit_into), held - tax),
    ]
    if tax:
        legs.append((journal.clinic_wide("tax", package.tax_rate_id or 0), tax))
    return legs


def standing_expiries(practice: PracticeFacts, package: Package) -> list[PackageAct]:
    """What expired of a package and did not come back, oldest first."""
    acts = PackageAct.objects.filter(practice_id=practice.id, package_id=package.pk)
    undone = acts.filter(undoes__isnull=False).values_list("undoes_id", flat=True)
    return list(acts.filter(kind=ActKind.EXPIRED).exclude(pk__in=list(undone)).order_by("pk"))


def come_back(
    practice: PracticeFacts,
    package: Package,
    expiries: list[PackageAct],
    *,
    until: date | None,
    reason: str,
    written: Written,
) -> int:
    """
    The new last day of a package that is held; what had expired is free again, with exactly its
    value, dated today. Returns how many units came back.
    """
    on, before = practice.day_of(written.at), package.expires_on
    days = [day.isoformat() if day else "" for day in (before, until)]
    came_back = 0
    for act in expiries:
        entry_id = None
        if act.entry_id is not None:
            journal = Journal(practice.id)
            journal.reverse("package_expiry_return", on, act.entry_id)
            entry_id = journal.post().entry_ids[0]
        rows = Session.objects.filter(
            practice_id=practice.id, pk__in=act.details["session_ids"], status="expired"
        )
        changed = rows.update(status="free", entry_id=None, since_on=on)
        assert changed == len(act.details["session_ids"]), act.pk
        came_back += int(act.details["units"])
        write_act(
            practice.id,
            Line(
                package_id=package.pk,
                kind=ActKind.EXPIRY_RETURNED,
                on=on,
                value_minor=-act.value_minor,
                entry_id=entry_id,
                reason=reason,
                details={"units": act.details["units"], "expires_on": days},
                undoes_id=act.pk,
            ),
            written,
        )
    Package.objects.filter(practice_id=practice.id, pk=package.pk).update(
        expires_on=until, expiry_noticed_on=None
    )
    return came_back
