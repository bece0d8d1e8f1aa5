"""
Money and dates as people read them, by locale.

A minus is the true sign (U+2212), so that columns line up and screen readers say "minus". Amounts
always show all decimals of their currency: 2 for AUD, none for JPY, 3 for KWD.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import TYPE_CHECKING

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import (
    format_currency,
    format_decimal,
    get_currency_symbol,
    get_decimal_symbol,
)
from django.utils import timezone

from creditwell.web.components.locale import current

if TYPE_CHECKING:
    from creditwell.money.money import Money

MINUS = "\N{MINUS SIGN}"


def _sign(money: Money) -> str:
    return MINUS if money.minor < 0 else ""


def amount_text(money: Money) -> str:
    """A figure for a column, without the currency: 1,140.00."""
    pattern = "#,##0" + ("." + "0" * money.exponent if money.exponent else "")
    return _sign(money) + format_decimal(abs(money).decimal, format=pattern, locale=current())


def money_text(money: Money) -> str:
    """A sum with its currency, for sentences and totals: $94.00."""
    text = format_currency(abs(money).decimal, money.currency, locale=current())
    return _sign(money) + _spaced(text, money.currency)


@dataclass(frozen=True, slots=True)
class Parts:
    """A sum taken apart for the big figure: sign, symbol, whole, cents ("" without decimals)."""

    sign: str
    symbol: str
    symbol_first: bool
    whole: str
    cents: str


def _spaced(text: str, currency: str) -> str:
    """A code needs a gap that a sign does not: "JPY 1,140" but "$94.00"."""
    gap = "\N{NO-BREAK SPACE}"
    if text.startswith(currency) and text[len(currency)].isdigit():
        return currency + gap + text.removeprefix(currency)
    return text


def money_parts(money: Money) -> Parts:
    """Take a sum apart; `cents` begins with the decimal mark."""
    locale = Locale.parse(current())
    figure = amount_text(abs(money))
    mark = get_decimal_symbol(locale)
    whole, found, rest = figure.rpartition(mark) if money.exponent else (figure, "", "")
    pattern = locale.currency_formats["standard"].pattern
    symbol = get_currency_symbol(money.currency, locale=locale)
    return Parts(
        sign=_sign(money),
        symbol=symbol + ("\N{NO-BREAK SPACE}" if symbol.isalpha() else ""),
        symbol_first=pattern.startswith("¤"),
        whole=whole,
        cents=found + rest,
    )


_dated = lru_cache(maxsize=4096)(format_date)  # a list says the same days again and again


def as_day(value: date | datetime) -> date:
    """The day of a moment in the time zone in force (the practice's); a day stays itself."""
    if isinstance(value, datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).date()
    return value


def day_text(value: date | datetime) -> str:
    """24 Nov 2026."""
    return _dated(as_day(value), "d MMM y" if _day_first() else "medium", locale=current())


def day_long_text(value: date | datetime) -> str:
    """Tuesday, 24 November 2026, in the order of the locale."""
    return _dated(as_day(value), "full", locale=current())


def day_short_text(value: date | datetime) -> str:
    """Tue 24 Nov: for places where the year is plain."""
    pattern = "EEE d MMM" if _day_first() else "EEE, MMM d"
    return _dated(as_day(value), pattern, locale=current())


def weekday_text(value: date | datetime) -> str:
    """Tuesday."""
    return _dated(as_day(value), "EEEE", locale=current())


def day_month_text(value: date | datetime, *, year: bool = False) -> str:
    """24 November, with the year where it is not plain."""
    pattern = "d MMMM" if _day_first() or not current().startswith("en") else "MMMM d"
    if year:
        pattern = "d MMMM y" if pattern.startswith("d") else "MMMM d, y"
    return _dated(as_day(value), pattern, locale=current())


def clock_text(value: datetime | time) -> str:
    """9:00 am, in the time zone in force."""
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    plain = value.time() if isinstance(value, datetime) else value
    return _clock(plain.hour, plain.minute, current())


@lru_cache(maxsize=4096)
def _clock(hour: int, minute: int, locale: str) -> str:
    text = format_time(time(hour, minute), "short", locale=locale)
    return text.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ")


def _day_first() -> bool:
    """English outside the United States writes the day first and needs no comma."""
    return current().startswith("en") and current() not in ("en", "en_US")
