"""What is taken back is refused if something was done with it since; a bonus stays one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from creditwell.invoicing.models import Invoice
from creditwell.packages.changing import NotUndone
from creditwell.packages.models import Package, PackageAct, Session, SoldPart
from creditwell.scheduling.models import AppointmentType
from creditwell.usecases.add_bonus_sessions import (
    AddBonusSessions,
    BonusAdded,
    TakeBackBonus,
    add_bonus_sessions,
    take_back_bonus,
)
from creditwell.usecases.cancel_attendance import CancelAttendance, cancel_attendance
from creditwell.usecases.extend_package import ExtendPackage, extend_package
from creditwell.usecases.mark_attendance import MarkAttendance, mark_did_not_arrive
from creditwell.usecases.pause_package import PausePackage, pause_package
from creditwell.usecases.transfer_package import (
    TransferPackage,
    UndoPackageTransfer,
    transfer_package,
    undo_package_transfer,
)
from tests.acts import new_key
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_patient
from tests.packages.acts import book, pay_for, refund
from tests.packages.test_swap import swap
from tests.refusing import refuses
from tests.sold import make_product, make_visit_type, sell, unearned
from tests.visits import act

pytestmark = pytest.mark.django_db
TABLES = (Package, PackageAct, Session, SoldPart, Invoice)


def asked(clinic: Clinic, **fields: Any) -> dict[str, Any]:
    return act(clinic, key=new_key(), **fields)


def give_bonus(clinic: Clinic, package: Package, units: int = 1) -> BonusAdded:
    part = package.parts.order_by("pk").first()
    assert part is not None
    values = asked(
        clinic, package_id=package.pk, part_id=part.pk, units=units, reason="For waiting"
    )
    return add_bonus_sessions(AddBonusSessions(**values), NOW)


def give_away(clinic: Clinic, package: Package, **fields: Any) -> Any:
    ben = make_patient(practice=clinic.practice)
    values = asked(
        clinic,
        package_id=package.pk,
        to_patient_id=ben.pk,
        reason="A present",
        anywhere=True,
        **fields,
    )
    return transfer_package(TransferPackage(**values), NOW)


def test_a_bonus_that_was_swapped(clinic: Clinic, massage: AppointmentType) -> None:
    """What was charged for the swap stands in that session."""
    physio = make_visit_type(clinic, name="Physio", price_minor=13000)
    package = sell(clinic, make_product(clinic, massage, units=1, price_minor=9000))
    book(clinic, massage)
    done = give_bonus(clinic, package)
    swap(clinic, package, physio)
    with refuses(NotUndone, *TABLES):
        take_back_bonus(TakeBackBonus(**asked(clinic, act_id=done.act_id)), NOW)
    assert_books_straight(clinic.practice)


def test_a_transfer_of_what_was_swapped(clinic: Clinic, massage: AppointmentType) -> None:
    """The receiver was charged for the swap: the giver does not get that."""
    physio = make_visit_type(clinic, name="Physio", price_minor=13000)
    package = sell(clinic, make_product(clinic, massage, units=2, price_minor=18000))
    done = give_away(clinic, package)
    swap(clinic, Package.objects.get(pk=done.to_package_id), physio)
    with refuses(NotUndone, *TABLES):
        undo_package_transfer(UndoPackageTransfer(**asked(clinic, act_id=done.act_id)), NOW)
    assert unearned(package) == 0
    assert_books_straight(clinic.practice)


@pytest.mark.parametrize("measure", ["sessions", "minutes"])
def test_a_bonus_that_is_given_away_stays_one(clinic: Clinic, measure: str) -> None:
    units = 1 if measure == "sessions" else 30
    massage = make_visit_type(clinic, name="Massage")
    package = sell(
        clinic, make_product(clinic, massage, units=units, price_minor=10000, measure=measure)
    )
    give_bonus(clinic, package, units)
    done = give_away(clinic, package)
    came = Session.objects.filter(package_id=done.to_package_id, units__gt=0)
    assert sum(one.bonus_units for one in came) == units
    assert sum(one.value_minor for one in came) == 10000
    assert SoldPart.objects.get(package_id=done.to_package_id).units == 2 * units
    assert_books_straight(clinic.practice)


def test_a_visit_that_uses_nothing_but_bonus_minutes_is_one(
    clinic: Clinic, massage: AppointmentType
) -> None:
    package = sell(
        clinic, make_product(clinic, massage, units=30, price_minor=10000, measure="minutes")
    )
    give_bonus(clinic, package, 30)
    paid, present = book(clinic, massage), book(clinic, massage, 1)
    marks = dict(Session.objects.exclude(attendee=None).values_list("attendee_id", "bonus_units"))
    assert marks == {paid: 0, present: 30}
    assert_books_straight(clinic.practice)


def stretches(package: Package) -> list[tuple[str, int, int, int]]:
    rows = Session.objects.filter(package=package, units__gt=0)
    return sorted(rows.values_list("status", "units", "bonus_units", "value_minor"))


def test_a_visit_that_was_cancelled_changes_nothing_of_a_refund(
    clinic: Clinic, massage: AppointmentType
) -> None:
    """It was booked on twenty minutes that were paid for and ten of a present of twenty."""
    product = make_product(clinic, massage, units=20, price_minor=6000, measure="minutes")
    package = sell(clinic, product)
    pay_for(clinic, package, 6000)
    give_bonus(clinic, package, 20)
    visit = book(clinic, massage, 40)
    assert stretches(package) == [("booked", 30, 10, 6000), ("free", 10, 10, 0)]
    cancel_attendance(CancelAttendance(**act(clinic, attendee_id=visit, reason="sick")), NOW)
    part = package.parts.get()
    assert refund(clinic, package, units={part.pk: 20}).refunded_minor == 6000
    assert stretches(package) == [
        ("free", 10, 10, 0),
        ("free", 10, 10, 0),
        ("refunded", 20, 0, 6000),
    ]
    assert_books_straight(clinic.practice)


def test_half_of_a_visit_keeps_half_of_what_was_paid_for_it(
    clinic: Clinic, massage: AppointmentType
) -> None:
    product = make_product(
        clinic, massage, units=20, price_minor=6000, measure="minutes", no_show_percent=50
    )
    package = sell(clinic, product)
    give_bonus(clinic, package, 10)
    visit = book(clinic, massage)
    mark_did_not_arrive(MarkAttendance(**act(clinic, attendee_id=visit)), NOW)
    assert stretches(package) == [("forfeited", 15, 5, 3000), ("free", 15, 5, 3000)]
    assert_books_straight(clinic.practice)


def test_the_last_day_of_the_calendar_is_late_enough(
    clinic: Clinic, massage: AppointmentType
) -> None:
    package = sell(clinic, make_product(clinic, massage, valid_count=1))
    extend_package(
        ExtendPackage(**asked(clinic, package_id=package.pk, until=date.max, reason="For life")),
        NOW,
    )
    today = NOW.date()
    pause_package(
        PausePackage(
            **asked(
                clinic,
                package_id=package.pk,
                from_on=today,
                resumes_on=today + timedelta(days=30),
                reason="Travelling",
            )
        ),
        NOW,
    )
    package.refresh_from_db()
    assert package.expires_on == date.max
    assert_books_straight(clinic.practice)
