"""One patient in an appointment as its page and its pop-up show them: money and package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from creditwell.invoicing.queries import InvoiceBrief
from creditwell.invoicing.queries_document import number_text
from creditwell.ledger.queries import Standing
from creditwell.money.money import Money
from creditwell.packages.queries_stakes import Stake
from creditwell.scheduling.models import CancelReason
from creditwell.scheduling.queries import AppointmentBrief, AttendeeBrief
from creditwell.tenancy.access import Member
from creditwell.web.calendar.items import STATUS_KEYS, Settled
from creditwell.web.calendar.keeping import AtStake, KeepAsk, ask
from creditwell.web.invoices.links import address_of, with_query
from creditwell.web.packages.marks import Mark
from creditwell.web.packages.offers import OffersShown, offers_for_visit
from creditwell.web.packages.sell_here import SellHere, sell_here

GONE = ("cancelled", "did_not_arrive")


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLink:
    label: str
    url: str
    state: str
    owing: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendeeCard:
    """A patient in the appointment; an empty address means that there is no such page or right."""

    id: int
    name: str
    patient_url: str
    phone: str
    alert: str
    status: str
    state: str
    reason: str
    invoice: InvoiceLink | None
    mark: Mark | None
    owing: Money
    credit: Money
    pay_url: str
    bill_url: str
    extras_url: str
    package_url: str  # to use a package, another one, or none
    offers: OffersShown
    cancel_ask: KeepAsk | None
    no_show_ask: KeepAsk | None
    sell: SellHere | None  # what could be sold for the visit, where no package is good for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """
    What was refused: `act` is cancel (the appointment), leave or no_show (one visit), `id` of the
    appointment or of the attendee.
    """

    act: str = ""
    id: int = 0
    values: Mapping[str, str] = field(default_factory=dict)

    def of(self, act: str, pk: int) -> Mapping[str, str]:
        """What was typed into one dialog."""
        return self.values if (self.act, self.id) == (act, pk) else {}


NOTHING_TYPED = Typed()


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Whose appointment is shown to whom, and how its visits are settled."""

    member: Member
    one: AppointmentBrief
    settled: Settled
    stakes: Mapping[int, Stake]
    now: datetime
    typed: Typed = NOTHING_TYPED

    def ask(self, who: Sequence[AttendeeBrief], act: str, pk: int) -> KeepAsk | None:
        """What to ask about the sessions of these visits in one dialog."""
        staked = [
            AtStake(name=one.name, stake=self.stakes[one.id])
            for one in who
            if one.id in self.stakes and one.status not in GONE
        ]
        return ask(
            self.member.practice,
            staked,
            self.now,
            no_show=act == "no_show",
            typed=self.typed.of(act, pk),
        )


def attendee_card(setting: Setting, who: AttendeeBrief, standing: Standing) -> AttendeeCard:
    """No query in a group; where one patient comes, a few for the packages that they could use."""
    member, settled = setting.member, setting.settled
    practice = member.practice
    invoice, mark = settled.invoices.get(who.id), settled.marks.get(who.id)
    to_bill = not invoice and not mark and who.status != "cancelled"
    may_cover = member.may("appointments.edit") and who.status not in GONE
    may_cover = may_cover and (mark is not None or invoice is None)
    offers = OffersShown()
    if may_cover and not setting.one.is_group:
        but_part = mark.part_id if mark else None
        offers = offers_for_visit(member, setting.one, who.patient_id, but_part=but_part)
    credit = practice.money(standing.credit_minor)
    return AttendeeCard(
        id=who.id,
        name=who.name,
        patient_url=address_of("patient", who.patient_id),
        phone=who.phone,
        alert=who.alert,
        status=who.status,
        state=STATUS_KEYS.get(who.status, who.status),
        reason=_reason(who),
        invoice=_invoice_link(member, invoice) if invoice else None,
        mark=mark,
        owing=practice.money(standing.owing_minor),
        credit=credit,
        pay_url=_pay_url(setting, who),
        bill_url=address_of("invoice_from_attendee", who.id)
        if to_bill and member.may("invoices.issue")
        else "",
        extras_url=_extras_url(member, who) if mark and not invoice else "",
        package_url=address_of("visit_package", who.id) if may_cover else "",
        offers=offers,
        cancel_ask=setting.ask([who], "leave", who.id),
        no_show_ask=setting.ask([who], "no_show", who.id),
        sell=None
        if invoice or mark or offers.usable
        else sell_here(member, setting.one, who, credit),
    )


def _reason(who: AttendeeBrief) -> str:
    reason = str(CancelReason(who.cancel_reason).label) if who.cancel_reason else ""
    if not who.cancel_note:
        return reason
    return f"{reason}: {who.cancel_note}" if reason else who.cancel_note


def _pay_url(setting: Setting, who: AttendeeBrief) -> str:
    """To what the visit owes; one that a package covers owes what is billed besides."""
    invoice = setting.settled.invoices.get(who.id)
    covered = who.id in setting.settled.marks and not (invoice and invoice.owing_minor)
    if covered or not setting.member.may("payments.take"):
        return ""
    return address_of("attendee_payment", who.id)


def _extras_url(member: Member, who: AttendeeBrief) -> str:
    """To an invoice of what the package does not cover."""
    if not member.may("invoices.edit") or who.status == "cancelled":
        return ""
    return with_query(address_of("invoice_new"), patient=who.patient_id, attendee=who.id)


def _invoice_link(member: Member, invoice: InvoiceBrief) -> InvoiceLink:
    number = number_text(member.practice, invoice.number)
    label = _("Invoice %(number)s") % {"number": number} if number else _("Draft invoice")
    return InvoiceLink(
        label=label,
        url=address_of("invoice", invoice.id),
        state=invoice.state,
        owing=member.practice.money(invoice.owing_minor),
    )
