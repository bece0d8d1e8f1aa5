"""What is left of a package, and what was used of it at its usual price; a few queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from creditwell.money.money import Money
from creditwell.packages.models import ActKind, Package, PackageAct, Session, SoldCover, SoldPart
from creditwell.packages.rules_refund import AtList, Row, at_list, gross
from creditwell.packages.stretches import share_of_row
from creditwell.scheduling.models import TypeItem
from creditwell.tenancy.access import PracticeFacts

USED = ("used", "forfeited")


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedVisit:
    """A visit to come that has a session of the package."""

    session_id: int
    attendee_id: int
    appointment_id: int
    patient_name: str
    part_name: str
    starts_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PartLeft:
    """One kind of session: its free rows, and those that are booked."""

    id: int
    name: str
    free: tuple[Row, ...]
    booked: tuple[Row, ...]

    @property
    def free_units(self) -> int:
        return sum(row.share.units for row in self.free)


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """
    What is left (`parts`, `booked`) and what was used: `used` at what it cost in the package,
    `used_at_list` at its usual price, tax included. `kept_before`: what refunds before this kept.
    """

    package_id: int
    measure: str
    currency: str
    parts: tuple[PartLeft, ...]
    booked: tuple[BookedVisit, ...]
    used_units: int
    used: Money
    used_at_list: Money
    kept_before: Money
    has_expired: bool

    @property
    def free_units(self) -> int:
        return sum(part.free_units for part in self.parts)

    @property
    def whole(self) -> Money:
        """What all that is free or booked cost, tax included."""
        rows = (row for part in self.parts for row in (*part.free, *part.booked))
        return gross((row.share for row in rows), self.currency)


def left_of(practice: PracticeFacts, package: Package) -> Left:
    """Read what is left of a package; about five queries."""
    parts = {
        part.pk: part
        for part in SoldPart.objects.filter(practice_id=practice.id, package_id=package.pk)
    }
    sessions = list(
        Session.objects.filter(practice_id=practice.id, package_id=package.pk, units__gt=0)
        .select_related("attendee__appointment", "patient")
        .order_by("pk")
    )
    used = [one for one in sessions if one.status in USED and not one.bonus]
    return Left(
        package_id=package.pk,
        measure=package.measure,
        currency=practice.currency,
        parts=tuple(
            PartLeft(
                id=part.pk,
                name=part.name,
                free=_rows(practice, sessions, part.pk, "free"),
                booked=_rows(practice, sessions, part.pk, "booked"),
            )
            for part in parts.values()
            if any(one.part_id == part.pk for one in sessions)
        ),
        booked=_booked(sessions, parts),
        used_units=sum(one.units for one in sessions if one.status in USED),
        used=practice.money(sum(one.value_minor + one.tax_minor for one in used)),
        used_at_list=_at_list(practice, package, used),
        kept_before=_kept_before(practice, package.pk),
        has_expired=any(one.status == "expired" for one in sessions),
    )


def _rows(
    practice: PracticeFacts, sessions: Iterable[Session], part_id: int, status: str
) -> tuple[Row, ...]:
    return tuple(
        Row(
            id=one.pk,
            share=share_of_row(practice, one),
        )
        for one in sessions
        if one.part_id == part_id and one.status == status
    )


def _booked(sessions: Iterable[Session], parts: Mapping[int, SoldPart]) -> tuple[BookedVisit, ...]:
    found = []
    for one in sessions:
        if one.status == "booked":
            visit, patient = one.attendee, one.patient
            assert visit is not None, one.pk
            assert patient is not None, one.pk
            found.append(
                BookedVisit(
                    session_id=one.pk,
                    attendee_id=visit.pk,
                    appointment_id=visit.appointment_id,
                    patient_name=f"{patient.first_name} {patient.last_name}".strip(),
                    part_name=parts[one.part_id].name,
                    starts_at=visit.appointment.starts_at,
                )
            )
    return tuple(sorted(found, key=lambda visit: visit.starts_at))


def _at_list(practice: PracticeFacts, package: Package, used: list[Session]) -> Money:
    if package.measure == "money":  # of money the units are the price
        return practice.money(sum(one.paid_units for one in used))
    covers = list(SoldCover.objects.filter(practice_id=practice.id, part__package_id=package.pk))
    types = {_type_of(one) for one in used} - {None}
    items: dict[int, set[int]] = {}
    for type_id, item_id in TypeItem.objects.filter(
        practice_id=practice.id, appointment_type_id__in=[one for one in types if one]
    ).values_list("appointment_type_id", "item_id"):
        items.setdefault(type_id, set()).add(item_id)
    prices = (
        AtList(
            price=practice.money(
                _list_price(
                    [cover for cover in covers if cover.part_id == one.part_id],
                    _type_of(one),
                    items,
                )
            ),
            percent=one.kept_percent,
        )
        for one in used
    )
    return at_list(
        prices,
        tax_percent=tax_percent_of(package),
        tax_included=practice.prices_include_tax,
        currency=practice.currency,
    )


def _type_of(session: Session) -> int | None:
    return session.attendee.appointment.appointment_type_id if session.attendee else None


def _list_price(covers: list[SoldCover], type_id: int | None, items: Mapping[int, set[int]]) -> int:
    """The price of what was used; where nobody knows what that was, of a usual one of the part."""
    of_type = [one for one in covers if type_id and one.appointment_type_id == type_id]
    of_item = [one for one in covers if type_id and one.item_id in items.get(type_id, set())]
    fitting = of_type or of_item or covers
    return sum(one.price_minor for one in fitting) // len(fitting) if fitting else 0


def tax_percent_of(package: Package) -> Decimal:
    """The tax that is in a package's price, in percent, as at its sale."""
    if package.tax_at_use:
        return package.tax_rate.percent if package.tax_rate else Decimal(0)
    return package.line.tax_percent


def _kept_before(practice: PracticeFacts, package_id: int) -> Money:
    kinds = [ActKind.REFUNDED, ActKind.CONVERTED]
    acts = PackageAct.objects.filter(practice_id=practice.id, package_id=package_id, kind__in=kinds)
    return practice.money(
        sum(
            int(details.get("for_list_minor", 0))
            for details in acts.values_list("details", flat=True)
        )
    )
