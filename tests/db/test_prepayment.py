"""The story that started it: pay ahead, keep it as credit, use it, top it up."""

from __future__ import annotations

from datetime import date

import pytest

from creditwell.invoicing.models import InvoiceLine
from creditwell.kernel.usecase import KeyReused
from creditwell.ledger.post import AlreadyReversed, BooksClosed, Overdrawn
from creditwell.outbox.models import Event
from creditwell.payments.models import Allocation, Payment, PaymentPart
from creditwell.tenancy.access import SYSTEM
from creditwell.usecases.apply_credit import NothingToApply
from creditwell.usecases.credit_invoice import CreditInvoice, credit_invoice
from creditwell.usecases.edit_payment import EditPayment, edit_payment
from creditwell.usecases.refund_credit import OverRefunded, RefundCredit, refund_credit
from creditwell.usecases.take_back_allocation import TakeBackAllocation, take_back_allocation
from creditwell.usecases.take_payment import DoesNotAddUp, PartInput
from creditwell.usecases.void_invoice import VoidInvoice, void_invoice
from creditwell.usecases.void_payment import VoidPayment, void_payment
from tests.acts import invoice, new_key, pay, standing, use_credit
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic

pytestmark = pytest.mark.django_db


def rows() -> tuple[int, int, int]:
    return Payment.objects.count(), Allocation.objects.count(), Event.objects.count()


def test_the_help_page(clinic: Clinic) -> None:
    taken = pay(clinic, 45000)
    assert (taken.number, taken.to_credit_minor) == (1, 45000)
    assert standing(clinic).credit_minor == 45000

    visit = invoice(clinic)
    applied = use_credit(clinic)
    assert applied.total_minor == 9000
    assert applied.invoice_ids == [visit.invoice_id]
    assert applied.credit_after_minor == 36000
    assert Payment.objects.count() == 1, "credit that is used is an allocation, not a payment"

    pay(clinic, 5000)
    assert standing(clinic).credit_minor == 41000
    assert standing(clinic).owing_minor == 0
    assert_books_straight(clinic.practice)


def test_one_payment_settles_the_oldest_first_and_keeps_the_rest(clinic: Clinic) -> None:
    first, second = invoice(clinic), invoice(clinic)
    taken = pay(clinic, 15000, pay=None)
    found = dict(Allocation.objects.values_list("invoice_id", "amount_minor"))
    assert found == {first.invoice_id: 9000, second.invoice_id: 6000}
    assert taken.to_credit_minor == 0
    assert standing(clinic).owing_minor == 3000
    assert_books_straight(clinic.practice)


def test_payment_and_credit_together(clinic: Clinic) -> None:
    pay(clinic, 4000)
    bill = invoice(clinic)
    taken = pay(clinic, 6000, pay=((bill.invoice_id, 5000),), use_credit=((bill.invoice_id, 4000),))
    assert taken.to_credit_minor == 1000
    assert standing(clinic).credit_minor == 1000
    assert standing(clinic).owing_minor == 0
    assert_books_straight(clinic.practice)


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"pay": 9500}, "pay"),
        ({"pay": 7000, "minor": 6000}, "parts"),
        ({"credit": 2000}, "credit"),
    ],
)
def test_what_does_not_add_up_is_refused(clinic: Clinic, given: dict[str, int], param: str) -> None:
    pay(clinic, 1000)
    bill = invoice(clinic)
    before = rows()
    with pytest.raises(DoesNotAddUp) as refused:
        pay(
            clinic,
            given.get("minor", 10000),
            pay=((bill.invoice_id, given.get("pay", 0)),),
            use_credit=((bill.invoice_id, given.get("credit", 0)),),
        )
    assert refused.value.param.split("-")[0] == param
    assert rows() == before
    assert_books_straight(clinic.practice)


def test_the_same_request_is_one_payment(clinic: Clinic) -> None:
    first = pay(clinic, 10000, key="once")
    assert pay(clinic, 10000, key="once") == first
    with pytest.raises(KeyReused):
        pay(clinic, 10001, key="once")
    assert Payment.objects.count() == 1
    assert_books_straight(clinic.practice)


def test_nothing_to_apply(clinic: Clinic) -> None:
    with pytest.raises(NothingToApply):
        use_credit(clinic)
    invoice(clinic)
    with pytest.raises(NothingToApply):
        use_credit(clinic)
    assert rows()[:2] == (0, 0)


def test_take_back_and_apply_again(clinic: Clinic) -> None:
    pay(clinic, 10000)
    bill = invoice(clinic)
    applied = use_credit(clinic)
    command = TakeBackAllocation(
        practice_id=clinic.practice.pk,
        key=new_key(),
        by=SYSTEM,
        allocation_id=applied.allocation_ids[0],
        amount_minor=4000,
    )

    take_back_allocation(command, NOW)
    assert standing(clinic).credit_minor == 5000
    assert standing(clinic).owing_minor == 4000
    rest = TakeBackAllocation(
        practice_id=clinic.practice.pk, key="", by=SYSTEM, allocation_id=applied.allocation_ids[0]
    )
    assert take_back_allocation(rest, NOW).amount_minor == 5000
    with pytest.raises(AlreadyReversed):
        take_back_allocation(rest, NOW)
    assert use_credit(clinic).invoice_ids == [bill.invoice_id]
    assert_books_straight(clinic.practice)


def test_void_payment_opens_its_invoices_again(clinic: Clinic) -> None:

    bill = invoice(clinic)
    taken = pay(clinic, 10000, pay=((bill.invoice_id, 9000),))
    voided = void_payment(
        VoidPayment(
            practice_id=clinic.practice.pk,
            key="v",
            by=SYSTEM,
            payment_id=taken.payment_id,
            reason="typed twice",
        ),
        NOW,
    )
    assert voided.invoice_ids == [bill.invoice_id]
    assert standing(clinic).owing_minor == 9000
    assert standing(clinic).credit_minor == 0
    assert_books_straight(clinic.practice)


def test_edit_payment_keeps_what_it_settled(clinic: Clinic) -> None:

    bill = invoice(clinic)
    taken = pay(clinic, 10000, pay=((bill.invoice_id, 9000),))
    edited = edit_payment(
        EditPayment(
            practice_id=clinic.practice.pk,
            key="e",
            by=SYSTEM,
            payment_id=taken.payment_id,
            parts=(PartInput(source_id=clinic.cash.pk, amount_minor=12000),),
        ),
        NOW,
    )
    assert edited.to_credit_minor == 3000
    assert standing(clinic).credit_minor == 3000
    assert standing(clinic).owing_minor == 0
    new = Payment.objects.get(pk=edited.payment_id)
    assert (new.replaces_id, new.number) == (taken.payment_id, 2)
    assert_books_straight(clinic.practice)


def test_credit_note_on_a_paid_invoice_frees_the_money(clinic: Clinic) -> None:

    bill = invoice(clinic, item=clinic.taxed_item)
    pay(clinic, 11000, pay=((bill.invoice_id, 11000),))
    line_id = _line(bill.invoice_id)
    credited = credit_invoice(
        CreditInvoice(
            practice_id=clinic.practice.pk,
            key="c",
            by=SYSTEM,
            invoice_id=bill.invoice_id,
            lines=((line_id, 3333),),
            reason="one band returned",
        ),
        NOW,
    )
    assert (credited.total_minor, credited.freed_minor) == (3333, 3333)
    assert standing(clinic).credit_minor == 3333
    assert_books_straight(clinic.practice)


def _line(invoice_id: int) -> int:

    return InvoiceLine.objects.get(invoice_id=invoice_id).pk


def test_void_invoice_frees_what_was_paid(clinic: Clinic) -> None:

    bill = invoice(clinic)
    pay(clinic, 9000, pay=((bill.invoice_id, 9000),))
    voided = void_invoice(
        VoidInvoice(
            practice_id=clinic.practice.pk,
            key="v",
            by=SYSTEM,
            invoice_id=bill.invoice_id,
            reason="wrong patient",
        ),
        NOW,
    )
    assert voided.freed_minor == 9000
    assert standing(clinic).credit_minor == 9000
    assert_books_straight(clinic.practice)


def test_refund_goes_back_by_its_source_and_no_further(clinic: Clinic) -> None:
    taken = pay(
        clinic,
        0,
        parts=(
            PartInput(source_id=clinic.cash.pk, amount_minor=4000),
            PartInput(source_id=clinic.card.pk, amount_minor=6000),
        ),
    )
    by_cash, by_card = PaymentPart.objects.filter(payment_id=taken.payment_id).order_by("pk")

    def refund(*parts: tuple[int, int]) -> int:
        return refund_credit(
            RefundCredit(
                practice_id=clinic.practice.pk,
                key=new_key(),
                by=SYSTEM,
                payer_id=clinic.patient.payer_id,
                parts=parts,
                reason="moves away",
            ),
            NOW,
        ).number

    assert refund((by_card.pk, 2500), (by_cash.pk, 500)) == 1
    assert standing(clinic).credit_minor == 7000
    before = Event.objects.count()
    with pytest.raises(OverRefunded):
        refund((by_cash.pk, 3501))
    with pytest.raises(Overdrawn):
        refund((by_card.pk, 7001))
    assert standing(clinic).credit_minor == 7000
    assert Event.objects.count() == before
    assert_books_straight(clinic.practice)


def test_closed_books_stay_closed(clinic: Clinic) -> None:

    clinic.practice.books_closed_on = date(2026, 10, 31)
    clinic.practice.save()
    before = rows()
    with pytest.raises(BooksClosed):
        pay(clinic, 1000, received_on=date(2026, 10, 31))
    assert rows() == before
    pay(clinic, 1000, received_on=date(2026, 11, 1))
    assert_books_straight(clinic.practice)
