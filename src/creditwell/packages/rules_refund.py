"""What of a package is given back: pro rata, or what was used at its list price; a fee. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from creditwell.money.money import Money
from creditwell.packages.rules import HUNDRED, Share, take_off


class Method(models.TextChoices):
    """How what goes back is worked out."""

    PRO_RATA = "pro_rata", _("Pro rata: what the sessions cost in the package")
    AT_LIST = "used_at_list", _("What was paid, less what was used at its usual price")


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """
    What the calculator begins with, tax included. `leaving` is what the sessions cost that are
    given back, `free` what all cost that could be; `used` what the used ones cost, `used_at_list`
    what they would have cost one by one. `kept_before` is what earlier refunds kept for that.
    """

    leaving: Money
    free: Money
    used: Money
    used_at_list: Money
    kept_before: Money

    @property
    def discount_used(self) -> Money:
        """What the used sessions were cheaper for being in a package, as far as nobody kept it."""
        nothing = Money.zero(self.used.currency)
        return max(nothing, self.used_at_list - self.used - self.kept_before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What goes back (`back`), and what is kept of what leaves: `for_list` and the `fee`."""

    leaving: Money
    for_list: Money
    fee: Money

    @property
    def before_fee(self) -> Money:
        return self.leaving - self.for_list

    @property
    def back(self) -> Money:
        return self.before_fee - self.fee

    @property
    def kept(self) -> Money:
        return self.for_list + self.fee


def by_method(worth: Worth, method: str) -> Money:
    """
    What goes back before a fee: never below nothing, never above pro rata.

    Of a part of what is free, its part of what all of it would bring, half up.
    """
    if method == Method.PRO_RATA or not worth.leaving:
        return worth.leaving
    whole = max(Money.zero(worth.free.currency), worth.free - worth.discount_used)
    if worth.leaving == worth.free:
        return whole
    return whole.at_rate(Decimal(worth.leaving.minor) / Decimal(worth.free.minor))


def figures_of(worth: Worth, *, method: str, fee: Money) -> Figures:
    """What goes back and what is kept; a fee is taken as far as it goes."""
    before = by_method(worth, method)
    return Figures(leaving=worth.leaving, for_list=worth.leaving - before, fee=min(fee, before))


@dataclass(frozen=True, slots=True, kw_only=True)
class AtList:
    """
    A used session at its usual price: `price` as quoted, of which `percent` was kept; of money the
    units themselves are the price, tax included.
    """

    price: Money
    percent: int = HUNDRED


def at_list(
    used: Iterable[AtList], *, tax_percent: Decimal, tax_included: bool, currency: str
) -> Money:
    """What used sessions would have cost one by one, tax included."""
    total = Money.zero(currency)
    for one in used:
        price = one.price.at_rate(Decimal(one.percent) / HUNDRED)
        total += price if tax_included else price + price.at_rate(tax_percent / HUNDRED)
    return total


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A free session, or a stretch of free units."""

    id: int
    share: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaves:
    """What leaves of one row, and what stays of it (units 0: the row leaves whole)."""

    row_id: int
    goes: Share
    stays: Share


def leave(rows: Sequence[Row], units: int | None = None) -> list[Leaves]:
    """
    Choose what leaves: all, or so many units. What was paid for goes before what was a present,
    the last ones first, so that the first ones are still there to be used.
    """
    left = sum(row.share.units for row in rows) if units is None else units
    chosen = []
    for row in sorted(rows, key=_last_paid_first):
        part = min(left, row.share.units)
        if part <= 0:
            continue
        goes, stays = take_off(row.share, part)
        chosen.append(Leaves(row_id=row.id, goes=goes, stays=stays))
        left -= part
    assert left == 0, (units, left)
    return chosen


def _last_paid_first(row: Row) -> tuple[bool, bool, int]:
    share = row.share
    return share.bonus > 0, share.paid == 0, -row.id


def gross(shares: Iterable[Share], currency: str) -> Money:
    """What shares cost together, tax included."""
    return Money.total((one.value + one.tax for one in shares), currency)
