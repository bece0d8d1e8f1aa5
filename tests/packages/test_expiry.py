"""What is left the day after the last day expires, once, and comes back by grace exactly."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from creditwell.kernel.errors import Invalid, NotFound
from creditwell.ledger.models import Entry
from creditwell.outbox.models import Event
from creditwell.packages.models import Package, PackageAct, Session
from creditwell.scheduling.models import AppointmentType
from creditwell.tenancy.access import SYSTEM
from creditwell.usecases.cancel_attendance import CancelAttendance, cancel_attendance
from creditwell.usecases.close_books import CloseBooks, close_books
from creditwell.usecases.give_package_grace import (
    GivePackageGrace,
    NothingExpired,
    PackageGraceGiven,
    give_package_grace,
)
from creditwell.worker.package_expiry import expire_packages_everywhere
from tests.acts import new_key
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_clinic, make_tax_rate
from tests.packages.acts import balance, book, pay_for, use
from tests.refusing import refuses
from tests.sold import make_product, make_visit_type, sell, states, unearned
from tests.visits import act

pytestmark = pytest.mark.django_db

LAST = date(2026, 12, 23)
AFTER = NOW + timedelta(days=45)


def month(clinic: Clinic, kind: AppointmentType, **terms: Any) -> Package:
    """One of which one session is used, good for a month."""
    terms = {"valid_count": 1, "valid_unit": "month", "units": 3, "price_minor": 10000, **terms}
    package = sell(clinic, make_product(clinic, kind, **terms))
    pay_for(clinic, package, 10000)
    use(clinic, kind, 1)
    return package


def grace(clinic: Clinic, package: Package, **fields: Any) -> PackageGraceGiven:
    now = fields.pop("now", AFTER)
    values: dict[str, Any] = {
        "practice_id": clinic.practice.pk,
        "key": new_key(),
        "by": SYSTEM,
        "package_id": package.pk,
        "until": now.date() + timedelta(days=30),
    }
    return give_package_grace(GivePackageGrace(**{**values, **fields}), now)


def test_what_is_left_expires_on_the_day_after(clinic: Clinic, massage: AppointmentType) -> None:
    package = month(clinic, massage)
    assert package.expires_on == LAST
    assert expire_packages_everywhere(NOW + timedelta(days=29)) == 0
    assert expire_packages_everywhere(AFTER) == 1
    assert expire_packages_everywhere(AFTER) == 0
    assert states(package) == ["used", "expired", "expired"]
    assert (unearned(package), balance("breakage")) == (0, 6667)
    assert Entry.objects.get(kind="package_expiry").occurred_on == date(2026, 12, 24)
    assert Event.objects.filter(topic="package.expired").count() == 1
    assert_books_straight(clinic.practice)


def test_unclaimed_is_still_owed(clinic: Clinic, massage: AppointmentType) -> None:
    clinic.practice.expired_credit_into = "unclaimed"
    clinic.practice.save()
    tax = make_tax_rate(practice=clinic.practice)
    package = month(clinic, massage, tax=tax, tax_at_use=True)
    expire_packages_everywhere(AFTER)
    assert (unearned(package), balance("unclaimed")) == (0, 6667)
    assert balance("tax", tax.pk) == 303
    assert_books_straight(clinic.practice)


@pytest.mark.parametrize(
    ("country", "at_use", "due", "income"),
    [
        ("AU", True, 909, 6061),  # the tax of what nobody used is due, too
        ("NZ", True, 909, 6061),
        ("GB", True, 303, 6667),  # nothing was supplied
        ("DE", True, 303, 6667),
        ("AU", False, 909, 6061),  # all of it was due at the sale
    ],
)
def test_tax_follows_the_country(country: str, at_use: bool, due: int, income: int) -> None:
    clinic = make_clinic(country=country)
    kind = make_visit_type(clinic)
    tax = make_tax_rate(practice=clinic.practice)
    package = month(clinic, kind, tax=tax, tax_at_use=at_use)
    expire_packages_everywhere(AFTER)
    assert unearned(package) == 0
    assert balance("tax", tax.pk) == due
    assert balance("breakage") == income
    grace(clinic, package)
    assert balance("tax", tax.pk) == (303 if at_use else 909)
    assert balance("breakage") == 0
    assert_books_straight(clinic.practice)


def test_closed_books_make_it_today(clinic: Clinic, massage: AppointmentType) -> None:
    package = month(clinic, massage)
    close_books(
        CloseBooks(practice_id=clinic.practice.pk, by=SYSTEM, until=date(2026, 12, 31)), AFTER
    )
    expire_packages_everywhere(AFTER)
    assert PackageAct.objects.get(kind="expired").occurred_on == date(2027, 1, 8)
    assert unearned(package) == 0
    assert_books_straight(clinic.practice)


def test_a_booked_session_waits_for_its_visit(clinic: Clinic, massage: AppointmentType) -> None:
    package = month(clinic, massage)
    visit = book(clinic, massage, 20)
    expire_packages_everywhere(AFTER)
    assert states(package) == ["used", "booked", "expired"]
    assert unearned(package) == 3333
    cancel_attendance(CancelAttendance(**act(clinic, attendee_id=visit, reason="sick")), AFTER)
    assert expire_packages_everywhere(AFTER + timedelta(hours=1)) == 1
    assert states(package) == ["used", "expired", "expired"]
    assert_books_straight(clinic.practice)
    assert grace(clinic, package).units == 2  # both times
    assert states(package) == ["used", "free", "free"]
    assert_books_straight(clinic.practice)


def test_grace_brings_back_exactly_what_expired(clinic: Clinic, massage: AppointmentType) -> None:
    package = month(clinic, massage)
    before = list(Session.objects.order_by("pk").values_list("value_minor", "tax_minor", "status"))
    expire_packages_everywhere(AFTER)
    given = grace(clinic, package, reason="Was ill")
    assert (given.units, given.expires_on) == (2, "2027-02-07")
    after = list(Session.objects.order_by("pk").values_list("value_minor", "tax_minor", "status"))
    assert after == before
    assert (unearned(package), balance("breakage")) == (6667, 0)
    package.refresh_from_db()
    assert package.expires_on == date(2027, 2, 7)
    # It can be used again, not before today, and expires again.
    late = book(clinic, massage, 45)
    assert Session.objects.get(attendee_id=late).package_id == package.pk
    assert expire_packages_everywhere(AFTER + timedelta(days=40)) == 1
    assert_books_straight(clinic.practice)


def test_presents_expire_without_value(clinic: Clinic, massage: AppointmentType) -> None:
    month(clinic, massage, price_minor=10000)
    free = sell(clinic, make_product(clinic, massage, price_minor=0, valid_count=1, units=2))
    expire_packages_everywhere(AFTER)
    assert states(free) == ["expired", "expired"]
    assert Entry.objects.filter(kind="package_expiry").count() == 1
    grace(clinic, free)
    assert states(free) == ["free", "free"]
    assert_books_straight(clinic.practice)


def test_it_does_not_expire_while_it_is_paused(clinic: Clinic, massage: AppointmentType) -> None:
    package = month(clinic, massage)
    Package.objects.filter(pk=package.pk).update(paused_on=date(2026, 12, 1))
    assert expire_packages_everywhere(AFTER) == 0
    Package.objects.filter(pk=package.pk).update(resumes_on=date(2027, 1, 1))
    assert expire_packages_everywhere(AFTER) == 1
    assert_books_straight(clinic.practice)


def test_grace_is_refused(clinic: Clinic, massage: AppointmentType) -> None:
    package = month(clinic, massage)
    tables = (Package, Session, PackageAct)
    with refuses(NothingExpired, *tables):
        grace(clinic, package, now=NOW)
    expire_packages_everywhere(AFTER)
    with refuses(NotFound, *tables):
        grace(clinic, package, package_id=package.pk + 99)
    for until in (date(2027, 1, 7), LAST):
        with refuses(Invalid, *tables):
            grace(clinic, package, until=until)
    grace(clinic, package)
    with refuses(NothingExpired, *tables):
        grace(clinic, package)
    assert_books_straight(clinic.practice)
