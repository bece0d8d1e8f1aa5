"""The bank takes money back: nothing falls below zero, and what it paid is owing again."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from creditwell.kernel.errors import Invalid, NotFound
from creditwell.ledger.post import BooksClosed, Overdrawn
from creditwell.ledger.queries import trial_balance
from creditwell.outbox.models import Event
from creditwell.payments.dishonouring import OverDishonoured
from creditwell.payments.models import (
    Allocation,
    AllocationReturn,
    Dishonour,
    PaymentPart,
    TransferReturn,
)
from creditwell.payments.queries_list import Filters, list_payments, totals_by_source
from creditwell.payments.voiding import PaymentDishonoured, PaymentNotStanding, PaymentPassedOn
from creditwell.tasks.models import Task
from creditwell.tenancy.access import SYSTEM, practice_facts
from creditwell.usecases.dishonour_payment import (
    Dishonoured,
    DishonourPayment,
    dishonour_payment,
)
from creditwell.usecases.refund_credit import RefundCredit, refund_credit
from creditwell.usecases.take_back_allocation import TakeBackAllocation, take_back_allocation
from creditwell.usecases.take_payment import PartInput
from creditwell.usecases.void_payment import VoidPayment, void_payment
from tests.acts import invoice, new_key, pay, standing, use_credit
from tests.books import assert_books_straight
from tests.credit.test_refunds import transferred
from tests.factories import NOW, Clinic, make_clinic
from tests.refusing import refuses

pytestmark = pytest.mark.django_db(transaction=True)
TABLES = (Dishonour, PaymentPart, Allocation, AllocationReturn, Task)
TODAY = date(2026, 11, 24)


def day(n: int) -> datetime:
    return datetime(2026, 11, n, 1, 0, tzinfo=UTC)


def part_of(payment_id: int) -> PaymentPart:
    return PaymentPart.objects.filter(payment_id=payment_id).order_by("pk")[0]


def dishonour(clinic: Clinic, part_id: int, minor: int | None = None, **fields: Any) -> Dishonoured:
    defaults: dict[str, Any] = {
        "practice_id": clinic.practice.pk,
        "key": new_key(),
        "by": SYSTEM,
        "part_id": part_id,
        "amount_minor": minor,
        "reason": "no funds",
    }
    return dishonour_payment(DishonourPayment(**{**defaults, **fields}), NOW)


def void(clinic: Clinic, payment_id: int) -> None:
    command = VoidPayment(
        practice_id=clinic.practice.pk,
        key=new_key(),
        by=SYSTEM,
        payment_id=payment_id,
        reason="typed twice",
    )
    void_payment(command, NOW)


def total(clinic: Clinic, kind: str) -> int:
    rows = trial_balance(practice_id=clinic.practice.pk)
    return sum(row.total_minor for row in rows if row.kind == kind)


def test_free_credit_first_then_the_newest_invoice_owes_again(clinic: Clinic) -> None:
    old, new = invoice(clinic, 3000).invoice_id, invoice(clinic, 5000).invoice_id
    taken = pay(clinic, 10000, pay=((old, 3000), (new, 5000)))
    part = part_of(taken.payment_id)
    dishonour(clinic, part.pk, 1500)
    assert (standing(clinic).credit_minor, standing(clinic).owing_minor) == (500, 0)
    done = dishonour(clinic, part.pk, 4000)
    assert done.invoice_ids == [new]
    assert (standing(clinic).credit_minor, standing(clinic).owing_minor) == (0, 3500)
    last = dishonour(clinic, part.pk)
    assert (last.amount_minor, last.loss_minor, last.invoice_ids) == (4500, 0, [old, new])
    assert standing(clinic).owing_minor == 8000
    assert total(clinic, "funds") == 0
    task = Task.objects.order_by("pk").last()
    assert task is not None
    assert (task.kind, task.subject_id, task.body["invoice_ids"]) == (
        "dishonour",
        taken.payment_id,
        f"{old},{new}",
    )
    assert Event.objects.filter(topic="payment.dishonoured").count() == 3
    with refuses(OverDishonoured, *TABLES):
        dishonour(clinic, part.pk, 1)
    with refuses(PaymentDishonoured, *TABLES):
        void(clinic, taken.payment_id)
    assert_books_straight(clinic.practice)


def test_what_was_passed_on_and_used_is_pulled_back(clinic: Clinic) -> None:
    taken = pay(clinic, 10000)
    lot_id, other = transferred(clinic, 8000)
    theirs = invoice(clinic, 5000, patient=other).invoice_id
    use_credit(clinic, (theirs, 5000), payer_id=other.payer_id)
    with refuses(PaymentPassedOn, *TABLES):
        void(clinic, taken.payment_id)
    done = dishonour(clinic, part_of(taken.payment_id).pk, 9000)
    assert (done.invoice_ids, done.loss_minor) == ([theirs], 0)
    assert TransferReturn.objects.get().amount_minor == 7000
    assert standing(clinic).credit_minor == 0
    mine, owed = standing(clinic, other).credit_minor, standing(clinic, other).owing_minor
    assert (mine, owed) == (0, 4000)
    assert Allocation.objects.get(lot_id=lot_id).returned_minor == 4000
    assert_books_straight(clinic.practice)


def test_what_was_refunded_is_a_loss(clinic: Clinic) -> None:
    taken = pay(clinic, 10000)
    part = part_of(taken.payment_id)

    def refund(minor: int) -> None:
        command = RefundCredit(
            practice_id=clinic.practice.pk,
            key=new_key(),
            by=SYSTEM,
            payer_id=clinic.patient.payer_id,
            parts=((part.pk, minor),),
            reason="moves away",
        )
        refund_credit(command, NOW)

    refund(6000)
    done = dishonour(clinic, part.pk, 9000)
    assert done.loss_minor == 5000
    assert Dishonour.objects.get().loss_minor == 5000
    assert (total(clinic, "dishonour_loss"), standing(clinic).credit_minor) == (-5000, 0)
    with refuses(Overdrawn, *TABLES):
        refund(1)
    assert_books_straight(clinic.practice)


def test_cash_rounding_goes_with_the_whole_part() -> None:
    clinic = make_clinic(cash_rounding_minor=5)
    parts = (PartInput(source_id=clinic.cash.pk, amount_minor=1002),)
    taken = pay(clinic, 0, parts=parts)
    dishonour(clinic, part_of(taken.payment_id).pk)
    assert (total(clinic, "funds"), total(clinic, "rounding")) == (0, 0)
    assert_books_straight(clinic.practice)


def test_it_stands_on_the_day_the_bank_took_it(clinic: Clinic) -> None:
    taken = pay(clinic, 10000, now=day(2))
    paid = invoice(clinic, 6000, now=day(8)).invoice_id
    use_credit(clinic, (paid, 6000), now=day(8))
    part = part_of(taken.payment_id)
    assert dishonour(clinic, part.pk, 4000, on=date(2026, 11, 5)).on == "2026-11-05"
    done = dishonour(clinic, part.pk, on=date(2026, 11, 5))
    assert done.on == "2026-11-05"
    assert AllocationReturn.objects.get().returned_on == date(2026, 11, 8)
    assert_books_straight(clinic.practice)


def test_today_where_the_credit_was_elsewhere_on_that_day(clinic: Clinic) -> None:
    taken = pay(clinic, 10000, now=day(2))
    paid = invoice(clinic, 10000, now=day(3)).invoice_id
    use_credit(clinic, (paid, 10000), now=day(3))
    take_back_allocation(
        TakeBackAllocation(
            practice_id=clinic.practice.pk,
            key=new_key(),
            by=SYSTEM,
            allocation_id=Allocation.objects.get().pk,
        ),
        day(8),
    )
    stood = dishonour(clinic, part_of(taken.payment_id).pk, on=date(2026, 11, 5)).on
    assert stood == TODAY.isoformat()
    assert_books_straight(clinic.practice)


def test_what_cannot_be_dishonoured(clinic: Clinic) -> None:
    taken = pay(clinic, 10000, now=day(5))
    part = part_of(taken.payment_id)
    for on in (date(2026, 11, 4), date(2026, 11, 25)):
        with refuses(Invalid, *TABLES):
            dishonour(clinic, part.pk, on=on)
    with refuses(Invalid, *TABLES):
        dishonour(clinic, part.pk, reason=" ")
    for minor in (0, 10001):
        with refuses(OverDishonoured, *TABLES):
            dishonour(clinic, part.pk, minor)
    with refuses(NotFound, *TABLES):
        dishonour(make_clinic(), part.pk)
    clinic.practice.books_closed_on = date(2026, 11, 10)
    clinic.practice.save()
    with refuses(BooksClosed, *TABLES):
        dishonour(clinic, part.pk, on=date(2026, 11, 6))
    void(clinic, taken.payment_id)
    with refuses(PaymentNotStanding, *TABLES):
        dishonour(clinic, part.pk)
    assert_books_straight(clinic.practice)


def test_the_days_takings_lose_what_the_bank_took_on_that_day(clinic: Clinic) -> None:
    practice = practice_facts(clinic.practice.pk)
    before = pay(clinic, 10000, now=day(5))
    pay(clinic, 3000)
    dishonour(clinic, part_of(before.payment_id).pk, 8000)

    then = Filters(since=date(2026, 11, 5), until=date(2026, 11, 5))
    assert [one.net.minor for one in totals_by_source(practice, then)] == [10000]
    today = Filters(since=TODAY, until=TODAY)
    (card,) = totals_by_source(practice, today)
    assert (card.received.minor, card.dishonoured.minor, card.net.minor) == (3000, 8000, -5000)
    lines = list_payments(practice, today).lines
    assert sorted((line.kind, line.total.minor) for line in lines) == [
        ("dishonour", -8000),
        ("payment", 3000),
    ]
    assert sum(line.total.minor for line in lines) == card.net.minor
    assert totals_by_source(practice, Filters(since=TODAY, source_id=clinic.cash.pk)) == ()
    found = Filters(search="brennan", show="all")
    assert sum(one.net.minor for one in totals_by_source(practice, found)) == 5000
