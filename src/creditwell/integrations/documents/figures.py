"""Amounts and days as they are printed, by the locale of the sheet (Babel, CLDR)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

from creditwell.money.money import Money

MINUS = "\u2212"
NIL = "\u2013"
# CLDR groups French figures with a narrow no-break space, which the font of the documents lacks.
SPACES = str.maketrans({"\u202f": "\u00a0", "\u2009": "\u00a0"})
# A code of letters stands a space away from its figure, a sign does not: "KWD 1.500", "$1.50".
CODE_BEFORE_FIGURE = re.compile(r"(?<=[A-Z]{3})(?=\d)")
# What stands before, the whole with its groups, the decimals, what stands after.
BIG = re.compile(r"(?P<before>\D*)(?P<whole>\d.*?)[.,](?P<decimals>\d+)\D*")


@dataclass(frozen=True, slots=True)
class Figures:
    """Prints money and days in one locale. The minus is a true minus, never a hyphen."""

    locale: str

    def column(self, money: Money | None) -> str:
        """A figure in a column: all decimals of the currency, no sign of it; nothing is a dash."""
        if money is None:
            return NIL
        pattern = "#,##0" + ("." + "0" * money.exponent if money.exponent else "")
        text = format_decimal(abs(money.decimal), format=pattern, locale=self.locale)
        return _signed(money, text)

    def full(self, money: Money) -> str:
        """A figure with its currency, for totals and sentences: "$1,234.50"."""
        text = format_currency(abs(money.decimal), money.currency, locale=self.locale)
        return _signed(money, CODE_BEFORE_FIGURE.sub("\u00a0", text))

    def big(self, money: Money) -> tuple[str, str, str]:
        """A full figure in three parts: what stands before, the whole, and the decimals."""
        text = self.full(money)
        found = BIG.fullmatch(text)
        if found is None or len(found["decimals"]) != money.exponent:
            return "", text, ""
        return found["before"], found["whole"], text[found.end("whole") :]

    def day(self, on: date) -> str:
        """A day with the month in letters: "24 Nov 2026"."""
        return format_date(on, format="medium", locale=self.locale).translate(SPACES)


def _signed(money: Money, text: str) -> str:
    text = text.translate(SPACES)
    return MINUS + text if money.minor < 0 else text
