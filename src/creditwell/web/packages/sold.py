"""The packages that an invoice sold, as they stand today: for its page, never for its paper."""

from __future__ import annotations

from datetime import datetime

from creditwell.packages.models import Package
from creditwell.packages.queries import packages_by_id
from creditwell.tenancy.access import Member
from creditwell.web.packages.standings import StandingCard, standing_cards


def sold_by(member: Member, invoice_id: int, now: datetime) -> list[StandingCard]:
    """One query where an invoice sold none, else three."""
    practice_id = member.practice_id
    ids = list(
        Package.objects.filter(practice_id=practice_id, line__invoice_id=invoice_id)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    if not ids or not member.may("packages.view"):
        return []
    today = member.practice.day_of(now)
    found = packages_by_id(practice_id=practice_id, package_ids=ids, today=today)
    return standing_cards(member, [found[pk] for pk in ids])
