"""The tables of the documents, column by column, as plain data (see `words`)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from creditwell.integrations.documents.figures import NIL, Figures
from creditwell.integrations.documents.shapes import (
    Line,
    Practitioner,
    StatementDocument,
)
from creditwell.money.money import Money

Data = dict[str, Any]


def line_table(lines: tuple[Line, ...], figures: Figures) -> Data:
    """The lines; a column that no line has anything to say in is left out."""
    dated = any(line.served_on for line in lines)
    reduced = any(line.discount for line in lines)
    taxed = any(line.tax for line in lines)
    columns = [(True, _("Service or product"), "wide"), (True, _("Qty"), "figure")]
    columns.insert(0, (dated, _("Date"), "text"))
    columns += [
        (True, _("Price"), "figure"),
        (reduced, _("Discount"), "figure"),
        (taxed, _("Tax"), "figure"),
        (True, _("Amount"), "figure"),
    ]
    rows = []
    for line in lines:
        cells = [
            text_cell(figures.day(line.served_on) if line.served_on else ""),
            text_cell(line.description, sub=_line_detail(line)),
            text_cell(line.quantity),
            text_cell(figures.column(line.unit_price)),
            text_cell(figures.column(-line.discount if line.discount else None)),
            text_cell(line.tax or NIL),
            text_cell(figures.column(line.amount)),
        ]
        rows.append([cell for cell, column in zip(cells, columns, strict=True) if column[0]])
    return table_of([column[1:] for column in columns if column[0]], rows)


def statement_table(document: StatementDocument, figures: Figures) -> Data:
    """The events of an account below its opening balance."""
    columns = [
        (_("Date"), "text"),
        (_("Entry"), "wide"),
        (_("Charged"), "figure"),
        (_("Paid"), "figure"),
        (_("Balance"), "figure"),
    ]
    opening = [
        text_cell(figures.day(document.from_on)),
        text_cell(_("Opening balance")),
        text_cell(""),
        text_cell(""),
        _balance(document.opening, figures),
    ]
    rows = [
        [
            text_cell(figures.day(row.on)),
            text_cell(row.text, sub=row.detail),
            text_cell(figures.column(row.charged)),
            text_cell(figures.column(row.paid)),
            _balance(row.balance, figures),
        ]
        for row in document.rows
    ]
    return table_of(columns, [opening, *rows])


def lot_table(document: StatementDocument, figures: Figures) -> Data:
    """The account credit that is still open, by origin."""
    expires = any(lot.expires_on for lot in document.lots)
    columns = [
        (True, _("Date"), "text"),
        (True, _("Account credit from"), "wide"),
        (expires, _("Expires"), "figure"),
        (True, _("Still to use"), "figure"),
    ]
    rows = []
    for lot in document.lots:
        cells = [
            text_cell(figures.day(lot.on)),
            text_cell(lot.text),
            text_cell(figures.day(lot.expires_on) if lot.expires_on else _("Never")),
            text_cell(figures.column(lot.left), tone="credit"),
        ]
        rows.append([cell for cell, column in zip(cells, columns, strict=True) if column[0]])
    return table_of([column[1:] for column in columns if column[0]], rows)


def visit_table(document: StatementDocument, figures: Figures) -> Data:
    """Visits that packages paid for: which of how many, and no money."""
    # The session is a sentence that names package and part: it wraps, so it is no figure.
    columns = [(_("Date"), "text"), (_("Visits by package"), "wide"), (_("Session"), "wide")]
    rows = [
        [text_cell(figures.day(row.on)), text_cell(row.text), text_cell(row.session)]
        for row in document.visits
    ]
    return table_of(columns, rows)


def _line_detail(line: Line) -> str:
    parts = [line.code]
    if line.practitioner is not None:
        parts.append(line.practitioner.name)
        if line.practitioner.provider_number:
            parts.append(provider(line.practitioner))
    return ", ".join(part for part in parts if part)


def provider(practitioner: Practitioner) -> str:
    """The provider number in words; health funds ask for it."""
    return _("Provider no. %(number)s") % {"number": practitioner.provider_number}


def _balance(balance: Money, figures: Figures) -> Data:
    return text_cell(figures.column(balance), tone="credit" if balance.minor < 0 else "")


def table_of(columns: list[tuple[str, str]], rows: list[list[Data]]) -> Data:
    return {"columns": [{"label": label, "kind": kind} for label, kind in columns], "rows": rows}


def text_cell(text: str, *, sub: str = "", tone: str = "") -> Data:
    return {"text": text, "sub": sub, "tone": tone}
