"""A package becomes a larger one: what is left shares in what is paid now. Amounts: minor units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from creditwell.kernel.errors import Invalid, NotFound, Refusal
from creditwell.kernel.rows import insert_row, insert_rows
from creditwell.packages.models import Package, Part, Product, Session, SoldCover, SoldPart
from creditwell.packages.queries_offers import list_prices
from creditwell.packages.rules import Share, last_day, shares_of
from creditwell.packages.selling import Place, session_row, terms_of
from creditwell.tenancy.access import PracticeFacts

Covers = frozenset[tuple[int | None, int | None]]


class NotLarger(Refusal):
    """The other package is not more than this one."""

    code = "not_larger"
    status = 422

    def __init__(self) -> None:
        super().__init__(
            _(
                "This is not more than what was sold, and a package does not become smaller. "
                "Refund what is left instead, then sell the other one."
            ),
            param="product",
        )


class NotAlike(Refusal):
    """The other package is counted or taxed otherwise, renews, or does not cover the same."""

    code = "not_alike"
    status = 422

    def __init__(self) -> None:
        super().__init__(
            _(
                "This package cannot become that one: it is counted or taxed in another way, or is "
                "good for something else. Sell the other one, and refund what is left of this."
            ),
            param="product",
        )


class RanOut(Invalid):
    """An upgrade of a package that ran out needs a new last day."""

    code = "ran_out"

    def __init__(self) -> None:
        super().__init__(
            _("This package has run out. Let its days begin anew, or extend it first."),
            param="renew",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One kind of session: which part it was (None: it is new), and what is added to it."""

    product_part_id: int
    part_id: int | None
    name: str
    weight: int
    before: int
    after: int
    covers: tuple[tuple[int | None, int | None, int], ...]  # with list price
    missing: tuple[tuple[int | None, int | None, int], ...] = ()

    @property
    def added(self) -> int:
        return self.after - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """What the upgrade does, whatever its price. `unused` are the rows that share what is left."""

    product: Product
    steps: tuple[Step, ...]
    unused: tuple[Session, ...]
    expires_on: date | None

    @property
    def left_minor(self) -> tuple[int, int]:
        """Net and tax that are not used yet."""
        return (
            sum(one.value_minor for one in self.unused),
            sum(one.tax_minor for one in self.unused),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What is there of a package, and what products contain: read once for any number of plans."""

    parts: list[SoldPart]
    sessions: list[Session]
    wanted: Mapping[int, list[Part]]  # by product
    of_types: Mapping[int, int]
    of_items: Mapping[int, int]


def plan_upgrade(
    practice: PracticeFacts,
    package: Package,
    product_id: int,
    *,
    renew: bool,
    today: date,
) -> Upgrade:
    """
    What becomes of each kind of session; a few queries.

    :raises NotFound: if this practice does not offer such a package
    :raises NotAlike: if it is counted or taxed in another way, or covers less
    :raises NotLarger: if it has not more
    :raises RanOut: if the package has run out and its days do not begin anew
    """
    product = _product(practice.id, product_id)
    if not is_alike(package, product):
        raise NotAlike
    known = _read(practice, package, [product.pk])
    return _plan(package, product, known, renew=renew, today=today)


def upgrades_of(practice: PracticeFacts, package: Package, today: date) -> list[Product]:
    """What a package could become, by name; a few queries, however many are offered."""
    products = larger_products(practice, package)
    known = _read(practice, package, [product.pk for product in products])
    found = []
    for product in products:
        try:
            _plan(package, product, known, renew=True, today=today)
        except Refusal:
            continue
        found.append(product)
    return found


def _read(practice: PracticeFacts, package: Package, product_ids: Sequence[int]) -> _Known:
    parts = SoldPart.objects.filter(practice_id=practice.id, package_id=package.pk)
    sessions = (
        Session.objects.filter(
            practice_id=practice.id, package_id=package.pk, units__gt=0, bonus_units__lt=F("units")
        )
        .exclude(status__in=["refunded", "expired"])
        .order_by("pk")
    )
    wanted: dict[int, list[Part]] = {product_id: [] for product_id in product_ids}
    rows = Part.objects.filter(practice_id=practice.id, product_id__in=wanted)
    for part in rows.prefetch_related("covers__appointment_type", "covers__item"):
        wanted[part.product_id].append(part)
    covers = [one for found in wanted.values() for part in found for one in part.covers.all()]
    of_types, of_items = list_prices(
        practice,
        type_ids={one.appointment_type_id for one in covers if one.appointment_type_id},
        item_ids={one.item_id for one in covers if one.item_id},
    )
    return _Known(
        parts=list(parts.prefetch_related("covers")),
        sessions=list(sessions),
        wanted=wanted,
        of_types=of_types,
        of_items=of_items,
    )


def _plan(
    package: Package, product: Product, known: _Known, *, renew: bool, today: date
) -> Upgrade:
    steps = _steps(product, known)
    unused = tuple(one for one in known.sessions if one.status in ("free", "booked"))
    places = {step.part_id for step in steps}
    if any(one.part_id not in places for one in unused):
        raise NotAlike
    if any(step.added < 0 for step in steps) or not any(step.added for step in steps):
        raise NotLarger
    expires_on = _new_last_day(package, product, today) if renew else package.expires_on
    if expires_on is not None and expires_on < today:
        raise RanOut
    return Upgrade(product=product, steps=steps, unused=unused, expires_on=expires_on)


def is_alike(package: Package, product: Product) -> bool:
    """Whether a package could become this product at all: counted, taxed, sold in the same way."""
    item = product.item
    return (
        product.measure == package.measure
        and item.tax_at_use == package.tax_at_use
        and item.tax_rate_id == package.tax_rate_id
        and product.renews_count is None
        and package.membership_id is None
    )


def larger_products(practice: PracticeFacts, package: Package) -> list[Product]:
    """What is offered and counted and taxed alike, by name; one query."""
    rows = Product.objects.filter(
        practice_id=practice.id, item__archived_at__isnull=True
    ).select_related("item")
    return [
        row
        for row in rows.order_by("item__name")
        if row.pk != package.product_id and is_alike(package, row)
    ]


def _product(practice_id: int, product_id: int) -> Product:
    found = (
        Product.objects.select_related("item")
        .filter(practice_id=practice_id, pk=product_id, item__archived_at__isnull=True)
        .first()
    )
    if found is None:
        raise NotFound(_("There is no such package on offer."), param="product")
    return found


def _new_last_day(package: Package, product: Product, today: date) -> date | None:
    if product.valid_from == "first_use" and package.first_used_on is None:
        return None
    return last_day(today, product.valid_count, product.valid_unit)


def _steps(product: Product, known: _Known) -> tuple[Step, ...]:
    rest = [part for part in known.parts if part.units or _units(known.sessions, part.pk)]
    steps = []
    for part in known.wanted[product.pk]:
        priced = tuple(
            (
                one.appointment_type_id,
                one.item_id,
                known.of_types.get(one.appointment_type_id, 0)
                if one.appointment_type_id
                else known.of_items.get(one.item_id or 0, 0),
            )
            for one in part.covers.all()
        )
        same = _same(rest, frozenset(one[:2] for one in priced))
        if same is not None:
            rest.remove(same)
        steps.append(_step(part, same, priced, known.sessions, product.measure))
    return tuple(steps)


def _units(sessions: Sequence[Session], part_id: int) -> int:
    return sum(one.paid_units for one in sessions if one.part_id == part_id)


def _covers(part: SoldPart) -> Covers:
    return frozenset((one.appointment_type_id, one.item_id) for one in part.covers.all())


def _same(parts: Sequence[SoldPart], covers: Covers) -> SoldPart | None:
    """The part that is good for the same; else one that is good for some of it."""
    exact = next((part for part in parts if _covers(part) == covers), None)
    return exact or next((part for part in parts if _covers(part) <= covers), None)


def _step(
    part: Part,
    same: SoldPart | None,
    priced: tuple[tuple[int | None, int | None, int], ...],
    sessions: Sequence[Session],
    measure: str,
) -> Step:
    prices = [one[2] for one in priced]
    weight = part.weight or (sum(prices) // len(prices) if prices else 0)
    names = [one.appointment_type or one.item for one in part.covers.all()]
    known = _covers(same) if same else frozenset()
    return Step(
        product_part_id=part.pk,
        part_id=same.pk if same else None,
        name=part.name or ", ".join(one.name for one in names if one)[:120],
        weight=weight if measure == "sessions" else 1,
        before=_units(sessions, same.pk) if same else 0,
        after=part.units,
        covers=priced,
        missing=tuple(one for one in priced if same and one[:2] not in known),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What each unused row is worth afterwards: those that are there, and those that are new."""

    old: tuple[Share, ...]
    new: tuple[tuple[Step, Share], ...]


def share_out(
    practice: PracticeFacts, package: Package, upgrade: Upgrade, *, came: tuple[int, int]
) -> Shared:
    """What is left and what came now, over all that is not used, to the coin."""
    weights = {step.part_id: step.weight for step in upgrade.steps}
    counted = package.measure == "sessions"
    old = [
        (one.units, weights[one.part_id] if counted else one.paid_units) for one in upgrade.unused
    ]
    new: list[tuple[Step, int]] = []
    for step in upgrade.steps:
        new += [(step, 1)] * step.added if counted else [(step, step.added)] * bool(step.added)
    rows = [*old, *((units, step.weight if counted else units) for step, units in new)]
    net, tax = (a + b for a, b in zip(upgrade.left_minor, came, strict=True))
    shares = shares_of(
        practice.money(net),
        practice.money(tax),
        units=[units for units, _weight in rows],
        weights=[weight for _units, weight in rows],
    )
    return Shared(
        old=tuple(shares[: len(old)]),
        new=tuple(
            (step, share) for (step, _units), share in zip(new, shares[len(old) :], strict=True)
        ),
    )


def write_upgrade(
    practice: PracticeFacts,
    package: Package,
    upgrade: Upgrade,
    shared: Shared,
    *,
    place: Place,
) -> None:
    """Write parts, sessions and terms of a package that is held; `place` says since when."""
    for one, share in zip(upgrade.unused, shared.old, strict=True):
        Session.objects.filter(practice_id=practice.id, pk=one.pk).update(
            value_minor=share.value.minor,
            tax_minor=share.tax.minor,
            since_on=max(one.since_on, place.since_on),
        )
    ids = {step.product_part_id: _write_part(practice, package, step) for step in upgrade.steps}
    insert_rows(
        Session,
        [session_row(place, ids[step.product_part_id], share) for step, share in shared.new],
    )
    changes: dict[str, Any] = {
        **terms_of(upgrade.product),
        "product_id": upgrade.product.pk,
        "name": upgrade.product.item.name,
        "expires_on": upgrade.expires_on,
    }
    if upgrade.expires_on != package.expires_on:
        changes["expiry_noticed_on"] = None
    Package.objects.filter(practice_id=practice.id, pk=package.pk).update(**changes)


def _write_part(practice: PracticeFacts, package: Package, step: Step) -> int:
    if step.part_id is not None:
        SoldPart.objects.filter(practice_id=practice.id, pk=step.part_id).update(
            units=F("units") + step.added, weight=step.weight
        )
        _write_covers(practice.id, step.part_id, step.missing)
        return step.part_id
    position = SoldPart.objects.filter(practice_id=practice.id, package_id=package.pk).count()
    part_id = insert_row(
        SoldPart,
        {
            "practice_id": practice.id,
            "package_id": package.pk,
            "position": position,
            "name": step.name,
            "units": step.added,
            "weight": step.weight,
        },
    )
    _write_covers(practice.id, part_id, step.covers)
    return part_id


def _write_covers(
    practice_id: int, part_id: int, covers: Sequence[tuple[int | None, int | None, int]]
) -> None:
    insert_rows(
        SoldCover,
        [
            {
                "practice_id": practice_id,
                "part_id": part_id,
                "appointment_type_id": type_id,
                "item_id": item_id,
                "price_minor": price,
            }
            for type_id, item_id, price in covers
        ],
    )
