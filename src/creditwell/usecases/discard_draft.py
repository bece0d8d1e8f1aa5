"""A draft invoice is thrown away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.invoicing.models import Invoice
from creditwell.invoicing.operations import NotADraft
from creditwell.kernel.errors import NotFound
from creditwell.kernel.usecase import usecase
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscardDraft:
    practice_id: int
    key: str
    by: Actor
    invoice_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Discarded:
    patient_id: int


@usecase(Discarded)
def discard_draft(command: DiscardDraft, now: datetime) -> Discarded:
    """
    Remove a draft; it never had a number, so none is missing.

    :raises NotFound: if it is not of this practice
    :raises NotADraft: if it was issued
    """
    invoice = (
        Invoice.objects.select_for_update(of=("self",))
        .filter(practice_id=command.practice_id, pk=command.invoice_id)
        .first()
    )
    if invoice is None:
        raise NotFound
    if invoice.status != Invoice.Status.DRAFT:
        raise NotADraft
    note(
        "discard_draft",
        ("invoice", invoice.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"patient_id": invoice.patient_id, "total_minor": invoice.total_minor},
    )
    patient_id = invoice.patient_id
    invoice.lines.filter(practice_id=command.practice_id).delete()
    Invoice.objects.filter(practice_id=command.practice_id, pk=invoice.pk).delete()
    return Discarded(patient_id=patient_id)
