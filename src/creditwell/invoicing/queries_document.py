"""Everything that one invoice or one credit note says. Amounts are minor units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from creditwell.invoicing.models import CreditNote, CreditNoteLine, Invoice, InvoiceLine
from creditwell.invoicing.queries import owing_of
from creditwell.kernel.errors import NotFound
from creditwell.people.models import Contact, Patient
from creditwell.tenancy.access import PracticeFacts, facts_of
from creditwell.tenancy.models import Location


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts:
    """One line as it stands; of a credit note the amounts are what is credited of it."""

    id: int
    item_id: int | None
    category_id: int
    code: str
    description: str
    service_on: date | None
    quantity: Decimal
    unit_price_minor: int
    discount_percent: Decimal
    discount_minor: int
    tax_rate_id: int | None
    tax_name: str
    tax_percent: Decimal
    net_minor: int
    tax_minor: int
    total_minor: int
    credited_minor: int = 0  # of its total, by all credit notes
    of_package: bool = False  # its net went to a package, to be earned as that is used

    @property
    def left_minor(self) -> int:
        """What of its total can still be credited."""
        return self.total_minor - self.credited_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyFacts:
    """Somebody as printed: a name, and the lines below it."""

    name: str
    lines: tuple[str, ...] = ()
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceFacts:
    """The location that stands in the head of the paper."""

    id: int
    name: str
    address: str
    phone: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNoteBrief:
    id: int
    number: int
    issued_on: date
    reason: str
    total_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFacts:
    """One invoice with all that it says."""

    id: int
    practice: PracticeFacts
    practice_notes: str  # what the practice prints on every invoice
    status: str
    number: int | None
    patient_id: int
    payer_id: int
    patient: PartyFacts
    bill_to: PartyFacts
    bill_to_id: int | None
    bill_to_text: str
    email: str  # where its copy is sent, as far as that is known
    place: PlaceFacts | None
    practitioner_id: int | None
    practitioner: str
    provider_number: str
    attendee_id: int | None
    issued_on: date | None
    due_on: date | None
    notes: str
    tax_included: bool
    net_minor: int
    tax_minor: int
    total_minor: int
    credited_minor: int
    owing_minor: int
    voided_on: date | None
    void_reason: str
    created_at: datetime
    lines: tuple[LineFacts, ...]
    credit_notes: tuple[CreditNoteBrief, ...]

    @property
    def billed_to_patient(self) -> bool:
        return self.bill_to.name == self.patient.name

    @property
    def number_text(self) -> str:
        """The number as printed; "" for a draft."""
        return number_text(self.practice, self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNoteFacts:
    """One credit note with all that it says, and its invoice."""

    id: int
    number: int
    issued_on: date
    reason: str
    net_minor: int
    tax_minor: int
    total_minor: int
    created_at: datetime
    lines: tuple[LineFacts, ...]
    invoice: InvoiceFacts

    @property
    def number_text(self) -> str:
        return self.invoice.practice.credit_note_number(self.number)


def number_text(practice: PracticeFacts, number: int | None) -> str:
    """An invoice's number as printed, with the practice's prefix; "" for a draft."""
    return "" if number is None else f"{practice.invoice_prefix}{number}"


def invoice_facts(*, practice_id: int, invoice_id: int) -> InvoiceFacts:
    """
    Everything about one invoice; five queries at most.

    :raises NotFound: if this practice has no such invoice
    """
    row = (
        Invoice.objects.filter(practice_id=practice_id, pk=invoice_id)
        .select_related("practice", "account", "patient", "payer", "bill_to", "practitioner")
        .select_related("location")
        .first()
    )
    if row is None:
        raise NotFound
    credited = _credited_by_line(practice_id, invoice_id) if row.credited_minor else {}
    lines = InvoiceLine.objects.filter(practice_id=practice_id, invoice_id=invoice_id)
    patient = patient_party(row.patient)
    return InvoiceFacts(
        id=row.pk,
        practice=facts_of(row.practice),
        practice_notes=row.practice.invoice_notes,
        status=row.status,
        number=row.number,
        patient_id=row.patient_id,
        payer_id=row.payer_id,
        patient=patient,
        bill_to=billed(row.bill_to_text, row.bill_to, patient),
        bill_to_id=row.bill_to_id,
        bill_to_text=row.bill_to_text,
        email=_email(row),
        place=_place(practice_id, row.location),
        practitioner_id=row.practitioner_id,
        practitioner=row.practitioner.name if row.practitioner else "",
        provider_number=row.practitioner.provider_number if row.practitioner else "",
        attendee_id=row.attendee_id,
        issued_on=row.issued_on,
        due_on=row.due_on,
        notes=row.notes,
        tax_included=row.tax_included,
        net_minor=row.net_minor,
        tax_minor=row.tax_minor,
        total_minor=row.total_minor,
        credited_minor=row.credited_minor,
        owing_minor=owing_of(row),
        voided_on=row.voided_on,
        void_reason=row.void_reason,
        created_at=row.created_at,
        lines=tuple(_line(line, credited.get(line.pk, 0)) for line in lines),
        credit_notes=_credit_notes(practice_id, row),
    )


def credit_note_facts(*, practice_id: int, credit_note_id: int) -> CreditNoteFacts:
    """
    Everything about one credit note; seven queries at most.

    :raises NotFound: if this practice has no such credit note
    """
    row = CreditNote.objects.filter(practice_id=practice_id, pk=credit_note_id).first()
    if row is None:
        raise NotFound
    credited = CreditNoteLine.objects.filter(
        practice_id=practice_id, credit_note_id=credit_note_id
    ).select_related("line")
    return CreditNoteFacts(
        id=row.pk,
        number=row.number,
        issued_on=row.issued_on,
        reason=row.reason,
        net_minor=row.net_minor,
        tax_minor=row.tax_minor,
        total_minor=row.total_minor,
        created_at=row.created_at,
        lines=tuple(
            _line(part.line, 0, part) for part in credited.order_by("line__position", "id")
        ),
        invoice=invoice_facts(practice_id=practice_id, invoice_id=row.invoice_id),
    )


def billed(text: str, contact: Contact | None, patient: PartyFacts) -> PartyFacts:
    """Who is billed: the written address, else the contact, else the patient."""
    lines = tuple(line.strip() for line in text.splitlines() if line.strip())
    if lines:
        return PartyFacts(name=lines[0], lines=lines[1:])
    if contact is not None:
        return PartyFacts(name=contact.name, lines=_lines(contact.address), email=contact.email)
    return patient


def patient_party(patient: Patient) -> PartyFacts:
    """A patient as printed."""
    return PartyFacts(
        name=f"{patient.first_name} {patient.last_name}".strip(),
        lines=_lines(patient.address),
        email=patient.email,
    )


def _email(row: Invoice) -> str:
    if row.patient.invoice_email:
        return row.patient.invoice_email
    return (row.bill_to.email if row.bill_to else "") or row.patient.email


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _place(practice_id: int, place: Location | None) -> PlaceFacts | None:
    """The invoice's own location, else the first of the practice."""
    if place is None:
        place = Location.objects.filter(practice_id=practice_id, archived_at=None).first()
    if place is None:
        return None
    return PlaceFacts(
        id=place.pk, name=place.name, address=place.address, phone=place.phone, email=place.email
    )


def _credit_notes(practice_id: int, row: Invoice) -> tuple[CreditNoteBrief, ...]:
    if not row.credited_minor:
        return ()
    notes = CreditNote.objects.filter(practice_id=practice_id, invoice_id=row.pk).order_by("number")
    return tuple(
        CreditNoteBrief(
            id=note.pk,
            number=note.number,
            issued_on=note.issued_on,
            reason=note.reason,
            total_minor=note.total_minor,
        )
        for note in notes
    )


def _credited_by_line(practice_id: int, invoice_id: int) -> dict[int, int]:
    sums = (
        CreditNoteLine.objects.filter(practice_id=practice_id, credit_note__invoice_id=invoice_id)
        .values_list("line_id")
        .annotate(total=Sum("total_minor"))
    )
    return {line_id: total or 0 for line_id, total in sums}


def _line(row: InvoiceLine, credited_minor: int, of: Any = None) -> LineFacts:
    amounts = of or row
    return LineFacts(
        id=row.pk,
        item_id=row.item_id,
        category_id=row.category_id,
        code=row.code,
        description=row.description,
        service_on=row.service_on,
        quantity=row.quantity,
        unit_price_minor=row.unit_price_minor,
        discount_percent=row.discount_percent,
        discount_minor=row.discount_minor,
        tax_rate_id=row.tax_rate_id,
        tax_name=row.tax_name,
        tax_percent=row.tax_percent,
        net_minor=amounts.net_minor,
        tax_minor=amounts.tax_minor,
        total_minor=amounts.total_minor,
        credited_minor=credited_minor,
        of_package=row.sells_package or row.account_id is not None,
    )
