"""A free session becomes one for something else; its place, its price. Amounts are minor units."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from creditwell.catalog.models import Item
from creditwell.kernel.errors import Invalid, NotFound, Refusal
from creditwell.kernel.rows import insert_row
from creditwell.packages.models import Package, Session, SoldCover, SoldPart
from creditwell.packages.queries_left import tax_percent_of
from creditwell.packages.queries_offers import list_prices
from creditwell.packages.rules import HUNDRED
from creditwell.packages.stretches import PAID_FIRST
from creditwell.scheduling.models import AppointmentType
from creditwell.tenancy.access import PracticeFacts


class NotCounted(Refusal):
    """Minutes and money are good for whatever they were sold for; there is no session to swap."""

    code = "not_counted"
    status = 422

    def __init__(self) -> None:
        super().__init__(
            _("Only packages that are counted in sessions can be swapped, one session at a time.")
        )


class NoFreeSession(Refusal):
    """No session of this kind is free."""

    code = "no_free_session"

    def __init__(self) -> None:
        super().__init__(_("No session of this kind is free. Cancel a visit first."), param="part")


class CoveredAlready(Invalid):
    """The session is good for it as it is."""

    code = "covered_already"

    def __init__(self) -> None:
        super().__init__(
            _("This session can be used for that already. Choose something else."), param="target"
        )


class WorthLess(Invalid):
    """More would be given back than the session cost."""

    code = "swap_worth_less"

    def __init__(self) -> None:
        super().__init__(
            _("More would be given back than the session cost. Enter a smaller difference."),
            param="difference",
        )


class SwapStands(Refusal):
    """The session was used meanwhile, or money moved for it."""

    code = "swap_stands"

    def __init__(self) -> None:
        super().__init__(
            _(
                "This swap cannot be undone: the session is not free any more, or money moved for "
                "it. Swap a session back instead."
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a session is swapped for: a kind of visit, or an item; its list price, as quoted."""

    name: str
    price_minor: int
    type_id: int | None = None
    item_id: int | None = None

    @property
    def key(self) -> str:
        return f"type-{self.type_id}" if self.type_id else f"item-{self.item_id}"


def target_of(practice: PracticeFacts, *, type_id: int | None, item_id: int | None) -> Target:
    """
    Look a target up, at today's list price.

    :raises NotFound: if this practice has no such kind of visit or item
    """
    found = next(
        (
            one
            for one in targets(practice)
            if (one.type_id, one.item_id) == (type_id or None, item_id or None)
        ),
        None,
    )
    if found is None:
        raise NotFound(_("There is no such kind of visit or item."), param="target")
    return found


def targets(practice: PracticeFacts) -> list[Target]:
    """All that a session could be swapped for, by name; four queries."""
    types = list(
        AppointmentType.objects.filter(practice_id=practice.id, archived_at__isnull=True).order_by(
            "name"
        )
    )
    items = list(
        Item.objects.filter(
            practice_id=practice.id, archived_at__isnull=True, kind="service"
        ).order_by("name")
    )
    of_types, of_items = list_prices(
        practice, type_ids=[one.pk for one in types], item_ids=[one.pk for one in items]
    )
    return [
        *(
            Target(name=one.name, price_minor=of_types.get(one.pk, 0), type_id=one.pk)
            for one in types
        ),
        *(Target(name=one.name, price_minor=of_items[one.pk], item_id=one.pk) for one in items),
    ]


def price_of_part(practice: PracticeFacts, part_id: int) -> int:
    """What one of a part's sessions costs today one by one, the mean of what it is good for."""
    covers = list(SoldCover.objects.filter(practice_id=practice.id, part_id=part_id))
    of_types, of_items = list_prices(
        practice,
        type_ids=[one.appointment_type_id for one in covers if one.appointment_type_id],
        item_ids=[one.item_id for one in covers if one.item_id],
    )
    prices = [
        of_types.get(one.appointment_type_id, 0)
        if one.appointment_type_id
        else of_items.get(one.item_id or 0, 0)
        for one in covers
    ]
    return sum(prices) // len(prices) if prices else 0


def candidates(practice: PracticeFacts, package: Package, part_id: int) -> QuerySet[Session]:
    """Free sessions of a part in the order in which they would be swapped."""
    rows = Session.objects.filter(
        practice_id=practice.id, package_id=package.pk, part_id=part_id, status="free", units=1
    )
    return rows.order_by(PAID_FIRST, "-pk")


def free_session(practice: PracticeFacts, package: Package, part_id: int) -> Session:
    """
    The session of a part that is swapped: one that was paid for before a present, the last one.

    :raises NotFound: if the package has no such part
    :raises NotCounted: if the package is not counted in sessions
    :raises NoFreeSession: if none is free
    """
    parts = SoldPart.objects.filter(practice_id=practice.id, package_id=package.pk)
    if not parts.filter(pk=part_id).exists():
        raise NotFound(param="part")
    if package.measure != "sessions":
        raise NotCounted
    found = candidates(practice, package, part_id).select_for_update(of=("self",)).first()
    if found is None:
        raise NoFreeSession
    return found


def require_other(practice: PracticeFacts, part_id: int, target: Target) -> None:
    """:raises CoveredAlready: if a part is good for the target anyway"""
    covers = SoldCover.objects.filter(practice_id=practice.id, part_id=part_id)
    known = covers.values_list("appointment_type_id", "item_id")
    if (target.type_id, target.item_id) in known:
        raise CoveredAlready


def covered_by(practice: PracticeFacts, part_id: int) -> set[str]:
    """The keys of targets that a part is good for anyway; one query."""
    covers = SoldCover.objects.filter(practice_id=practice.id, part_id=part_id)
    known = covers.values_list("appointment_type_id", "item_id")
    return {f"type-{type_id}" if type_id else f"item-{item_id}" for type_id, item_id in known}


def with_tax(practice: PracticeFacts, package: Package, quoted_minor: int) -> int:
    """An amount as prices are quoted, with the package's tax."""
    if practice.prices_include_tax:
        return quoted_minor
    money = practice.money(quoted_minor)
    return (money + money.at_rate(tax_percent_of(package) / HUNDRED)).minor


def share_of(practice: PracticeFacts, session: Session, gross_minor: int) -> tuple[int, int]:
    """Net and tax of so much of what a session cost. :raises WorthLess: if that is less"""
    whole = session.value_minor + session.tax_minor
    if gross_minor > whole:
        raise WorthLess
    if whole == 0:
        return 0, 0
    rate = Decimal(gross_minor) / Decimal(whole)
    tax = practice.money(session.tax_minor).at_rate(rate).minor
    return gross_minor - tax, tax


def part_for(practice: PracticeFacts, package: Package, target: Target) -> int:
    """The part that is good for exactly the target; a new one if there is none."""
    parts = SoldPart.objects.filter(practice_id=practice.id, package_id=package.pk)
    known = list(parts.prefetch_related("covers"))
    for part in known:
        covers = {(one.appointment_type_id, one.item_id) for one in part.covers.all()}
        if covers == {(target.type_id, target.item_id)}:
            return part.pk
    part_id = insert_row(
        SoldPart,
        {
            "practice_id": practice.id,
            "package_id": package.pk,
            "position": max(one.position for one in known) + 1,
            "name": target.name[:120],
            "units": 0,
            "weight": target.price_minor,
        },
    )
    insert_row(
        SoldCover,
        {
            "practice_id": practice.id,
            "part_id": part_id,
            "appointment_type_id": target.type_id,
            "item_id": target.item_id,
            "price_minor": target.price_minor,
        },
    )
    return part_id


def put(practice: PracticeFacts, session: Session, part_id: int) -> None:
    """Let a session be of another part of its package."""
    parts = SoldPart.objects.filter(practice_id=practice.id)
    parts.filter(pk=session.part_id).update(units=F("units") - session.units)
    parts.filter(pk=part_id).update(units=F("units") + session.units)
    Session.objects.filter(practice_id=practice.id, pk=session.pk).update(part_id=part_id)
    session.part_id = part_id
