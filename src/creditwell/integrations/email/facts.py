"""What a letter needs to know, read from the books; frozen, a few queries each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q

from creditwell.invoicing.models import CreditNote, Invoice
from creditwell.kernel.errors import NotFound
from creditwell.money.money import Money
from creditwell.payments.models import Payment
from creditwell.payments.queries_covered import asked_invoices
from creditwell.people.models import Contact, Family, Patient, Payer
from creditwell.tenancy.access import PracticeFacts
from creditwell.tenancy.models import Invitation, Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Whom a letter goes to; `email` is empty when no address is known."""

    payer_id: int | None
    name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptFacts:
    """A payment: what came, and what of it is still account credit."""

    to: Addressee
    number: str
    received_on: date
    total: Money
    not_allocated: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFacts:
    """An issued invoice, what it still asks for, and what of that account credit could pay."""

    to: Addressee
    number: str
    total: Money
    owing: Money
    covered: Money
    due_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNoteFacts:
    """A credit note and the invoice that it takes from."""

    to: Addressee
    number: str
    invoice_number: str
    total: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementFacts:
    """An account over some days, both included."""

    to: Addressee
    since: date
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationFacts:
    """Somebody is asked to work in the practice."""

    to: Addressee
    invited_by: str
    role: str
    created_at: datetime
    expires_at: datetime


def receipt_facts(practice: PracticeFacts, payment_id: int) -> ReceiptFacts:
    """:raises NotFound: if this practice has no such payment."""
    payment = (
        Payment.objects.filter(practice_id=practice.id, pk=payment_id)
        .select_related("payer", "lot__account")
        .first()
    )
    if payment is None:
        raise NotFound
    return ReceiptFacts(
        to=of_payer(payment.payer),
        number=practice.receipt_number(payment.number),
        received_on=payment.received_on,
        total=practice.money(payment.total_minor),
        not_allocated=practice.money(payment.lot.account.balance_minor or 0),
    )


def invoice_facts(practice: PracticeFacts, invoice_id: int, *, on: date) -> InvoiceFacts:
    """
    An invoice as it stands, with what credit could pay of it on a day.

    :raises NotFound: if this practice has issued no such invoice.
    """
    invoice = (
        Invoice.objects.filter(practice_id=practice.id, pk=invoice_id, number__isnull=False)
        .select_related("account", "payer", "bill_to", "patient__payer")
        .first()
    )
    if invoice is None or invoice.account is None:
        raise NotFound
    return InvoiceFacts(
        to=_of_invoice(invoice),
        number=practice.invoice_number(invoice.number),
        total=practice.money(invoice.total_minor),
        owing=practice.money(-(invoice.account.balance_minor or 0)),
        covered=practice.money(_covered(practice, invoice, on)),
        due_on=invoice.due_on,
    )


def _covered(practice: PracticeFacts, invoice: Invoice, on: date) -> int:
    asked = asked_invoices(practice, [invoice.payer_id], on=on)
    return next((one.covered_minor for one in asked if one.invoice.id == invoice.pk), 0)


def credit_note_facts(practice: PracticeFacts, credit_note_id: int) -> CreditNoteFacts:
    """:raises NotFound: if this practice has no such credit note."""
    row = (
        CreditNote.objects.filter(practice_id=practice.id, pk=credit_note_id)
        .select_related("invoice__payer", "invoice__bill_to", "invoice__patient__payer")
        .first()
    )
    if row is None:
        raise NotFound
    return CreditNoteFacts(
        to=_of_invoice(row.invoice),
        number=practice.credit_note_number(row.number),
        invoice_number=practice.invoice_number(row.invoice.number),
        total=practice.money(row.total_minor),
    )


def statement_facts(
    practice: PracticeFacts, patient_id: int, since: date, until: date
) -> StatementFacts:
    """:raises NotFound: if this practice has no such patient."""
    patient = Patient.objects.filter(practice_id=practice.id, pk=patient_id)
    found = patient.select_related("payer").first()
    if found is None:
        raise NotFound
    return StatementFacts(
        to=Addressee(payer_id=found.payer_id, name=found.payer.name, email=found.email),
        since=since,
        until=until,
    )


def family_statement_facts(
    practice: PracticeFacts, family_id: int, since: date, until: date
) -> StatementFacts:
    """:raises NotFound: if this practice has no such family."""
    family = Family.objects.filter(practice_id=practice.id, pk=family_id).first()
    if family is None:
        raise NotFound
    to = Addressee(payer_id=None, name=family.name, email="")
    return StatementFacts(to=to, since=since, until=until)


def contact_statement_facts(
    practice: PracticeFacts, contact_id: int, since: date, until: date
) -> StatementFacts:
    """:raises NotFound: if this practice has no such contact."""
    contact = Contact.objects.filter(practice_id=practice.id, pk=contact_id).first()
    if contact is None:
        raise NotFound
    to = Addressee(payer_id=contact.payer_id, name=contact.name, email=contact.email)
    return StatementFacts(to=to, since=since, until=until)


def invitation_facts(practice: PracticeFacts, invitation_id: int) -> InvitationFacts:
    """:raises NotFound: if this practice has no such invitation."""
    row = (
        Invitation.objects.filter(practice_id=practice.id, pk=invitation_id)
        .select_related("invited_by")
        .first()
    )
    if row is None:
        raise NotFound
    return InvitationFacts(
        to=Addressee(payer_id=None, name="", email=row.email),
        invited_by=row.invited_by.name,
        role=str(row.get_role_display()),
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


def reply_address(practice_id: int, *, receipt_id: int | None = None) -> str:
    """
    Where answers go: the address of the practice's first location that has one; one query.

    Of a receipt (`receipt_id` is its payment) the location where the money was received comes
    first, as it is the one that the receipt names.
    """
    places = Location.objects.filter(practice_id=practice_id).exclude(email="")
    there = Payment.objects.filter(
        practice_id=practice_id, pk=receipt_id or 0, location=OuterRef("pk")
    )
    named = places.annotate(named=Exists(there)).filter(Q(named=True) | Q(archived_at=None))
    first = named.order_by("-named", "position", "id").values_list("email", flat=True)
    return first.first() or ""


def of_payer(payer: Payer) -> Addressee:
    """A patient, or a contact such as an insurer; one or two queries."""
    for model in (Patient, Contact):
        emails = model._default_manager.filter(practice_id=payer.practice_id, payer_id=payer.pk)
        email = emails.values_list("email", flat=True).first()
        if email is not None:
            return Addressee(payer_id=payer.pk, name=payer.name, email=email)
    return Addressee(payer_id=payer.pk, name=payer.name, email="")


def _of_invoice(invoice: Invoice) -> Addressee:
    """Whom it is addressed to; then the patient's address for invoices; then the patient's own."""
    if invoice.bill_to is not None and invoice.bill_to.email:
        return Addressee(
            payer_id=invoice.payer_id, name=invoice.bill_to.name, email=invoice.bill_to.email
        )
    patient = invoice.patient
    return Addressee(
        payer_id=invoice.payer_id,
        name=patient.payer.name,
        email=patient.invoice_email or patient.email,
    )
