"""The list of invoices as a table for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from creditwell.invoicing.queries_document import number_text
from creditwell.invoicing.queries_list import Wanted, each_invoice
from creditwell.tenancy.access import PracticeFacts
from creditwell.web.components.spreadsheet import Cell
from creditwell.web.components.statuses import STATUSES


def head() -> list[str]:
    """What stands above the columns."""
    return [
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


def rows(practice: PracticeFacts, wanted: Wanted, state: str) -> Iterator[list[Cell]]:
    """A line for every invoice. Amounts are plain decimals."""
    for row in each_invoice(wanted, state=state):
        amounts = (row.net_minor, row.tax_minor, row.total_minor, row.owing_minor)
        yield [
            number_text(practice, row.number),
            str(STATUSES[row.state].word),
            row.issued_on,
            row.due_on,
            row.patient,
            row.bill_to,
            row.practitioner,
            row.location,
            *(practice.money(minor) for minor in amounts),
            practice.currency,
        ]
