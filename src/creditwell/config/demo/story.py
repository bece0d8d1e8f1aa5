"""
What families, a funder and gifts do in the demo's year: each act on its day, by the same use cases
as at the desk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from functools import partial

from creditwell.config.demo import cast
from creditwell.config.demo.clinic import Clinic
from creditwell.credit.models import Share
from creditwell.credit.sharing import Terms
from creditwell.invoicing.lines import LineInput
from creditwell.invoicing.operations import Content
from creditwell.payments.models import PaymentPart
from creditwell.people.families import NewMember
from creditwell.people.models import ContactKind, Patient
from creditwell.people.rules import ContactDetails
from creditwell.scheduling.models import TypeItem
from creditwell.tenancy.models import ExpiredCredit
from creditwell.usecases.create_contact import CreateContact, create_contact
from creditwell.usecases.create_family import CreateFamily, create_family
from creditwell.usecases.dishonour_payment import DishonourPayment, dishonour_payment
from creditwell.usecases.set_credit_rules import SetCreditRules, set_credit_rules
from creditwell.usecases.set_refund_limits import SetRefundLimits, set_refund_limits
from creditwell.usecases.share_credit import ShareCredit, share_credit
from creditwell.usecases.take_payment import PartInput, Taken, TakePayment, take_payment
from creditwell.usecases.transfer_credit import TransferCredit, transfer_credit
from creditwell.usecases.undo_transfer import UndoTransfer, undo_transfer
from creditwell.usecases.write_invoice import WriteInvoice, write_invoice

Act = Callable[[datetime], object]
MODE = Share.Mode


class Story:
    """Acts by their moment; `until` makes what has come due, so that numbers follow the days."""

    def __init__(self, clinic: Clinic, patients: list[Patient], now: datetime) -> None:
        self.clinic, self.patients, self.now = clinic, patients, now
        self.sharing = {patients[n].pk for n in cast.SHARING}
        self._acts: list[tuple[datetime, Act]] = []
        service = TypeItem.objects.filter(practice_id=clinic.practice.id).earliest("pk")
        self._visit_item = service.item_id
        self._rules()
        self._bergs()
        self._couple()
        self._two_homes()
        self._funder()
        self._mishaps()

    def until(self, moment: datetime) -> None:
        """Make everything that was due by then, the earliest first."""
        while self._acts and self._acts[0][0] <= moment:
            at, act = self._acts.pop(0)
            act(at)

    def on(self, days_ago: int, act: Act, *, minutes: int = 0) -> None:
        """Plan an act, so many days (and minutes less) before now."""
        at = self.now - timedelta(days=days_ago) + timedelta(minutes=minutes)
        self._acts = sorted([*self._acts, (at, act)], key=lambda pair: pair[0])

    def payer(self, n: int) -> int:
        """Who pays for the patient in that place."""
        payer_id = self.patients[n].payer_id
        assert payer_id is not None
        return payer_id

    def day(self, days: int) -> date:
        """So many days from now, as the practice counts."""
        return self.clinic.practice.day_of(self.now) + timedelta(days=days)

    def pay(
        self,
        payer_id: int,
        minor: int,
        at: datetime,
        *,
        source: str = "card",
        pay: tuple[tuple[int, int], ...] | None = (),
    ) -> Taken:
        """Money in advance, all of it account credit; with `pay` None, open invoices first."""
        part = PartInput(source_id=self.clinic.sources[source].pk, amount_minor=minor)
        return take_payment(
            TakePayment(
                practice_id=self.clinic.practice.id,
                key="",
                by=self.clinic.by,
                payer_id=payer_id,
                parts=(part,),
                pay=pay,
                location_id=self.clinic.locations[0].pk,
            ),
            at,
        )

    def prepay(self, n: int, minor: int, days_ago: Iterable[int], *, source: str = "bank") -> None:
        """The patient in that place pays so much in advance, on each of these days."""
        for days in days_ago:
            self.on(days, lambda at: self.pay(self.payer(n), minor, at, source=source))

    def _family(self, name: str, members: Iterable[tuple[int, str]]) -> None:
        command = CreateFamily(
            practice_id=self.clinic.practice.id,
            by=self.clinic.by,
            name=name,
            members=tuple(
                NewMember(patient_id=self.patients[n].pk, relation=relation)
                for n, relation in members
            ),
        )
        self.on(360, lambda at: create_family(command, at))

    def share(
        self,
        owner_id: int,
        user: int,
        mode: str,
        cap_minor: int | None = None,
        note: str = "At the desk",
    ) -> None:
        """The owner lets the patient in that place use their credit, from the first day on."""
        terms = Terms(mode=mode, cap_minor=cap_minor, note=note)
        command = ShareCredit(
            practice_id=self.clinic.practice.id,
            by=self.clinic.by,
            owner_id=owner_id,
            user_id=self.payer(user),
            terms=terms,
        )
        self.on(359, lambda at: share_credit(command, at))

    def _rules(self) -> None:
        """Goodwill lasts half a year, vouchers three years; what was paid for never runs out."""
        practice_id, by = self.clinic.practice.id, self.clinic.by
        rules = SetCreditRules(
            practice_id=practice_id,
            by=by,
            credit_lasts_months=None,
            goodwill_lasts_months=6,
            voucher_lasts_months=36,
            expiry_notice_days=30,
            expired_credit_into=ExpiredCredit.BREAKAGE,
            low_credit_minor=5000,
        )
        limits = SetRefundLimits(
            practice_id=practice_id,
            by=by,
            receptionist_refunds_up_to_minor=20000,
            refunds_need_two_above_minor=50000,
        )
        self.on(398, lambda at: set_credit_rules(rules, at))
        self.on(398, lambda at: set_refund_limits(limits, at))

    def _bergs(self) -> None:
        """Parents pay in advance, children are treated; the parents ask each other."""
        anna, ben = self.payer(cast.ANNA), self.payer(cast.BEN)
        members = (
            (cast.ANNA, "mother"),
            (cast.BEN, "father"),
            (cast.CLEO, "daughter"),
            (cast.DORA, "daughter"),
        )
        self._family("Berg family", members)
        for child in (cast.CLEO, cast.DORA):
            self.share(anna, child, MODE.ALWAYS)
            self.share(ben, child, MODE.MONTHLY, 20000, "By phone")
        self.share(anna, cast.BEN, MODE.ASK)
        for child in (cast.CLEO, cast.DORA):  # not paid yet: try the payment form with these
            self.on(0, partial(self.bill, child), minutes=-30)
        self.prepay(cast.ANNA, 60000, (355, 240, 130, 45))
        self.prepay(cast.BEN, 30000, (350, 170, 60))

    def _couple(self) -> None:
        """Two who let each other use all; he passes some of his on, once to the wrong person."""
        linh, oscar = self.payer(cast.LINH), self.payer(cast.OSCAR)
        members = ((cast.LINH, "partner"), (cast.OSCAR, "partner"))
        self._family("Tran and Walsh family", members)
        self.share(linh, cast.OSCAR, MODE.ALWAYS)
        self.share(oscar, cast.LINH, MODE.ALWAYS)
        self.prepay(cast.LINH, 45000, (300, 140, 20))
        self.prepay(cast.OSCAR, 47500, (310, 150))
        self.on(
            150,
            lambda at: self._transfer(linh, 12000, "Her half of the course", at, giver=oscar),
            minutes=10,
        )
        self.on(150, self._transfer_undone, minutes=20)

    def _transfer(
        self, to_payer_id: int, minor: int, reason: str, at: datetime, *, giver: int
    ) -> int:
        command = TransferCredit(
            practice_id=self.clinic.practice.id,
            key="",
            by=self.clinic.by,
            from_payer_id=giver,
            to_payer_id=to_payer_id,
            reason=reason,
            amount_minor=minor,
            anywhere=True,
        )
        return transfer_credit(command, at).transfer_id

    def _transfer_undone(self, at: datetime) -> None:
        giver, wrong = self.payer(cast.OSCAR), self.payer(-1)
        transfer_id = self._transfer(wrong, 8000, "Gift to a friend", at, giver=giver)
        command = UndoTransfer(
            practice_id=self.clinic.practice.id,
            key="",
            by=self.clinic.by,
            transfer_id=transfer_id,
            reason="Somebody else was meant",
        )
        undo_transfer(command, at + timedelta(minutes=5))

    def _two_homes(self) -> None:
        """A child of two homes: the mother pays so much a month, the father so much in all."""
        self._family("Adeyemi family", ((cast.FOLA, "mother"), (cast.POPPY, "daughter")))
        self._family("Clarke family", ((cast.DANIEL, "father"), (cast.POPPY, "daughter")))
        self.share(self.payer(cast.FOLA), cast.POPPY, MODE.MONTHLY, 15000)
        note = "Signed form of March"
        self.share(self.payer(cast.DANIEL), cast.POPPY, MODE.TOTAL, 60000, note)
        self.prepay(cast.FOLA, 45000, (330, 90))
        self.prepay(cast.DANIEL, 60000, (320, 35))

    def _funder(self) -> None:
        """A plan manager pays in advance for three patients, for each up to an amount."""
        details = ContactDetails(
            kind=ContactKind.CHARITY,
            name="Plainview Plan Management",
            email="accounts@plainview.example",
            phone="02 5550 0147",
            notes="NDIS plan manager. Send a statement at the end of each quarter.",
        )
        command = CreateContact(
            practice_id=self.clinic.practice.id, by=self.clinic.by, details=details
        )
        payer_id = create_contact(command, self.now - timedelta(days=397)).payer_id
        self.share(payer_id, cast.HARRIET, MODE.TOTAL, 180000, "Service agreement")
        self.share(payer_id, cast.SAMUEL, MODE.TOTAL, 120000, "Service agreement")
        self.share(payer_id, cast.PRIYA, MODE.MONTHLY, 25000, "Service agreement")
        for days in (340, 250, 160, 70):
            self.on(days, lambda at: self.pay(payer_id, 95000, at, source="bank"))

    def _mishaps(self) -> None:
        """A payment that the bank takes back after most of it paid a visit."""
        self.on(28, self._bounces)

    def _bounces(self, at: datetime) -> None:
        n = -10
        self.bill(n, at)
        taken = self.pay(self.payer(n), 12000, at, source="bank", pay=None)
        part = PaymentPart.objects.get(
            practice_id=self.clinic.practice.id, payment_id=taken.payment_id
        )
        command = DishonourPayment(
            practice_id=self.clinic.practice.id,
            key="",
            by=self.clinic.by,
            part_id=part.pk,
            reason="Debit recalled by the account's holder",
        )
        self.on(2, lambda later: dishonour_payment(command, later))

    def bill(self, n: int, at: datetime) -> None:
        """A visit of the patient in that place is invoiced."""
        practice = self.clinic.practice
        line = LineInput(item_id=self._visit_item, service_on=practice.day_of(at))
        content = Content(patient_id=self.patients[n].pk, lines=(line,))
        write_invoice(
            WriteInvoice(
                practice_id=practice.id, key="", by=self.clinic.by, issue=True, content=content
            ),
            at,
        )
