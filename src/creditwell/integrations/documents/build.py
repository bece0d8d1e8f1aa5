"""Invoices and credit notes from the database: facts into shapes, shapes into PDF."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from babel.numbers import format_decimal
from django.utils.translation import gettext as _
from django.utils.translation import override, to_language

from creditwell.integrations.documents.build_payments import receipt_pdf, statement_pdf
from creditwell.integrations.documents.conventions import (
    credit_note_title,
    invoice_title,
    locale_for,
    paper_for,
)
from creditwell.integrations.documents.render import render_credit_note, render_invoice
from creditwell.integrations.documents.shapes import (
    Applied,
    AppliedRow,
    CreditNoteDocument,
    InvoiceDocument,
    Line,
    Mark,
    Party,
    Practice,
    Practitioner,
    Sheet,
    TaxRow,
)
from creditwell.invoicing.queries_document import (
    CreditNoteFacts,
    InvoiceFacts,
    LineFacts,
    PartyFacts,
    PlaceFacts,
    credit_note_facts,
    invoice_facts,
)
from creditwell.ledger.queries import standing_of
from creditwell.money.money import Money
from creditwell.payments.queries_of_invoice import (
    AllocationLine,
    allocations_of_invoice,
    freed_at,
)
from creditwell.tenancy.access import PracticeFacts

__all__ = ["credit_note_pdf", "invoice_pdf", "receipt_pdf", "statement_pdf"]


def invoice_pdf(practice_id: int, invoice_id: int) -> tuple[str, bytes]:
    """
    Name of the file, and the invoice as PDF (a draft or void one is marked so on every page).

    :raises NotFound: if this practice has no such invoice
    """
    facts = invoice_facts(practice_id=practice_id, invoice_id=invoice_id)
    paid = allocations_of_invoice(practice_id=practice_id, invoice_id=invoice_id)
    credit = standing_of(practice_id=practice_id, holder_id=facts.payer_id).credit_minor
    document = invoice_document(facts, paid, credit)
    with override(to_language(document.sheet.locale)):
        name = _("Invoice %(number)s") % {"number": facts.number_text or _("draft")}
    return f"{name}.pdf", render_invoice(document)


def credit_note_pdf(practice_id: int, credit_note_id: int) -> tuple[str, bytes]:
    """
    Name of the file, and the credit note as PDF.

    :raises NotFound: if this practice has no such credit note
    """
    facts = credit_note_facts(practice_id=practice_id, credit_note_id=credit_note_id)
    freed = freed_at(practice_id=practice_id, invoice_id=facts.invoice.id, at=facts.created_at)
    document = credit_note_document(facts, freed)
    with override(to_language(document.sheet.locale)):
        name = _("Credit note %(number)s") % {"number": facts.number_text}
    return f"{name}.pdf", render_credit_note(document)


def invoice_document(
    facts: InvoiceFacts, paid: Sequence[AllocationLine], credit_minor: int
) -> InvoiceDocument:
    """The shape of an invoice; `credit_minor` is the account credit that its payer still has."""
    practice = facts.practice
    mark = {"draft": Mark.DRAFT, "void": Mark.VOID}.get(facts.status, Mark.NONE)
    owing = facts.total_minor if facts.status == "draft" else facts.owing_minor
    own_patient = None if facts.billed_to_patient else _party(facts.patient)
    return InvoiceDocument(
        sheet=sheet_of(practice, mark),
        practice=head_of(practice, facts.place),
        title=invoice_title(practice.country, tax_registered=_bears_tax(practice, facts.lines)),
        number=facts.number_text,
        issued_on=facts.issued_on or practice.day_of(facts.created_at),
        due_on=facts.due_on,
        bill_to=_party(facts.bill_to),
        patient=own_patient,
        practitioner=_practitioner(facts),
        lines=tuple(_line(practice, line, facts.tax_included) for line in facts.lines),
        prices_include_tax=facts.tax_included,
        subtotal=practice.money(facts.net_minor),
        taxes=_taxes(practice, facts.lines),
        total=practice.money(facts.total_minor),
        applied=_applied(facts, paid),
        owing=practice.money(owing),
        remaining_credit=practice.money(credit_minor) if credit_minor else None,
        notes=tuple(note for note in (facts.notes.strip(), facts.practice_notes.strip()) if note),
    )


def credit_note_document(facts: CreditNoteFacts, freed_minor: int) -> CreditNoteDocument:
    """The shape of a credit note; `freed_minor` had been paid and is account credit again."""
    invoice = facts.invoice
    practice = invoice.practice
    taxed = _bears_tax(practice, invoice.lines)
    return CreditNoteDocument(
        sheet=sheet_of(practice, Mark.NONE),
        practice=head_of(practice, invoice.place),
        title=credit_note_title(practice.country, tax_registered=taxed),
        number=facts.number_text,
        issued_on=facts.issued_on,
        invoice_number=invoice.number_text,
        bill_to=_party(invoice.bill_to),
        patient=None if invoice.billed_to_patient else _party(invoice.patient),
        reason=facts.reason,
        lines=tuple(_credited_line(practice, line, invoice.tax_included) for line in facts.lines),
        prices_include_tax=invoice.tax_included,
        subtotal=practice.money(facts.net_minor),
        taxes=_taxes(practice, facts.lines),
        total=practice.money(facts.total_minor),
        off_invoice=practice.money(facts.total_minor - freed_minor),
        to_credit=practice.money(freed_minor),
    )


def sheet_of(practice: PracticeFacts, mark: Mark) -> Sheet:
    """How documents of a practice are set."""
    return Sheet(
        locale=locale_for(practice.locale, practice.country),
        currency=practice.currency,
        paper=paper_for(practice.country),
        mark=mark,
    )


def head_of(practice: PracticeFacts, place: PlaceFacts | None) -> Practice:
    """The head of the paper: the practice, and where it is."""
    lines = place.address.splitlines() if place else []
    return Practice(
        name=practice.name,
        address=tuple(line.strip() for line in lines if line.strip()),
        phone=place.phone if place else "",
        email=place.email if place else "",
        tax_label=practice.tax_number_label,
        tax_number=practice.tax_number,
    )


def tax_text(name: str, percent: Decimal, locale: str) -> str:
    """A tax as printed: "GST 10%"; the percentage is not said twice."""
    if not name:
        return ""
    figure = format_decimal(percent.normalize(), locale=locale)
    return name if figure in name else f"{name} {figure}%"


def _bears_tax(practice: PracticeFacts, lines: Sequence[LineFacts]) -> bool:
    """Who has a tax number and charges the tax is registered for it."""
    return bool(practice.tax_number) and any(line.tax_percent for line in lines)


def _party(facts: PartyFacts) -> Party:
    return Party(name=facts.name, lines=facts.lines)


def _practitioner(facts: InvoiceFacts) -> Practitioner | None:
    if not facts.practitioner:
        return None
    return Practitioner(name=facts.practitioner, provider_number=facts.provider_number)


def _line(practice: PracticeFacts, line: LineFacts, tax_included: bool) -> Line:
    amount = practice.money(line.total_minor if tax_included else line.net_minor)
    price = practice.money(line.unit_price_minor)
    off = price.at_rate(line.quantity) - amount
    return Line(
        description=line.description,
        code=line.code,
        served_on=line.service_on,
        quantity=format_decimal(line.quantity.normalize(), locale=practice.locale),
        unit_price=price,
        amount=amount,
        discount=off if off.minor > 0 else None,
        tax=_tax_of(practice, line),
    )


def _credited_line(practice: PracticeFacts, line: LineFacts, tax_included: bool) -> Line:
    amount = practice.money(line.total_minor if tax_included else line.net_minor)
    return Line(
        description=line.description,
        code=line.code,
        served_on=line.service_on,
        unit_price=amount,
        amount=amount,
        tax=_tax_of(practice, line),
    )


def _tax_of(practice: PracticeFacts, line: LineFacts) -> str:
    if not line.tax_percent:
        return ""
    return tax_text(line.tax_name, line.tax_percent, practice.locale)


def _taxes(practice: PracticeFacts, lines: Sequence[LineFacts]) -> tuple[TaxRow, ...]:
    sums: dict[str, tuple[Money, Money]] = {}
    zero = Money.zero(practice.currency)
    for line in lines:
        if name := _tax_of(practice, line):
            net, tax = sums.get(name, (zero, zero))
            sums[name] = (
                net + practice.money(line.net_minor),
                tax + practice.money(line.tax_minor),
            )
    return tuple(TaxRow(name=name, net=net, tax=tax) for name, (net, tax) in sums.items())


def _applied(facts: InvoiceFacts, paid: Sequence[AllocationLine]) -> tuple[AppliedRow, ...]:
    practice = facts.practice
    rows = [
        AppliedRow(
            kind=Applied.ACCOUNT_CREDIT if line.from_credit else Applied.PAYMENT,
            amount=practice.money(line.standing_minor),
            on=line.allocated_on,
            reference=_reference(practice, line),
        )
        for line in paid
        if line.standing_minor
    ]
    rows += [
        AppliedRow(
            kind=Applied.CREDIT_NOTE,
            amount=practice.money(note.total_minor),
            on=note.issued_on,
            reference=practice.credit_note_number(note.number),
        )
        for note in facts.credit_notes
    ]
    return tuple(sorted(rows, key=lambda row: row.on))


def _reference(practice: PracticeFacts, line: AllocationLine) -> str:
    if line.receipt_number is None:
        return ""
    receipt = _("receipt %(number)s") % {
        "number": f"{practice.receipt_prefix}{line.receipt_number}"
    }
    return receipt if line.from_credit else ", ".join([*line.sources, receipt])
