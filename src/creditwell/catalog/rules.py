"""Decisions about what is sold: no database, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from creditwell.kernel.errors import Invalid
from creditwell.money.money import Money

PERCENT_DECIMALS = 3


class NameMissing(Invalid):
    """A thing without a name cannot be found again."""

    code = "name_missing"

    def __init__(self, param: str = "name") -> None:
        super().__init__(_("Give it a name."), param=param)


class NameTooLong(Invalid):
    """The name does not fit on an invoice."""

    code = "name_too_long"

    def __init__(self, longest: int, param: str = "name") -> None:
        super().__init__(
            ngettext(
                "The name is too long. Use at most %(longest)s character.",
                "The name is too long. Use at most %(longest)s characters.",
                longest,
            )
            % {"longest": longest},
            param=param,
        )


class NegativePrice(Invalid):
    """Nobody is paid for taking something; that is what a discount or a credit note is for."""

    code = "negative_price"

    def __init__(self, param: str = "price") -> None:
        super().__init__(
            _("A price cannot be negative. To take money off an invoice, give a discount there."),
            param=param,
        )


class WrongPercent(Invalid):
    """A tax is between 0 and 100 %, to three decimals."""

    code = "wrong_percent"

    def __init__(self) -> None:
        super().__init__(
            _("A tax lies between 0 and 100 percent and has at most 3 decimals, like 8.875."),
            param="percent",
        )


def clean_name(text: str, *, longest: int, param: str = "name") -> str:
    """
    The name with single spaces.

    :raises NameMissing: if nothing is left of it
    :raises NameTooLong: beyond `longest` characters
    """
    name = " ".join(text.split())
    if not name:
        raise NameMissing(param)
    if len(name) > longest:
        raise NameTooLong(longest, param)
    return name


def check_price(price: Money, currency: str, *, param: str = "price") -> None:
    """
    A price is nil or more, in the practice's currency.

    :raises NegativePrice: below nil
    """
    assert price.currency == currency, (price.currency, currency)
    if price.minor < 0:
        raise NegativePrice(param)


def check_percent(percent: Decimal) -> None:
    """:raises WrongPercent: outside 0 to 100, or finer than three decimals."""
    if not percent.is_finite() or not 0 <= percent <= 100:
        raise WrongPercent
    if percent != round(percent, PERCENT_DECIMALS):
        raise WrongPercent


def price_for(price_minor: int, concession_minor: int | None) -> int:
    """What is asked: the concession's own price, if there is one, else the usual; minor units."""
    return price_minor if concession_minor is None else concession_minor


def moved(ids: Sequence[int], moving: int, steps: int) -> list[int]:
    """
    The order after one of them went `steps` places down (negative: up).

    At the ends it stays there; an id that is not in the list changes nothing.
    """
    order = list(ids)
    if moving not in order:
        return order
    place = min(max(order.index(moving) + steps, 0), len(order) - 1)
    order.remove(moving)
    order.insert(place, moving)
    return order
