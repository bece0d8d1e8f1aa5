"""A package comes to be: its price is shared out over its sessions. Amounts are minor units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from creditwell.catalog.models import TaxRate
from creditwell.invoicing.models import InvoiceLine
from creditwell.kernel.errors import Refusal
from creditwell.kernel.rows import insert_row, insert_rows
from creditwell.packages.acts import Line, write_act
from creditwell.packages.models import (
    TERMS,
    ActKind,
    Package,
    Part,
    Product,
    Session,
    SoldCover,
    SoldPart,
)
from creditwell.packages.queries_offers import list_prices
from creditwell.packages.rules import Share, last_day, shares_of
from creditwell.tenancy.access import PracticeFacts, Written


class NotAProduct(Refusal):
    """The item is called a package, but nobody has said what it contains."""

    code = "not_a_package_product"
    status = 422

    def __init__(self) -> None:
        super().__init__(
            _("This package has no content yet. Say under Packages what it contains, then sell it.")
        )


class SoldAsMembership(Refusal):
    """What renews by itself is started, not sold once."""

    code = "package_sold_as_membership"

    def __init__(self) -> None:
        super().__init__(
            _("This package renews by itself. Start it as a membership of the patient."),
            param="product",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One period of a membership: which one, its first and its last day."""

    membership_id: int
    number: int
    starts_on: date
    ends_on: date


def open_sold(
    practice: PracticeFacts,
    *,
    invoice_id: int,
    written: Written,
    period: Period | None = None,
) -> list[int]:
    """
    Make a package of each line of an issued invoice that sells one; returns their ids in order.

    :raises NotAProduct: if nobody has said what a package contains
    :raises SoldAsMembership: if one renews, and this is not the period of a membership
    """
    lines = list(
        InvoiceLine.objects.filter(
            practice_id=practice.id, invoice_id=invoice_id, sells_package=True
        )
        .select_related("invoice", "item")
        .order_by("position", "id")
    )
    if not lines:
        return []
    products = {
        row.item_id: row
        for row in Product.objects.filter(
            practice_id=practice.id, item_id__in=[line.item_id for line in lines]
        )
    }
    if any(line.item_id not in products for line in lines):
        raise NotAProduct
    if period is None and any(product.renews_count for product in products.values()):
        raise SoldAsMembership
    return [
        _open(practice, line, products[line.item_id or 0], written=written, period=period)
        for line in lines
    ]


def _open(
    practice: PracticeFacts,
    line: InvoiceLine,
    product: Product,
    *,
    written: Written,
    period: Period | None,
) -> int:
    assert line.account_id is not None, "an issued line that sells a package has its account"
    assert line.invoice.issued_on is not None, line.invoice_id
    item, sold_on = line.item, line.invoice.issued_on
    assert item is not None, line.pk
    net, tax, rate_id = amounts_of_line(practice, line, at_use=item.tax_at_use)
    package_id = insert_row(
        Package,
        {
            **_of_line(line, product),
            "payer_id": line.invoice.payer_id,
            "tax_rate_id": rate_id,
            "tax_at_use": item.tax_at_use,
            "net_minor": net,
            "tax_minor": tax,
            **terms_of(product),
            **_lasting(product, sold_on, period),
            **written.columns,
        },
    )
    parts = write_parts(practice, package_id, product)
    place = Place(practice_id=practice.id, package_id=package_id, since_on=sold_on, at=written.at)
    write_sessions(practice, place, parts, measure=product.measure, amounts=(net, tax))
    write_act(
        practice.id,
        Line(
            package_id=package_id,
            kind=ActKind.SOLD,
            on=sold_on,
            value_minor=line.net_minor,
            entry_id=line.invoice.entry_id,
            details={"invoice_id": line.invoice_id},
        ),
        written,
    )
    return package_id


def _of_line(line: InvoiceLine, product: Product) -> dict[str, Any]:
    return {
        "practice_id": line.practice_id,
        "patient_id": line.invoice.patient_id,
        "product_id": product.pk,
        "line_id": line.pk,
        "account_id": line.account_id,
        "category_id": line.category_id,
        "name": line.description,
        "sold_on": line.invoice.issued_on,
    }


def _lasting(product: Product, sold_on: date, period: Period | None) -> dict[str, Any]:
    """Until when it can be used: by its terms, or as long as its period of a membership."""
    if period is None:
        return {"expires_on": first_last_day(product, sold_on)}
    return {
        "expires_on": period.ends_on,
        "valid_from": "sale",  # a first visit does not move the end of a period
        "membership_id": period.membership_id,
        "period_number": period.number,
        "period_starts_on": period.starts_on,
        "period_ends_on": period.ends_on,
    }


def terms_of(product: Product) -> dict[str, Any]:
    """The columns of the terms, as a sale copies them."""
    return {name: getattr(product, name) for name in TERMS}


def first_last_day(product: Product, sold_on: date) -> date | None:
    """The last day as known at the sale; None: no end, or not before the first visit."""
    if product.valid_from == "first_use":
        return None
    return last_day(sold_on, product.valid_count, product.valid_unit)


def amounts_of_line(
    practice: PracticeFacts, line: InvoiceLine, *, at_use: bool
) -> tuple[int, int, int | None]:
    """Net and tax of a sold line; of one that is taxed at use, the tax that is in its price."""
    if not at_use:
        return line.net_minor, line.tax_minor, line.tax_rate_id
    rate = TaxRate.objects.filter(practice_id=practice.id, pk=line.tax_rate_id or 0).first()
    if rate is None:
        return line.net_minor, 0, None
    tax = practice.money(line.total_minor).at_rate(rate.percent / (Decimal(100) + rate.percent))
    return line.total_minor - tax.minor, tax.minor, rate.pk


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where new sessions belong, since when their value stands there, and when they are written."""

    practice_id: int
    package_id: int
    since_on: date
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPart:
    """A part as written: how much of what, and what one unit of it counts."""

    id: int
    units: int
    weight: int


def write_parts(practice: PracticeFacts, package_id: int, product: Product) -> list[NewPart]:
    """Copy the parts of a product, with names and list prices as they are today."""
    parts = list(
        Part.objects.filter(practice_id=practice.id, product_id=product.pk).prefetch_related(
            "covers__appointment_type", "covers__item"
        )
    )
    if not parts:
        raise NotAProduct
    covers = [cover for part in parts for cover in part.covers.all()]
    of_types, of_items = list_prices(
        practice,
        type_ids={c.appointment_type_id for c in covers if c.appointment_type_id},
        item_ids={c.item_id for c in covers if c.item_id},
    )
    return [
        _write_part(practice.id, package_id, part, of_types, of_items)
        if product.measure == "sessions"
        else replace(_write_part(practice.id, package_id, part, of_types, of_items), weight=1)
        for part in parts
    ]


def _write_part(
    practice_id: int,
    package_id: int,
    part: Part,
    of_types: Mapping[int, int],
    of_items: Mapping[int, int],
) -> NewPart:
    covers = list(part.covers.all())
    prices = [
        of_types.get(cover.appointment_type_id, 0)
        if cover.appointment_type_id
        else of_items.get(cover.item_id or 0, 0)
        for cover in covers
    ]
    names = [cover.appointment_type or cover.item for cover in covers]
    weight = part.weight or (sum(prices) // len(prices) if prices else 0)
    part_id = insert_row(
        SoldPart,
        {
            "practice_id": practice_id,
            "package_id": package_id,
            "position": part.position,
            "name": part.name or ", ".join(one.name for one in names if one)[:120],
            "units": part.units,
            "weight": weight,
        },
    )
    insert_rows(
        SoldCover,
        [
            {
                "practice_id": practice_id,
                "part_id": part_id,
                "appointment_type_id": cover.appointment_type_id,
                "item_id": cover.item_id,
                "price_minor": price,
            }
            for cover, price in zip(covers, prices, strict=True)
        ],
    )
    return NewPart(id=part_id, units=part.units, weight=weight)


def write_sessions(
    practice: PracticeFacts,
    place: Place,
    parts: Sequence[NewPart],
    *,
    measure: str,
    amounts: tuple[int, int],
) -> None:
    """
    Write the sessions of a package, `amounts` (net, tax) shared out over them to the coin.

    Counted sessions are a row each; minutes and money are one stretch for each part.
    """
    rows: list[tuple[NewPart, int, int]] = []
    for part in parts:
        if measure == "sessions":
            rows += [(part, 1, part.weight)] * part.units
        else:
            rows.append((part, part.units, part.units))
    shares = shares_of(
        practice.money(amounts[0]),
        practice.money(amounts[1]),
        units=[units for _part, units, _weight in rows],
        weights=[weight for _part, _units, weight in rows],
    )
    insert_rows(
        Session,
        [
            session_row(place, part.id, share)
            for (part, _units, _weight), share in zip(rows, shares, strict=True)
        ],
    )


def session_row(place: Place, part_id: int, share: Share) -> dict[str, Any]:
    """The columns of a free session."""
    return {
        "practice_id": place.practice_id,
        "package_id": place.package_id,
        "part_id": part_id,
        "status": "free",
        "units": share.units,
        "value_minor": share.value.minor,
        "tax_minor": share.tax.minor,
        "bonus_units": share.bonus,
        "since_on": place.since_on,
        "kept_percent": 100,
        "created_at": place.at,
    }
