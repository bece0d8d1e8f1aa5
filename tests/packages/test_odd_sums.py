"""Sums that are easily got wrong: one coin, no tax, other prices than the catalogue's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from creditwell.invoicing.lines import LineInput
from creditwell.invoicing.models import CreditNote, Invoice
from creditwell.packages.booking import Choice
from creditwell.packages.models import Package, PackageAct, Session
from creditwell.packages.queries import place_of
from creditwell.scheduling.models import AppointmentType, Attendee, TypeItem
from creditwell.scheduling.operations import NotAllowedNow
from creditwell.usecases.book_appointment import book_appointment
from creditwell.usecases.duplicate_invoice import DuplicateInvoice, duplicate_invoice
from creditwell.usecases.mark_attendance import MarkAttendance, mark_arrived, mark_did_not_arrive
from creditwell.usecases.remove_attendee import RemoveAttendee, remove_attendee
from creditwell.usecases.reset_attendance import ResetAttendance, reset_attendance
from creditwell.usecases.update_appointment import update_appointment
from tests.acts import invoice, new_key, standing
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_clinic, make_tax_rate
from tests.refusing import refuses
from tests.sold import make_product, make_visit_type, sell, sessions, unearned
from tests.visits import act, change, wish

pytestmark = pytest.mark.django_db


def book(clinic: Clinic, kind: AppointmentType, days: int = 0, choice: Choice | None = None) -> int:
    start = NOW + timedelta(days=days)
    fields = {"package": choice} if choice else {}
    booked = book_appointment(wish(clinic, kind, starts_at=start, anyway=True, **fields), NOW)
    assert booked.attendee_id is not None
    return booked.attendee_id


def test_the_tax_that_a_line_was_sold_without_is_not_found_in_it_later(
    clinic: Clinic, massage: AppointmentType
) -> None:
    """An item that is taxed at use, sold to somebody who pays no tax."""
    tax = make_tax_rate(practice=clinic.practice)
    product = make_product(clinic, massage, price_minor=11000, tax=tax, tax_at_use=True)
    line = LineInput(item_id=product.item_id, no_tax=True)
    sold = invoice(clinic, lines=(line,))
    package = Package.objects.get(pk=sold.package_ids[0])
    assert (package.net_minor, package.tax_minor, package.tax_rate_id) == (11000, 0, None)
    taxed = sell(clinic, product)
    assert (taxed.net_minor, taxed.tax_minor, taxed.tax_rate_id) == (10000, 1000, tax.pk)
    assert_books_straight(clinic.practice)


def test_a_copy_of_what_is_taxed_at_use_costs_the_same() -> None:
    clinic = make_clinic(prices_include_tax=False)
    massage = make_visit_type(clinic, name="Massage")
    tax = make_tax_rate(practice=clinic.practice)
    package = sell(
        clinic, make_product(clinic, massage, price_minor=10000, tax=tax, tax_at_use=True)
    )
    assert (package.net_minor, package.tax_minor) == (10000, 1000)
    copy = duplicate_invoice(
        DuplicateInvoice(**act(clinic, key=new_key(), invoice_id=package.line.invoice_id)), NOW
    )
    assert Invoice.objects.get(pk=copy.invoice_id).total_minor == 11000


def test_half_of_one_cent_is_kept_whole(clinic: Clinic, massage: AppointmentType) -> None:
    product = make_product(clinic, massage, units=1, price_minor=1, no_show_percent=50)
    package = sell(clinic, product)
    visit = book(clinic, massage)
    mark_did_not_arrive(MarkAttendance(**act(clinic, attendee_id=visit)), NOW)
    assert unearned(package) == 0
    assert CreditNote.objects.count() == 0
    assert PackageAct.objects.filter(kind="converted").count() == 0
    assert_books_straight(clinic.practice)


def test_who_kept_part_of_a_session_is_not_taken_out_of_a_group(clinic: Clinic) -> None:
    yoga = make_visit_type(clinic, name="Yoga", max_attendees=5)
    sell(clinic, make_product(clinic, yoga, no_show_percent=50))
    visit = book(clinic, yoga)
    mark_did_not_arrive(MarkAttendance(**act(clinic, attendee_id=visit)), NOW)
    reset_attendance(ResetAttendance(**act(clinic, attendee_id=visit)), NOW)
    with refuses(NotAllowedNow, Session, Attendee):
        remove_attendee(RemoveAttendee(**act(clinic, attendee_id=visit)), NOW)
    assert_books_straight(clinic.practice)


def test_nothing_was_paid_for_it(clinic: Clinic, massage: AppointmentType) -> None:
    """Of price nil, or with all of the price taken off."""
    free = sell(clinic, make_product(clinic, massage, price_minor=0, units=2))
    product = make_product(clinic, massage, price_minor=10000, units=2, no_show_percent=50)
    line = LineInput(item_id=product.item_id, discount_minor=10000)
    given = Package.objects.get(pk=invoice(clinic, lines=(line,)).package_ids[0])
    for n, package in enumerate((free, given)):
        choice = Choice(package_id=package.pk)
        came, missed = (
            book(clinic, massage, 2 * n, choice),
            book(clinic, massage, 2 * n + 1, choice),
        )
        mark_arrived(MarkAttendance(**act(clinic, attendee_id=came, anyway=True)), NOW)
        mark_did_not_arrive(MarkAttendance(**act(clinic, attendee_id=missed, anyway=True)), NOW)
        assert [one.status for one in sessions(package)] == ["used", "forfeited"]
    assert standing(clinic).owing_minor == 0
    assert_books_straight(clinic.practice)


def test_a_longer_visit_stays_with_the_package_that_was_chosen_for_it(clinic: Clinic) -> None:
    long = make_visit_type(clinic, name="Long", duration_minutes=45)
    product = make_product(clinic, long, units=300, price_minor=10000, measure="minutes")
    sell(clinic, product)
    chosen = sell(clinic, product)
    visit = book(clinic, long, choice=Choice(package_id=chosen.pk))
    session = Session.objects.get(attendee_id=visit)
    appointment = session.attendee.appointment  # type: ignore[union-attr]
    command = change(clinic, long, appointment.pk, starts_at=NOW, minutes=60, anyway=True)
    update_appointment(command, NOW)
    place = place_of(practice_id=clinic.practice.pk, attendee_id=visit)
    assert place is not None
    assert (place.package_id, place.units) == (chosen.pk, 60)
    assert_books_straight(clinic.practice)


def test_another_kind_of_visit_takes_its_own_price_of_a_package_of_money(clinic: Clinic) -> None:
    short = make_visit_type(clinic, name="Short", price_minor=5000)
    long = make_visit_type(clinic, name="Long", price_minor=8000)
    product = make_product(clinic, (short, long), units=20000, price_minor=18000, measure="money")
    package = sell(clinic, product)
    visit = book(clinic, short)
    session = Session.objects.get(attendee_id=visit)
    assert (session.units, session.value_minor) == (5000, 4500)
    appointment = session.attendee.appointment  # type: ignore[union-attr]
    update_appointment(change(clinic, long, appointment.pk, starts_at=NOW, anyway=True), NOW)
    session = Session.objects.get(attendee_id=visit)
    assert (session.units, session.value_minor) == (8000, 7200)
    # A new price in the catalogue does not change a visit that was booked at the old one.
    item = TypeItem.objects.get(appointment_type=long).item
    item.price_minor = 9000
    item.save()
    later = NOW + timedelta(days=1)
    update_appointment(change(clinic, long, appointment.pk, starts_at=later, anyway=True), NOW)
    assert Session.objects.get(attendee_id=visit).units == 8000
    assert unearned(package) == 18000
    assert_books_straight(clinic.practice)
