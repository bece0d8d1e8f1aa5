"""Add a tax or change one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from creditwell.audit.note import note
from creditwell.catalog import rules
from creditwell.catalog.operations import write_tax_rate
from creditwell.kernel.usecase import usecase
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, kw_only=True)
class SaveTaxRate:
    """`tax_rate_id` None adds one."""

    practice_id: int
    key: str = ""
    by: Actor
    tax_rate_id: int | None = None
    name: str
    percent: Decimal


@dataclass(frozen=True, kw_only=True)
class TaxRateSaved:
    tax_rate_id: int


@usecase(TaxRateSaved)
def save_tax_rate(command: SaveTaxRate, now: datetime) -> TaxRateSaved:
    """
    Keep the tax. What was invoiced keeps the percentage it was invoiced with: lines are copies.

    :raises NameMissing, NameTooLong, NameTaken, WrongPercent: see `catalog`
    :raises NotFound: if this practice has no such tax
    """
    rules.check_percent(command.percent)
    name = rules.clean_name(command.name, longest=40)
    row = write_tax_rate(
        practice_id=command.practice_id,
        tax_rate_id=command.tax_rate_id,
        name=name,
        percent=command.percent,
    )
    note(
        "save_tax_rate",
        ("tax_rate", row.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"name": name, "percent": str(command.percent)},
    )
    return TaxRateSaved(tax_rate_id=row.pk)
