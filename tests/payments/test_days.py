"""No day's figures fall below nothing, however an act is dated."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from creditwell.invoicing.models import Invoice
from creditwell.kernel.errors import Invalid
from creditwell.ledger.models import Account
from creditwell.ledger.queries import standing_of
from creditwell.payments.models import Allocation, Payment, PaymentPart, Refund
from creditwell.tenancy.access import SYSTEM
from creditwell.usecases.edit_payment import EditPayment, edit_payment
from creditwell.usecases.refund_credit import RefundCredit, refund_credit
from creditwell.usecases.take_back_allocation import TakeBackAllocation, take_back_allocation
from creditwell.usecases.take_payment import PartInput
from tests.acts import invoice, new_key, pay, use_credit
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic
from tests.refusing import refuses

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 24)
BEGIN, BETWEEN = TODAY - timedelta(days=20), TODAY - timedelta(days=10)


def back_today(clinic: Clinic, allocation_id: int) -> None:
    take_back_allocation(
        TakeBackAllocation(
            practice_id=clinic.practice.pk, key="", by=SYSTEM, allocation_id=allocation_id
        ),
        NOW,
    )


def bill_paid_and_open_again(clinic: Clinic) -> tuple[int, int]:
    """An invoice that was paid long ago and asks again since today; its id and the payment's."""
    bill = invoice(clinic, issued_on=BEGIN)
    paid = pay(clinic, 9000, received_on=BEGIN, pay=((bill.invoice_id, 9000),))
    back_today(clinic, paid.allocation_ids[0])
    return bill.invoice_id, paid.payment_id


def credit_on(clinic: Clinic, day: date) -> int:
    return standing_of(
        practice_id=clinic.practice.pk, holder_id=clinic.patient.payer_id, as_of=day
    ).credit_minor


def test_credit_that_came_back_today_cannot_go_back_to_its_payer_earlier(clinic: Clinic) -> None:
    _bill, payment_id = bill_paid_and_open_again(clinic)
    part = PaymentPart.objects.get(payment_id=payment_id)
    command = RefundCredit(
        practice_id=clinic.practice.pk,
        key="",
        by=SYSTEM,
        payer_id=clinic.patient.payer_id,
        parts=((part.pk, 9000),),
        reason="Moved away",
        on=BETWEEN,
    )
    with refuses(Invalid, Refund, PaymentPart, Account):
        refund_credit(command, NOW)
    assert credit_on(clinic, BETWEEN) == 0
    assert_books_straight(clinic.practice)


def test_credit_that_came_back_today_pays_from_today(clinic: Clinic) -> None:
    bill_paid_and_open_again(clinic)
    other = invoice(clinic, issued_on=BEGIN)
    applied = use_credit(clinic, (other.invoice_id, 9000), on=BETWEEN)
    assert Allocation.objects.get(pk=applied.allocation_ids[0]).allocated_on == TODAY
    assert credit_on(clinic, BETWEEN) == 0
    assert_books_straight(clinic.practice)


def test_an_invoice_open_again_since_today_is_paid_from_today(clinic: Clinic) -> None:
    bill_id, _payment = bill_paid_and_open_again(clinic)
    paid = pay(clinic, 9000, received_on=BETWEEN, pay=((bill_id, 9000),))
    assert Payment.objects.get(pk=paid.payment_id).received_on == BETWEEN
    assert Allocation.objects.get(pk=paid.allocation_ids[0]).allocated_on == TODAY
    assert_books_straight(clinic.practice)


def test_an_edit_that_adds_an_invoice_open_again_pays_it_from_today(clinic: Clinic) -> None:
    bill_id, _payment = bill_paid_and_open_again(clinic)
    other = invoice(clinic, issued_on=BEGIN)
    paid = pay(clinic, 18000, received_on=BETWEEN, pay=((other.invoice_id, 9000),))
    edited = edit_payment(
        EditPayment(
            practice_id=clinic.practice.pk,
            key=new_key(),
            by=SYSTEM,
            payment_id=paid.payment_id,
            parts=(PartInput(source_id=clinic.card.pk, amount_minor=18000),),
            pay=((bill_id, 9000), (other.invoice_id, 9000)),
        ),
        NOW,
    )
    days = {
        row.invoice_id: row.allocated_on
        for row in Allocation.objects.filter(pk__in=edited.allocation_ids)
    }
    assert days == {bill_id: TODAY, other.invoice_id: BETWEEN}, "the other keeps its day"
    assert Invoice.objects.get(pk=bill_id).account.balance_minor == 0
    assert_books_straight(clinic.practice)
