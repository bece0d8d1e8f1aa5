"""What stands behind the journal entries of one payer: the document, the words, the person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from creditwell.audit.queries import notes_about
from creditwell.invoicing.models import CreditNote, Invoice
from creditwell.payments.models import Allocation, AllocationReturn, Dishonour, Payment, Refund
from creditwell.tenancy.access import PracticeFacts


@dataclass(frozen=True, slots=True)
class Cause:
    """
    Why something moved. `page` and `id` name the page of the document, "" where there is none.

    The words differ by where one stands: on a lot an allocation is an invoice, on an invoice it is
    a payment.
    """

    text: str
    page: str
    id: int
    who: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Causes:
    """By entry: the cause as seen from a lot, and as seen from an invoice."""

    of_lot: dict[int, Cause]
    of_invoice: dict[int, Cause]
    receipts: dict[int, tuple[int, str]]  # lot id -> payment id, receipt number


def causes_of(practice: PracticeFacts, payer_id: int) -> Causes:
    """Read all documents of a payer once; ten queries, however long the account is."""
    payments = list(
        Payment.objects.filter(practice_id=practice.id, payer_id=payer_id)
        .select_related("recorded_by")
        .prefetch_related("parts__source")
    )
    found = Causes(
        {}, {}, {row.lot_id: (row.pk, practice.receipt_number(row.number)) for row in payments}
    )
    voiders = _voiders(practice, payments)
    for row in payments:
        _add_payment(practice, found, row, voiders.get(row.pk, ""))
    _add_invoices(practice, payer_id, found)
    _add_allocations(practice, payer_id, found)
    _add_returns(practice, payer_id, found)
    _add_refunds(practice, payer_id, found)
    _add_dishonours(practice, payer_id, found)
    return found


def cause(table: dict[int, Cause], entry_id: int, undoes_id: int | None) -> Cause:
    """The cause of an entry; a reversal is found under the entry that it reverses, negated."""
    if undoes_id is not None:
        entry_id = -undoes_id
    return table.get(entry_id) or Cause(_("Correction"), "", 0, "")


def _name(user: Any) -> str:
    return user.name if user is not None else ""


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
        _name(row.recorded_by),
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


def _add_invoices(practice: PracticeFacts, payer_id: int, found: Causes) -> None:
    for row in Invoice.objects.filter(
        practice_id=practice.id, payer_id=payer_id, account__isnull=False
    ).select_related("created_by"):
        if row.entry_id is None:
            continue
        number = {"number": practice.invoice_number(row.number)}
        found.of_invoice[row.entry_id] = Cause(
            _("Invoice %(number)s issued") % number, "invoice", row.pk, _name(row.created_by)
        )
        found.of_invoice[-row.entry_id] = Cause(
            _("Invoice %(number)s voided") % number, "invoice", row.pk, "", row.void_reason
        )
    for note in CreditNote.objects.filter(
        practice_id=practice.id, invoice__payer_id=payer_id
    ).select_related("created_by"):
        found.of_invoice[note.entry_id] = Cause(
            _("Credit note %(number)s") % {"number": f"{practice.invoice_prefix}CN{note.number}"},
            "credit_note",
            note.pk,
            _name(note.created_by),
            note.reason,
        )


def _add_allocations(practice: PracticeFacts, payer_id: int, found: Causes) -> None:
    rows = Allocation.objects.filter(
        Q(lot__payer_id=payer_id) | Q(invoice__payer_id=payer_id), practice_id=practice.id
    ).select_related("invoice__payer", "lot__payer", "created_by")
    for row in rows:
        who = _name(row.created_by)
        found.of_lot[row.entry_id] = Cause(
            _("Paid invoice %(number)s") % {"number": practice.invoice_number(row.invoice.number)},
            "invoice",
            row.invoice_id,
            who,
            "" if row.invoice.payer_id == payer_id else row.invoice.payer.name,
        )
        found.of_invoice[row.entry_id] = _payer_of(found, row, payer_id, who)


def _payer_of(found: Causes, row: Allocation, payer_id: int, who: str) -> Cause:
    payment_id, number = found.receipts.get(row.lot_id, (0, ""))
    if row.lot.payer_id != payer_id:
        return Cause(_("Paid by %(name)s") % {"name": row.lot.payer.name}, "", 0, who)
    text = _("Paid by account credit") if row.payment_id is None else _("Paid")
    detail = _("Payment %(number)s") % {"number": number} if number else row.lot.note
    return Cause(text, "payment" if payment_id else "", payment_id, who, detail)


def _add_returns(practice: PracticeFacts, payer_id: int, found: Causes) -> None:
    rows = AllocationReturn.objects.filter(
        Q(allocation__lot__payer_id=payer_id) | Q(allocation__invoice__payer_id=payer_id),
        practice_id=practice.id,
    ).select_related("allocation__invoice", "created_by")
    for row in rows:
        invoice = row.allocation.invoice
        payment_id, receipt = found.receipts.get(row.allocation.lot_id, (0, ""))
        who = _name(row.created_by)
        found.of_lot[row.entry_id] = Cause(
            _("Taken back from invoice %(number)s")
            % {"number": practice.invoice_number(invoice.number)},
            "invoice",
            invoice.pk,
            who,
            row.reason,
        )
        text = (
            _("Taken back to payment %(number)s") % {"number": receipt}
            if receipt
            else _("Taken back to account credit")
        )
        found.of_invoice[row.entry_id] = Cause(
            text, "payment" if payment_id else "", payment_id, who, row.reason
        )


def _add_refunds(practice: PracticeFacts, payer_id: int, found: Causes) -> None:
    for row in Refund.objects.filter(practice_id=practice.id, payer_id=payer_id).select_related(
        "created_by"
    ):
        found.of_lot[row.entry_id] = Cause(
            _("Refund %(number)s") % {"number": row.number},
            "refund",
            row.pk,
            _name(row.created_by),
            row.reason,
        )


def _add_dishonours(practice: PracticeFacts, payer_id: int, found: Causes) -> None:
    for row in Dishonour.objects.filter(
        practice_id=practice.id, part__payment__payer_id=payer_id
    ).select_related("part__payment", "part__source", "created_by"):
        number = practice.receipt_number(row.part.payment.number)
        found.of_lot[row.entry_id] = Cause(
            _("Payment %(number)s taken back by the bank") % {"number": number},
            "payment",
            row.part.payment_id,
            _name(row.created_by),
            row.reason,
        )
