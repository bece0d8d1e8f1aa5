"""
Form fields for money, days and times, and the form that carries them.

Money is typed as text (never `type=number`: it rounds, scrolls and refuses a comma) and is read by
the practice's locale.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from babel.numbers import (
    NumberFormatError,
    get_currency_symbol,
    get_decimal_symbol,
    get_group_symbol,
    parse_decimal,
)
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creditwell.kernel.errors import Refusal
from creditwell.money.money import Money, NotAnAmount, TooFine
from creditwell.web.components import formats
from creditwell.web.components.locale import current
from creditwell.web.components.mistakes import OurWords

LARGEST = 10**12
"""In minor units: what nobody means. Keeps sums of many amounts far inside a BIGINT."""

SPACES = str.maketrans("", "", " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}")
MINUSES = "-\N{MINUS SIGN}\N{EN DASH}"


class MoneyInput(forms.TextInput):
    """A text field for an amount, right-aligned, with the figures' keyboard on phones."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        ours = {"class": "in money-in", "inputmode": "decimal", "autocomplete": "off"}
        super().__init__({**ours, **(attrs or {})})

    def format_value(self, value: Any) -> str | None:
        return (
            formats.amount_text(value) if isinstance(value, Money) else super().format_value(value)
        )


class MoneyField(forms.Field):
    """
    An amount of one currency; its value is `Money`, or None when left empty.

    Reads "1,140", "$94", "94.50" and what else the locale writes ("94,50" in German). Refuses, with
    a sentence: what is no number, a finer amount than the smallest coin, negative amounts (unless
    `negative=True`), amounts beyond ten thousand million.
    """

    widget = MoneyInput
    default_error_messages = {"required": gettext_lazy("Enter an amount.")}

    def __init__(self, currency: str, *, negative: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.currency = currency
        self.negative = negative

    @property
    def symbol(self) -> str:
        """What stands before the field: $."""
        return get_currency_symbol(self.currency, locale=current())

    def to_python(self, value: Any) -> Money | None:
        if value is None or isinstance(value, Money):
            return value
        text = str(value).strip()
        return read_amount(text, self.currency, negative=self.negative) if text else None

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != self.to_python(initial))
        except ValidationError:
            return True


def read_amount(text: str, currency: str, *, negative: bool = False) -> Money:
    """
    Read what a person typed as an amount of the currency.

    :raises ValidationError: with a sentence that says what to type instead
    """
    bare = _without_currency(text.translate(SPACES), currency)
    minus = bare[:1] in MINUSES and bare != ""
    if minus and not negative:
        raise ValidationError(_("An amount cannot be negative."), code="negative")
    try:
        amount = Money.of(_number(bare[1:] if minus else bare), currency)
    except TooFine as error:
        raise ValidationError(_too_fine(currency), code="too_fine") from error
    except (NotAnAmount, NumberFormatError) as error:
        raise ValidationError(
            _("“%(text)s” is not an amount. Write it like %(example)s."),
            code="not_an_amount",
            params={"text": text, "example": formats.amount_text(_example(currency))},
        ) from error
    if amount.minor > LARGEST:
        raise ValidationError(_("This amount is too large. Check the figures."), code="too_large")
    return -amount if minus else amount


def _without_currency(text: str, currency: str) -> str:
    """Take the sign or code of the field's own currency off the ends."""
    minus, rest = (text[0], text[1:]) if text[:1] in MINUSES and text else ("", text)
    narrow = get_currency_symbol(currency, locale="en")[-1:]
    for sign in {get_currency_symbol(currency, locale=current()), currency, narrow}:
        if sign.isdigit():
            continue
        for found in (sign, sign.lower()):
            rest = rest.removeprefix(found).removesuffix(found)
    return minus + rest


def _number(text: str) -> Decimal:
    """Read digits with the locale's marks; strict about where a group mark may stand."""
    if not text or not all(character.isdecimal() or character in _marks() for character in text):
        raise NotAnAmount(text)
    if text.startswith(get_decimal_symbol(current())):
        text = "0" + text
    return parse_decimal(text, locale=current(), strict=True)


def _marks() -> str:
    return get_decimal_symbol(current()) + get_group_symbol(current())


def _example(currency: str) -> Money:
    zero = Money.zero(currency)
    return Money(
        94 * 10**zero.exponent + (5 * 10 ** (zero.exponent - 1) if zero.exponent else 0), currency
    )


def _too_fine(currency: str) -> str:
    zero = Money.zero(currency)
    if zero.exponent == 0:
        return _("%(currency)s has no smaller coin. Write a whole amount.") % {"currency": currency}
    return _("Write at most %(count)s decimals, like %(example)s.") % {
        "count": zero.exponent,
        "example": formats.amount_text(_example(currency)),
    }


class DayInput(forms.DateInput):
    """The browser's own day picker; sent as 2026-11-24 whatever the locale shows."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": "in", **(attrs or {})}, format="%Y-%m-%d")


class DayField(forms.DateField):
    """A day; also reads 24/11/2026 and 24 Nov 2026 where the browser has no picker."""

    widget = DayInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("input_formats", ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d %b %Y"])
        kwargs.setdefault(
            "error_messages",
            {"invalid": _("This is not a day. Write it like 2026-11-24.")},
        )
        super().__init__(**kwargs)

    def clean(self, value: Any) -> date | None:
        """Refused outside 1900 to 2200, as by the API: beyond, days cannot be reckoned with."""
        day: date | None = super().clean(value)
        if day is not None and not 1900 <= day.year <= 2200:
            raise ValidationError(_("Choose a day between the years 1900 and 2200."))
        return day


class TimeInput(forms.TimeInput):
    """The browser's own time picker; sent as 14:30."""

    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": "in", **(attrs or {})}, format="%H:%M")


class TimeField(forms.TimeField):
    """A time of day to the minute; also reads 2:30 pm."""

    widget = TimeInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("input_formats", ["%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M%p", "%I %p"])
        kwargs.setdefault(
            "error_messages", {"invalid": _("This is not a time. Write it like 14:30.")}
        )
        super().__init__(**kwargs)


PLAIN = (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple, forms.HiddenInput)


class Form(OurWords, forms.Form):
    """The form of every page: our look and words, refusals put where they belong."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(field.widget, PLAIN):
                field.widget.attrs.setdefault("class", "in")

    def refuse(self, refusal: Refusal) -> None:
        """Show why it was not done: at the field that the refusal names, else above the form."""
        self.add_error(refusal.param if refusal.param in self.fields else None, refusal.sentence)

    def refuse_alone(self, refusal: Refusal) -> None:
        """Show only this: whatever else is wrong with the form, mending it would not help."""
        self.errors.clear()
        self.refuse(refusal)
