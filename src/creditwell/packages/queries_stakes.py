"""What is at stake when a visit is cancelled, or nobody comes: its session, and the rules of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from creditwell.money.money import Money
from creditwell.packages.models import Session
from creditwell.packages.owing import Asked, asked_for
from creditwell.packages.rules import HUNDRED, is_late, kept_by_rule, part_of
from creditwell.tenancy.access import PracticeFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """The session of a visit to come; units are sessions, minutes, or minor units of money."""

    attendee_id: int
    measure: str
    units: int
    value: Money
    tax: Money
    starts_at: datetime
    notice_hours: int
    late_cancel_percent: int
    no_show_percent: int
    asked: Asked  # for its package

    def is_late(self, now: datetime) -> bool:
        """Whether the notice that the package asks for is over."""
        return is_late(starts_at=self.starts_at, now=now, notice_hours=self.notice_hours)

    def cancel_percent(self, now: datetime) -> int:
        """What the rule keeps when the patient cancels now."""
        return kept_by_rule(
            starts_at=self.starts_at,
            now=now,
            notice_hours=self.notice_hours,
            late_cancel_percent=self.late_cancel_percent,
        )

    def back(self, percent: int) -> Money:
        """Of a counted session, what goes back to whoever paid when so much is kept."""
        kept = part_of(self.value, percent=percent) + part_of(self.tax, percent=percent)
        return self.value + self.tax - kept

    def off_owing(self, percent: int) -> Money | None:
        """
        How much of that comes off what is owing, for that was never paid; None where several
        invoices charged the package, so that it depends on which of them is credited.
        """
        owing = Money(self.asked.owing_minor, self.value.currency)
        if owing and self.asked.invoices > 1:
            return None
        return min(self.back(percent), owing)

    def units_kept(self, percent: int) -> int:
        """Of minutes and money, the units that are kept; one at least if anything is."""
        if percent == 0:
            return 0
        money = Money(self.units, self.value.currency)
        return min(self.units, max(1, money.at_rate(Decimal(percent) / HUNDRED).minor))


def stakes_of(practice: PracticeFacts, attendee_ids: Iterable[int]) -> dict[int, Stake]:
    """The booked (or used) sessions of these visits, by attendee; two queries."""
    rows = Session.objects.filter(
        practice_id=practice.id,
        attendee_id__in=list(attendee_ids),
        status__in=["booked", "used"],
    ).select_related("package", "attendee__appointment")
    ids = {row.package_id for row in rows}
    asked = asked_for(practice_id=practice.id, package_ids=ids) if ids else {}
    found = {}
    for row in rows:
        package, attendee = row.package, row.attendee
        assert attendee is not None, row.pk
        found[attendee.pk] = Stake(
            attendee_id=attendee.pk,
            measure=package.measure,
            units=row.units,
            value=practice.money(row.value_minor),
            tax=practice.money(row.tax_minor),
            starts_at=attendee.appointment.starts_at,
            notice_hours=package.notice_hours,
            late_cancel_percent=package.late_cancel_percent,
            no_show_percent=package.no_show_percent,
            asked=asked[package.pk],
        )
    return found
