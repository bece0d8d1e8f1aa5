"""What stands behind the journal entries of payers: the document, the words, the person."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from creditwell.audit.queries import notes_about
from creditwell.invoicing.models import CreditNote, Invoice
from creditwell.payments.causes import Cause, Causes, add_credit_acts, name_of
from creditwell.payments.models import Allocation, AllocationReturn, Payment, Refund
from creditwell.tenancy.access import PracticeFacts


def causes_of(practice: PracticeFacts, payers: Collection[int]) -> Causes:
    """Read all documents of these payers once; seventeen queries, however long the accounts are."""
    payments = list(
        Payment.objects.filter(practice_id=practice.id, payer_id__in=payers)
        .select_related("recorded_by")
        .prefetch_related("parts__source")
    )
    found = Causes(
        receipts={row.lot_id: (row.pk, practice.receipt_number(row.number)) for row in payments}
    )
    voiders = _voiders(practice, payments)
    for row in payments:
        _add_payment(practice, found, row, voiders.get(row.pk, ""))
    _add_invoices(practice, payers, found)
    _add_allocations(practice, payers, found)
    _add_returns(practice, payers, found)
    _add_refunds(practice, payers, found)
    add_credit_acts(practice, found, payers)
    return found


def _voiders(practice: PracticeFacts, payments: list[Payment]) -> dict[int, str]:
    gone = [("payment", row.pk) for row in payments if row.status != Payment.Status.RECORDED]
    if not gone:
        return {}
    lines = notes_about(practice_id=practice.id, subjects=gone, limit=4 * len(gone))
    return {
        line.subject_id: line.who
        for line in reversed(lines)
        if line.action in ("void_payment", "edit_payment")
    }


def _add_payment(practice: PracticeFacts, found: Causes, row: Payment, voider: str) -> None:
    number = practice.receipt_number(row.number)
    sources = ", ".join(dict.fromkeys(part.source.name for part in row.parts.all()))
    found.of_lot[row.entry_id] = Cause(
        _("Payment %(number)s") % {"number": number},
        "payment",
        row.pk,
        name_of(row.recorded_by),
        sources,
    )
    text = (
        _("Payment %(number)s changed")
        if row.status == Payment.Status.REPLACED
        else _("Payment %(number)s voided")
    )
    found.of_lot[-row.entry_id] = Cause(
        text % {"number": number}, "payment", row.pk, voider, row.void_reason
    )


def _add_invoices(practice: PracticeFacts, payers: Collection[int], found: Causes) -> None:
    for row in Invoice.objects.filter(
        practice_id=practice.id, payer_id__in=payers, account__isnull=False
    ).select_related("created_by"):
        if row.entry_id is None:
            continue
        number = {"number": practice.invoice_number(row.number)}
        found.of_invoice[row.entry_id] = Cause(
            _("Invoice %(number)s issued") % number, "invoice", row.pk, name_of(row.created_by)
        )
        found.of_invoice[-row.entry_id] = Cause(
            _("Invoice %(number)s voided") % number, "invoice", row.pk, "", row.void_reason
        )
    for note in CreditNote.objects.filter(
        practice_id=practice.id, invoice__payer_id__in=payers
    ).select_related("created_by"):
        found.of_invoice[note.entry_id] = Cause(
            _("Credit note %(number)s") % {"number": practice.credit_note_number(note.number)},
            "credit_note",
            note.pk,
            name_of(note.created_by),
            note.reason,
        )


def _add_allocations(practice: PracticeFacts, payers: Collection[int], found: Causes) -> None:
    rows = Allocation.objects.filter(
        Q(lot__payer_id__in=payers) | Q(invoice__payer_id__in=payers), practice_id=practice.id
    ).select_related("invoice__payer", "lot__payer", "created_by")
    for row in rows:
        who = name_of(row.created_by)
        named = {
            "number": practice.invoice_number(row.invoice.number),
            "name": row.invoice.payer.name,
        }
        text = (
            _("Paid invoice %(number)s")
            if row.invoice.payer_id == row.lot.payer_id
            else _("Paid invoice %(number)s of %(name)s")
        )
        found.of_lot[row.entry_id] = Cause(text % named, "invoice", row.invoice_id, who)
        found.of_invoice[row.entry_id] = _payer_of(found, row, who)


def _payer_of(found: Causes, row: Allocation, who: str) -> Cause:
    payment_id, number = found.receipts.get(row.lot_id, (0, ""))
    if row.lot.payer_id != row.invoice.payer_id:
        text = _("Paid by credit of %(name)s") % {"name": row.lot.payer.name}
        return Cause(text, "payment" if payment_id else "", payment_id, who, row.agreed)
    text = _("Paid by account credit") if row.payment_id is None else _("Paid")
    detail = _("Payment %(number)s") % {"number": number} if number else row.lot.note
    return Cause(text, "payment" if payment_id else "", payment_id, who, detail)


def _add_returns(practice: PracticeFacts, payers: Collection[int], found: Causes) -> None:
    rows = AllocationReturn.objects.filter(
        Q(allocation__lot__payer_id__in=payers) | Q(allocation__invoice__payer_id__in=payers),
        practice_id=practice.id,
    ).select_related("allocation__invoice__payer", "allocation__lot__payer", "created_by")
    credited = _credit_notes(practice, rows)
    for row in rows:
        invoice = row.allocation.invoice
        payment_id, receipt = found.receipts.get(row.allocation.lot_id, (0, ""))
        who = name_of(row.created_by)
        note = credited.get((invoice.pk, row.created_at, row.reason))
        found.of_lot[row.entry_id] = Cause(
            _taken_back(practice, row.allocation, note),
            "credit_note" if note else "invoice",
            note.pk if note else invoice.pk,
            who,
            row.reason,
        )
        if row.allocation.lot.payer_id != invoice.payer_id:
            text = _("Taken back by %(name)s") % {"name": row.allocation.lot.payer.name}
        elif receipt:
            text = _("Taken back to payment %(number)s") % {"number": receipt}
        else:
            text = _("Taken back to account credit")
        found.of_invoice[row.entry_id] = Cause(
            text, "payment" if payment_id else "", payment_id, who, row.reason
        )


def _credit_notes(
    practice: PracticeFacts, rows: Iterable[AllocationReturn]
) -> dict[tuple[int, datetime, str], CreditNote]:
    """The credit notes that took something back: of the same invoice, moment and reason."""
    ids = {row.allocation.invoice_id for row in rows}
    notes = CreditNote.objects.filter(practice_id=practice.id, invoice_id__in=ids) if ids else ()
    return {(note.invoice_id, note.created_at, note.reason): note for note in notes}


def _taken_back(practice: PracticeFacts, row: Allocation, note: CreditNote | None) -> str:
    own = row.invoice.payer_id == row.lot.payer_id
    named = {
        "number": practice.invoice_number(row.invoice.number),
        "name": row.invoice.payer.name,
    }
    if note is not None:
        named["note"] = practice.credit_note_number(note.number)
        text = (
            _("Credit note %(note)s on invoice %(number)s")
            if own
            else _("Credit note %(note)s on invoice %(number)s of %(name)s")
        )
    elif own:
        text = _("Taken back from invoice %(number)s")
    else:
        text = _("Taken back from invoice %(number)s of %(name)s")
    return text % named


def _add_refunds(practice: PracticeFacts, payers: Collection[int], found: Causes) -> None:
    for row in Refund.objects.filter(practice_id=practice.id, payer_id__in=payers).select_related(
        "created_by"
    ):
        found.of_lot[row.entry_id] = Cause(
            _("Refund %(number)s") % {"number": row.number},
            "refund",
            row.pk,
            name_of(row.created_by),
            row.reason,
        )
