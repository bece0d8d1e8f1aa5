"""No day of a package ends below nothing, and its last day follows its first visit."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from creditwell.packages.models import Package, PackageAct
from creditwell.scheduling.models import AppointmentType
from creditwell.tenancy.access import SYSTEM
from creditwell.usecases.book_appointment import book_appointment
from creditwell.usecases.close_books import CloseBooks, close_books
from creditwell.usecases.mark_attendance import MarkAttendance, mark_arrived, mark_did_not_arrive
from creditwell.usecases.reset_attendance import ResetAttendance, reset_attendance
from creditwell.usecases.void_invoice import VoidInvoice, void_invoice
from tests.acts import new_key
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic
from tests.sold import make_product, sell, unearned
from tests.visits import act, wish

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 24)


def book(clinic: Clinic, kind: AppointmentType, days: int = 0) -> int:
    start = NOW + timedelta(days=days)
    booked = book_appointment(wish(clinic, kind, starts_at=start, anyway=True), NOW)
    assert booked.attendee_id is not None
    return booked.attendee_id


def arrive(clinic: Clinic, attendee_id: int, days: int = 0) -> None:
    mark_arrived(MarkAttendance(**act(clinic, attendee_id=attendee_id)), NOW + timedelta(days=days))


def reset(clinic: Clinic, attendee_id: int, days: int = 0) -> None:
    later = NOW + timedelta(days=days)
    reset_attendance(ResetAttendance(**act(clinic, attendee_id=attendee_id)), later)


def close(clinic: Clinic, until: date | None, days: int) -> None:
    command = CloseBooks(practice_id=clinic.practice.pk, by=SYSTEM, until=until)
    close_books(command, NOW + timedelta(days=days))


def void(clinic: Clinic, package: Package, days: int) -> None:
    base = act(clinic, key=new_key(), invoice_id=package.line.invoice_id, reason="Mistake")
    void_invoice(VoidInvoice(**base), NOW + timedelta(days=days))


def test_a_visit_before_the_sale_is_earned_on_the_day_of_sale(
    clinic: Clinic, massage: AppointmentType
) -> None:
    package = sell(clinic, make_product(clinic, massage))
    arrive(clinic, book(clinic, massage, -3))
    assert PackageAct.objects.get(kind="used").occurred_on == TODAY
    assert unearned(package) == 36000
    assert_books_straight(clinic.practice)


def test_a_sale_is_voided_on_its_own_day_and_the_history_says_so(
    clinic: Clinic, massage: AppointmentType
) -> None:
    package = sell(clinic, make_product(clinic, massage))
    void(clinic, package, 3)
    line = PackageAct.objects.get(kind="voided")
    assert line.occurred_on == TODAY
    assert line.entry is not None
    assert line.entry.occurred_on == TODAY
    assert_books_straight(clinic.practice)


def test_a_sale_is_voided_today_if_a_use_was_taken_back_later_than_it_was(
    clinic: Clinic, massage: AppointmentType
) -> None:
    """The use stands on Wednesday, its return on Friday: on Thursday a fifth of it was gone."""
    package = sell(clinic, make_product(clinic, massage))
    visit = book(clinic, massage, 1)
    arrive(clinic, visit, 1)
    close(clinic, TODAY + timedelta(days=1), 3)
    reset(clinic, visit, 3)
    close(clinic, None, 4)  # the books are open again, since before the sale
    void(clinic, package, 4)
    assert PackageAct.objects.get(kind="voided").occurred_on == TODAY + timedelta(days=4)
    assert_books_straight(clinic.practice)


def valid_from_first_use(clinic: Clinic, massage: AppointmentType, **terms: Any) -> Package:
    terms = {"valid_count": 30, "valid_unit": "day", "valid_from": "first_use", **terms}
    return sell(clinic, make_product(clinic, massage, **terms))


def test_the_last_day_follows_the_first_visit_that_remains(
    clinic: Clinic, massage: AppointmentType
) -> None:
    package = valid_from_first_use(clinic, massage)
    first, second = book(clinic, massage), book(clinic, massage, 10)
    arrive(clinic, first)
    arrive(clinic, second, 10)
    package.refresh_from_db()
    assert package.expires_on == TODAY + timedelta(days=29)
    reset(clinic, first, 10)  # that mark was wrong
    package.refresh_from_db()
    assert package.first_used_on == TODAY + timedelta(days=10)
    assert package.expires_on == TODAY + timedelta(days=39)


def test_a_last_day_that_was_set_before_the_first_visit_stays(
    clinic: Clinic, massage: AppointmentType
) -> None:
    package = valid_from_first_use(clinic, massage)
    until = TODAY + timedelta(days=200)
    Package.objects.filter(pk=package.pk).update(expires_on=until)
    visit = book(clinic, massage)
    arrive(clinic, visit)
    package.refresh_from_db()
    assert package.expires_on == until
    reset(clinic, visit)
    package.refresh_from_db()
    assert (package.first_used_on, package.expires_on) == (None, until)


def test_a_package_that_was_over_holds_a_session_again_that_was_taken_back(
    clinic: Clinic, massage: AppointmentType
) -> None:
    """Nobody came, the rest was given away: then it turns out that somebody did not miss it."""
    package = sell(clinic, make_product(clinic, massage, units=1, price_minor=9000))
    visit = book(clinic, massage)
    mark_did_not_arrive(MarkAttendance(**act(clinic, attendee_id=visit)), NOW)
    Package.objects.filter(pk=package.pk).update(ended_at=NOW)
    reset(clinic, visit, 1)
    package.refresh_from_db()
    assert package.ended_at is None
    assert unearned(package) == 9000
    assert_books_straight(clinic.practice)
