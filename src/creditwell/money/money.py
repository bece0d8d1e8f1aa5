"""Money: whole minor units (cents) with a currency."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from creditwell.money.currency import exponent_of


class CurrencyMismatch(Exception):
    """Two amounts of different currencies met: a defect, never a user's mistake."""


class NotAnAmount(ValueError):
    """The text is no amount of money at all."""


class TooFine(ValueError):
    """The amount is finer than the smallest coin of its currency."""


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount: `minor` whole units of the smallest coin of `currency` (ISO 4217)."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        assert type(self.minor) is int, self.minor
        assert len(self.currency) == 3, self.currency

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(0, currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> Money:
        """
        Read a plain decimal such as "89.50".

        :raises NotAnAmount: if it is no number
        :raises TooFine: if it is finer than the smallest coin, as "89.505" AUD is
        """
        try:
            value = Decimal(text.strip())
        except InvalidOperation as error:
            raise NotAnAmount(text) from error
        return cls.of(value, currency)

    @classmethod
    def of(cls, value: Decimal, currency: str) -> Money:
        """Make money of a decimal in major units; refuses (TooFine) instead of rounding."""
        if not value.is_finite():
            raise NotAnAmount(str(value))
        shifted = value.scaleb(exponent_of(currency))
        if shifted != shifted.to_integral_value():
            raise TooFine(str(value))
        return cls(int(shifted), currency)

    @classmethod
    def total(cls, parts: Iterable[Money], currency: str) -> Money:
        """Add up; nothing adds up to zero of the currency."""
        result = cls.zero(currency)
        for part in parts:
            result += part
        return result

    @property
    def exponent(self) -> int:
        """How many decimals the currency has: 2 for AUD, 0 for JPY, 3 for KWD."""
        return exponent_of(self.currency)

    @property
    def decimal(self) -> Decimal:
        """The amount in major units, exact."""
        return Decimal(self.minor).scaleb(-self.exponent)

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __abs__(self) -> Money:
        return Money(abs(self.minor), self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.minor <= other.minor

    def __gt__(self, other: Money) -> bool:
        return other < self

    def __ge__(self, other: Money) -> bool:
        return other <= self

    def at_rate(self, rate: Decimal) -> Money:
        """Multiply by a rate and round half away from zero: the only place where we round."""
        exact = Decimal(self.minor) * rate
        return Money(int(exact.quantize(Decimal(1), ROUND_HALF_UP)), self.currency)

    def split(self, weights: Sequence[int]) -> list[Money]:
        """
        Share out by weight, by largest remainder; the parts always add up to the whole.

        Equal remainders go to the later part, so 100.00 in three is 33.33, 33.33, 33.34.
        """
        total = sum(weights)
        assert total > 0, weights
        assert all(weight >= 0 for weight in weights), weights
        sign, whole = (-1 if self.minor < 0 else 1), abs(self.minor)
        parts = [whole * weight // total for weight in weights]
        by_remainder = sorted(
            range(len(weights)), key=lambda n: (whole * weights[n] % total, n), reverse=True
        )
        for n in by_remainder[: whole - sum(parts)]:
            parts[n] += 1
        assert sum(parts) == whole, (self, weights)
        return [Money(sign * part, self.currency) for part in parts]

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(self.currency, other.currency)

    def __str__(self) -> str:
        return f"{self.decimal:f} {self.currency}"
