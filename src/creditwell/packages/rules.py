"""Decisions about packages: what may be used and in which order, what is kept. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from creditwell.credit.rules import months_later
from creditwell.money.money import Money

HUNDRED = 100


def later_by(day: date, count: int, unit: str) -> date:
    """The same day so many days, weeks, months or years later; a month's last where it has none."""
    if unit in {"month", "year"}:
        return months_later(day, count * (12 if unit == "year" else 1))
    days = count * (7 if unit == "week" else 1)
    return date.max if days > (date.max - day).days else day + timedelta(days=days)


def last_day(begins_on: date, count: int | None, unit: str) -> date | None:
    """
    The last day on which a package can be used that begins on a day; None: no end.

    Three months from 10 March end with 9 June: the day itself counts.
    """
    if count is None:
        return None
    after = later_by(begins_on, count, unit)
    return after if after == date.max else after - timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A part of a package that a visit could use: `units` are what it would take."""

    package_id: int
    part_id: int
    payer_id: int
    owner_name: str
    name: str  # of the package
    part_name: str
    own: bool
    expires_on: date | None
    sold_on: date
    covers_count: int  # how many kinds of visit the part is good for
    units: int
    free_units: int
    total_units: int
    measure: str
    room_units: int | None = None  # of a share; None: no limit

    @property
    def is_enough(self) -> bool:
        """Whether there is as much as the visit takes, and somebody else's limit leaves room."""
        return self.units <= self.free_units and self.has_room

    @property
    def has_room(self) -> bool:
        """Whether somebody else's limit leaves as much as the visit takes."""
        return self.room_units is None or self.units <= self.room_units


def in_order(offers: Iterable[Offer]) -> list[Offer]:
    """
    The written order: the earliest to expire, one's own before a family member's, the part that is
    good for fewer kinds of visit, the oldest.
    """
    return sorted(
        (offer for offer in offers if offer.is_enough),
        key=lambda offer: (
            offer.expires_on or date.max,
            not offer.own,
            offer.covers_count,
            offer.sold_on,
            offer.package_id,
            offer.part_id,
        ),
    )


def open_on(
    day: date, *, expires_on: date | None, paused_on: date | None, resumes_on: date | None
) -> bool:
    """Whether a package can be used on a day: not expired, and not within a pause."""
    if expires_on is not None and day > expires_on:
        return False
    if paused_on is None or day < paused_on:
        return True
    return resumes_on is not None and day >= resumes_on


def is_late(*, starts_at: datetime, now: datetime, notice_hours: int) -> bool:
    """Whether a visit is cancelled with less notice than the package asks for."""
    return now > starts_at - timedelta(hours=notice_hours)


def kept_by_rule(
    *, starts_at: datetime, now: datetime, notice_hours: int, late_cancel_percent: int
) -> int:
    """What of a session is kept, in percent, when its visit is cancelled now."""
    late = is_late(starts_at=starts_at, now=now, notice_hours=notice_hours)
    return late_cancel_percent if late else 0


def part_of(whole: Money, *, percent: int) -> Money:
    """So many percent of an amount, half up."""
    return whole.at_rate(Decimal(percent) / HUNDRED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """
    What of the price stands behind a session (or a stretch of units), of which `bonus` units were a
    present: nothing was paid for them.
    """

    units: int
    value: Money
    tax: Money
    bonus: int = 0

    @property
    def paid(self) -> int:
        """Units that the price was paid for."""
        return self.units - self.bonus


def shares_of(
    net: Money, tax: Money, *, units: Sequence[int], weights: Sequence[int]
) -> list[Share]:
    """
    Share a price out over sessions by weight; the shares add up to it to the smallest coin.

    What a session costs with tax is shared out first, so that five for 450.00 are 90.00 each. Where
    nothing has a weight, all count alike.
    """
    counted = list(weights) if sum(weights) > 0 else [1] * len(weights)
    taxes = tax.split(counted)
    values = [
        whole - of_tax for whole, of_tax in zip((net + tax).split(counted), taxes, strict=True)
    ]
    if any(value.minor < 0 for value in values):  # fewer coins than sessions
        values = net.split(counted)
    return [
        Share(units=n, value=value, tax=of_tax)
        for n, value, of_tax in zip(units, values, taxes, strict=True)
    ]


def take_off(share: Share, units: int) -> tuple[Share, Share]:
    """
    Take units off a stretch, those that were paid for first: what goes and what stays. The last
    unit that was paid for takes all that is left.

    The part that goes is rounded half up, so that stretches of one package are worth the same to
    the smallest coin, in whatever order they are used.
    """
    return _cut(share, units, bonus=max(0, units - share.paid))


def take_part(share: Share, units: int) -> tuple[Share, Share]:
    """The same of a stretch that is used in part: a present in it goes in proportion."""
    assert 0 < units <= share.units, (share, units)
    part = Decimal(share.bonus * units) / Decimal(share.units)
    bonus = int(part.to_integral_value(ROUND_HALF_UP))
    return _cut(share, units, bonus=min(max(bonus, units - share.paid), share.bonus))


def _cut(share: Share, units: int, *, bonus: int) -> tuple[Share, Share]:
    assert 0 < units <= share.units, (share, units)
    if units == share.units:
        nothing = Money.zero(share.value.currency)
        return share, Share(units=0, value=nothing, tax=nothing)
    rate = Decimal(units - bonus) / Decimal(share.paid) if share.paid else Decimal(0)
    value, tax = share.value.at_rate(rate), share.tax.at_rate(rate)
    return (
        Share(units=units, value=value, tax=tax, bonus=bonus),
        Share(
            units=share.units - units,
            value=share.value - value,
            tax=share.tax - tax,
            bonus=share.bonus - bonus,
        ),
    )


def day_of_use(
    *, visit_on: date, today: date, since_on: date, books_closed_on: date | None
) -> date:
    """
    The day of the books on which a session is earned: the visit's, but not a day to come, and not
    before its value stood in the account; today where those books are closed.
    """
    day = max(min(visit_on, today), since_on)
    return today if books_closed_on is not None and day <= books_closed_on else day
