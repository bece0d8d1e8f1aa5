"""Offer a tax again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.catalog.models import TaxRate
from creditwell.catalog.operations import locked, set_archived
from creditwell.kernel.usecase import usecase
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, kw_only=True)
class RestoreTaxRate:
    practice_id: int
    key: str = ""
    by: Actor
    tax_rate_id: int


@dataclass(frozen=True, kw_only=True)
class TaxRateRestored:
    tax_rate_id: int


@usecase(TaxRateRestored)
def restore_tax_rate(command: RestoreTaxRate, now: datetime) -> TaxRateRestored:
    """
    Offer the tax again.

    :raises NotFound: if this practice has no such tax
    """
    row = locked(TaxRate, command.practice_id, command.tax_rate_id)
    set_archived(row, None)
    note(
        "restore_tax_rate",
        ("tax_rate", row.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"name": row.name},
    )
    return TaxRateRestored(tax_rate_id=row.pk)
