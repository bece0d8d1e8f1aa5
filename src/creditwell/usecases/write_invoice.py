"""An invoice is written: kept as a draft, or issued with a number."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.invoicing import operations
from creditwell.invoicing.lines import priced_lines, total_of
from creditwell.invoicing.models import Invoice
from creditwell.kernel.errors import REFUSED_BY, Invalid, NotFound, Refusal
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.packages.selling import Period, open_sold
from creditwell.people.operations import hold_patient
from creditwell.scheduling.models import Attendee
from creditwell.tenancy.access import Actor, PracticeFacts, Written


class VisitAlreadyInvoiced(Refusal):
    """The visit has an invoice."""

    code = "visit_already_invoiced"

    def __init__(self) -> None:
        super().__init__(_("This visit already has an invoice. Open it from the appointment."))


REFUSED_BY["invoicing_invoice_once_per_visit"] = VisitAlreadyInvoiced


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteInvoice:
    """Without `invoice_id` a new invoice; with it, a draft rewritten. `issue` gives it a number."""

    practice_id: int
    key: str
    by: Actor
    content: operations.Content
    issue: bool
    invoice_id: int | None = None
    email: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceWritten:
    invoice_id: int
    number: int | None
    total_minor: int
    package_ids: list[int] = field(default_factory=list)  # what it sold


@usecase(InvoiceWritten)
def write_invoice(command: WriteInvoice, now: datetime) -> InvoiceWritten:
    """
    Price the lines from the catalogue (concession prices too), keep or issue the invoice.

    :raises NotFound: if patient, visit, item or draft are not of this practice
    :raises MergedAway: if the patient's record was merged into another
    :raises NoLines, DiscountTooLarge, Invalid: as named
    :raises NotADraft: if it was issued before
    :raises VisitAlreadyInvoiced: if the visit has an invoice
    :raises BooksClosed: if the day's books are closed
    :raises OnePackageOnALine, NotAProduct, SoldAsMembership: if a line cannot sell its package
    """
    return write_within(command, now)


def write_within(
    command: WriteInvoice, now: datetime, *, period: Period | None = None
) -> InvoiceWritten:
    """The same as part of a larger act, in its transaction; `period` of a membership it is for."""
    content = command.content
    held = hold_patient(practice_id=command.practice_id, patient_id=content.patient_id)
    if held is None:
        raise NotFound(_("There is no such patient in this practice."), param="patient")
    patient, practice = held
    _check_visit(content, practice)
    rows = priced_lines(practice=practice, lines=content.lines, concession_id=patient.concession_id)
    head = operations.header(
        practice=practice, content=content, patient=patient, written=Written(command.by, now)
    )
    if command.issue:
        head = operations.frozen_addressee(head, patient)
    invoice_id, number = _write(command, practice, head, rows, practice.day_of(now))
    package_ids: list[int] = []
    if command.issue and any(row["sells_package"] for row in rows):
        package_ids = open_sold(
            practice, invoice_id=invoice_id, written=Written(command.by, now), period=period
        )
    total = total_of(practice, rows).total.minor
    written = InvoiceWritten(
        invoice_id=invoice_id, number=number, total_minor=total, package_ids=package_ids
    )
    _tell(command, written, now)
    return written


def _tell(command: WriteInvoice, written: InvoiceWritten, now: datetime) -> None:
    practice_id = command.practice_id
    note(
        "issue_invoice" if command.issue else "save_draft",
        ("invoice", written.invoice_id),
        practice_id=practice_id,
        by=command.by,
        at=now,
        details={"number": written.number, "total_minor": written.total_minor},
    )
    if command.issue:
        emit(
            "invoice.issued",
            {"invoice_id": written.invoice_id, "email": command.email},
            practice_id=practice_id,
            at=now,
        )
    for package_id in written.package_ids:
        note(
            "sell_package",
            ("package", package_id),
            practice_id=practice_id,
            by=command.by,
            at=now,
            details={"invoice_id": written.invoice_id},
        )
        emit("package.sold", {"package_id": package_id}, practice_id=practice_id, at=now)


def _check_visit(content: operations.Content, practice: PracticeFacts) -> None:
    if content.attendee_id is None:
        return
    visit = Attendee.objects.filter(
        practice_id=practice.id, pk=content.attendee_id, patient_id=content.patient_id
    )
    if not visit.exists():
        raise NotFound(_("There is no such visit of this patient."), param="attendee")


def _write(
    command: WriteInvoice,
    practice: PracticeFacts,
    head: dict[str, Any],
    rows: list[dict[str, Any]],
    today: date,
) -> tuple[int, int | None]:
    content = command.content
    issued_on = content.issued_on or today
    if issued_on > today:
        raise Invalid(_("An invoice cannot be issued on a day to come."), param="issued_on")
    if content.due_on is not None and content.due_on < issued_on:
        raise Invalid(_("The due date lies before the invoice date."), param="due_on")
    amounts = total_of(practice, rows)
    dates = {"issued_on": content.issued_on, "due_on": content.due_on}
    if command.invoice_id is None:
        if not command.issue:
            return operations.write_draft({**head, **dates}, amounts, rows), None
        return operations.issue_new(
            practice=practice, head=head, rows=rows, issued_on=issued_on, due_on=content.due_on
        )
    invoice = (
        Invoice.objects.select_for_update(of=("self",), no_key=True)
        .filter(practice_id=practice.id, pk=command.invoice_id)
        .first()
    )
    if invoice is None:
        raise NotFound
    operations.rewrite_draft(invoice=invoice, head={**head, **dates}, amounts=amounts, rows=rows)
    if not command.issue:
        return invoice.pk, None
    invoice.payer_id, invoice.total_minor = head["payer_id"], amounts.total.minor
    number = operations.issue_draft(
        practice=practice, invoice=invoice, issued_on=issued_on, due_on=content.due_on
    )
    return invoice.pk, number
