"""What the database promises of packages, tried with plain SQL: each must be refused by name."""

from __future__ import annotations

import pytest
from django.db import connection

from creditwell.packages.models import Package
from creditwell.usecases.book_appointment import book_appointment
from tests.acts import pay
from tests.books import assert_books_straight
from tests.db.test_promises import accounts, post_by_hand, refused
from tests.factories import NOW, Clinic, make_appointment, make_clinic
from tests.sold import make_product, make_visit_type, sell
from tests.visits import wish

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    found = make_clinic()
    pay(found, 500)
    return found


@pytest.fixture
def package(clinic: Clinic) -> Package:
    """Of two sessions, the first of which is booked."""
    massage = make_visit_type(clinic, name="Massage")
    sold = sell(clinic, make_product(clinic, massage, units=2, price_minor=10000))
    book_appointment(wish(clinic, massage, starts_at=NOW, anyway=True), NOW)
    return sold


def test_what_happened_to_a_package_stays(clinic: Clinic, package: Package) -> None:
    for sql in (
        "UPDATE packages_packageact SET value_minor = 1",
        "DELETE FROM packages_packageact",
        "UPDATE packages_package SET sold_on = sold_on - 1",
        "UPDATE packages_package SET tax_at_use = NOT tax_at_use",
        "UPDATE packages_package SET account_id = account_id + 1",
        "UPDATE packages_soldcover SET price_minor = price_minor + 1",
    ):
        assert refused(sql) == "kernel_append_only", sql
    assert_books_straight(clinic.practice)


def test_a_session_is_not_taken_from_another_visit(clinic: Clinic, package: Package) -> None:
    other = make_appointment(practice=clinic.practice, patient=clinic.patient)
    take = "UPDATE packages_session SET attendee_id = %s, patient_id = %s WHERE status = %s"
    ends = (other.pk, clinic.patient.pk)
    assert refused(take, *ends, "booked") == "packages_session_taken"
    assert_books_straight(clinic.practice)


def test_a_visit_has_one_session(clinic: Clinic, package: Package) -> None:
    second = (
        "UPDATE packages_session s SET status = 'booked', attendee_id = b.attendee_id, "
        "patient_id = b.patient_id FROM packages_session b "
        "WHERE s.status = 'free' AND b.status = 'booked'"
    )
    assert refused(second) == "packages_session_once_per_visit"
    assert_books_straight(clinic.practice)


def test_a_session_is_what_its_state_says(clinic: Clinic, package: Package) -> None:
    for sql in (
        "UPDATE packages_session SET status = 'booked' WHERE status = 'free'",
        "UPDATE packages_session SET status = 'free' WHERE status = 'booked'",
        "UPDATE packages_session SET status = 'used'",
    ):
        assert refused(sql) == "packages_session_state", sql
    for sql in (
        "UPDATE packages_session SET value_minor = -1",
        "UPDATE packages_session SET tax_minor = -1",
    ):
        assert refused(sql) == "packages_session_bounds", sql
    assert refused("UPDATE packages_package SET net_minor = -1") == "packages_package_amounts"


def test_a_dead_session_stays_dead(clinic: Clinic, package: Package) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE packages_session SET status = 'refunded' WHERE status = 'free'")
    for state in ("free", "expired"):
        sql = "UPDATE packages_session SET status = %s WHERE status = 'refunded'"
        assert refused(sql, state) == "packages_session_dead"


def test_no_package_below_zero(clinic: Clinic, package: Package) -> None:
    by_kind = accounts(clinic)
    held, funds = by_kind["package"], by_kind["funds"]
    assert post_by_hand(clinic, (held, -10001), (funds, 10001)) == "ledger_account_not_overdrawn"
    assert (
        refused("UPDATE ledger_account SET floor_minor = -9 WHERE kind = 'package'")
        == "kernel_append_only"
    )
    assert_books_straight(clinic.practice)


def test_no_package_points_across_practices(clinic: Clinic, package: Package) -> None:
    other = make_clinic()
    for sql in (
        "UPDATE packages_package SET patient_id = %s",
        "UPDATE packages_session SET patient_id = %s WHERE status = 'booked'",
    ):
        assert "same_practice" in refused(sql, other.patient.pk), sql
    foreign = sell(other, make_product(other, make_visit_type(other), units=1))
    move = "UPDATE packages_session SET package_id = %s WHERE practice_id = %s"
    assert "same_practice" in refused(move, foreign.pk, clinic.practice.pk)
