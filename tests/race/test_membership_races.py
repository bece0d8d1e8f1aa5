"""The renewal job run by several workers at once; and the twins without what guards it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from threading import Barrier, BrokenBarrierError

import pytest
from django.db import connection

from creditwell.packages import memberships
from creditwell.packages.models import Membership, Package, PackageAct
from creditwell.tenancy.access import practice_facts
from creditwell.usecases import renew_membership as renewing
from creditwell.worker.memberships import renew_in
from tests.acts import pay, standing
from tests.books import assert_books_straight
from tests.factories import Clinic
from tests.memberships import make_renewing, noon, periods, start
from tests.race.rivals import PATIENCE, race

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

RIVALS = 4
LATER = noon(date(2027, 1, 30))  # two periods are due


@pytest.fixture
def membership_id(clinic: Clinic) -> int:
    pay(clinic, 200000)
    return start(clinic, make_renewing(clinic)).membership_id


def test_jobs_at_once_begin_each_period_once(clinic: Clinic, membership_id: int) -> None:
    did: list[Counter[str]] = []
    ended = race(RIVALS, lambda _n: did.append(renew_in(clinic.practice.pk, LATER)))
    assert ended == {"ok": RIVALS}
    assert sum(did, Counter()) == Counter(renewed=2)
    assert [one.period_number for one in periods(membership_id)] == [1, 2, 3]
    assert PackageAct.objects.filter(kind="rolled_over").count() == 4
    assert standing(clinic, clinic.patient).credit_minor == 200000 - 3 * 20000
    assert_books_straight(clinic.practice)


@contextmanager
def together(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody holds anything, and all have seen that the period is due before any begins it."""
    everybody = Barrier(RIVALS, timeout=PATIENCE)
    plain = renewing._what_stops

    def what_stops(held: memberships.Held) -> str:
        with suppress(BrokenBarrierError):
            everybody.wait()
        return plain(held)

    def without_lock(*, practice_id: int, membership_id: int) -> memberships.Held:
        row = Membership.objects.get(practice_id=practice_id, pk=membership_id)
        owners = frozenset({row.payer_id})
        return memberships.Held(row=row, practice=practice_facts(practice_id), owner_ids=owners)

    with monkeypatch.context() as patch:
        patch.setattr(renewing, "_what_stops", what_stops)
        patch.setattr(renewing, "hold_membership", without_lock)
        yield


def renew_once(clinic: Clinic, membership_id: int) -> object:
    command = renewing.RenewMembership(practice_id=clinic.practice.pk, membership_id=membership_id)
    return renewing.renew_membership(command, noon(date(2026, 12, 24)))


def test_twin_without_the_lock_the_database_refuses_the_others(
    clinic: Clinic, membership_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with together(monkeypatch):
        ended = race(RIVALS, lambda _n: renew_once(clinic, membership_id))
    assert ended == {"ok": 1, "PeriodBegun": RIVALS - 1}
    assert len(periods(membership_id)) == 2
    assert_books_straight(clinic.practice)


def test_twin_without_lock_and_constraint_each_job_begins_the_period(
    clinic: Clinic, membership_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = Package._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT packages_period_once")
    try:
        with together(monkeypatch):
            race(RIVALS, lambda _n: renew_once(clinic, membership_id))
        assert len(periods(membership_id)) > 2
    finally:
        Package.objects.filter(membership_id=membership_id).update(membership_id=None)
        with connection.cursor() as cursor:
            cursor.execute(
                f"ALTER TABLE {table} ADD CONSTRAINT packages_period_once "
                "UNIQUE (practice_id, membership_id, period_number)"
            )
