"""
Memberships at random: months of renewals, visits, pauses, refunds and money, in any order.

After each step the books are straight; at the end every period was begun once, in its turn, and
what was paid is what was earned, given back, expired, or is still owed in sessions.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from django.db.models import Sum

from creditwell.kernel.errors import Refusal
from creditwell.ledger.models import Account, Posting
from creditwell.packages.models import Membership, Package, Session
from creditwell.scheduling.models import Attendee
from creditwell.usecases._giving_back import GiveBack
from creditwell.usecases.book_appointment import book_appointment
from creditwell.usecases.cancel_attendance import CancelAttendance, cancel_attendance
from creditwell.usecases.check_books import check_practice
from creditwell.usecases.convert_package import convert_package
from creditwell.usecases.mark_attendance import MarkAttendance, mark_arrived, mark_did_not_arrive
from creditwell.worker.memberships import renew_everywhere
from creditwell.worker.package_expiry import expire_packages_everywhere
from tests.acts import new_key, pay
from tests.factories import Clinic, make_clinic, make_patient, make_practitioner, make_tax_rate
from tests.memberships import cancel, keep, make_renewing, noon, pause, resume, start
from tests.sold import make_visit_type
from tests.visits import act, wish

pytestmark = [pytest.mark.machine, pytest.mark.django_db(transaction=True)]
STEPS = int(os.environ.get("RENEWAL_STEPS", "120"))
BEGIN = date(2026, 1, 30)


class Club:
    """Three members of one clinic, and a clock that only goes on."""

    def __init__(self, seed: int, currency: str, at_use: bool) -> None:
        self.chance = Random(seed)
        self.clinic: Clinic = make_clinic(currency=currency)
        self.today = BEGIN
        self.kind = make_visit_type(self.clinic, name="Massage", price_minor=7000)
        self.product = make_renewing(
            self.clinic,
            kind=self.kind,
            units=3,
            price_minor=10000,
            tax=make_tax_rate(practice=self.clinic.practice),
            tax_at_use=at_use,
            renews_count=self.chance.choice((1, 2)),
            renews_unit=self.chance.choice(("week", "month")),
            rollover_most=self.chance.choice((0, 1, 2)),
            late_cancel_percent=50,
        )
        self.members = [make_patient(practice=self.clinic.practice) for _n in range(3)]
        self.acts: list[Callable[[], Any]] = [
            self.begin,
            self.prepay,
            self.book,
            self.book,
            self.come,
            self.come,
            self.miss,
            self.call_off,
            self.rest,
            self.wake,
            self.end,
            self.go_on,
            self.give_back,
        ]

    def step(self) -> None:
        """Some days pass, the jobs of the night run, and somebody does something."""
        self.today += timedelta(days=self.chance.choice((0, 1, 3, 9)))
        renew_everywhere(noon(self.today))
        expire_packages_everywhere(noon(self.today))
        with suppress(Refusal, IndexError):
            self.chance.choice(self.acts)()

    def begin(self) -> None:
        patient = self.chance.choice(self.members)
        if not Membership.objects.filter(patient=patient).exclude(status="cancelled").exists():
            start(self.clinic, self.product, patient_id=patient.pk, now=noon(self.today))

    def prepay(self) -> None:
        pay(
            self.clinic,
            self.chance.choice((3333, 10000, 25000)),
            patient=self.chance.choice(self.members),
            now=noon(self.today),
        )

    def book(self) -> None:
        start_on = self.today + timedelta(days=self.chance.choice((0, 2, 20)))
        command = wish(
            self.clinic,
            self.kind,
            patient_id=self.chance.choice(self.members).pk,
            practitioner_id=make_practitioner(practice=self.clinic.practice).pk,
            starts_at=noon(start_on),
            anyway=True,
        )
        book_appointment(command, noon(self.today))

    def _visit(self) -> int:
        rows = Attendee.objects.filter(practice=self.clinic.practice, status="booked")
        return self.chance.choice(list(rows.order_by("pk").values_list("pk", flat=True)))

    def come(self) -> None:
        mark_arrived(
            MarkAttendance(**act(self.clinic, attendee_id=self._visit(), anyway=True)),
            noon(self.today),
        )

    def miss(self) -> None:
        command = MarkAttendance(**act(self.clinic, attendee_id=self._visit(), anyway=True))
        mark_did_not_arrive(command, noon(self.today))

    def call_off(self) -> None:
        command = CancelAttendance(**act(self.clinic, attendee_id=self._visit(), reason="sick"))
        cancel_attendance(command, noon(self.today))

    def _one(self) -> int:
        rows = Membership.objects.filter(practice=self.clinic.practice)
        return self.chance.choice(list(rows.order_by("pk").values_list("pk", flat=True)))

    def rest(self) -> None:
        until = self.today + timedelta(days=20) if self.chance.random() < 0.5 else None
        pause(self.clinic, self._one(), now=noon(self.today), resumes_on=until)

    def wake(self) -> None:
        resume(self.clinic, self._one(), now=noon(self.today))

    def end(self) -> None:
        cancel(self.clinic, self._one(), now=noon(self.today))

    def go_on(self) -> None:
        keep(self.clinic, self._one(), now=noon(self.today))

    def give_back(self) -> None:
        rows = Package.objects.filter(practice=self.clinic.practice, ended_at__isnull=True)
        package_id = self.chance.choice(list(rows.order_by("pk").values_list("pk", flat=True)))
        base = act(self.clinic, key=new_key(), package_id=package_id, reason="Moves away")
        convert_package(GiveBack(**base), noon(self.today))


@pytest.mark.parametrize(
    ("seed", "currency", "at_use"),
    [(1, "AUD", False), (2, "AUD", True), (3, "JPY", True), (4, "KWD", False)],
)
def test_memberships(seed: int, currency: str, at_use: bool) -> None:
    club = Club(seed, currency, at_use)
    for _n in range(STEPS):
        club.step()
        faults = check_practice(club.clinic.practice.pk)
        assert not faults, faults
    _in_turn(club)
    _nothing_lost(club, at_use)


def _in_turn(club: Club) -> None:
    """The periods of each membership are numbered from one on, and follow each other."""
    begun = 0
    for row in Membership.objects.filter(practice=club.clinic.practice):
        periods = list(Package.objects.filter(membership=row).order_by("period_number"))
        assert [one.period_number for one in periods] == list(range(1, len(periods) + 1))
        assert row.periods_count == len(periods)
        starts = [one.sold_on for one in periods]
        assert starts == sorted(starts)
        begun += len(periods)
    assert begun > 5


def _nothing_lost(club: Club, at_use: bool) -> None:
    """What stands in the accounts is worth what is free and booked, counted here once more."""
    practice = club.clinic.practice
    open_rows = Session.objects.filter(practice=practice, status__in=["free", "booked"])
    sums = open_rows.aggregate(value=Sum("value_minor"), tax=Sum("tax_minor"))
    worth = (sums["value"] or 0) + (sums["tax"] or 0 if at_use else 0)
    held = Account.objects.filter(practice=practice, kind="package")
    assert (held.aggregate(sum=Sum("balance_minor"))["sum"] or 0) == worth
    moved = Posting.objects.filter(practice=practice, account__kind="package")
    assert (moved.aggregate(sum=Sum("amount_minor"))["sum"] or 0) == worth
