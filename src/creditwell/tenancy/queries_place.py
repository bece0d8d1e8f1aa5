"""Where a practice is, for the head of its papers."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F

from creditwell.tenancy.models import Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A location as printed: address in lines, how to reach it."""

    address: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""


def place_of(*, practice_id: int, location_id: int | None = None) -> Place:
    """The location named, else the practice's first; empty when it has none. One query."""
    rows = Location.objects.filter(practice_id=practice_id)
    if location_id is not None:
        rows = rows.filter(pk=location_id)
    row = rows.order_by(F("archived_at").asc(nulls_first=True), "position", "pk").first()
    if row is None:
        return Place()
    lines = tuple(line.strip() for line in row.address.splitlines() if line.strip())
    return Place(address=lines, phone=row.phone, email=row.email)


def location_names(*, practice_id: int) -> dict[int, str]:
    """All locations by id, those no longer in use too; one query."""
    return dict(Location.objects.filter(practice_id=practice_id).values_list("pk", "name"))
