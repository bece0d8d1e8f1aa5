"""What an attendance receipt prints: ready words in the language of the sheet."""

from __future__ import annotations

from django.utils.translation import gettext as _

from creditwell.integrations.documents.figures import Figures
from creditwell.integrations.documents.shapes_attendance import AttendanceDocument
from creditwell.integrations.documents.tables import Data, provider, table_of, text_cell
from creditwell.integrations.documents.words import common, fact_of, party_of, sum_row


def attendance_words(document: AttendanceDocument) -> Data:
    """What an attendance receipt prints; it is set like an invoice."""
    figures = Figures(document.sheet.locale)
    return {
        **common(document, _("Attendance receipt"), "", document.served_on),
        "facts": _facts(document, figures),
        "table": _table(document, figures),
        "sums": {
            "rows": [
                sum_row(
                    document.session,
                    figures.column(document.value),
                    sub=(document.package, *paid_lines(document, figures)),
                )
            ],
            "grand": sum_row(_("Value used"), figures.full(document.value)),
            "after": [],
        },
        "notes": list(notes(document, figures)),
    }


def _facts(document: AttendanceDocument, figures: Figures) -> list[list[Data]]:
    who = document.practitioner
    lines = [document.profession, provider(who) if who.provider_number else ""]
    when = [fact_of(_("Date of service"), figures.day(document.served_on))]
    if document.location:
        when.append(fact_of(_("Where"), document.location))
    return [
        [party_of(_("Patient"), document.patient)],
        [fact_of(_("Practitioner"), who.name, tuple(line for line in lines if line))],
        when,
    ]


def _table(document: AttendanceDocument, figures: Figures) -> Data:
    coded = any(item.code for item in document.items)
    columns = [(_("Date"), "text"), (_("Service"), "wide")]
    if coded:
        columns.append((_("Item code"), "figure"))
    rows = []
    for item in document.items:
        cells = [text_cell(figures.day(document.served_on)), text_cell(item.name)]
        rows.append([*cells, text_cell(item.code)] if coded else cells)
    return table_of(columns, rows)


def paid_lines(document: AttendanceDocument, figures: Figures) -> tuple[str, ...]:
    """The invoice that sold the package, and whether it is paid."""
    number = document.invoice_number
    lines = [
        _("Invoice %(number)s, issued %(date)s")
        % {"number": number, "date": figures.day(document.invoice_on)}
        if document.invoice_on
        else _("Invoice %(number)s") % {"number": number}
    ]
    if document.owing:
        sum_text = figures.full(document.owing)
        lines.append(_("%(sum)s of it is not paid yet") % {"sum": sum_text})
    elif document.paid_on:
        lines.append(_("Paid %(date)s") % {"date": figures.day(document.paid_on)})
    return tuple(lines)


def notes(document: AttendanceDocument, figures: Figures) -> tuple[str, ...]:
    """What the value is, and when its tax was due."""
    said = [
        _(
            "This visit was covered by a package. The value used is its share of the price of the "
            "package."
        )
    ]
    if document.tax:
        gaps = {
            "tax": document.tax_name,
            "sum": figures.full(document.tax),
            "number": document.invoice_number,
        }
        said.append(
            _("The value includes %(tax)s of %(sum)s, due with this visit.") % gaps
            if document.tax_at_use
            else _("The value includes %(tax)s of %(sum)s, charged on invoice %(number)s.") % gaps
        )
    return tuple(said)
