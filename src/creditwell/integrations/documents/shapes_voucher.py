"""What a gift voucher says, as plain data. Frozen and checked like the others (see `shapes`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from creditwell.integrations.documents.shapes import Practice, Sheet
from creditwell.money.money import Money


@dataclass(frozen=True, kw_only=True, slots=True)
class VoucherDocument:
    """
    A voucher to give away. It names whom it is for and never who bought it, unless the message
    does. `left` is below `value` when some of it was used; `code` is as people read it.
    """

    sheet: Sheet
    practice: Practice
    code: str
    value: Money
    left: Money
    sold_on: date
    expires_on: date | None  # None: it does not expire
    recipient: str = ""
    message: str = ""
    footer: str = ""

    def __post_init__(self) -> None:
        assert 0 <= self.left.minor <= self.value.minor, ("left", self.left, self.value)
