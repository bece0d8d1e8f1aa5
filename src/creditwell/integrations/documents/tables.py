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
            _cell(figures.day(line.served_on) if line.served_on else ""),
            _cell(line.description, sub=_line_detail(line)),
            _cell(line.quantity),
            _cell(figures.column(line.unit_price)),
            _cell(figures.column(-line.discount if line.discount else None)),
            _cell(line.tax or NIL),
            _cell(figures.column(line.amount)),
        ]
        rows.append([cell for cell, column in zip(cells, columns, strict=True) if column[0]])
    return _table([column[1:] for column in columns if column[0]], rows)


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
        _cell(figures.day(document.from_on)),
        _cell(_("Opening balance")),
        _cell(""),
        _cell(""),
        _balance(document.opening, figures),
    ]
    rows = [
        [
            _cell(figures.day(row.on)),
            _cell(row.text, sub=row.detail),
            _cell(figures.column(row.charged)),
            _cell(figures.column(row.paid)),
            _balance(row.balance, figures),
        ]
        for row in document.rows
    ]
    return _table(columns, [opening, *rows])


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
            _cell(figures.day(lot.on)),
            _cell(lot.text),
            _cell(figures.day(lot.expires_on) if lot.expires_on else _("Never")),
            _cell(figures.column(lot.left), tone="credit"),
        ]
        rows.append([cell for cell, column in zip(cells, columns, strict=True) if column[0]])
    return _table([column[1:] for column in columns if column[0]], rows)


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
    return _cell(figures.column(balance), tone="credit" if balance.minor < 0 else "")


def _table(columns: list[tuple[str, str]], rows: list[list[Data]]) -> Data:
    return {"columns": [{"label": label, "kind": kind} for label, kind in columns], "rows": rows}


def _cell(text: str, *, sub: str = "", tone: str = "") -> Data:
    return {"text": text, "sub": sub, "tone": tone}
