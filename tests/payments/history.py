"""A random history of one clinic's money, so that figures can be compared with the books."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import date, timedelta

from creditwell.invoicing.models import Invoice, InvoiceLine
from creditwell.kernel.errors import Refusal
from creditwell.payments.models import Allocation, Payment, PaymentPart
from creditwell.people.models import Patient
from creditwell.tenancy.access import SYSTEM
from creditwell.usecases.credit_invoice import CreditInvoice, credit_invoice
from creditwell.usecases.edit_payment import EditPayment, edit_payment
from creditwell.usecases.refund_credit import RefundCredit, refund_credit
from creditwell.usecases.take_back_allocation import TakeBackAllocation, take_back_allocation
from creditwell.usecases.take_payment import PartInput
from creditwell.usecases.void_invoice import VoidInvoice, void_invoice
from creditwell.usecases.void_payment import VoidPayment, void_payment
from tests.acts import invoice, new_key, pay, use_credit
from tests.factories import NOW, Clinic


class History:
    """Acts of chance on one patient; what is refused is left out."""

    def __init__(self, clinic: Clinic, seed: int, patient: Patient | None = None) -> None:
        self.clinic = clinic
        self.patient = patient or clinic.patient
        self.chance = random.Random(seed)
        self.now = NOW - timedelta(days=60)
        often = [self.pay, self.bill, self.apply]
        self.acts = [*often, *often, self.undo, self.edit, self.void, self.void_invoice]
        self.acts += [self.refund, self.credit_note]

    @property
    def common(self) -> dict[str, object]:
        return {"practice_id": self.clinic.practice.pk, "key": new_key(), "by": SYSTEM}

    def run(self, acts: int) -> list[date]:
        """Do so many things; returns the days on which something happened."""
        days = []
        for _n in range(acts):
            self.now += timedelta(hours=self.chance.choice([1, 5, 20, 50]))
            act = self.chance.choice(self.acts)
            with suppress(Refusal):
                act()
            days.append(self.now.date())
        return days

    def minor(self, top: int = 20000) -> int:
        return self.chance.randint(1, top)

    def one(self, rows: object) -> int | None:
        ids = list(rows.values_list("pk", flat=True))  # type: ignore[attr-defined]
        return self.chance.choice(ids) if ids else None

    def pay(self) -> None:
        back = self.now.date() - timedelta(days=self.chance.choice([0, 0, 3]))
        parts = tuple(
            PartInput(source_id=source.pk, amount_minor=self.minor())
            for source in self.chance.sample([self.clinic.cash, self.clinic.card], k=2)
        )
        pay(
            self.clinic,
            0,
            parts=parts,
            patient=self.patient,
            pay=self.chance.choice([(), None]),
            received_on=back,
            now=self.now,
        )

    def bill(self) -> None:
        invoice(self.clinic, self.minor(15000), patient=self.patient, now=self.now)

    def apply(self) -> None:
        use_credit(self.clinic, payer_id=self.patient.payer_id, now=self.now)

    def undo(self) -> None:
        pk = self.one(Allocation.objects.filter(lot__payer_id=self.patient.payer_id))
        if pk:
            take_back_allocation(TakeBackAllocation(**self.common, allocation_id=pk), self.now)

    def edit(self) -> None:
        pk = self.one(self._payments())
        if pk:
            part = PartInput(source_id=self.clinic.card.pk, amount_minor=self.minor())
            edit_payment(EditPayment(**self.common, payment_id=pk, parts=(part,)), self.now)

    def void(self) -> None:
        pk = self.one(self._payments())
        if pk and self.chance.random() < 0.5:
            void_payment(VoidPayment(**self.common, payment_id=pk, reason="typed twice"), self.now)

    def void_invoice(self) -> None:
        pk = self.one(self._invoices())
        if pk and self.chance.random() < 0.5:
            void_invoice(VoidInvoice(**self.common, invoice_id=pk, reason="not theirs"), self.now)

    def credit_note(self) -> None:
        line = self.one(InvoiceLine.objects.filter(invoice__in=self._invoices()))
        if line:
            row = InvoiceLine.objects.get(pk=line)
            part = self.chance.randint(1, row.total_minor)
            credit_invoice(
                CreditInvoice(
                    **self.common, invoice_id=row.invoice_id, lines=((line, part),), reason="less"
                ),
                self.now,
            )

    def refund(self) -> None:
        pk = self.one(PaymentPart.objects.filter(payment__in=self._payments()))
        if pk:
            refund_credit(
                RefundCredit(
                    **self.common,
                    payer_id=self.patient.payer_id,
                    parts=((pk, self.minor(3000)),),
                    reason="asked for it",
                ),
                self.now,
            )

    def _payments(self) -> object:
        return Payment.objects.filter(payer_id=self.patient.payer_id)

    def _invoices(self) -> object:
        return Invoice.objects.filter(payer_id=self.patient.payer_id)
