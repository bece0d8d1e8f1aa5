"""
From a shape to what the templates print: ready words in the language of the sheet.

The templates hold no word of their own. Call these with the sheet's language active
(`render` does); each answer is plain data that JSON can carry.
"""

from __future__ import annotations

import re
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from creditwell.integrations.documents.figures import Figures
from creditwell.integrations.documents.shapes import (
    Allocation,
    Applied,
    AppliedRow,
    CreditNoteDocument,
    InvoiceDocument,
    Mark,
    Party,
    Practice,
    ReceiptDocument,
    Sheet,
    StatementDocument,
    TaxRow,
    Title,
    TransferDocument,
)
from creditwell.integrations.documents.shapes_attendance import AttendanceDocument
from creditwell.integrations.documents.shapes_voucher import VoucherDocument
from creditwell.integrations.documents.tables import (
    Data,
    line_table,
    lot_table,
    provider,
    statement_table,
    visit_table,
)

Document = (
    InvoiceDocument
    | CreditNoteDocument
    | ReceiptDocument
    | StatementDocument
    | TransferDocument
    | VoucherDocument
    | AttendanceDocument
)


def invoice_words(document: InvoiceDocument) -> Data:
    """What an invoice prints."""
    figures = Figures(document.sheet.locale)
    dates = [fact_of(_("Issued"), figures.day(document.issued_on))]
    if document.due_on is not None:
        dates.append(fact_of(_("Due"), figures.day(document.due_on)))
    sums = _total_rows(document, figures)
    sums += [_applied_row(row, figures) for row in document.applied]
    owes = document.sheet.mark is not Mark.VOID
    after = []
    if document.remaining_credit is not None:
        credit = figures.full(document.remaining_credit)
        after.append(sum_row(_("Remaining account credit"), credit, tone="credit"))
    return {
        **common(document, _title(document.title), document.number, document.issued_on),
        "facts": [*_people(document), dates],
        "table": line_table(document.lines, figures),
        "sums": {
            "rows": sums,
            "grand": sum_row(
                _("Still owing") if document.applied and owes else _("Owing"),
                figures.full(document.owing),
            ),
            "after": after,
        },
        "notes": list(document.notes),
    }


def credit_note_words(document: CreditNoteDocument) -> Data:
    """What a credit note prints."""
    figures = Figures(document.sheet.locale)
    invoice = _("Invoice %(number)s") % {"number": document.invoice_number}
    dates = [
        fact_of(_("Issued"), figures.day(document.issued_on)),
        fact_of(_("Corrects"), invoice),
    ]
    went = [sum_row(text, "") for text in _taxes_included(document, figures)]
    if document.off_invoice:
        text = _("Taken off invoice %(number)s") % {"number": document.invoice_number}
        went.append(sum_row(text, figures.column(document.off_invoice)))
    if document.refunded:
        went.append(sum_row(_("Refunded"), figures.column(document.refunded)))
    if document.to_credit:
        text = _("Kept as account credit")
        went.append(sum_row(text, figures.column(document.to_credit), tone="credit"))
    return {
        **common(document, _title(document.title), document.number, document.issued_on),
        "facts": [*_people(document), dates],
        "table": line_table(document.lines, figures),
        "sums": {
            "rows": _total_rows(document, figures)[:-1],
            "grand": sum_row(_("Total credited"), figures.full(document.total)),
            "after": went,
        },
        "notes": [document.reason] if document.reason else [],
    }


def receipt_words(document: ReceiptDocument) -> Data:
    """What a receipt prints: two sums that agree, and the account credit apart."""
    figures = Figures(document.sheet.locale)
    went = [_allocated(row, figures) for row in document.allocations]
    went += [sum_row(entry.text, figures.column(entry.amount)) for entry in document.others]
    if document.not_allocated:
        text = _("Not allocated \u2014 kept as account credit")
        went.append(sum_row(text, figures.column(document.not_allocated), tone="credit"))
    used = [_allocated(row, figures, tone="credit") for row in document.credit_used]
    after = None
    if document.credit_after is not None:
        after = sum_row(_("Account credit now"), figures.full(document.credit_after), tone="credit")
    sentence = _("Received from %(payer)s on %(date)s")
    gaps = {"payer": document.payer.name, "date": figures.day(document.received_on)}
    every = common(document, _("Receipt"), document.number, document.received_on)
    return {
        **every,
        "status": [*every["status"], *_replacement(document)],
        "big": figures.big(document.total),
        "sentence": _emphasised(sentence, gaps, strong="payer"),
        "payer_lines": list(document.payer.lines),
        "facts": [[party_of(_("For"), document.patient)]] if document.patient else [],
        "paid_by": _ledger(
            _("Paid by"),
            [
                sum_row(s.name, figures.column(s.amount), sub=(s.reference,))
                for s in document.sources
            ],
            sum_row(_("Received"), figures.full(document.total)),
        ),
        "went": _ledger(_("Went towards"), went, sum_row(_("Total"), figures.full(document.total))),
        "used": _ledger(_("Account credit used"), used, None) if used else None,
        "after": after,
        "notes": list(document.notes),
    }


def transfer_words(document: TransferDocument) -> Data:
    """What one side of a transfer of credit reads; set like a receipt."""
    figures = Figures(document.sheet.locale)
    sentence = (
        _("of account credit went from %(side)s to %(other)s on %(date)s")
        if document.gave
        else _("of account credit came to %(side)s from %(other)s on %(date)s")
    )
    gaps = {
        "side": document.side.name,
        "other": document.other,
        "date": figures.day(document.on),
    }
    went = [sum_row(_("Transferred"), figures.column(document.total), tone="credit")]
    if document.back:
        went.append(sum_row(_("Gone back since"), figures.column(-document.back)))
    return {
        **common(document, _("Transfer of credit"), document.number, document.on),
        "big": figures.big(document.total),
        "sentence": _emphasised(sentence, gaps, strong="side"),
        "payer_lines": list(document.side.lines),
        "facts": [],
        "paid_by": _ledger(
            _("Which credit"),
            [sum_row(part.text, figures.column(part.amount)) for part in document.parts],
            sum_row(_("Total"), figures.full(document.total)),
        ),
        "went": _ledger(
            _("What stands"),
            went,
            sum_row(_("Total"), figures.full(document.total - document.back)),
        ),
        "used": None,
        "after": sum_row(
            _("Account credit now"), figures.full(document.credit_after), tone="credit"
        ),
        "notes": list(document.notes),
    }


def statement_words(document: StatementDocument) -> Data:
    """What an account statement prints."""
    figures = Figures(document.sheet.locale)
    in_credit = document.closing.minor < 0
    period = [
        fact_of(pgettext("first day of a period", "From"), figures.day(document.from_on)),
        fact_of(pgettext("last day of a period", "To"), figures.day(document.to_on)),
    ]
    return {
        **common(document, _("Statement"), "", document.issued_on or document.to_on),
        "facts": [[party_of(_("Account of"), document.patient)], *[[fact] for fact in period]],
        "table": statement_table(document, figures),
        "sums": {
            "rows": [
                sum_row(_("Owing on invoices"), figures.column(document.owing)),
                sum_row(_("Account credit"), figures.column(-document.credit), tone="credit"),
            ],
            "grand": sum_row(
                _("Balance, in credit") if in_credit else _("Balance owing"),
                figures.full(document.closing),
                tone="credit" if in_credit else "",
            ),
            "after": [],
        },
        "ageing": _ageing(document, figures),
        "lots": lot_table(document, figures) if document.lots else None,
        "visits": visit_table(document, figures) if document.visits else None,
        "notes": list(document.notes),
    }


def common(document: Document, title: str, number: str, on: date) -> Data:
    """What every document has: sheet, title, the head of the paper, the foot."""
    sheet, practice = document.sheet, document.practice
    language, _unused, region = sheet.locale.partition("_")
    numbered = f"{title} {number}".strip()
    return {
        "language": language,
        "region": region.rpartition("_")[2],
        "paper": sheet.paper.value,
        "date": [on.year, on.month, on.day],
        "title": title,
        "number": _("No. %(number)s") % {"number": number} if number else "",
        "name": numbered,
        "mark": _mark(sheet),
        "mark_tone": sheet.mark.value,
        "status": _status(sheet),
        "practice": practice.name,
        "practice_lines": _practice_lines(practice),
        "logo": list(practice.logo) if practice.logo else [],
        "footer": document.footer,
        "page": _("Page {page} of {pages}"),
    }


def _practice_lines(practice: Practice) -> list[str]:
    tax = f"{practice.tax_label} {practice.tax_number}" if practice.tax_number else ""
    reach = [line for line in (practice.phone, practice.email, tax.strip()) if line]
    return [*practice.address, *reach]


def _mark(sheet: Sheet) -> str:
    return {
        Mark.NONE: "",
        Mark.DRAFT: pgettext("across a page", "DRAFT"),
        Mark.VOID: pgettext("across a page", "VOID"),
    }[sheet.mark]


def _status(sheet: Sheet) -> list[str]:
    return {
        Mark.NONE: [],
        Mark.DRAFT: [_("Draft, not issued yet")],
        Mark.VOID: [_("Void, no longer valid")],
    }[sheet.mark]


def _title(title: Title) -> str:
    return {
        Title.INVOICE: _("Invoice"),
        Title.TAX_INVOICE: _("Tax invoice"),
        Title.CREDIT_NOTE: _("Credit note"),
        Title.ADJUSTMENT_NOTE: _("Adjustment note"),
    }[title]


def _replacement(document: ReceiptDocument) -> list[str]:
    lines = []
    if document.replaces:
        lines.append(_("Replaces receipt %(number)s") % {"number": document.replaces})
    if document.replaced_by:
        lines.append(_("Replaced by receipt %(number)s") % {"number": document.replaced_by})
    return lines


def sum_row(text: str, amount: str, *, tone: str = "", sub: tuple[str, ...] = ()) -> Data:
    return {"text": text, "amount": amount, "tone": tone, "sub": [line for line in sub if line]}


def _ledger(head: str, rows: list[Data], grand: Data | None) -> Data:
    return {"head": head, "rows": rows, "grand": grand}


def fact_of(label: str, text: str, lines: tuple[str, ...] = (), *, strong: bool = False) -> Data:
    return {"label": label, "text": text, "lines": list(lines), "strong": strong}


def party_of(label: str, party: Party) -> Data:
    return fact_of(label, party.name, party.lines, strong=True)


def _people(document: InvoiceDocument | CreditNoteDocument) -> list[list[Data]]:
    """The columns that name people: who is billed, then the patient and who gave the care."""
    care = []
    if document.patient is not None:
        care.append(fact_of(_("Patient"), document.patient.name, document.patient.lines))
    practitioner = getattr(document, "practitioner", None)
    if practitioner is not None:
        lines = (provider(practitioner),) if practitioner.provider_number else ()
        care.append(fact_of(_("Practitioner"), practitioner.name, lines))
    columns = [[party_of(_("Billed to"), document.bill_to)]]
    return [*columns, care] if care else columns


def _total_rows(document: InvoiceDocument | CreditNoteDocument, figures: Figures) -> list[Data]:
    """From the lines to the total; where prices include tax, the tax is said and not added."""
    included = _taxes_included(document, figures)
    total = sum_row(_("Total"), figures.column(document.total), tone="strong", sub=included)
    if document.prices_include_tax or not document.taxes:
        return [total]
    rows = [sum_row(_("Subtotal"), figures.column(document.subtotal))]
    rows += [sum_row(*_tax_added(row, figures)) for row in document.taxes]
    return [*rows, total]


def _taxes_included(
    document: InvoiceDocument | CreditNoteDocument, figures: Figures
) -> tuple[str, ...]:
    if not document.prices_include_tax:
        return ()
    sentence = _("Includes %(tax)s: %(amount)s")
    return tuple(
        sentence % {"tax": row.name, "amount": figures.full(row.tax)} for row in document.taxes
    )


def _tax_added(row: TaxRow, figures: Figures) -> tuple[str, str]:
    gaps = {"tax": row.name, "net": figures.column(row.net)}
    return _("%(tax)s on %(net)s") % gaps, figures.column(row.tax)


def _applied_row(row: AppliedRow, figures: Figures) -> Data:
    words = {
        Applied.PAYMENT: _("Paid %(date)s"),
        Applied.ACCOUNT_CREDIT: _("Account credit applied %(date)s"),
        Applied.CREDIT_NOTE: _("Credited %(date)s"),
        Applied.WRITE_OFF: _("Written off %(date)s"),
    }
    return sum_row(
        words[row.kind] % {"date": figures.day(row.on)},
        figures.column(-row.amount),
        tone="credit" if row.kind is Applied.ACCOUNT_CREDIT else "",
        sub=(row.reference,),
    )


def _allocated(row: Allocation, figures: Figures, *, tone: str = "") -> Data:
    text = _("Invoice %(number)s") % {"number": row.invoice_number}
    return sum_row(text, figures.column(row.amount), tone=tone)


def _ageing(document: StatementDocument, figures: Figures) -> list[Data]:
    ages = document.ageing
    if ages is None:
        return []
    return [
        sum_row(_("Not due yet"), figures.column(ages.current)),
        sum_row(_("1 to 30 days overdue"), figures.column(ages.days_30)),
        sum_row(_("31 to 60 days"), figures.column(ages.days_60)),
        sum_row(_("61 days and more"), figures.column(ages.days_90)),
    ]


def _emphasised(sentence: str, gaps: dict[str, str], *, strong: str) -> list[Data]:
    """Fill the gaps of a whole sentence, keeping apart the one that is set in bold."""
    parts = re.split(r"%\((\w+)\)s", sentence)
    return [
        {"text": gaps[part] if n % 2 else part, "strong": bool(n % 2) and part == strong}
        for n, part in enumerate(parts)
    ]
