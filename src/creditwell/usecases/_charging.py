"""More is charged for a package that was sold: an invoice whose net goes to its account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.invoicing.lines import LineInput
from creditwell.invoicing.models import InvoiceLine
from creditwell.invoicing.operations import Content
from creditwell.packages.models import Package
from creditwell.packages.selling import amounts_of_line
from creditwell.tenancy.access import Actor, PracticeFacts
from creditwell.usecases.write_invoice import WriteInvoice, write_within


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged:
    """The invoice, and what came into the package: net and tax in minor units."""

    invoice_id: int | None = None
    entry_id: int | None = None
    line_id: int | None = None
    net_minor: int = 0
    tax_minor: int = 0


def line_for(package: Package, description: str, price_minor: int) -> LineInput:
    """The line that charges a package; the price is as the practice quotes prices."""
    return LineInput(
        description=description[:200],
        category_id=package.category_id,
        unit_price_minor=price_minor,
        tax_rate_id=package.tax_rate_id,
        no_tax=package.tax_rate_id is None,
        account_id=package.account_id,
        tax_at_use=package.tax_at_use,
    )


def charge(
    practice: PracticeFacts,
    package: Package,
    line: LineInput,
    *,
    by: Actor,
    now: datetime,
) -> Charged:
    """Write the invoice, dated today, to the package's owner; their payer is held. Raises as it."""
    written = write_within(
        WriteInvoice(
            practice_id=practice.id,
            key="",
            by=by,
            issue=True,
            content=Content(patient_id=package.patient_id, lines=(line,)),
        ),
        now,
    )
    row = InvoiceLine.objects.select_related("invoice").get(
        practice_id=practice.id, invoice_id=written.invoice_id
    )
    net, tax, _rate = amounts_of_line(practice, row, at_use=package.tax_at_use)
    return Charged(
        invoice_id=row.invoice_id,
        entry_id=row.invoice.entry_id,
        line_id=row.pk,
        net_minor=net,
        tax_minor=tax,
    )
