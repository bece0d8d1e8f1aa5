"""The account of a payer says what the books say, on any day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from creditwell.ledger.queries import standing_of
from creditwell.payments.queries import account_history
from tests.acts import invoice, let_use, pay, use_credit
from tests.books import assert_books_straight
from tests.factories import Clinic, make_clinic, make_patient
from tests.payments.history import History

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic(receipt_prefix="P-", invoice_prefix="INV")


def test_every_event_has_its_document(clinic: Clinic) -> None:
    pay(clinic, 45000)
    bill = invoice(clinic)
    use_credit(clinic)
    rows = account_history(clinic.practice.pk, clinic.patient.payer_id)
    assert [(row.kind, row.text, row.detail) for row in rows] == [
        ("payment", "Payment P-1", "Card"),
        ("invoice", f"Invoice INV{bill.number}", ""),
    ], "credit that is used moves nothing between clinic and patient"
    assert [row.balance.minor for row in rows] == [-45000, -36000]
    assert [row.url_name for row in rows] == ["payment", "invoice"]
    assert_books_straight(clinic.practice)


@pytest.mark.parametrize("seed", range(4))
def test_the_balance_is_the_ledgers_on_every_day(clinic: Clinic, seed: int) -> None:
    payer_id, practice_id = clinic.patient.payer_id, clinic.practice.pk
    days = History(clinic, seed).run(45)
    for day in [*days[::6], days[-1], days[-1] + timedelta(days=1)]:
        rows = account_history(practice_id, payer_id, until=day)
        standing = standing_of(practice_id=practice_id, holder_id=payer_id, as_of=day)
        assert (rows[-1].balance.minor if rows else 0) == standing.balance_minor
        balance = 0
        for row in rows:
            balance += (row.charged.minor if row.charged else 0) - (
                row.paid.minor if row.paid else 0
            )
            assert row.balance.minor == balance
            assert row.kind != "other"
            assert row.document_id
    assert_books_straight(clinic.practice)


def test_the_last_rows_keep_their_balances(clinic: Clinic) -> None:
    History(clinic, 9).run(25)
    whole = account_history(clinic.practice.pk, clinic.patient.payer_id)
    assert account_history(clinic.practice.pk, clinic.patient.payer_id, limit=4) == whole[-4:]
    assert_books_straight(clinic.practice)


def test_one_pays_for_the_other(clinic: Clinic) -> None:
    other = make_patient(practice=clinic.practice, first_name="Maeve", last_name="Brennan")
    pay(clinic, 5000)
    bill = invoice(clinic, patient=other)
    let_use(clinic, clinic.patient, other)
    use_credit(clinic, (bill.invoice_id, 5000))
    mine = account_history(clinic.practice.pk, clinic.patient.payer_id)
    theirs = account_history(clinic.practice.pk, other.payer_id)
    assert mine[-1].text == f"Credit used for invoice INV{bill.number} of Maeve Brennan"
    assert (mine[-1].charged, mine[-1].balance.minor) == (mine[0].paid, 0)
    assert theirs[-1].text == f"Invoice INV{bill.number} paid by Liam Brennan"
    assert theirs[-1].balance.minor == 4000
    assert_books_straight(clinic.practice)


def test_a_long_account_takes_no_more_queries(clinic: Clinic) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            account_history(clinic.practice.pk, clinic.patient.payer_id)
        return len(captured)

    pay(clinic, 100)
    invoice(clinic)
    few = queries()
    for _n in range(6):
        pay(clinic, 100)
        invoice(clinic)
    assert queries() == few <= 9
    assert_books_straight(clinic.practice)
