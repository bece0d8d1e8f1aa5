"""
Sums above 2,147,483,647 minor units, the most that 32 bits hold: a few million in a currency of
three decimals. Each act that adds to a column of money meets one.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from creditwell.packages.models import Package
from creditwell.scheduling.models import AppointmentType
from creditwell.usecases.mark_attendance import MarkAttendance, mark_did_not_arrive
from creditwell.usecases.transfer_package import (
    TransferPackage,
    UndoPackageTransfer,
    transfer_package,
    undo_package_transfer,
)
from tests.acts import new_key, standing
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_clinic, make_patient
from tests.packages.acts import book, pay_for, refund
from tests.packages.test_swap import swap
from tests.packages.test_upgrade import upgrade
from tests.sold import make_product, make_visit_type, sell, unearned
from tests.visits import act

pytestmark = pytest.mark.django_db

MUCH = 3_000_000_000


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic(currency="KWD", cash_rounding_minor=1)


@pytest.fixture
def massage(clinic: Clinic) -> AppointmentType:
    return make_visit_type(clinic, name="Massage", price_minor=MUCH)


@pytest.fixture
def package(clinic: Clinic, massage: AppointmentType) -> Package:
    return sell(
        clinic, make_product(clinic, massage, units=2, price_minor=2 * MUCH, no_show_percent=25)
    )


def price(package: Package) -> int:
    package.refresh_from_db()
    return package.net_minor


def test_a_swap(clinic: Clinic, package: Package) -> None:
    physio = make_visit_type(clinic, name="Physio", price_minor=2 * MUCH)
    assert swap(clinic, package, physio).difference_minor == MUCH
    assert price(package) == unearned(package) == 3 * MUCH
    assert_books_straight(clinic.practice)


def test_an_upgrade(clinic: Clinic, package: Package, massage: AppointmentType) -> None:
    upgrade(clinic, package, make_product(clinic, massage, units=4, price_minor=4 * MUCH))
    assert price(package) == unearned(package) == 4 * MUCH
    assert_books_straight(clinic.practice)


def test_part_of_a_session_is_kept(
    clinic: Clinic, package: Package, massage: AppointmentType
) -> None:
    visit = book(clinic, massage)
    mark_did_not_arrive(MarkAttendance(**act(clinic, attendee_id=visit)), NOW + timedelta(hours=1))
    assert price(package) == MUCH + MUCH // 4
    assert unearned(package) == MUCH
    assert_books_straight(clinic.practice)


def test_a_transfer_and_back(clinic: Clinic, package: Package) -> None:
    ben = make_patient(practice=clinic.practice)
    values = act(
        clinic,
        key=new_key(),
        package_id=package.pk,
        to_patient_id=ben.pk,
        reason="A present",
        anywhere=True,
    )
    done = transfer_package(TransferPackage(**values), NOW)
    assert price(package) == 0
    assert price(Package.objects.get(pk=done.to_package_id)) == 2 * MUCH
    undo_package_transfer(
        UndoPackageTransfer(**act(clinic, key=new_key(), act_id=done.act_id)), NOW
    )
    assert price(package) == unearned(package) == 2 * MUCH
    assert_books_straight(clinic.practice)


def test_a_refund(clinic: Clinic, package: Package) -> None:
    pay_for(clinic, package, 2 * MUCH)
    refund(clinic, package)
    assert price(package) == unearned(package) == 0
    assert standing(clinic).credit_minor == 0
    assert_books_straight(clinic.practice)
