"""Fields that only invoices have: how many, and how much off."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from babel.numbers import NumberFormatError, format_decimal, parse_decimal
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creditwell.money.money import Money
from creditwell.web.components.fields import SPACES, MoneyInput, read_amount
from creditwell.web.components.formats import amount_text
from creditwell.web.components.locale import current

MOST = Decimal(10_000)


def number_words(value: Decimal) -> str:
    """A plain number as the locale writes it, without needless zeros: 1.5."""
    return str(format_decimal(value.normalize(), locale=current(), group_separator=False))


class QuantityField(forms.Field):
    """How many: more than nothing, at most two decimals, below ten thousand."""

    widget = MoneyInput

    def to_python(self, value: Any) -> Decimal | None:
        text = str(value or "").translate(SPACES)
        if not text:
            return None
        try:
            number = Decimal(parse_decimal(text, locale=current(), strict=True))
        except NumberFormatError as error:
            raise ValidationError(_("This is not a number. Write it like 1 or 1.5.")) from error
        if not 0 < number < MOST:
            raise ValidationError(_("Write a number above zero and below 10,000."))
        if number != number.quantize(Decimal("0.01")):
            raise ValidationError(_("Write at most 2 decimals, like 1.25."))
        return number


@dataclass(frozen=True, slots=True)
class Discount:
    """What is taken off a line: a percentage, or money off the whole line."""

    percent: Decimal
    money: Money

    @property
    def words(self) -> str:
        """As it is typed: 10%, 15.00, or nothing."""
        if self.percent:
            return f"{number_words(self.percent)}%"
        return amount_text(self.money) if self.money else ""


class DiscountField(forms.Field):
    """A discount in one field: "10%" is a percentage, "15" is money. Empty is none."""

    widget = MoneyInput
    default_error_messages = {
        "percent": gettext_lazy("Write a percentage from 0 to 100, like 10%, or an amount.")
    }

    def __init__(self, currency: str, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.currency = currency

    def to_python(self, value: Any) -> Discount:
        text = str(value or "").translate(SPACES)
        nothing = Money.zero(self.currency)
        if not text:
            return Discount(Decimal(0), nothing)
        if not text.endswith("%"):
            return Discount(Decimal(0), read_amount(text, self.currency))
        try:
            percent = Decimal(parse_decimal(text[:-1], locale=current(), strict=True))
        except NumberFormatError as error:
            raise ValidationError(self.error_messages["percent"]) from error
        if not 0 <= percent <= 100 or percent != percent.quantize(Decimal("0.01")):
            raise ValidationError(self.error_messages["percent"])
        return Discount(percent, nothing)
