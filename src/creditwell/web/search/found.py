"""What a text typed into the top bar may mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from creditwell.invoicing.queries_patient import find_by_number as find_invoice
from creditwell.money.money import Money
from creditwell.payments.queries_patient import find_by_number as find_payment
from creditwell.people.queries import ContactLine, find_contacts
from creditwell.tenancy.access import Member
from creditwell.web.patients.finding import PatientRow, found_patients
from creditwell.web.patients.links import link
from creditwell.web.patients.money import payment_state

MOST = 20
LONGEST_NUMBER = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperRow:
    """An invoice or a payment found by its number."""

    number: str
    url: str
    name: str
    on: date | None
    state: str
    total: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    text: str
    patients: list[PatientRow]
    contacts: list[ContactLine]
    invoice: PaperRow | None
    payment: PaperRow | None
    may_create: bool
    may_edit: bool

    @property
    def nothing(self) -> bool:
        return not (self.patients or self.contacts or self.invoice or self.payment)

    @property
    def only_url(self) -> str:
        """Where to go at once, when just one thing was found."""
        papers = [paper.url for paper in (self.invoice, self.payment) if paper and paper.url]
        people = [reverse("patient", args=[row.id]) for row in self.patients]
        all_urls = [*papers, *people]
        return all_urls[0] if len(all_urls) == 1 and not self.contacts else ""


def everything(member: Member, text: str, now: datetime) -> Found:
    """Look everywhere; eight queries at most."""
    may_edit = member.may("patients.edit")
    return Found(
        text=text,
        patients=found_patients(member, text, now, limit=MOST),
        contacts=find_contacts(practice_id=member.practice_id, text=text, limit=MOST),
        invoice=_invoice(member, text, now) if member.may("invoices.view") else None,
        payment=_payment(member, text) if member.may("payments.view") else None,
        may_create=may_edit and bool(re.search(r"[^\W\d]", text)),
        may_edit=may_edit,
    )


def _number(text: str, prefix: str) -> int | None:
    """The number in "0006893", "INV-6893" or "#6893"; the prefix may be left out."""
    bare = text.strip().lstrip("#")
    if prefix and bare.casefold().startswith(prefix.casefold()):
        bare = bare[len(prefix) :]
    bare = bare.strip()
    if bare.isascii() and bare.isdigit() and len(bare) <= LONGEST_NUMBER:
        return int(bare)
    return None


def _invoice(member: Member, text: str, now: datetime) -> PaperRow | None:
    practice = member.practice
    number = _number(text, practice.invoice_prefix)
    if number is None:
        return None
    found = find_invoice(practice_id=practice.id, number=number, today=practice.day_of(now))
    if found is None:
        return None
    invoice, name = found
    return PaperRow(
        number=practice.invoice_number(invoice.number),
        url=link("invoice", invoice.id),
        name=name,
        on=invoice.issued_on,
        state=invoice.state,
        total=practice.money(invoice.total_minor),
    )


def _payment(member: Member, text: str) -> PaperRow | None:
    practice = member.practice
    number = _number(text, practice.receipt_prefix)
    found = find_payment(practice_id=practice.id, number=number) if number is not None else None
    if found is None:
        return None
    payment, name = found
    return PaperRow(
        number=practice.receipt_number(payment.number),
        url=link("payment", payment.id),
        name=name,
        on=payment.received_on,
        state=payment_state(payment.status, payment.total_minor, payment.left_minor),
        total=practice.money(payment.total_minor),
    )
