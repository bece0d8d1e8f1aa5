"""
A payer's account as it went: invoices, credit notes, payments, refunds, and their corrections.

It is read from the journal itself, so its last balance is what the ledger says, on any day; the
documents only lend their names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from creditwell.credit.models import Lot
from creditwell.invoicing.models import CreditNote, Invoice
from creditwell.ledger.queries_history import Movement, movements
from creditwell.money.money import Money
from creditwell.payments.causes import ACTS, Causes, add_credit_acts
from creditwell.payments.models import Allocation, AllocationReturn, Payment, Refund
from creditwell.tenancy.access import PracticeFacts, practice_facts


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """
    One event of an account.

    `kind` is invoice, invoice_void, credit_note, payment, payment_void, refund, allocation,
    allocation_return, one of ACTS, or other; `document_id` belongs to the invoice (also of a credit
    note), payment or refund. A positive balance is owed, a negative one is in the payer's favour.
    """

    on: date
    kind: str
    document_id: int | None
    number: str
    text: str
    detail: str
    charged: Money | None
    paid: Money | None
    balance: Money
    recorded_at: datetime

    @property
    def url_name(self) -> str:
        """Name of the page of the document, "" where there is none."""
        return PAGES.get(self.kind, "") if self.document_id else ""


PAGES = {
    "invoice": "invoice",
    "invoice_void": "invoice",
    "credit_note": "invoice",
    "allocation": "invoice",
    "allocation_return": "invoice",
    "payment": "payment",
    "payment_void": "payment",
    "refund": "refund",
    "dishonour": "payment",
}


@dataclass(frozen=True, slots=True)
class Document:
    """What a movement is called, and where it leads."""

    id: int | None
    number: str
    text: str
    detail: str = ""


def account_history(
    practice_id: int,
    payer_id: int,
    *,
    until: date | None = None,
    limit: int | None = None,
    practice: PracticeFacts | None = None,
) -> list[AccountRow]:
    """
    The account of a payer in the order of the books, each row with the balance after it.

    With `limit` only the last so many rows (their balances are right all the same). The last
    balance is ledger.queries.standing_of(as_of=until).balance_minor. A bounded number of queries.
    """
    facts = practice or practice_facts(practice_id)
    moved = movements(
        practice_id=facts.id,
        account_ids=accounts_of(practice_id=facts.id, payer_id=payer_id),
        until=until,
    )
    balance = 0
    rows: list[tuple[Movement, int]] = []
    for movement in moved:
        balance -= movement.amount_minor
        rows.append((movement, balance))
    rows = rows if limit is None else rows[max(0, len(rows) - limit) :]
    documents = documents_of(facts, payer_id, [movement for movement, _after in rows])
    return [_row(facts, movement, after, documents) for movement, after in rows]


def accounts_of(*, practice_id: int, payer_id: int) -> list[int]:
    """The ledger accounts of a payer: every lot and every issued invoice; two queries."""
    lots = Lot.objects.filter(practice_id=practice_id, payer_id=payer_id)
    invoices = Invoice.objects.filter(
        practice_id=practice_id, payer_id=payer_id, account__isnull=False
    )
    return [
        *lots.values_list("account_id", flat=True),
        *(pk for pk in invoices.values_list("account_id", flat=True) if pk is not None),
    ]


def _row(
    facts: PracticeFacts, movement: Movement, after: int, documents: dict[int, Document]
) -> AccountRow:
    document = documents.get(movement.entry_id) or Document(None, "", _("Correction"))
    amount = facts.money(abs(movement.amount_minor))
    return AccountRow(
        on=movement.on,
        kind=movement.kind if movement.kind in (*PAGES, *ACTS) else "other",
        document_id=document.id,
        number=document.number,
        text=document.text,
        detail=document.detail,
        charged=amount if movement.amount_minor < 0 else None,
        paid=amount if movement.amount_minor > 0 else None,
        balance=facts.money(after),
        recorded_at=movement.recorded_at,
    )


def documents_of(
    facts: PracticeFacts, payer_id: int, moved: Iterable[Movement]
) -> dict[int, Document]:
    """
    The document behind each movement, by entry; one query for each kind there is, and six for all
    acts of credit.
    """
    by_kind: dict[str, list[Movement]] = {}
    for movement in moved:
        kind = ACTS[0] if movement.kind in ACTS else movement.kind
        by_kind.setdefault(kind, []).append(movement)
    found: dict[int, Document] = {}
    for kind, group in by_kind.items():
        if kind in _NAMING:
            found.update(_NAMING[kind](facts, payer_id, group))
    return found


def _ids(group: Iterable[Movement]) -> dict[int, int]:
    """The entry of the document -> the entry that moved (a reversal stands for its original)."""
    return {movement.undoes_id or movement.entry_id: movement.entry_id for movement in group}


def _invoices(facts: PracticeFacts, payer_id: int, group: list[Movement]) -> dict[int, Document]:
    entries = _ids(group)
    rows = Invoice.objects.filter(
        practice_id=facts.id, payer_id=payer_id, entry_id__in=list(entries)
    ).values_list("entry_id", "pk", "number", "void_reason")
    void = group[0].kind == "invoice_void"
    named: dict[int, Document] = {}
    for entry, pk, number, reason in rows:
        shown = facts.invoice_number(number)
        text = (
            _("Invoice %(number)s voided") % {"number": shown}
            if void
            else _("Invoice %(number)s") % {"number": shown}
        )
        named[entries[entry or 0]] = Document(pk, shown, text, reason if void else "")
    return named


def _credit_notes(
    facts: PracticeFacts, payer_id: int, group: list[Movement]
) -> dict[int, Document]:
    entries = _ids(group)
    rows = CreditNote.objects.filter(
        practice_id=facts.id, invoice__payer_id=payer_id, entry_id__in=list(entries)
    ).select_related("invoice")
    return {
        entries[row.entry_id]: Document(
            row.invoice_id,
            (shown := facts.credit_note_number(row.number)),
            _("Credit note %(number)s for invoice %(invoice)s")
            % {"number": shown, "invoice": facts.invoice_number(row.invoice.number)},
            row.reason,
        )
        for row in rows
    }


def _payments(facts: PracticeFacts, payer_id: int, group: list[Movement]) -> dict[int, Document]:
    entries = _ids(group)
    rows = Payment.objects.filter(
        practice_id=facts.id, payer_id=payer_id, entry_id__in=list(entries)
    ).prefetch_related("parts__source")
    back = group[0].kind == "payment_void"
    named: dict[int, Document] = {}
    for row in rows:
        number = facts.receipt_number(row.number)
        sources = ", ".join(dict.fromkeys(part.source.name for part in row.parts.all()))
        if not back:
            text, detail = _("Payment %(number)s") % {"number": number}, sources
        elif row.status == Payment.Status.REPLACED:
            text, detail = _("Payment %(number)s changed") % {"number": number}, ""
        else:
            text, detail = _("Payment %(number)s voided") % {"number": number}, row.void_reason
        named[entries[row.entry_id]] = Document(row.pk, number, text, detail)
    return named


def _refunds(facts: PracticeFacts, payer_id: int, group: list[Movement]) -> dict[int, Document]:
    entries = _ids(group)
    rows = Refund.objects.filter(
        practice_id=facts.id, payer_id=payer_id, entry_id__in=list(entries)
    )
    return {
        entries[row.entry_id]: Document(
            row.pk, str(row.number), _("Refund %(number)s") % {"number": row.number}, row.reason
        )
        for row in rows
    }


def _allocations(facts: PracticeFacts, payer_id: int, group: list[Movement]) -> dict[int, Document]:
    """Credit of one payer that paid an invoice of another."""
    entries = _ids(group)
    rows = Allocation.objects.filter(
        practice_id=facts.id, entry_id__in=list(entries)
    ).select_related("invoice__payer", "lot__payer")
    return {entries[row.entry_id]: _between(facts, payer_id, row) for row in rows}


def _returns(facts: PracticeFacts, payer_id: int, group: list[Movement]) -> dict[int, Document]:
    entries = _ids(group)
    rows = AllocationReturn.objects.filter(
        practice_id=facts.id, entry_id__in=list(entries)
    ).select_related("allocation__invoice__payer", "allocation__lot__payer")
    return {
        entries[row.entry_id]: _between(facts, payer_id, row.allocation, back=True) for row in rows
    }


def _between(
    facts: PracticeFacts, payer_id: int, row: Allocation, *, back: bool = False
) -> Document:
    number = facts.invoice_number(row.invoice.number)
    if row.lot.payer_id == payer_id:
        sentence = _("Credit used for invoice %(number)s of %(name)s")
        name = row.invoice.payer.name
    else:
        sentence = _("Invoice %(number)s paid by %(name)s")
        name = row.lot.payer.name
    detail = _("Taken back") if back else ""
    return Document(row.invoice_id, number, sentence % {"number": number, "name": name}, detail)


def _acts(facts: PracticeFacts, payer_id: int, group: list[Movement]) -> dict[int, Document]:
    """Transfers, gifts, expiry and grace, dishonour."""
    found = Causes()
    add_credit_acts(facts, found, [payer_id], list(_ids(group)))
    named = {}
    for movement in group:
        why = found.of(
            movement.entry_id, undoes_id=movement.undoes_id, onto=movement.amount_minor > 0
        )
        named[movement.entry_id] = Document(why.id or None, "", why.text, why.detail)
    return named


_Naming = Callable[[PracticeFacts, int, list[Movement]], dict[int, Document]]
_NAMING: dict[str, _Naming] = {
    "invoice": _invoices,
    "invoice_void": _invoices,
    "credit_note": _credit_notes,
    "payment": _payments,
    "payment_void": _payments,
    "refund": _refunds,
    "allocation": _allocations,
    "allocation_return": _returns,
    **dict.fromkeys(ACTS, _acts),
}
