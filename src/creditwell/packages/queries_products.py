"""Read package products: what is offered, with its content, its rules and its price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from creditwell.catalog.models import ConcessionPrice
from creditwell.catalog.rules import price_for
from creditwell.invoicing.models import InvoiceLine
from creditwell.invoicing.rules import Amounts, line_amounts
from creditwell.kernel.errors import NotFound
from creditwell.money.money import Money
from creditwell.packages.models import TERMS, Package, Part, PartCover, Product
from creditwell.packages.queries_offers import list_prices
from creditwell.packages.rules import shares_of
from creditwell.packages.rules_products import PartInput, TermsInput
from creditwell.scheduling.models import TypeItem
from creditwell.tenancy.access import PracticeFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFacts:
    """One kind of session of a product; `covers` are the names of what it may be used for."""

    units: int
    name: str
    covers: tuple[str, ...]
    type_ids: tuple[int, ...]
    item_ids: tuple[int, ...]
    weight_minor: int

    @property
    def input(self) -> PartInput:
        return PartInput(
            units=self.units,
            type_ids=self.type_ids,
            item_ids=self.item_ids,
            name=self.name,
            weight_minor=self.weight_minor,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFacts:
    """
    A product. `price` is what a concession pays (of the list: the usual price), as the practice
    quotes prices; `charged` the same with tax. `tax_name` is "" where it has no tax.
    """

    id: int
    item_id: int
    name: str
    code: str
    description: str
    price: Money
    usual_price: Money
    charged: Money
    tax_rate_id: int | None
    tax_name: str
    tax_percent: Decimal
    tax_at_use: bool
    category_id: int
    category: str
    terms: TermsInput
    parts: tuple[PartFacts, ...]
    sold_online: bool
    archived: bool


def list_products(
    practice: PracticeFacts, *, archived: bool = False, concession_id: int | None = None
) -> list[ProductFacts]:
    """Products on offer (or `archived` ones) by name, priced for a concession; three queries."""
    rows = Product.objects.filter(
        practice_id=practice.id, item__archived_at__isnull=not archived
    ).order_by("item__name", "pk")
    return _facts(practice, rows, concession_id)


def products_covering(
    practice: PracticeFacts, *, type_id: int, concession_id: int | None = None
) -> list[ProductFacts]:
    """Products on offer that a visit of a type could use, cheapest first; four queries."""
    billed = TypeItem.objects.filter(practice_id=practice.id, appointment_type_id=type_id)
    covering = PartCover.objects.filter(
        Q(appointment_type_id=type_id) | Q(item_id__in=billed.values("item_id")),
        practice_id=practice.id,
        part__product_id=OuterRef("pk"),
        part__practice_id=practice.id,
    )
    rows = Product.objects.filter(
        Exists(covering), practice_id=practice.id, item__archived_at__isnull=True
    )
    found = _facts(practice, rows, concession_id)
    return sorted(found, key=lambda one: (one.price.minor, one.name, one.id))


def product_facts(
    practice: PracticeFacts, product_id: int, *, concession_id: int | None = None
) -> ProductFacts:
    """
    One product, archived or not; three queries.

    :raises NotFound: if this practice has no such product
    """
    rows = Product.objects.filter(practice_id=practice.id, pk=product_id)
    found = _facts(practice, rows, concession_id)
    if not found:
        raise NotFound
    return found[0]


def products_by_item(*, practice_id: int, item_ids: Sequence[int]) -> dict[int, int]:
    """The product of each item that is a package; one query."""
    rows = Product.objects.filter(practice_id=practice_id, item_id__in=list(item_ids))
    return dict(rows.values_list("item_id", "pk"))


def packages_sold_by(*, practice_id: int, invoice_id: int) -> dict[int, int]:
    """The packages that an invoice sold, or charged something for, by its line; one query."""
    rows = InvoiceLine.objects.filter(
        practice_id=practice_id, invoice_id=invoice_id, account_id__isnull=False
    )
    of_account = Package.objects.filter(practice_id=practice_id, account_id=OuterRef("account_id"))
    found = rows.annotate(package=Subquery(of_account.values("pk")[:1]))
    return {pk: package for pk, package in found.values_list("pk", "package") if package}


def concession_prices(practice: PracticeFacts, item_id: int) -> dict[int, Money]:
    """Prices of an item by concession; one query."""
    rows = ConcessionPrice.objects.filter(practice_id=practice.id, item_id=item_id)
    return {pk: practice.money(m) for pk, m in rows.values_list("concession_id", "price_minor")}


def _facts(
    practice: PracticeFacts, rows: QuerySet[Product], concession_id: int | None
) -> list[ProductFacts]:
    products = list(rows.select_related("item__tax_rate", "item__category"))
    prices = (
        dict(
            ConcessionPrice.objects.filter(
                practice_id=practice.id,
                concession_id=concession_id,
                item_id__in=[product.item_id for product in products],
            ).values_list("item_id", "price_minor")
        )
        if concession_id and products
        else {}
    )
    parts = _parts(practice.id, [product.pk for product in products])
    return [
        _one(practice, product, parts.get(product.pk, ()), prices.get(product.item_id))
        for product in products
    ]


def _one(
    practice: PracticeFacts, product: Product, parts: Sequence[PartFacts], conceded: int | None
) -> ProductFacts:
    item = product.item
    price = practice.money(price_for(item.price_minor, conceded))
    percent = item.tax_rate.percent if item.tax_rate else Decimal(0)
    return ProductFacts(
        id=product.pk,
        item_id=item.pk,
        name=item.name,
        code=item.code,
        description=product.description,
        price=price,
        usual_price=practice.money(item.price_minor),
        charged=charged(practice, price=price, tax_percent=percent).total,
        tax_rate_id=item.tax_rate_id,
        tax_name=item.tax_rate.name if item.tax_rate else "",
        tax_percent=percent,
        tax_at_use=item.tax_at_use,
        category_id=item.category_id,
        category=item.category.name,
        terms=TermsInput(**{name: getattr(product, name) for name in TERMS}),
        parts=tuple(parts),
        sold_online=product.sold_online,
        archived=item.archived_at is not None,
    )


def charged(practice: PracticeFacts, *, price: Money, tax_percent: Decimal) -> Amounts:
    """What a package comes to on an invoice, at a price as the practice quotes it."""
    return line_amounts(
        unit_price=price,
        quantity=Decimal(1),
        discount_percent=Decimal(0),
        discount=practice.money(0),
        tax_percent=tax_percent,
        tax_included=practice.prices_include_tax,
    )


def _parts(practice_id: int, product_ids: Sequence[int]) -> dict[int, list[PartFacts]]:
    """Parts with the names of what they cover, by product; two queries."""
    if not product_ids:
        return {}
    covers: dict[int, list[PartCover]] = {}
    for cover in PartCover.objects.filter(
        practice_id=practice_id, part__practice_id=practice_id, part__product_id__in=product_ids
    ).select_related("appointment_type", "item"):
        covers.setdefault(cover.part_id, []).append(cover)
    found: dict[int, list[PartFacts]] = {}
    for part in Part.objects.filter(practice_id=practice_id, product_id__in=product_ids):
        found.setdefault(part.product_id, []).append(_part(part, covers.get(part.pk, [])))
    return found


def _part(part: Part, covers: Sequence[PartCover]) -> PartFacts:
    named: list[Any] = [cover.appointment_type or cover.item for cover in covers]
    return PartFacts(
        units=part.units,
        name=part.name,
        covers=tuple(sorted(one.name for one in named)),
        type_ids=tuple(c.appointment_type_id for c in covers if c.appointment_type_id),
        item_ids=tuple(c.item_id for c in covers if c.item_id),
        weight_minor=part.weight,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """
    What a package comes to before it is sold, tax included: `shares` by part, in the order of
    sessions (of minutes and money one share for each part), and what the same costs singly.
    """

    charged: Money
    shares: tuple[tuple[Money, ...], ...]
    singly: Money | None


def worth_of(
    practice: PracticeFacts,
    *,
    price: Money,
    tax_percent: Decimal,
    measure: str,
    parts: Sequence[PartInput],
) -> Worth:
    """How a price would be shared out over the content, as the sale does it; two queries."""
    amounts = charged(practice, price=price, tax_percent=tax_percent)
    of_types, of_items = list_prices(
        practice,
        type_ids={pk for part in parts for pk in part.type_ids},
        item_ids={pk for part in parts for pk in part.item_ids},
    )
    usual = [_usual(part, of_types, of_items) for part in parts]
    rows = _rows(parts, usual, measure)
    shares = shares_of(
        amounts.net,
        amounts.tax,
        units=[units for _place, units, _weight in rows],
        weights=[weight for _place, _units, weight in rows],
    )
    by_part: list[list[Money]] = [[] for _part in parts]
    for (place, _units, _weight), share in zip(rows, shares, strict=True):
        by_part[place].append(share.value + share.tax)
    singly = None
    if measure == "sessions" and all(usual):
        singly = practice.money(
            sum(part.units * one for part, one in zip(parts, usual, strict=True))
        )
    return Worth(charged=amounts.total, shares=tuple(tuple(one) for one in by_part), singly=singly)


def _usual(part: PartInput, of_types: dict[int, int], of_items: dict[int, int]) -> int:
    """The list price of one unit: the mean of what it covers; minor units."""
    prices = [of_types.get(pk, 0) for pk in part.type_ids]
    prices += [of_items.get(pk, 0) for pk in part.item_ids]
    return sum(prices) // len(prices) if prices else 0


def _rows(
    parts: Sequence[PartInput], usual: Sequence[int], measure: str
) -> list[tuple[int, int, int]]:
    """Place of the part, units and weight of each session or stretch; as `selling` writes them."""
    rows: list[tuple[int, int, int]] = []
    for place, part in enumerate(parts):
        if measure == "sessions":
            rows += [(place, 1, part.weight_minor or usual[place])] * part.units
        else:
            rows.append((place, part.units, part.units))
    return rows
