"""Every figure of credit opens to its causes, and they come to what the books say, on any day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import accumulate

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from creditwell.invoicing.models import InvoiceLine
from creditwell.ledger.queries import standing_of
from creditwell.payments.queries_credit import Move, explanation, explanations
from creditwell.payments.queries_statement import statement
from creditwell.tenancy.access import SYSTEM, facts_of
from creditwell.usecases.credit_invoice import CreditInvoice, credit_invoice
from creditwell.usecases.take_back_allocation import TakeBackAllocation, take_back_allocation
from tests.acts import invoice, let_use, new_key, pay, use_credit
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_category, make_clinic, make_patient
from tests.payments.history import History
from tests.payments.test_gifts import give
from tests.reports.test_roll_forward import transfer

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic(receipt_prefix="P-")


def rests_of(moves: Sequence[Move]) -> list[int]:
    """What stands after each movement, worked out anew; the days go forward."""
    assert [move.on for move in moves] == sorted(move.on for move in moves)
    return list(accumulate(move.amount.minor for move in moves))


@pytest.mark.parametrize("seed", [0, 5, 12])
def test_it_comes_to_what_the_ledger_says(clinic: Clinic, seed: int) -> None:
    practice, payer_id = facts_of(clinic.practice), clinic.patient.payer_id
    days = History(clinic, seed + 40).run(45)
    for day in [*days[::9], days[-1], None]:
        told = explanation(practice, payer_id, as_of=day)
        standing = standing_of(practice_id=practice.id, holder_id=payer_id, as_of=day)
        assert (told.credit.minor, told.owing.minor) == (
            standing.credit_minor,
            standing.owing_minor,
        )
        for story in [*told.open_lots, *told.used_lots]:
            assert sum(move.amount.minor for move in story.moves) == story.left.minor
            assert rests_of(story.moves) == [move.rest.minor for move in story.moves]
            assert all(move.rest.minor >= 0 for move in story.moves)
            assert all(move.cause.page for move in story.moves)
        for asked in [*told.open_invoices, *told.settled_invoices]:
            assert sum(move.amount.minor for move in asked.moves) == asked.owing.minor
            assert rests_of(asked.moves) == [move.rest.minor for move in asked.moves]
            assert all(move.rest.minor >= 0 for move in asked.moves)
            assert all(move.cause.page for move in asked.moves)
    assert_books_straight(clinic.practice)


@pytest.mark.parametrize("seed", range(2))
def test_a_statement_adds_up(clinic: Clinic, seed: int) -> None:
    practice, payer_id = facts_of(clinic.practice), clinic.patient.payer_id
    days = History(clinic, seed + 80).run(40)
    for since, until in [(days[0], days[-1]), (days[10], days[20]), (days[-1], days[-1])]:
        found = statement(practice, payer_id, since, until)
        before = standing_of(
            practice_id=practice.id, holder_id=payer_id, as_of=since - timedelta(days=1)
        )
        after = standing_of(practice_id=practice.id, holder_id=payer_id, as_of=until)
        assert found.opening.minor == before.balance_minor
        assert found.closing.minor == after.balance_minor == (found.owing - found.credit).minor
        ages = found.aged
        assert ages.current + ages.days_30 + ages.days_60 + ages.days_90 == found.owing
    assert_books_straight(clinic.practice)


def test_it_says_where_credit_came_from_and_went(clinic: Clinic) -> None:
    pay(clinic, 45000)
    bill = invoice(clinic)
    use_credit(clinic)
    told = explanation(facts_of(clinic.practice), clinic.patient.payer_id)
    (lot,) = told.open_lots
    assert (lot.title, lot.came.minor, lot.used.minor, lot.left.minor) == (
        "Payment P-1",
        45000,
        9000,
        36000,
    )
    assert [(move.cause.text, move.amount.minor, move.rest.minor) for move in lot.moves] == [
        ("Payment P-1", 45000, 45000),
        (f"Paid invoice {bill.number}", -9000, 36000),
    ]
    (asked,) = told.settled_invoices
    assert [move.cause.text for move in asked.moves] == [
        f"Invoice {bill.number} issued",
        "Paid by account credit",
    ]
    assert_books_straight(clinic.practice)


def test_movements_of_one_day_say_what_then_stood(clinic: Clinic) -> None:
    pay(clinic, 10000)
    first, second = invoice(clinic), invoice(clinic)
    used = use_credit(clinic, (first.invoice_id, 9000)).allocation_ids
    back = TakeBackAllocation(
        practice_id=clinic.practice.pk, key=new_key(), by=SYSTEM, allocation_id=used[0]
    )
    take_back_allocation(back, NOW)
    use_credit(clinic, (second.invoice_id, 9000))
    use_credit(clinic, (first.invoice_id, 1000))
    told = explanation(facts_of(clinic.practice), clinic.patient.payer_id)
    (lot,) = told.used_lots
    assert len({move.on for move in lot.moves}) == 1
    assert [(move.amount.minor, move.rest.minor) for move in lot.moves] == [
        (10000, 10000),
        (-9000, 1000),
        (9000, 10000),
        (-9000, 1000),
        (-1000, 0),
    ]
    asked = {story.id: story for story in [*told.open_invoices, *told.settled_invoices]}
    assert [move.rest.minor for move in asked[first.invoice_id].moves] == [9000, 0, 9000, 8000]
    assert [move.rest.minor for move in asked[second.invoice_id].moves] == [9000, 0]
    assert_books_straight(clinic.practice)


def test_what_a_credit_note_gave_back_says_so(clinic: Clinic) -> None:
    owner = make_patient(practice=clinic.practice, first_name="Anna", last_name="Berg")
    let_use(clinic, owner)
    pay(clinic, 5000)
    pay(clinic, 5000, patient=owner)
    bill = invoice(clinic, 9000)
    use_credit(
        clinic, (bill.invoice_id, 5000), family_credit=((bill.invoice_id, owner.payer_id, 4000),)
    )
    line = InvoiceLine.objects.get(invoice_id=bill.invoice_id)
    noted = credit_invoice(
        CreditInvoice(
            practice_id=clinic.practice.pk,
            key=new_key(),
            by=SYSTEM,
            invoice_id=bill.invoice_id,
            lines=((line.pk, 6000),),
            reason="Half the time",
        ),
        NOW,
    )
    told = explanations(facts_of(clinic.practice), [clinic.patient.payer_id, owner.payer_id])
    causes = {
        move.cause.text: (move.cause.page, move.cause.id)
        for one in told.values()
        for lot in one.open_lots
        for move in lot.moves
    }
    page = ("credit_note", noted.credit_note_id)
    assert causes["Credit note CN1 on invoice 1"] == page
    assert causes["Credit note CN1 on invoice 1 of Liam Brennan"] == page
    assert_books_straight(clinic.practice)


def test_a_transfer_and_a_gift_open_to_their_pages(clinic: Clinic) -> None:
    ben = make_patient(practice=clinic.practice)
    pay(clinic, 5000)
    sent = transfer(clinic, clinic.patient, ben, 2000)
    kind = make_category(practice=clinic.practice, name="Products")
    given = give(clinic, 1000, category_id=kind.pk)
    told = explanations(facts_of(clinic.practice), [clinic.patient.payer_id, ben.payer_id])
    pages = {
        (move.cause.page, move.cause.id)
        for one in told.values()
        for lot in one.open_lots
        for move in lot.moves
    }
    lots = told[clinic.patient.payer_id].open_lots
    assert {lot.title: lot.only_for for lot in lots} == {"Payment P-1": "", "Goodwill": "Products"}
    assert {("transfer", sent), ("gift", given.gift_id)} < pages


def test_a_long_account_takes_no_more_queries(clinic: Clinic) -> None:
    practice = facts_of(clinic.practice)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            explanation(practice, clinic.patient.payer_id)
        return len(captured)

    History(clinic, 5).run(12)
    few = queries()
    History(clinic, 6).run(25)
    assert queries() <= max(few, 20)
    assert_books_straight(clinic.practice)
