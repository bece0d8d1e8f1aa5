"""The list of invoices as CSV, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from django.utils.translation import gettext as _

from creditwell.invoicing.queries_document import number_text
from creditwell.invoicing.queries_list import InvoiceRow, Wanted, each_invoice
from creditwell.tenancy.access import PracticeFacts
from creditwell.web.components.statuses import STATUSES

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")


def harmless(text: str) -> str:
    """A cell that a spreadsheet reads as text, not as a formula (OWASP, CSV Injection)."""
    return f"'{text}" if text.lstrip(" ").startswith(DANGEROUS) else text


def csv_lines(practice: PracticeFacts, wanted: Wanted, state: str) -> Iterator[str]:
    """The export line by line: a head, then every invoice. Amounts are plain decimals."""
    yield "\ufeff" + _written(
        [
            _("Number"),
            _("Status"),
            _("Issued"),
            _("Due"),
            _("Patient"),
            _("Bill to"),
            _("Practitioner"),
            _("Location"),
            _("Net"),
            _("Tax"),
            _("Total"),
            _("Owing"),
            _("Currency"),
        ]
    )
    for row in each_invoice(wanted, state=state):
        yield _written(_cells(practice, row))


def _cells(practice: PracticeFacts, row: InvoiceRow) -> list[str]:
    amounts = (row.net_minor, row.tax_minor, row.total_minor, row.owing_minor)
    return [
        harmless(number_text(practice, row.number)),
        str(STATUSES[row.state].word),
        row.issued_on.isoformat() if row.issued_on else "",
        row.due_on.isoformat() if row.due_on else "",
        harmless(row.patient),
        harmless(row.bill_to),
        harmless(row.practitioner),
        harmless(row.location),
        *(f"{practice.money(minor).decimal:f}" for minor in amounts),
        practice.currency,
    ]


def _written(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
