"""Write credit notes. Amounts are minor units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from creditwell.invoicing.lines import NoLines, totals
from creditwell.invoicing.models import CreditNote, CreditNoteLine, Invoice
from creditwell.invoicing.rules import Amounts, share_of_line
from creditwell.kernel.errors import Invalid, NotFound, Refusal
from creditwell.kernel.numbering import next_number
from creditwell.kernel.rows import insert_row, insert_rows
from creditwell.tenancy.access import PracticeFacts, Written


class NotIssued(Refusal):
    """Only issued invoices can be paid, credited or voided."""

    code = "not_issued"

    def __init__(self) -> None:
        super().__init__(_("This invoice is not open: it is a draft or void. Nothing was changed."))


class CreditTooLarge(Invalid):
    """More would be credited than the line came to."""

    code = "credit_too_large"

    def __init__(self) -> None:
        super().__init__(
            _("This is more than is left of the line. Enter a smaller amount."), param="lines"
        )


class SoldAPackage(Refusal):
    """The line sold a package: what is left of that decides what can be given back."""

    code = "sold_a_package"

    def __init__(self) -> None:
        super().__init__(
            _("This line sold a package. Refund or convert the package on its own page instead.")
        )


@dataclass(frozen=True, slots=True)
class CreditedLine:
    """How much of a line (total, tax included) is credited."""

    line_id: int
    total_minor: int


def credit_rows(
    *,
    practice: PracticeFacts,
    invoice: Invoice,
    credited: Sequence[CreditedLine],
    of_packages: bool = False,
) -> list[dict[str, Any]]:
    """
    Net and tax of each credited line; rows with `line_id`, `category_id`, `tax_rate_id`, amounts.

    :raises NotIssued: if the invoice is a draft or void
    :raises CreditTooLarge: if more than the rest of a line is asked for
    :raises NoLines: if nothing is credited
    :raises SoldAPackage: for a line whose net went to a package, unless it is all `of_packages`
    """
    if invoice.status != Invoice.Status.ISSUED:
        raise NotIssued
    lines = {line.pk: line for line in invoice.lines.filter(practice_id=practice.id)}
    before: dict[int, int] = {}
    for line_id, minor in CreditNoteLine.objects.filter(
        practice_id=practice.id, credit_note__invoice_id=invoice.pk
    ).values_list("line_id", "total_minor"):
        before[line_id] = before.get(line_id, 0) + minor
    rows = []
    for wanted in credited:
        line = lines.get(wanted.line_id)
        if line is None:
            raise NotFound(param="lines")
        if line.account_id is not None and not of_packages:
            raise SoldAPackage
        done = before.get(line.pk, 0)
        if wanted.total_minor <= 0 or done + wanted.total_minor > line.total_minor:
            raise CreditTooLarge
        before[line.pk] = done + wanted.total_minor
        whole = Amounts(
            *(practice.money(m) for m in (line.net_minor, line.tax_minor, line.total_minor))
        )
        share = share_of_line(
            line=whole, before=practice.money(done), now=practice.money(wanted.total_minor)
        )
        rows.append(
            {
                "line_id": line.pk,
                "category_id": line.category_id,
                "tax_rate_id": line.tax_rate_id,
                **totals(share),
            }
        )
    if not rows:
        raise NoLines
    return rows


def write_credit_note(
    *,
    invoice: Invoice,
    rows: Sequence[dict[str, Any]],
    on: date,
    reason: str,
    entry_id: int,
    written: Written,
) -> tuple[int, int]:
    """Insert the credit note and mark the invoice; returns (id, number)."""
    sums = {
        name: sum(row[name] for row in rows) for name in ("net_minor", "tax_minor", "total_minor")
    }
    number = next_number(practice_id=invoice.practice_id, series="credit_note")
    note_id = insert_row(
        CreditNote,
        {
            "practice_id": invoice.practice_id,
            "invoice_id": invoice.pk,
            "number": number,
            "issued_on": on,
            "reason": reason,
            "entry_id": entry_id,
            **written.columns,
            **sums,
        },
    )
    insert_rows(
        CreditNoteLine,
        [
            {
                "practice_id": invoice.practice_id,
                "credit_note_id": note_id,
                **{name: row[name] for name in ("line_id", *sums)},
            }
            for row in rows
        ],
    )
    Invoice.objects.filter(practice_id=invoice.practice_id, pk=invoice.pk).update(
        credited_minor=invoice.credited_minor + sums["total_minor"]
    )
    return note_id, number
