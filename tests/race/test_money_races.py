"""
The same money, eight at once. Each race has its twin without the guard, which must go wrong: a
race that cannot be lost proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Barrier

import pytest
from django.db import connection, transaction

from creditwell.kernel import numbering
from creditwell.ledger.models import Account
from creditwell.ledger.post import Journal
from creditwell.payments import operations, wallets
from creditwell.payments.models import Allocation, Payment
from creditwell.tenancy.access import practice_facts
from tests.acts import invoice, pay, standing, use_credit
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_patient
from tests.race.rivals import PATIENCE, race

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

RIVALS = 8


@contextmanager
def without_floor() -> Iterator[None]:
    """Take away the CHECK that no lot falls below zero; the rows that break it go with it."""
    name = "ledger_account_not_overdrawn"
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE ledger_account DROP CONSTRAINT {name}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE ledger_account CASCADE")
            cursor.execute(
                f"ALTER TABLE ledger_account ADD CONSTRAINT {name} "
                "CHECK (floor_minor IS NULL OR balance_minor >= floor_minor)"
            )


def spend_from_the_journal(clinic: Clinic, minor: int) -> None:
    lot = Account.objects.get(practice=clinic.practice, kind="lot")
    journal = Journal(clinic.practice.pk)
    funds = journal.clinic_wide("funds", clinic.card.pk)
    journal.move("by_hand", NOW.date(), source=lot.pk, target=funds, minor=minor)
    with transaction.atomic():
        journal.post()


def test_the_same_credit_is_spent_once_in_the_journal(clinic: Clinic) -> None:
    pay(clinic, 10000)
    ended = race(RIVALS, lambda n: spend_from_the_journal(clinic, 6000))
    assert ended == {"ok": 1, "IntegrityError": RIVALS - 1}
    assert Account.objects.get(practice=clinic.practice, kind="lot").balance_minor == 4000


def test_twin_without_the_floor_it_is_spent_again_and_again(clinic: Clinic) -> None:
    pay(clinic, 10000)
    with without_floor():
        ended = race(RIVALS, lambda n: spend_from_the_journal(clinic, 6000))
        assert ended["ok"] == RIVALS
        assert Account.objects.get(practice=clinic.practice, kind="lot").balance_minor == -38000


def test_the_same_credit_pays_once(clinic: Clinic) -> None:
    pay(clinic, 9000)
    bills = [invoice(clinic) for _ in range(RIVALS)]
    ended = race(RIVALS, lambda n: use_credit(clinic, (bills[n].invoice_id, 9000)))
    assert ended == {"ok": 1, "DoesNotAddUp": RIVALS - 1}
    assert standing(clinic).credit_minor == 0
    assert standing(clinic).owing_minor == 9000 * (RIVALS - 1)
    assert_books_straight(clinic.practice)


def test_twin_without_lock_and_floor_the_same_credit_pays_more_than_once(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    pay(clinic, 9000)
    bills = [invoice(clinic) for _ in range(RIVALS)]
    everybody = Barrier(RIVALS, timeout=PATIENCE)
    plain = wallets.open_lots

    def open_lots_together(**where: object) -> object:
        found = plain(**where)  # type: ignore[arg-type]
        everybody.wait()  # each has seen the same credit before anybody spends it
        return found

    monkeypatch.setattr(wallets, "open_lots", open_lots_together)
    monkeypatch.setattr(operations, "lock_several", _payers_without_lock)
    with without_floor():
        ended = race(RIVALS, lambda n: use_credit(clinic, (bills[n].invoice_id, 9000)))
        assert ended["ok"] == RIVALS


def _payers_without_lock(*, practice_id: int, payer_ids: object) -> object:
    return practice_facts(practice_id)


def test_one_invoice_is_paid_once_by_eight_payments(clinic: Clinic) -> None:
    bill = invoice(clinic)
    ended = race(RIVALS, lambda n: pay(clinic, 9000, pay=((bill.invoice_id, 9000),)))
    assert ended == {"ok": 1, "DoesNotAddUp": RIVALS - 1}
    assert Payment.objects.count() == 1
    assert_books_straight(clinic.practice)


def test_the_same_request_eight_times_is_one_payment(clinic: Clinic) -> None:
    ended = race(RIVALS, lambda n: pay(clinic, 10000, key="one click too many"))
    assert ended == {"ok": RIVALS}
    assert Payment.objects.count() == 1
    assert standing(clinic).credit_minor == 10000
    assert_books_straight(clinic.practice)


def test_twin_eight_requests_of_their_own_are_eight_payments(clinic: Clinic) -> None:
    assert race(RIVALS, lambda n: pay(clinic, 10000, key=f"{n}")) == {"ok": RIVALS}
    assert Payment.objects.count() == RIVALS
    assert_books_straight(clinic.practice)


def test_numbers_have_no_gap_and_no_twin(clinic: Clinic) -> None:
    patients = [make_patient(practice=clinic.practice) for _ in range(RIVALS)]

    def act(n: int) -> None:
        for _ in range(5):
            pay(clinic, 1000, patient=patients[n])
            invoice(clinic, patient=patients[n])

    assert race(RIVALS, act) == {"ok": RIVALS}
    numbers = list(Payment.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, RIVALS * 5 + 1))
    assert_books_straight(clinic.practice)


def test_twin_counting_rows_gives_the_same_number_twice(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    patients = [make_patient(practice=clinic.practice) for _ in range(RIVALS)]
    pay(clinic, 1000)  # the account of the card is there: nobody waits for its opening
    everybody = Barrier(RIVALS, timeout=PATIENCE)

    def count(*, practice_id: int, series: str) -> int:
        number = Payment.objects.filter(practice_id=practice_id).count() + 1
        everybody.wait()
        return number

    assert numbering.next_number is operations.next_number
    monkeypatch.setattr(operations, "next_number", count)
    ended = race(RIVALS, lambda n: pay(clinic, 1000, patient=patients[n]))
    assert ended == {"ok": 1, "IntegrityError": RIVALS - 1}, "only the constraint saved us"


def test_take_back_against_take_back(clinic: Clinic) -> None:
    from creditwell.tenancy.access import SYSTEM
    from creditwell.usecases.take_back_allocation import TakeBackAllocation, take_back_allocation

    pay(clinic, 9000)
    invoice(clinic)
    allocation_id = use_credit(clinic).allocation_ids[0]
    ended = race(
        RIVALS,
        lambda n: take_back_allocation(
            TakeBackAllocation(
                practice_id=clinic.practice.pk, key="", by=SYSTEM, allocation_id=allocation_id
            ),
            NOW,
        ),
    )
    assert ended == {"ok": 1, "AlreadyReversed": RIVALS - 1}
    assert Allocation.objects.get(pk=allocation_id).returned_minor == 9000
    assert_books_straight(clinic.practice)
