"""What a year of visits does to the books, act by act, through the same use cases as the desk."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from creditwell.catalog.models import Item
from creditwell.config.demo.clinic import Clinic
from creditwell.config.demo.packages import Packages
from creditwell.config.demo.story import Story
from creditwell.config.demo.visits import Visit
from creditwell.invoicing.lines import LineInput
from creditwell.invoicing.models import InvoiceLine
from creditwell.invoicing.operations import Content
from creditwell.invoicing.queries import open_invoices
from creditwell.kernel.errors import Refusal
from creditwell.ledger.queries import standing_of
from creditwell.payments.models import PaymentPart
from creditwell.scheduling.models import TypeItem
from creditwell.usecases.apply_credit import ApplyCredit, NothingToApply, apply_credit
from creditwell.usecases.credit_invoice import CreditInvoice, credit_invoice
from creditwell.usecases.refund_credit import RefundCredit, refund_credit
from creditwell.usecases.take_payment import PartInput, Taken, TakePayment, take_payment
from creditwell.usecases.void_payment import VoidPayment, void_payment
from creditwell.usecases.write_invoice import InvoiceWritten, WriteInvoice, write_invoice

PREPAYERS = 60
TOP_UPS = (30000, 45000, 47500, 60000)


def bill_visits(
    desk: Desk,
    visits: list[Visit],
    tick: Callable[[str, int, int], None],
) -> None:
    """
    Invoice each completed visit (or let it use a package) and let it be paid, in the order in which
    things happened.
    """
    story, packages = desk.story, desk.packages
    done = [
        visit
        for visit in visits
        if visit.attendee.status == "completed"
        or (visit.attendee.status == "did_not_arrive" and packages.serves(visit))
    ]
    for n, visit in enumerate(done):
        if n % 10 == 0:
            tick("Invoices and payments", n, len(done))
        story.until(visit.appointment.ends_at)
        desk.serve(visit)
    story.until(story.now)
    packages.book_ahead(visits)
    desk.oddities()
    tick("Invoices and payments", len(done), len(done))


class Desk:
    """The reception of the demo clinic, and how its patients pay."""

    def __init__(self, clinic: Clinic, story: Story, packages: Packages, chance: Random) -> None:
        self.clinic, self.story, self.chance, self.now = clinic, story, chance, story.now
        self.packages = packages
        self.items = {
            row.appointment_type_id: row.item_id
            for row in TypeItem.objects.filter(practice_id=clinic.practice.id)
        }
        self.product = Item.objects.filter(practice_id=clinic.practice.id, kind="product").first()
        self.taken: list[Taken] = []

    def serve(self, visit: Visit) -> None:
        """Bill one visit and take what the patient gives."""
        at = min(visit.appointment.ends_at, self.now)
        if self.packages.serves(visit):
            sold = self.packages.serve(visit, at)
            if sold is not None:
                self._settle(visit, sold, at)
            return
        if self.packages.covers(visit):
            self.packages.serve(visit, at)
            return
        if visit.patient.pk in self.story.sharing:
            self._shared(visit, self._invoice(visit, at), at)
            return
        prepays = visit.patient.pk % 400 < PREPAYERS
        if prepays:
            self._top_up(visit, at)
        written = self._invoice(visit, at)
        if prepays:
            self._from_credit(visit, written, at)
        else:
            self._settle(visit, written, at)

    def _invoice(self, visit: Visit, at: datetime) -> InvoiceWritten:
        day = self.clinic.practice.day_of(at)
        lines = [LineInput(item_id=self.items.get(visit.kind.pk), service_on=day)]
        if self.product and self.chance.random() < 0.06:
            lines.append(LineInput(item_id=self.product.pk, quantity=Decimal(1)))
        return write_invoice(
            WriteInvoice(
                practice_id=self.clinic.practice.id,
                key="",
                by=self.clinic.by,
                issue=True,
                content=Content(
                    patient_id=visit.patient.pk,
                    lines=tuple(lines),
                    attendee_id=visit.attendee.pk,
                    practitioner_id=visit.appointment.practitioner_id,
                    location_id=visit.appointment.location_id,
                ),
            ),
            at,
        )

    def _settle(self, visit: Visit, written: InvoiceWritten, at: datetime) -> None:
        luck = self.chance.random()
        if luck < 0.07:
            return  # pays another day, or has yet to
        total, late = written.total_minor, luck < 0.15
        amount = total // 2 if luck > 0.97 else total
        when = at + timedelta(days=self.chance.randint(3, 20)) if late else at
        if when <= self.now:
            self._take(visit, self._parts(amount), ((written.invoice_id, amount),), when)

    def _parts(self, amount: int) -> tuple[PartInput, ...]:
        sources = self.clinic.sources
        kind = self.chance.choices(("card", "cash", "fund", "bank"), (66, 10, 18, 6))[0]
        if kind == "fund" and "fund" in sources and amount > 6000:
            fund = amount * 45 // 100
            return (
                PartInput(source_id=sources["fund"].pk, amount_minor=fund, reference="HICAPS"),
                PartInput(source_id=sources["card"].pk, amount_minor=amount - fund),
            )
        source = sources.get(kind, sources["card"])
        return (PartInput(source_id=source.pk, amount_minor=amount),)

    def _top_up(self, visit: Visit, at: datetime) -> None:
        payer_id = visit.patient.payer_id
        held = standing_of(practice_id=self.clinic.practice.id, holder_id=payer_id)
        if held.credit_minor < 15000 and self.chance.random() < 0.9:
            amount = self.chance.choice(TOP_UPS)
            part = PartInput(source_id=self.clinic.sources["card"].pk, amount_minor=amount)
            self._take(visit, (part,), (), at - timedelta(minutes=40))

    def _from_credit(self, visit: Visit, written: InvoiceWritten, at: datetime) -> None:
        payer_id = visit.patient.payer_id
        held = standing_of(practice_id=self.clinic.practice.id, holder_id=payer_id).credit_minor
        use = min(held, written.total_minor)
        if use:
            apply_credit(
                ApplyCredit(
                    practice_id=self.clinic.practice.id,
                    key="",
                    by=self.clinic.by,
                    payer_id=payer_id,
                    use=((written.invoice_id, use),),
                ),
                at,
            )

    def _shared(self, visit: Visit, written: InvoiceWritten, at: datetime) -> None:
        """From their own credit, then what others let them use; most pay what is missing."""
        payer_id = visit.patient.payer_id
        command = ApplyCredit(
            practice_id=self.clinic.practice.id, key="", by=self.clinic.by, payer_id=payer_id
        )
        with suppress(NothingToApply):  # nobody's credit is left
            apply_credit(command, at)
        open_ones = open_invoices(practice_id=self.clinic.practice.id, ids=[written.invoice_id])
        rest = sum(invoice.owing_minor for invoice in open_ones)
        if rest and self.chance.random() < 0.8:
            self._take(visit, self._parts(rest), ((written.invoice_id, rest),), at)

    def _take(
        self,
        visit: Visit,
        parts: tuple[PartInput, ...],
        pay: tuple[tuple[int, int], ...],
        at: datetime,
    ) -> None:
        command = TakePayment(
            practice_id=self.clinic.practice.id,
            key="",
            by=self.clinic.by,
            payer_id=visit.patient.payer_id,
            parts=parts,
            pay=pay,
            location_id=visit.appointment.location_id,
        )
        self.taken.append(take_payment(command, at))

    def oddities(self) -> None:
        """A few refunds, voids and credit notes, as any year has them."""
        for number, taken in enumerate(self.chance.sample(self.taken, min(12, len(self.taken)))):
            try:
                (self._refund, self._void, self._credit)[number % 3](taken)
            except Refusal:
                continue  # the credit is used already: that patient keeps it so

    def _refund(self, taken: Taken) -> None:
        part = PaymentPart.objects.filter(payment_id=taken.payment_id).select_related("payment")[0]
        refund_credit(
            RefundCredit(
                practice_id=self.clinic.practice.id,
                key="",
                by=self.clinic.by,
                payer_id=part.payment.payer_id,
                parts=((part.pk, 2500),),
                reason="Moves to another town",
            ),
            self.now,
        )

    def _void(self, taken: Taken) -> None:
        void_payment(
            VoidPayment(
                practice_id=self.clinic.practice.id,
                key="",
                by=self.clinic.by,
                payment_id=taken.payment_id,
                reason="Recorded for the wrong patient",
            ),
            self.now,
        )

    def _credit(self, taken: Taken) -> None:
        line = InvoiceLine.objects.filter(
            practice_id=self.clinic.practice.id,
            invoice__allocations__payment_id=taken.payment_id,
            total_minor__gt=1000,
        ).first()
        if line:
            credit_invoice(
                CreditInvoice(
                    practice_id=self.clinic.practice.id,
                    key="",
                    by=self.clinic.by,
                    invoice_id=line.invoice_id,
                    lines=((line.pk, 1000),),
                    reason="Shorter than planned",
                ),
                self.now,
            )
