"""The list of invoices as a table for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from creditwell.invoicing.queries_document import number_text
from creditwell.invoicing.queries_list import Wanted, each_invoice
from creditwell.ledger.queries import holders_with
from creditwell.payments.queries_covered import asked_invoices
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
        _("Covered by credit"),
        _("Owing after credit"),
        _("Currency"),
    ]


def rows(practice: PracticeFacts, wanted: Wanted, state: str) -> Iterator[list[Cell]]:
    """
    A line for every invoice. Amounts are plain decimals.

    What is covered is what account credit could pay of it, so that nobody who works through the
    table asks for money that is held already.
    """
    owing = holders_with(practice_id=practice.id, kind="invoice")
    covered = {
        asked.invoice.id: asked.covered_minor
        for asked in asked_invoices(practice, owing, on=wanted.today)
    }
    for row in each_invoice(wanted, state=state):
        credit = covered.get(row.id, 0)
        amounts = (
            *(row.net_minor, row.tax_minor, row.total_minor),
            *(row.owing_minor, credit, row.owing_minor - credit),
        )
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
