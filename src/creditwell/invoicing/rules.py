"""What a line, an invoice and a credit note come to. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from creditwell.kernel.errors import Invalid
from creditwell.money.money import Money

HUNDRED = Decimal(100)


class DiscountTooLarge(Invalid):
    """The discount takes more off the line than it comes to."""

    code = "discount_too_large"

    def __init__(self) -> None:
        super().__init__(
            _("The discount is more than the line comes to. Make it smaller."), param="discount"
        )


@dataclass(frozen=True, slots=True)
class Amounts:
    """Net, tax and total of a line or of a document; net and tax add up to the total."""

    net: Money
    tax: Money
    total: Money

    def __add__(self, other: Amounts) -> Amounts:
        return Amounts(self.net + other.net, self.tax + other.tax, self.total + other.total)

    @classmethod
    def zero(cls, currency: str) -> Amounts:
        return cls(Money.zero(currency), Money.zero(currency), Money.zero(currency))

    @classmethod
    def sum(cls, parts: Iterable[Amounts], currency: str) -> Amounts:
        result = cls.zero(currency)
        for part in parts:
            result = result + part
        return result


def line_amounts(
    *,
    unit_price: Money,
    quantity: Decimal,
    discount_percent: Decimal,
    discount: Money,
    tax_percent: Decimal,
    tax_included: bool,
) -> Amounts:
    """
    Price a line: discount in percent first, then in money; tax by the practice's method.

    Rounded half up, once for the amount and once for the tax, per line (ADR 0006).

    :raises DiscountTooLarge: if nothing would be left to pay and more
    """
    amount = unit_price.at_rate(quantity * (HUNDRED - discount_percent) / HUNDRED) - discount
    if amount.minor < 0:
        raise DiscountTooLarge
    if tax_included:
        tax = amount.at_rate(tax_percent / (HUNDRED + tax_percent))
        return Amounts(amount - tax, tax, amount)
    tax = amount.at_rate(tax_percent / HUNDRED)
    return Amounts(amount, tax, amount + tax)


def share_of_line(*, line: Amounts, before: Money, now: Money) -> Amounts:
    """
    What net and tax a credit of `now` carries, `before` having been credited already.

    Taken from the running total, so that the shares of a line credited in any number of steps add
    up to the line's own net and tax to the cent.
    """
    assert line.total.minor > 0, line
    tax = _tax_upto(line, before + now) - _tax_upto(line, before)
    return Amounts(now - tax, tax, now)


def _tax_upto(line: Amounts, credited: Money) -> Money:
    return line.tax.at_rate(Decimal(credited.minor) / Decimal(line.total.minor))


def state_of(
    *, status: str, total: int, credited: int, owing: int, due_on: date | None, today: date
) -> str:
    """
    The word for an invoice: draft, void, credited, paid, part, overdue or unpaid.

    Amounts in minor units; `owing` is what it still asks for.
    """
    if status != "issued":
        return status
    if total > 0 and credited == total:
        return "credited"
    if owing == 0:
        return "paid"
    if due_on is not None and due_on < today:
        return "overdue"
    return "part" if owing < total - credited else "unpaid"
