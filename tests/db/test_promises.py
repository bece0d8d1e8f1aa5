"""What the database promises, tried with plain SQL: each of these must be refused by name."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from creditwell.invoicing.models import Invoice
from creditwell.kernel.errors import constraint_of
from creditwell.ledger.models import Account, Entry
from creditwell.ledger.post import Journal
from creditwell.payments.models import Payment
from tests.acts import invoice, pay, use_credit
from tests.books import assert_books_straight
from tests.factories import Clinic, make_appointment, make_clinic, make_practitioner

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    found = make_clinic()
    pay(found, 10000)
    invoice(found)
    use_credit(found)
    return found


def refused(sql: str, *parameters: Any) -> str:
    """Run a statement that must fail; return the name of what refused it, and undo it."""

    def run() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(IntegrityError) as error:
        run()
    return constraint_of(error.value)


def test_history_is_never_changed_or_removed(clinic: Clinic) -> None:
    for sql in (
        "UPDATE ledger_posting SET amount_minor = amount_minor + 1",
        "DELETE FROM ledger_posting",
        "UPDATE ledger_entry SET occurred_on = occurred_on - 1",
        "DELETE FROM ledger_entry",
        "DELETE FROM ledger_account",
        "UPDATE ledger_account SET floor_minor = -100 WHERE kind = 'lot'",
        "UPDATE audit_note SET action = 'nothing'",
        "DELETE FROM audit_note",
        "UPDATE payments_payment SET total_minor = 1",
        "DELETE FROM payments_payment",
        "UPDATE payments_allocation SET amount_minor = 1",
        "DELETE FROM payments_allocation",
        "UPDATE invoicing_invoice SET number = 99",
        "UPDATE invoicing_invoice SET status = 'draft'",
        "DELETE FROM invoicing_invoice",
        "UPDATE invoicing_invoiceline SET description = 'another'",
        "DELETE FROM invoicing_invoiceline",
        "DELETE FROM credit_lot",
        "UPDATE outbox_event SET body = '{}'",
    ):
        assert refused(sql) == "kernel_append_only", sql
    assert_books_straight(clinic.practice)


def test_history_is_never_emptied(clinic: Clinic) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL creditwell.truncate = ''")
    for table in ("ledger_posting", "payments_payment", "audit_note", "invoicing_invoice"):
        assert refused(f"TRUNCATE {table} CASCADE") == "kernel_append_only", table
    assert_books_straight(clinic.practice)


def test_a_balance_is_moved_by_postings_alone(clinic: Clinic) -> None:
    assert (
        refused("UPDATE ledger_account SET balance_minor = balance_minor + 1 WHERE kind = 'lot'")
        == "ledger_balance_by_posting"
    )
    assert (
        refused(
            "INSERT INTO ledger_account (practice_id, kind, holder_id, floor_minor, balance_minor) "
            "VALUES (%s, 'lot', 1, 0, 500)",
            clinic.practice.pk,
        )
        == "ledger_balance_by_posting"
    )
    assert_books_straight(clinic.practice)


def post_by_hand(clinic: Clinic, *legs: tuple[int, int], entry_id: int | None = None) -> str:
    """Write postings (account, amount) in one statement, onto a new entry or the one given."""
    statements: list[tuple[str, list[int]]] = []
    if entry_id is None:
        entry_id = 1000 + Entry.objects.latest("pk").pk
        statements.append(
            (
                "INSERT INTO ledger_entry (id, practice_id, kind, occurred_on) "
                "VALUES (%s, %s, 'by_hand', '2026-11-24')",
                [entry_id, clinic.practice.pk],
            )
        )
    if legs:
        values = ", ".join(["(%s, %s, %s, %s, '2026-11-24')"] * len(legs))
        parameters = [
            value for leg in legs for value in (clinic.practice.pk, entry_id, leg[0], leg[1])
        ]
        statements.append(
            (
                "INSERT INTO ledger_posting (practice_id, entry_id, account_id, amount_minor, "
                f"occurred_on) VALUES {values}",
                parameters,
            )
        )

    def run() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for sql, given in statements:
                cursor.execute(sql, given)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(IntegrityError) as error:
        run()
    return constraint_of(error.value)


def accounts(clinic: Clinic) -> dict[str, int]:
    return {
        account.kind: account.pk for account in Account.objects.filter(practice=clinic.practice)
    }


def test_entries_sum_to_zero_and_have_legs(clinic: Clinic) -> None:
    by_kind = accounts(clinic)
    lot, funds = by_kind["lot"], by_kind["funds"]
    assert post_by_hand(clinic, (lot, 100), (funds, -99)) == "ledger_entry_balanced"
    assert post_by_hand(clinic, (lot, 100)) == "ledger_entry_balanced"
    assert post_by_hand(clinic) == "ledger_entry_balanced"
    assert_books_straight(clinic.practice)


def test_a_sealed_entry_takes_no_more_legs(clinic: Clinic) -> None:
    by_kind = accounts(clinic)
    sealed = Entry.objects.filter(occurred_on="2026-11-24").earliest("pk")
    assert (
        post_by_hand(clinic, (by_kind["lot"], 5), (by_kind["funds"], -5), entry_id=sealed.pk)
        == "ledger_entry_sealed"
    )
    assert_books_straight(clinic.practice)


def test_no_lot_below_zero_and_no_invoice_overpaid(clinic: Clinic) -> None:
    by_kind = accounts(clinic)
    lot, owed, funds = by_kind["lot"], by_kind["invoice"], by_kind["funds"]
    assert post_by_hand(clinic, (lot, -1001), (funds, 1001)) == "ledger_account_not_overdrawn"
    assert post_by_hand(clinic, (owed, 1), (funds, -1)) == "ledger_account_not_overpaid"
    assert_books_straight(clinic.practice)


def test_an_entry_is_reversed_once(clinic: Clinic) -> None:
    pay(clinic, 500)
    entry = Entry.objects.filter(kind="payment").latest("pk")
    journal = Journal(clinic.practice.pk)
    journal.reverse("by_hand", entry.occurred_on, entry.pk)
    with transaction.atomic():
        journal.post()
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        journal.post()
    assert constraint_of(error.value) == "ledger_entry_reversed_once"


def test_nothing_points_across_practices(clinic: Clinic) -> None:
    other = make_clinic()
    pay(other, 700)
    foreign = accounts(other)
    own = accounts(clinic)
    assert "same_practice" in post_by_hand(clinic, (foreign["lot"], 5), (own["funds"], -5))
    assert "same_practice" in refused(
        "UPDATE people_patient SET payer_id = %s WHERE id = %s",
        other.patient.payer_id,
        clinic.patient.pk,
    )
    assert "same_practice" in refused(
        "UPDATE invoicing_invoice SET patient_id = %s WHERE practice_id = %s",
        other.patient.pk,
        clinic.practice.pk,
    )
    assert_books_straight(clinic.practice)
    assert_books_straight(other.practice)


def test_two_appointments_of_one_practitioner_never_overlap(clinic: Clinic) -> None:
    first = make_appointment(practice=clinic.practice, practitioner=clinic.practitioner)
    copy = (
        "INSERT INTO scheduling_appointment (practice_id, practitioner_id, location_id, "
        "appointment_type_id, starts_at, ends_at, status, notes, created_at) "
        "SELECT practice_id, %s, location_id, appointment_type_id, starts_at + %s::interval, "
        "ends_at + %s::interval, status, notes, created_at "
        "FROM scheduling_appointment WHERE id = %s"
    )
    visit = first.appointment_id
    for later in ("0 minutes", "29 minutes", "-29 minutes"):
        assert (
            refused(copy, clinic.practitioner.pk, later, later, visit)
            == "scheduling_appointment_no_overlap"
        )
    colleague = make_practitioner(practice=clinic.practice)
    with connection.cursor() as cursor:
        cursor.execute(copy, [colleague.pk, "0 minutes", "0 minutes", visit])
        cursor.execute(copy, [clinic.practitioner.pk, "30 minutes", "30 minutes", visit])


def test_numbers_have_no_twins(clinic: Clinic) -> None:
    columns = [field.column for field in Invoice._meta.concrete_fields if field.column != "id"]
    quoted = ", ".join(columns)
    twin = f"INSERT INTO invoicing_invoice ({quoted}) SELECT {quoted} FROM invoicing_invoice"
    assert refused(twin) == "invoicing_invoice_number"
    columns = [field.column for field in Payment._meta.concrete_fields if field.column != "id"]
    quoted = ", ".join(columns)
    twin = f"INSERT INTO payments_payment ({quoted}) SELECT {quoted} FROM payments_payment"
    assert refused(twin) in ("payments_payment_number", "payments_payment_lot")
