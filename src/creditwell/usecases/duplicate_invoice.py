"""An invoice is copied into a new draft."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.invoicing import operations
from creditwell.invoicing.lines import LineInput, priced_lines, total_of
from creditwell.invoicing.queries_document import InvoiceFacts, invoice_facts
from creditwell.kernel.errors import NotFound
from creditwell.kernel.usecase import usecase
from creditwell.people.operations import hold_patient
from creditwell.tenancy.access import Actor, Written


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateInvoice:
    practice_id: int
    key: str
    by: Actor
    invoice_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicated:
    invoice_id: int


@usecase(Duplicated)
def duplicate_invoice(command: DuplicateInvoice, now: datetime) -> Duplicated:
    """
    Copy patient, addressee, people and lines, with their prices, into a draft without a date.

    The appointment stays with the first invoice, and days of service stay where they were: the
    copy is of what was sold, not of the visit.

    :raises NotFound: if it is not of this practice
    :raises MergedAway: if the patient's record is being merged into another
    """
    facts = invoice_facts(practice_id=command.practice_id, invoice_id=command.invoice_id)
    practice = facts.practice
    held = hold_patient(practice_id=practice.id, patient_id=facts.patient_id)
    if held is None:
        raise NotFound
    patient = held[0]
    rows = priced_lines(practice=practice, lines=_lines(facts), concession_id=None)
    content = operations.Content(
        patient_id=facts.patient_id,
        lines=(),
        practitioner_id=facts.practitioner_id,
        location_id=facts.place.id if facts.place else None,
        bill_to_id=facts.bill_to_id,
        bill_to_text=_addressee(facts),
        bill_to_patient=True,
        notes=facts.notes,
    )
    head = operations.header(
        practice=practice, content=content, patient=patient, written=Written(command.by, now)
    )
    invoice_id = operations.write_draft(head, total_of(practice, rows), rows)
    note(
        "duplicate_invoice",
        ("invoice", invoice_id),
        practice_id=practice.id,
        by=command.by,
        at=now,
        details={"of": facts.id},
    )
    return Duplicated(invoice_id=invoice_id)


def _addressee(facts: InvoiceFacts) -> str:
    """What was written by hand; a patient or contact is written out anew when it is issued."""
    written_out = facts.status != "draft" and (facts.bill_to_id or facts.billed_to_patient)
    return "" if written_out else facts.bill_to_text


def _lines(facts: InvoiceFacts) -> list[LineInput]:
    return [
        LineInput(
            item_id=line.item_id,
            description=line.description,
            category_id=line.category_id,
            quantity=line.quantity,
            unit_price_minor=line.unit_price_minor,
            discount_percent=line.discount_percent,
            discount_minor=line.discount_minor,
            tax_rate_id=line.tax_rate_id,
            no_tax=line.tax_rate_id is None,
        )
        for line in facts.lines
    ]
