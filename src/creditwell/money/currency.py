"""How many decimals a currency has, by ISO 4217 (through Babel's CLDR data)."""

from __future__ import annotations

from functools import cache

from babel.numbers import get_currency_precision


@cache
def exponent_of(currency: str) -> int:
    """Decimals of the smallest coin: 2 for AUD, 0 for JPY, 3 for KWD."""
    return int(get_currency_precision(currency))
