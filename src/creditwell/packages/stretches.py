"""Rows of sessions as shares of a price: read, written, and in which order they are taken."""

from __future__ import annotations

from django.db.models import Case, F, Value, When

from creditwell.packages.models import Session
from creditwell.packages.rules import Share
from creditwell.tenancy.access import PracticeFacts

PAID_FIRST = Case(
    When(bonus_units=0, then=Value(0)),
    When(bonus_units__lt=F("units"), then=Value(1)),
    default=Value(2),
)
"""What was paid for is used, moved and given back before what was a present."""


def share_of_row(practice: PracticeFacts, row: Session) -> Share:
    """What stands behind a row."""
    return Share(
        units=row.units,
        value=practice.money(row.value_minor),
        tax=practice.money(row.tax_minor),
        bonus=row.bonus_units,
    )


def columns_of(share: Share) -> dict[str, int]:
    """The columns of a row behind which a share stands."""
    return {
        "units": share.units,
        "value_minor": share.value.minor,
        "tax_minor": share.tax.minor,
        "bonus_units": share.bonus,
    }
