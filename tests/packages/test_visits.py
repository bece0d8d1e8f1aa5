"""A package is sold on one invoice; visits use it, and each knows which of how many it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Sum

from creditwell.ledger.models import Posting
from creditwell.packages.booking import NONE, Choice, NoSuchSession
from creditwell.packages.forfeiting import Keeping, WaiverReason
from creditwell.packages.models import PackageAct, Session
from creditwell.packages.queries import place_of
from creditwell.scheduling.models import AppointmentType, Attendee
from creditwell.usecases.book_appointment import book_appointment
from creditwell.usecases.cancel_attendance import CancelAttendance, cancel_attendance
from creditwell.usecases.mark_attendance import (
    MarkAttendance,
    mark_arrived,
    mark_completed,
    mark_did_not_arrive,
)
from creditwell.usecases.reset_attendance import ResetAttendance, reset_attendance
from creditwell.usecases.void_invoice import VoidInvoice, void_invoice
from tests.acts import new_key, pay, standing
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_tax_rate
from tests.refusing import refuses
from tests.sold import make_product, make_visit_type, sell, sessions, states, unearned
from tests.visits import act, wish

pytestmark = pytest.mark.django_db


def book(clinic: Clinic, kind: AppointmentType, days: int = 0, **fields: Any) -> int:
    start = NOW + timedelta(days=days)
    booked = book_appointment(wish(clinic, kind, starts_at=start, anyway=True, **fields), NOW)
    assert booked.attendee_id is not None
    return booked.attendee_id


def ordinal(clinic: Clinic, attendee_id: int) -> str:
    place = place_of(practice_id=clinic.practice.pk, attendee_id=attendee_id)
    return f"{place.ordinal} of {place.total}" if place else ""


def arrive(clinic: Clinic, attendee_id: int, days: int = 0) -> None:
    mark_arrived(MarkAttendance(**act(clinic, attendee_id=attendee_id)), NOW + timedelta(days=days))


def due(clinic: Clinic, rate_id: int) -> int:
    """What of a tax is owed to the tax office."""
    found = Posting.objects.filter(account__kind="tax", account__reference=rate_id)
    return found.aggregate(sum=Sum("amount_minor"))["sum"] or 0


def test_the_price_is_shared_out_to_the_cent(clinic: Clinic, massage: AppointmentType) -> None:
    package = sell(clinic, make_product(clinic, massage, units=3, price_minor=10000))
    assert [one.value_minor for one in sessions(package)] == [3333, 3333, 3334]
    assert unearned(package) == 10000
    assert standing(clinic).owing_minor == 10000
    assert_books_straight(clinic.practice)


def test_liam_from_one_to_five(clinic: Clinic, massage: AppointmentType) -> None:
    package = sell(clinic, make_product(clinic, massage))
    visits = [book(clinic, massage, days) for days in (0, 7, 14, 21, 28)]
    assert [ordinal(clinic, one) for one in visits] == [f"{n} of 5" for n in range(1, 6)]
    sixth = book(clinic, massage, 35)
    assert ordinal(clinic, sixth) == ""
    arrive(clinic, visits[0])
    assert unearned(package) == 36000
    # The second is cancelled in time: the others move up, and the sixth can have the free one.
    cancel_attendance(CancelAttendance(**act(clinic, attendee_id=visits[1], reason="sick")), NOW)
    assert [ordinal(clinic, one) for one in visits] == ["1 of 5", "", "2 of 5", "3 of 5", "4 of 5"]
    assert states(package).count("free") == 1
    # The third does not come: the whole session is kept.
    mark_did_not_arrive(
        MarkAttendance(**act(clinic, attendee_id=visits[2])), NOW + timedelta(days=14)
    )
    assert unearned(package) == 27000
    reset_attendance(ResetAttendance(**act(clinic, attendee_id=visits[1])), NOW)
    assert [ordinal(clinic, one) for one in visits] == [f"{n} of 5" for n in range(1, 6)]
    for n in (1, 3, 4):
        arrive(clinic, visits[n], 7 * n)
    assert unearned(package) == 0
    assert sorted(states(package)) == ["forfeited"] + ["used"] * 4
    assert_books_straight(clinic.practice)


@pytest.mark.parametrize("at_use", [False, True])
def test_tax_is_due_at_sale_or_at_use(
    clinic: Clinic, massage: AppointmentType, at_use: bool
) -> None:
    tax = make_tax_rate(practice=clinic.practice)
    product = make_product(clinic, massage, units=3, price_minor=10000, tax=tax, tax_at_use=at_use)
    package = sell(clinic, product)
    assert (package.net_minor, package.tax_minor) == (9091, 909)
    assert unearned(package) == (10000 if at_use else 9091)
    assert due(clinic, tax.pk) == (0 if at_use else 909)
    for days in (0, 7, 14):
        arrive(clinic, book(clinic, massage, days), days)
        assert_books_straight(clinic.practice)
    assert unearned(package) == 0
    assert due(clinic, tax.pk) == 909


def test_a_late_cancel_is_kept_by_rule_or_waived_with_a_reason(
    clinic: Clinic, massage: AppointmentType
) -> None:
    product = make_product(clinic, massage, late_cancel_percent=50, notice_hours=24)
    package = sell(clinic, product)
    pay(clinic, 45000, pay=((package.line.invoice_id, 45000),))
    first, second = book(clinic, massage), book(clinic, massage, 1)
    cancelled = cancel_attendance(
        CancelAttendance(**act(clinic, attendee_id=first, reason="sick")), NOW
    )
    assert cancelled.kept_percent == 50
    # Half of 90.00 is earned, half is Liam's account credit again.
    assert standing(clinic).credit_minor == 4500
    assert unearned(package) == 36000
    assert_books_straight(clinic.practice)
    late = NOW + timedelta(hours=23)
    wrong = CancelAttendance(
        **act(clinic, attendee_id=second, reason="sick", keeping=Keeping(percent=0))
    )
    with refuses(WaiverReason, Session, PackageAct, Attendee):
        cancel_attendance(wrong, late)
    waived = Keeping(percent=0, reason="Hospital")
    cancel_attendance(
        CancelAttendance(**act(clinic, attendee_id=second, reason="sick", keeping=waived)), late
    )
    last = PackageAct.objects.latest("pk")
    assert (last.kind, last.reason, last.details) == (
        "given_back",
        "Hospital",
        {"waived_percent": 50},
    )
    assert_books_straight(clinic.practice)


def test_minutes_go_and_come_back(clinic: Clinic) -> None:
    long = make_visit_type(clinic, name="Long", duration_minutes=45)
    product = make_product(clinic, long, units=120, price_minor=10000, measure="minutes")
    package = sell(clinic, product)
    first, second = book(clinic, long), book(clinic, long, 1)
    assert ordinal(clinic, first) == "45 of 120"
    assert ordinal(clinic, second) == "90 of 120"
    assert ordinal(clinic, book(clinic, long, 2)) == ""
    arrive(clinic, first)
    assert unearned(package) == 6250
    cancel_attendance(CancelAttendance(**act(clinic, attendee_id=second, reason="sick")), NOW)
    third = book(clinic, long, 3)
    assert ordinal(clinic, third) == "90 of 120"
    mark_completed(MarkAttendance(**act(clinic, attendee_id=third)), NOW + timedelta(days=3))
    assert unearned(package) == 2500
    assert_books_straight(clinic.practice)


def test_one_may_choose_or_go_without(clinic: Clinic, massage: AppointmentType) -> None:
    product = make_product(clinic, massage)
    sell(clinic, product)
    other = sell(clinic, product)
    assert ordinal(clinic, book(clinic, massage, package=NONE)) == ""
    chosen = book(clinic, massage, 1, package=Choice(package_id=other.pk))
    place = place_of(practice_id=clinic.practice.pk, attendee_id=chosen)
    assert place is not None
    assert place.package_id == other.pk
    with refuses(NoSuchSession, Session, Attendee):
        book(clinic, massage, 2, package=Choice(package_id=other.pk + 99))


def test_only_when_paid(clinic: Clinic, massage: AppointmentType) -> None:
    package = sell(clinic, make_product(clinic, massage, usable_when="paid"))
    assert ordinal(clinic, book(clinic, massage)) == ""
    pay(clinic, 45000, pay=((package.line.invoice_id, 45000),))
    assert ordinal(clinic, book(clinic, massage, 1)) == "1 of 5"


def test_it_begins_with_the_first_visit(clinic: Clinic, massage: AppointmentType) -> None:
    product = make_product(
        clinic, massage, valid_count=3, valid_unit="month", valid_from="first_use"
    )
    package = sell(clinic, product)
    visit = book(clinic, massage)
    arrive(clinic, visit)
    package.refresh_from_db()
    assert str(package.expires_on) == "2027-02-23"
    reset_attendance(ResetAttendance(**act(clinic, attendee_id=visit)), NOW)
    package.refresh_from_db()
    assert package.expires_on is None


def test_its_invoice_is_voided_while_nothing_was_used(
    clinic: Clinic, massage: AppointmentType
) -> None:
    package = sell(clinic, make_product(clinic, massage))
    visit = book(clinic, massage)
    void_invoice(
        VoidInvoice(
            **act(clinic, key=new_key(), invoice_id=package.line.invoice_id, reason="Mistake")
        ),
        NOW,
    )
    assert ordinal(clinic, visit) == ""
    assert states(package) == ["refunded"] * 5
    assert unearned(package) == 0
    assert_books_straight(clinic.practice)
