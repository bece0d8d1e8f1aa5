"""What a patient's page shows of their invoices. Amounts are minor units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from creditwell.invoicing.models import Invoice, InvoiceLine
from creditwell.invoicing.queries import InvoiceBrief, brief


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLineBrief:
    """An invoice in a list; `what` is the first thing sold and `more` how many follow it."""

    invoice: InvoiceBrief
    what: str
    more: int
    bill_to: str


def count_invoices(*, practice_id: int, patient_id: int) -> int:
    """All invoices of a patient, drafts and void ones too."""
    return Invoice.objects.filter(practice_id=practice_id, patient_id=patient_id).count()


def invoices_of(
    *, practice_id: int, patient_id: int, today: date, after: int = 0, limit: int = 50
) -> list[InvoiceLineBrief]:
    """One page of a patient's invoices, newest first, drafts before all; two queries."""
    rows = list(
        Invoice.objects.filter(
            Q(account__isnull=True) | Q(account__practice_id=practice_id),
            practice_id=practice_id,
            patient_id=patient_id,
        )
        .select_related("account", "bill_to")
        .order_by("-issued_on", "-id")[after : after + limit]
    )
    whats = first_things_of(practice_id=practice_id, invoice_ids=[row.pk for row in rows])
    return [
        InvoiceLineBrief(
            invoice=brief(row, today=today),
            what=whats.get(row.pk, ("", 0))[0],
            more=whats.get(row.pk, ("", 0))[1],
            bill_to=row.bill_to.name if row.bill_to else "",
        )
        for row in rows
    ]


def first_things_of(*, practice_id: int, invoice_ids: Iterable[int]) -> dict[int, tuple[str, int]]:
    """The first thing on each invoice and how many follow it, by invoice; one query."""
    found: dict[int, tuple[str, int]] = {}
    lines = InvoiceLine.objects.filter(practice_id=practice_id, invoice_id__in=list(invoice_ids))
    for invoice_id, text in lines.order_by("position", "id").values_list(
        "invoice_id", "description"
    ):
        first, more = found.get(invoice_id, (text, -1))
        found[invoice_id] = (first, more + 1)
    return found


def past_due_minor(*, practice_id: int, payer_id: int, today: date) -> int:
    """What a payer owes on invoices that were due before today; one query."""
    rows = Invoice.objects.filter(
        practice_id=practice_id,
        status=Invoice.Status.ISSUED,
        due_on__lt=today,
        account__practice_id=practice_id,
        account__holder_id=payer_id,
        account__kind="invoice",
        account__reference__isnull=True,
        account__balance_minor__lt=0,
    ).values_list("account__balance_minor", flat=True)
    return -sum(balance or 0 for balance in rows)


def find_by_number(
    *, practice_id: int, number: int, today: date
) -> tuple[InvoiceBrief, str] | None:
    """The invoice of a number with its patient's name, or None; one query."""
    row = (
        Invoice.objects.filter(practice_id=practice_id, number=number)
        .select_related("account", "patient__payer")
        .first()
    )
    return (brief(row, today=today), row.patient.payer.name) if row else None
