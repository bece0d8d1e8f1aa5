"""
Somebody pulls the plug before and after every single statement of every act of money.

Nothing half-done may remain: every table is as it was before. Then the plug is put back in, the
same request is sent again, and it is done, once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from creditwell.invoicing.models import Invoice, InvoiceLine
from creditwell.payments.models import PaymentPart
from creditwell.tenancy.access import SYSTEM
from creditwell.usecases.apply_credit import ApplyCredit, apply_credit
from creditwell.usecases.credit_invoice import CreditInvoice, credit_invoice
from creditwell.usecases.dishonour_payment import DishonourPayment, dishonour_payment
from creditwell.usecases.edit_payment import EditPayment, edit_payment
from creditwell.usecases.refund_credit import RefundCredit, refund_credit
from creditwell.usecases.sell_vouchers import NewVoucher, SellVouchers, sell_vouchers
from creditwell.usecases.take_payment import PartInput, TakePayment, take_payment
from creditwell.usecases.transfer_credit import TransferCredit, transfer_credit
from creditwell.usecases.void_invoice import VoidInvoice, void_invoice
from tests.acts import invoice, pay, use_credit
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_clinic, make_patient

pytestmark = pytest.mark.django_db(transaction=True)

Act = Callable[[], object]


class PlugPulled(BaseException):
    """Nobody catches this: the process is gone."""


class Plug:
    """Breaks the statement number `step // 2`: before it (even steps) or after it (odd ones)."""

    def __init__(self, step: int) -> None:
        self.step, self.seen, self.pulled = step, 0, False

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        number, self.seen = self.seen, self.seen + 1
        if number != self.step // 2:
            return execute(sql, params, many, context)
        self.pulled = True
        if self.step % 2:
            execute(sql, params, many, context)
        raise PlugPulled


def everything() -> dict[str, tuple[Any, ...]]:
    """Every row of every table, in short."""
    ours = [model._meta.db_table for model in apps.get_models() if model._meta.managed]
    found = {}
    with connection.cursor() as cursor:
        for table in [*ours, "procrastinate_jobs", "procrastinate_events"]:
            rows = "string_agg(t::text, '|' ORDER BY t::text)"
            cursor.execute(f'SELECT count(*), md5({rows}) FROM "{table}" t')
            found[table] = cursor.fetchone() or ()
    return found


def pull_the_plug_everywhere(act: Act) -> tuple[int, object]:
    """Break the act at every step in turn; then let it be done. How many steps, and its answer."""
    before = everything()
    step = 0
    while True:
        plug = Plug(step)
        try:
            with connection.execute_wrapper(plug):
                answer = act()
        except PlugPulled:
            assert everything() == before, f"something remains after step {step}"
        else:
            assert not plug.pulled
            return step, answer
        step += 1


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic(cash_rounding_minor=5)


def base(clinic: Clinic) -> dict[str, Any]:
    return {"practice_id": clinic.practice.pk, "key": "once", "by": SYSTEM}


def taking(clinic: Clinic) -> Act:
    """Two sources, one of them rounded cash; an invoice paid by both, by credit from before too."""
    pay(clinic, 2000)
    bill = invoice(clinic)
    command = TakePayment(
        **base(clinic),
        payer_id=clinic.patient.payer_id,
        parts=(
            PartInput(source_id=clinic.card.pk, amount_minor=5000),
            PartInput(source_id=clinic.cash.pk, amount_minor=4998),
        ),
        pay=((bill.invoice_id, 7000),),
        use_credit=((bill.invoice_id, 2000),),
        email_receipt=True,
    )
    return lambda: take_payment(command, NOW)


def applying(clinic: Clinic) -> Act:
    pay(clinic, 2000)
    pay(clinic, 9000)
    invoice(clinic)
    command = ApplyCredit(**base(clinic), payer_id=clinic.patient.payer_id)
    return lambda: apply_credit(command, NOW)


def editing(clinic: Clinic) -> Act:
    first, second = invoice(clinic), invoice(clinic)
    paid = pay(clinic, 15000, pay=((first.invoice_id, 9000), (second.invoice_id, 5000)))
    command = EditPayment(
        **base(clinic),
        payment_id=paid.payment_id,
        parts=(PartInput(source_id=clinic.cash.pk, amount_minor=12001),),
    )
    return lambda: edit_payment(command, NOW)


def crediting(clinic: Clinic) -> Act:
    bill = invoice(clinic, item=clinic.taxed_item)
    pay(clinic, 4000, pay=((bill.invoice_id, 4000),))
    pay(clinic, 6000, pay=((bill.invoice_id, 6000),))
    line = InvoiceLine.objects.get(invoice_id=bill.invoice_id)
    command = CreditInvoice(
        **base(clinic),
        invoice_id=bill.invoice_id,
        lines=((line.pk, 8001),),
        reason="Returned",
        email=True,
    )
    return lambda: credit_invoice(command, NOW)


def voiding(clinic: Clinic) -> Act:
    bill = invoice(clinic, item=clinic.taxed_item)
    pay(clinic, 4000, pay=((bill.invoice_id, 4000),))
    command = VoidInvoice(**base(clinic), invoice_id=bill.invoice_id, reason="Not theirs")
    return lambda: void_invoice(command, NOW)


def refunding(clinic: Clinic) -> Act:
    first, second = pay(clinic, 5000), pay(clinic, 3000)
    ids = [first.payment_id, second.payment_id]
    parts = PaymentPart.objects.filter(payment_id__in=ids).order_by("pk")
    command = RefundCredit(
        **base(clinic),
        payer_id=clinic.patient.payer_id,
        parts=tuple((part.pk, 2500) for part in parts),
        reason="Moved away",
    )
    return lambda: refund_credit(command, NOW)


def transferring(clinic: Clinic) -> Act:
    pay(clinic, 2000)
    pay(clinic, 3000)
    command = TransferCredit(
        **base(clinic),
        from_payer_id=clinic.patient.payer_id,
        to_payer_id=make_patient(practice=clinic.practice).payer_id,
        amount_minor=4000,
        reason="They share",
        anywhere=True,
    )
    return lambda: transfer_credit(command, NOW)


def dishonouring(clinic: Clinic) -> Act:
    """Some of it was transferred, some pays an invoice, none is free."""
    paid = pay(clinic, 9000)
    move = TransferCredit(
        **{**base(clinic), "key": "before"},
        from_payer_id=clinic.patient.payer_id,
        to_payer_id=make_patient(practice=clinic.practice).payer_id,
        amount_minor=4000,
        reason="They share",
        anywhere=True,
    )
    transfer_credit(move, NOW)
    use_credit(clinic, (invoice(clinic).invoice_id, 5000))
    part = PaymentPart.objects.get(payment_id=paid.payment_id)
    command = DishonourPayment(**base(clinic), part_id=part.pk, reason="Bounced")
    return lambda: dishonour_payment(command, NOW)


def selling(clinic: Clinic) -> Act:
    command = SellVouchers(
        **base(clinic),
        payer_id=clinic.patient.payer_id,
        parts=(PartInput(source_id=clinic.card.pk, amount_minor=5000),),
        vouchers=(NewVoucher(value_minor=5000),),
    )
    return lambda: sell_vouchers(command, NOW)


ACTS = [taking, applying, editing, crediting, voiding, refunding]
ACTS += [transferring, dishonouring, selling]


@pytest.mark.parametrize("make", ACTS)
def test_the_plug_is_pulled_at_every_step(clinic: Clinic, make: Callable[[Clinic], Act]) -> None:
    act = make(clinic)
    steps, answer = pull_the_plug_everywhere(act)
    assert steps >= 16, "every statement has a before and an after"
    assert_books_straight(clinic.practice)
    done = everything()
    assert act() == answer, "asked again, the same answer"
    assert everything() == done
    assert_books_straight(clinic.practice)


def test_twin_an_act_without_its_transaction_leaves_something(clinic: Clinic) -> None:
    def two_steps() -> None:
        Invoice.objects.filter(pk=bill.invoice_id).update(notes="begun")
        Invoice.objects.filter(pk=bill.invoice_id).update(notes="done")

    bill = invoice(clinic)
    with pytest.raises(AssertionError, match="something remains"):
        pull_the_plug_everywhere(two_steps)
