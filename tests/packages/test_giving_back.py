"""What is left of a package is given back: the calculator, the money, the refusals."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from creditwell.credit.models import Lot
from creditwell.invoicing.models import CreditNote, Invoice
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.packages.ending import (
    Ask,
    FeeTooLarge,
    NoSuchMethod,
    NothingLeft,
    TooManySessions,
    VisitsBooked,
    plan_end,
)
from creditwell.packages.holding import PackageEnded
from creditwell.packages.models import Package, PackageAct, Session, SoldPart
from creditwell.packages.paying_back import freed_by, ways_back
from creditwell.packages.rules_refund import Method
from creditwell.payments.models import Refund, RefundRequest
from creditwell.scheduling.models import AppointmentType, Attendee
from creditwell.usecases._giving_back import FiguresChanged
from creditwell.usecases.convert_package import convert_package
from creditwell.usecases.mark_attendance import MarkAttendance, mark_did_not_arrive
from creditwell.usecases.refund_package import refund_package
from creditwell.usecases.reset_attendance import ResetAttendance, reset_attendance
from tests.acts import standing
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic
from tests.packages.acts import balance, book, give, pay_for, refund, use
from tests.refusing import refuses
from tests.sold import facts, make_product, make_visit_type, sell, states, unearned
from tests.visits import act

pytestmark = pytest.mark.django_db

TABLES = (Package, Session, SoldPart, PackageAct, Invoice, CreditNote, Refund, RefundRequest, Lot)


def left_of(package: Package) -> Package:
    package.refresh_from_db()
    return package


def test_half_used_goes_back_pro_rata(clinic: Clinic, massage: AppointmentType) -> None:
    package = sell(clinic, make_product(clinic, massage))
    pay_for(clinic, package, 45000)
    use(clinic, massage, 2)
    given = refund(clinic, package)
    assert (given.back_minor, given.refunded_minor, given.credit_minor) == (27000, 27000, 0)
    assert (given.kept_minor, given.off_owing_minor, given.over) == (0, 0, True)
    assert states(package) == ["used", "used", "refunded", "refunded", "refunded"]
    assert unearned(package) == 0
    assert (left_of(package).net_minor, package.ended_at is not None) == (18000, True)
    assert balance("funds") == -18000
    assert balance("revenue") == 18000
    assert standing(clinic).credit_minor == 0
    assert_books_straight(clinic.practice)


def test_used_at_list_keeps_the_discount_and_the_fee(
    clinic: Clinic, massage: AppointmentType
) -> None:
    # Two of 90.00 cost 100.00 each one by one: 450.00 - 200.00 = 250.00, less 15.00.
    package = sell(clinic, make_product(clinic, massage, refund_fee_minor=1500))
    pay_for(clinic, package, 45000)
    use(clinic, massage, 2)
    given = refund(clinic, package, method=Method.AT_LIST)
    assert (given.back_minor, given.kept_minor) == (23500, 3500)
    assert balance("funds") == -21500
    assert balance("revenue") == 21500
    assert_books_straight(clinic.practice)


def test_used_at_list_in_two_steps_comes_to_the_same(
    clinic: Clinic, massage: AppointmentType
) -> None:
    package = sell(clinic, make_product(clinic, massage))
    pay_for(clinic, package, 45000)
    use(clinic, massage, 2)
    part = package.parts.get().pk
    first = refund(clinic, package, method=Method.AT_LIST, units=((part, 1),))
    assert (first.back_minor, first.over) == (8333, False)
    assert states(package) == ["used", "used", "free", "free", "refunded"]
    assert_books_straight(clinic.practice)
    second = refund(clinic, package, method=Method.AT_LIST)
    assert (second.back_minor, second.over) == (16667, True)
    assert_books_straight(clinic.practice)


def test_it_never_goes_below_nothing(clinic: Clinic, massage: AppointmentType) -> None:
    # Four of five at 100.00 are more than the 300.00 that were paid.
    package = sell(clinic, make_product(clinic, massage, price_minor=30000))
    pay_for(clinic, package, 30000)
    use(clinic, massage, 4)
    given = refund(clinic, package, method=Method.AT_LIST)
    assert (given.back_minor, given.kept_minor, given.refund_ids) == (0, 6000, [])
    assert balance("revenue") == 30000
    assert_books_straight(clinic.practice)


def test_it_becomes_credit_if_one_wants_that(clinic: Clinic, massage: AppointmentType) -> None:
    package = sell(clinic, make_product(clinic, massage))
    pay_for(clinic, package, 45000)
    use(clinic, massage, 1)
    given = convert_package(give(clinic, package, fee_minor=1000), NOW + timedelta(days=3))
    assert (given.back_minor, given.credit_minor, given.refund_ids) == (35000, 35000, [])
    assert standing(clinic).credit_minor == 35000
    assert PackageAct.objects.latest("pk").kind == "converted"
    assert_books_straight(clinic.practice)


def test_minutes_and_money_go_back_by_the_unit(clinic: Clinic) -> None:
    long = make_visit_type(clinic, name="Long", duration_minutes=45)
    product = make_product(clinic, long, units=120, price_minor=10000, measure="minutes")
    package = sell(clinic, product)
    pay_for(clinic, package, 10000)
    use(clinic, long, 1)
    part = package.parts.get()
    given = refund(clinic, package, units=((part.pk, 30),))
    assert (given.back_minor, given.over) == (2500, False)
    assert unearned(package) == 3750
    assert part.units == 120
    assert_books_straight(clinic.practice)


def test_booked_visits_lose_their_session_only_if_that_is_said(
    clinic: Clinic, massage: AppointmentType
) -> None:
    package = sell(clinic, make_product(clinic, massage))
    pay_for(clinic, package, 45000)
    book(clinic, massage, 40)
    with refuses(VisitsBooked, *TABLES, Attendee):
        refund(clinic, package)
    given = refund(clinic, package, release=True)
    assert given.back_minor == 45000
    assert states(package) == ["refunded"] * 5
    assert_books_straight(clinic.practice)


def test_a_kept_no_show_counts_as_used(clinic: Clinic, massage: AppointmentType) -> None:
    package = sell(clinic, make_product(clinic, massage, no_show_percent=50))
    pay_for(clinic, package, 45000)
    visit = book(clinic, massage)
    mark_did_not_arrive(MarkAttendance(**act(clinic, attendee_id=visit)), NOW)
    assert standing(clinic).credit_minor == 4500
    # Half of 100.00 for half of 90.00 that was kept: 360.00 - 5.00.
    assert refund(clinic, package, method=Method.AT_LIST).back_minor == 35500
    assert_books_straight(clinic.practice)


def test_a_use_that_is_taken_back_wakes_the_package_but_not_the_dead(
    clinic: Clinic, massage: AppointmentType
) -> None:
    package = sell(clinic, make_product(clinic, massage))
    pay_for(clinic, package, 45000)
    visit = use(clinic, massage, 1)[0]
    refund(clinic, package)
    reset_attendance(ResetAttendance(**act(clinic, attendee_id=visit)), NOW + timedelta(days=31))
    assert states(package) == ["booked"] + ["refunded"] * 4
    assert left_of(package).ended_at is None
    assert unearned(package) == 9000
    assert_books_straight(clinic.practice)


def test_the_page_says_what_the_act_does(clinic: Clinic, massage: AppointmentType) -> None:
    package = sell(clinic, make_product(clinic, massage, refund_fee_minor=999))
    pay_for(clinic, package, 25000)
    use(clinic, massage, 2)
    now = NOW + timedelta(days=30)
    practice = facts(clinic)
    ask = Ask(method=Method.AT_LIST)
    plan = plan_end(practice, package, ask, on=practice.day_of(now), hold=False)
    ways = ways_back(practice, freed_by(plan.notes))
    given = refund(clinic, package, method=Method.AT_LIST, now=now)
    assert plan.figures.back.minor == given.back_minor == 24001
    assert plan.off_owing_minor == given.off_owing_minor == 20000
    assert ways.going_minor == given.refunded_minor == 4001
    assert plan.figures.kept.minor == given.kept_minor == 2999


def test_it_is_refused(clinic: Clinic, massage: AppointmentType) -> None:
    package = sell(clinic, make_product(clinic, massage))
    pay_for(clinic, package, 45000)
    part = package.parts.get().pk
    wrong: list[tuple[Any, dict[str, Any]]] = [
        (Invalid, {"reason": " "}),
        (NotFound, {"package_id": package.pk + 999}),
        (TooManySessions, {"units": ((part, 6),)}),
        (TooManySessions, {"units": ((part + 99, 1),)}),
        (NothingLeft, {"units": ((part, 0),)}),
        (FeeTooLarge, {"fee_minor": 45001}),
        (NoSuchMethod, {"method": "guess"}),
        (FiguresChanged, {"seen_minor": 44999}),
    ]
    for error, fields in wrong:
        with refuses(error, *TABLES):
            refund(clinic, package, **fields)
        with refuses(error, *TABLES):
            convert_package(give(clinic, package, **fields), NOW)
    refund(clinic, package, seen_minor=45000)
    with refuses(PackageEnded, *TABLES):
        refund(clinic, package)
    assert_books_straight(clinic.practice)


def test_the_same_request_is_one_refund(clinic: Clinic, massage: AppointmentType) -> None:
    package = sell(clinic, make_product(clinic, massage))
    pay_for(clinic, package, 45000)
    command = give(clinic, package)
    first, second = refund_package(command, NOW), refund_package(command, NOW)
    assert first == second
    assert Refund.objects.count() == 1
