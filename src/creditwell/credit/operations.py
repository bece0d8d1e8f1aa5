"""Write credit lots."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from creditwell.credit.models import Lot
from creditwell.kernel.rows import insert_row


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLot:
    """A lot whose account was just filled. `original_minor` is minor units."""

    practice_id: int
    payer_id: int
    account_id: int
    kind: str
    original_minor: int
    received_on: date
    created_at: datetime
    expires_on: date | None = None
    refundable: bool = True
    note: str = ""
    origin_id: int | None = None
    root_id: int | None = None
    category_id: int | None = None


def write_lot(lot: NewLot) -> int:
    """Insert the lot; returns its id."""
    return insert_row(Lot, {name: getattr(lot, name) for name in NewLot.__dataclass_fields__})
