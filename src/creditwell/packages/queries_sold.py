"""What a patient was sold on a day, so that nobody sells it once more without meaning to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from creditwell.packages.models import Package


@dataclass(frozen=True, slots=True, kw_only=True)
class SoldThen:
    """A package that was sold, and by which invoice; `by` is "" for a program."""

    package_id: int
    invoice_id: int
    invoice_number: int | None
    by: str


def sold_on(*, practice_id: int, patient_id: int, day: date) -> dict[int, SoldThen]:
    """
    What a patient was sold on a day, by product, the latest of each; what was voided since, came by
    transfer, or is a membership's period left out. One query.
    """
    rows = Package.objects.filter(
        practice_id=practice_id,
        patient_id=patient_id,
        sold_on=day,
        origin__isnull=True,
        membership__isnull=True,
        line__invoice__status="issued",
    )
    return {
        row.product_id: SoldThen(
            package_id=row.pk,
            invoice_id=row.line.invoice_id,
            invoice_number=row.line.invoice.number,
            by=row.created_by.name if row.created_by else "",
        )
        for row in rows.select_related("line__invoice", "created_by").order_by("pk")
    }
