"""What an attendance receipt says, as plain data. Frozen and checked like the others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from creditwell.integrations.documents.shapes import Party, Practice, Practitioner, Sheet
from creditwell.money.money import Money


@dataclass(frozen=True, kw_only=True, slots=True)
class Attended:
    """What was done: its name, and the code that a health fund knows it by."""

    name: str
    code: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class AttendanceDocument:
    """
    A visit that a package paid for. `value` includes `tax`, which was due at the sale or, with
    `tax_at_use`, became due with this visit. `session` is ready to print: "Session 2 of 5".
    """

    sheet: Sheet
    practice: Practice
    patient: Party
    practitioner: Practitioner
    profession: str = ""
    location: str = ""
    served_on: date
    items: tuple[Attended, ...]
    session: str
    package: str
    value: Money
    tax: Money
    tax_name: str = ""  # ready to print: "GST 10%"
    tax_at_use: bool = False
    invoice_number: str
    invoice_on: date | None = None
    paid_on: date | None = None
    owing: Money
    footer: str = ""

    def __post_init__(self) -> None:
        assert self.items, "a visit is for something"
        assert 0 <= self.tax.minor <= self.value.minor, ("tax", self.tax, self.value)
        assert not (self.paid_on and self.owing), ("paid", self.paid_on, self.owing)
