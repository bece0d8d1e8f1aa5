"""
Ten thousand random acts against a model of a few integers.

The model knows only what each payment, allocation and invoice has left; it never asks the books.
After every act the books must say what it says, and refuse what it says cannot be.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from creditwell.invoicing.models import InvoiceLine
from creditwell.kernel.errors import Refusal
from creditwell.ledger.queries import trial_balance
from creditwell.payments.models import Allocation, PaymentPart
from creditwell.tenancy.access import SYSTEM
from creditwell.usecases.credit_invoice import CreditInvoice, credit_invoice
from creditwell.usecases.edit_payment import EditPayment, edit_payment
from creditwell.usecases.refund_credit import RefundCredit, refund_credit
from creditwell.usecases.take_back_allocation import TakeBackAllocation, take_back_allocation
from creditwell.usecases.take_payment import PartInput
from creditwell.usecases.void_invoice import VoidInvoice, void_invoice
from creditwell.usecases.void_payment import VoidPayment, void_payment
from tests.acts import invoice, new_key, pay, standing, use_credit
from tests.books import assert_books_straight
from tests.factories import NOW, make_clinic, make_patient

pytestmark = pytest.mark.machine

STEPS = int(os.environ.get("MACHINE_STEPS", "10000"))
A_RUN = 50
TODAY = date(2026, 11, 24)
AMOUNTS = st.one_of(st.integers(1, 30000), st.sampled_from([1, 3333, 9000, 10000]))
DAYS_AGO = st.sampled_from([0, 0, 0, 1, 30])
PICK = st.integers(0, 10**6)


@dataclass
class Lot:
    payment_id: int
    part_id: int
    patient: int
    received: int
    left: int
    refunded: int = 0
    standing: bool = True


@dataclass
class Bill:
    invoice_id: int
    line_id: int
    patient: int
    total: int
    credited: int = 0
    owing: int = 0
    void: bool = False


@dataclass
class Use:
    allocation_id: int
    lot: Lot
    bill: Bill
    stands: int


@dataclass
class Model:
    lots: list[Lot] = field(default_factory=list)
    bills: list[Bill] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)

    def credit(self, patient: int) -> int:
        return sum(lot.left for lot in self.lots if lot.patient == patient)

    def owing(self, patient: int) -> int:
        return sum(bill.owing for bill in self.bills if bill.patient == patient)


class Books(RuleBasedStateMachine):
    @initialize()
    def open(self) -> None:
        self.clinic = make_clinic()
        self.patients = [self.clinic.patient, make_patient(practice=self.clinic.practice)]
        self.model = Model()

    def attempt(self, fits: bool, act: Callable[[], Any]) -> Any:
        """Do it; it must be refused exactly when the model says that it does not fit."""
        try:
            answer = act()
        except Refusal as refusal:
            assert not fits, refusal.sentence  # noqa: PT017  # either way must be right
            return None
        assert fits, "the books allowed what cannot be"
        return answer

    def base(self) -> dict[str, Any]:
        return {"practice_id": self.clinic.practice.pk, "key": new_key(), "by": SYSTEM}

    def _adopt(self, allocation_ids: list[int]) -> None:
        lots = {lot.payment_id: lot for lot in self.model.lots}
        bills = {bill.invoice_id: bill for bill in self.model.bills}
        rows = Allocation.objects.filter(pk__in=allocation_ids).values_list(
            "pk", "lot__account__id", "invoice_id", "amount_minor", "lot_id"
        )
        by_lot_row = dict(
            PaymentPart.objects.filter(payment__practice=self.clinic.practice).values_list(
                "payment__lot_id", "payment_id"
            )
        )
        for pk, _account, invoice_id, minor, lot_id in rows:
            lot, bill = lots[by_lot_row[lot_id]], bills[invoice_id]
            lot.left -= minor
            bill.owing -= minor
            self.model.uses.append(Use(pk, lot, bill, minor))

    def _new_lot(self, payment_id: int, patient: int, minor: int) -> None:
        part = PaymentPart.objects.get(payment_id=payment_id)
        self.model.lots.append(Lot(payment_id, part.pk, patient, minor, minor))

    # -- acts ---------------------------------------------------------------------------------

    @rule(
        minor=AMOUNTS, who=st.integers(0, 1), days=DAYS_AGO, auto=st.booleans(), cash=st.booleans()
    )
    def take_payment(self, minor: int, who: int, days: int, auto: bool, cash: bool) -> None:
        source = self.clinic.cash if cash else self.clinic.card
        owed = self.model.owing(who)
        taken = pay(
            self.clinic,
            minor,
            patient=self.patients[who],
            parts=(PartInput(source_id=source.pk, amount_minor=minor),),
            received_on=TODAY - timedelta(days=days),
            pay=None if auto else (),
        )
        self._new_lot(taken.payment_id, who, minor)
        self._adopt(taken.allocation_ids)
        assert taken.to_credit_minor == (max(minor - owed, 0) if auto else minor)

    @rule(minor=AMOUNTS, who=st.integers(0, 1), days=DAYS_AGO, taxed=st.booleans())
    def issue_invoice(self, minor: int, who: int, days: int, taxed: bool) -> None:
        written = invoice(
            self.clinic,
            minor,
            item=self.clinic.taxed_item if taxed else self.clinic.item,
            patient=self.patients[who],
            issued_on=TODAY - timedelta(days=days),
        )
        line = InvoiceLine.objects.get(invoice_id=written.invoice_id)
        self.model.bills.append(Bill(written.invoice_id, line.pk, who, minor, owing=minor))

    @precondition(lambda self: self.model.bills)
    @rule(which=PICK, minor=AMOUNTS)
    def apply_some_credit(self, which: int, minor: int) -> None:
        bill = self.model.bills[which % len(self.model.bills)]
        fits = 0 < minor <= min(self.model.credit(bill.patient), bill.owing)
        applied = self.attempt(
            fits,
            lambda: use_credit(
                self.clinic,
                (bill.invoice_id, minor),
                payer_id=self.patients[bill.patient].payer_id,
            ),
        )
        if applied:
            self._adopt(applied.allocation_ids)

    @rule(who=st.integers(0, 1))
    def apply_all_credit(self, who: int) -> None:
        most = min(self.model.credit(who), self.model.owing(who))
        applied = self.attempt(
            most > 0, lambda: use_credit(self.clinic, payer_id=self.patients[who].payer_id)
        )
        if applied:
            assert applied.total_minor == most
            self._adopt(applied.allocation_ids)

    @precondition(lambda self: self.model.uses)
    @rule(which=PICK, part=st.integers(1, 100))
    def take_back(self, which: int, part: int) -> None:
        use = self.model.uses[which % len(self.model.uses)]
        minor = max(use.stands * part // 100, 1)
        done = self.attempt(
            use.stands > 0,
            lambda: take_back_allocation(
                TakeBackAllocation(
                    **self.base(), allocation_id=use.allocation_id, amount_minor=minor
                ),
                NOW,
            ),
        )
        if done:
            self._give_back(use, minor)

    @precondition(lambda self: self.model.lots)
    @rule(which=PICK, minor=AMOUNTS)
    def refund(self, which: int, minor: int) -> None:
        lot = self.model.lots[which % len(self.model.lots)]
        fits = lot.standing and minor <= lot.left
        done = self.attempt(
            fits,
            lambda: refund_credit(
                RefundCredit(
                    **self.base(),
                    payer_id=self.patients[lot.patient].payer_id,
                    parts=((lot.part_id, minor),),
                    reason="asked for",
                ),
                NOW,
            ),
        )
        if done:
            lot.left -= minor
            lot.refunded += minor

    @precondition(lambda self: self.model.lots)
    @rule(which=PICK)
    def void_payment(self, which: int) -> None:
        lot = self.model.lots[which % len(self.model.lots)]
        command = VoidPayment(**self.base(), payment_id=lot.payment_id, reason="mistake")
        if self.attempt(lot.standing and not lot.refunded, lambda: void_payment(command, NOW)):
            self._undo(lot)

    @precondition(lambda self: self.model.lots)
    @rule(which=PICK, minor=AMOUNTS)
    def edit_payment(self, which: int, minor: int) -> None:
        lot = self.model.lots[which % len(self.model.lots)]
        command = EditPayment(
            **self.base(),
            payment_id=lot.payment_id,
            parts=(PartInput(source_id=self.clinic.card.pk, amount_minor=minor),),
        )
        settled = sum(use.stands for use in self.model.uses if use.lot is lot)
        edited = self.attempt(lot.standing and not lot.refunded, lambda: edit_payment(command, NOW))
        if edited:
            self._undo(lot)
            self._new_lot(edited.payment_id, lot.patient, minor)
            self._adopt(edited.allocation_ids)
            assert edited.to_credit_minor == max(minor - settled, 0)

    @precondition(lambda self: self.model.bills)
    @rule(which=PICK)
    def void_invoice(self, which: int) -> None:
        bill = self.model.bills[which % len(self.model.bills)]
        command = VoidInvoice(**self.base(), invoice_id=bill.invoice_id, reason="mistake")
        fits = not bill.void and not bill.credited
        if self.attempt(fits, lambda: void_invoice(command, NOW)):
            for use in self.model.uses:
                if use.bill is bill:
                    self._give_back(use, use.stands)
            bill.void, bill.owing = True, 0

    @precondition(lambda self: self.model.bills)
    @rule(which=PICK, minor=AMOUNTS)
    def credit_note(self, which: int, minor: int) -> None:
        bill = self.model.bills[which % len(self.model.bills)]
        command = CreditInvoice(
            **self.base(), invoice_id=bill.invoice_id, lines=((bill.line_id, minor),), reason="less"
        )
        fits = not bill.void and minor <= bill.total - bill.credited
        credited = self.attempt(fits, lambda: credit_invoice(command, NOW))
        if credited:
            assert credited.freed_minor == max(minor - bill.owing, 0)
            self._refresh_uses(bill)
            bill.credited += minor
            bill.owing -= minor

    # -- the model ----------------------------------------------------------------------------

    def _give_back(self, use: Use, minor: int) -> None:
        use.stands -= minor
        use.lot.left += minor
        use.bill.owing += minor

    def _undo(self, lot: Lot) -> None:
        for use in self.model.uses:
            if use.lot is lot:
                self._give_back(use, use.stands)
        lot.standing, lot.left = False, 0

    def _refresh_uses(self, bill: Bill) -> None:
        """Which allocation a credit note takes back is the books' choice; how much is not."""
        rows = {
            pk: amount - returned
            for pk, amount, returned in Allocation.objects.filter(
                invoice_id=bill.invoice_id
            ).values_list("pk", "amount_minor", "returned_minor")
        }
        for use in self.model.uses:
            if use.bill is bill and rows[use.allocation_id] != use.stands:
                self._give_back(use, use.stands - rows[use.allocation_id])

    @invariant()
    def the_books_say_what_the_model_says(self) -> None:
        if not hasattr(self, "model"):
            return
        for who, patient in enumerate(self.patients):
            found = standing(self.clinic, patient)
            assert found.credit_minor == self.model.credit(who)
            assert found.owing_minor == self.model.owing(who)

    def teardown(self) -> None:
        if hasattr(self, "clinic"):
            rows = trial_balance(practice_id=self.clinic.practice.pk)
            assert sum(row.total_minor for row in rows) == 0
            assert_books_straight(self.clinic.practice)


class TestBooks(TestCase, Books.TestCase):  # type: ignore[misc, name-defined]
    settings = settings(
        max_examples=STEPS // A_RUN,
        stateful_step_count=A_RUN,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
