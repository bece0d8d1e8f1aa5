"""Read what is sold, at which price, and how it may be paid."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, F, FilteredRelation, Q, QuerySet

from creditwell.catalog.models import (
    LOOSE_KINDS,
    Category,
    ConcessionPrice,
    Item,
    PaymentSource,
    TaxRate,
)
from creditwell.catalog.rules import price_for
from creditwell.kernel.errors import NotFound
from creditwell.money.money import Money
from creditwell.tenancy.models import Concession

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleItem:
    """An item as it would be put on an invoice: `price` is what this concession pays."""

    id: int
    kind: str
    code: str
    name: str
    price: Money
    usual_price: Money
    tax_rate_id: int | None
    tax_name: str
    tax_percent: Decimal
    category_id: int
    category: str
    stock_count: int | None

    @property
    def by_concession(self) -> bool:
        """Whether the concession has a price of its own."""
        return self.price != self.usual_price


def items_for_sale(practice_id: int, concession_id: int | None = None) -> list[SaleItem]:
    """All items on offer by name, priced for a concession (None: the usual price); one query."""
    offered = Item.objects.filter(practice_id=practice_id, archived_at__isnull=True)
    return _priced(offered.order_by("name", "id"), concession_id)


def sale_items(
    practice_id: int, item_ids: list[int], concession_id: int | None = None
) -> dict[int, SaleItem]:
    """These items by id, archived ones too (they may stand on old visits); one query."""
    wanted = Item.objects.filter(practice_id=practice_id, pk__in=item_ids)
    return {item.id: item for item in _priced(wanted, concession_id)}


def price_of(practice_id: int, item_id: int, concession_id: int | None = None) -> Money:
    """
    What an item costs somebody with this concession; one query.

    :raises NotFound: if this practice has no such item
    """
    found = sale_items(practice_id, [item_id], concession_id).get(item_id)
    if found is None:
        raise NotFound
    return found.price


def _priced(items: QuerySet[Item], concession_id: int | None) -> list[SaleItem]:
    rows = items.annotate(
        conceded=FilteredRelation(
            "concession_prices", condition=Q(concession_prices__concession_id=concession_id or 0)
        ),
        conceded_minor=F("conceded__price_minor"),
    ).select_related("tax_rate", "category", "practice")
    return [_sale_item(row) for row in rows]


def _sale_item(row: Any) -> SaleItem:
    currency = row.practice.currency
    return SaleItem(
        id=row.pk,
        kind=row.kind,
        code=row.code,
        name=row.name,
        price=Money(price_for(row.price_minor, row.conceded_minor), currency),
        usual_price=Money(row.price_minor, currency),
        tax_rate_id=row.tax_rate_id,
        tax_name=row.tax_rate.name if row.tax_rate else "",
        tax_percent=row.tax_rate.percent if row.tax_rate else Decimal(0),
        category_id=row.category_id,
        category=row.category.name,
        stock_count=row.stock_count,
    )


ITEM_TABS = (*(kind.value for kind in LOOSE_KINDS), "archived")
"""
How the list of items is divided; an archived item is only under the last. Packages have a list of
their own.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPage:
    """One page of the list: at most `PAGE` items, and whether more follow."""

    items: list[SaleItem]
    more: bool


def list_items(*, practice_id: int, tab: str, search: str = "", page: int = 1) -> ItemPage:
    """Items of a tab whose name or code has the words searched for; one query."""
    assert tab in ITEM_TABS, tab
    loose = Item.objects.filter(practice_id=practice_id, kind__in=LOOSE_KINDS)
    found = loose.filter(archived_at__isnull=tab != "archived")
    if tab != "archived":
        found = found.filter(kind=tab)
    for word in search.split():
        found = found.filter(Q(name__icontains=word) | Q(code__istartswith=word))
    first = (page - 1) * PAGE
    rows = _priced(found.order_by("name", "id")[first : first + PAGE + 1], None)
    return ItemPage(items=rows[:PAGE], more=len(rows) > PAGE)


def count_items(practice_id: int) -> dict[str, int]:
    """How many items each tab has; one query."""
    offered = Q(archived_at__isnull=True)
    counts = Item.objects.filter(practice_id=practice_id, kind__in=LOOSE_KINDS).aggregate(
        **{kind.value: Count("pk", filter=offered & Q(kind=kind)) for kind in LOOSE_KINDS},
        archived=Count("pk", filter=~offered),
    )
    return {str(tab): counts[tab] for tab in ITEM_TABS}


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRecord:
    """Everything that is kept of one item, for its form."""

    id: int
    kind: str
    code: str
    name: str
    price: Money
    tax_rate_id: int | None
    category_id: int
    supplier: str
    cost: Money | None
    stock_count: int | None
    archived: bool
    concession_prices: dict[int, Money]


def item_record(practice_id: int, item_id: int) -> ItemRecord:
    """
    One item with its concession prices; two queries.

    :raises NotFound: if this practice has no such item
    """
    row = Item.objects.filter(practice_id=practice_id, pk=item_id).select_related("practice")
    item = row.first()
    if item is None:
        raise NotFound
    currency = item.practice.currency
    conceded = ConcessionPrice.objects.filter(practice_id=practice_id, item_id=item_id)
    return ItemRecord(
        id=item.pk,
        kind=item.kind,
        code=item.code,
        name=item.name,
        price=Money(item.price_minor, currency),
        tax_rate_id=item.tax_rate_id,
        category_id=item.category_id,
        supplier=item.supplier,
        cost=None if item.cost_minor is None else Money(item.cost_minor, currency),
        stock_count=item.stock_count,
        archived=item.archived_at is not None,
        concession_prices={
            concession_id: Money(minor, currency)
            for concession_id, minor in conceded.values_list("concession_id", "price_minor")
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    """A tax rate; `percent` is 10 for ten percent. `used_by` counts items on offer."""

    id: int
    name: str
    percent: Decimal
    archived: bool
    used_by: int = 0


def tax_rates(practice_id: int, *, archived: bool = False) -> list[Tax]:
    """Taxes by name, those on offer or (`archived`) all; two queries at most."""
    rows = TaxRate.objects.filter(practice_id=practice_id)
    used = _used_by(practice_id, "tax_rate_id") if archived else {}
    return [
        Tax(
            id=row.pk,
            name=row.name,
            percent=row.percent,
            archived=row.archived_at is not None,
            used_by=used.get(row.pk, 0),
        )
        for row in (rows if archived else rows.filter(archived_at__isnull=True))
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A payment source."""

    id: int
    name: str
    kind: str
    archived: bool


def payment_sources(practice_id: int, *, archived: bool = False) -> list[Source]:
    """Sources in the practice's order, those on offer or (`archived`) all; one query."""
    rows = PaymentSource.objects.filter(practice_id=practice_id)
    return [
        Source(id=row.pk, name=row.name, kind=row.kind, archived=row.archived_at is not None)
        for row in (rows if archived else rows.filter(archived_at__isnull=True))
    ]


def source_kinds(practice_id: int, source_ids: Collection[int]) -> dict[int, str]:
    """The kind of each of these sources, unknown ids left out; one prepared query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, kind FROM catalog_paymentsource "
            "WHERE practice_id = %s AND id = ANY(%s::bigint[])",
            [practice_id, list(source_ids)],
        )
        return dict(cursor.fetchall())


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A concession or category; `used_by` counts the items (or prices) that name it."""

    id: int
    name: str
    archived: bool = False
    used_by: int = 0


def concessions(practice_id: int, *, archived: bool = False) -> list[Named]:
    """Concessions by name, those on offer or (`archived`) all; two queries at most."""
    rows = Concession.objects.filter(practice_id=practice_id)
    prices = ConcessionPrice.objects.filter(practice_id=practice_id, item__archived_at=None)
    used = _counted(prices, "concession_id") if archived else {}
    return [
        Named(
            id=row.pk,
            name=row.name,
            archived=row.archived_at is not None,
            used_by=used.get(row.pk, 0),
        )
        for row in (rows if archived else rows.filter(archived_at__isnull=True))
    ]


def categories(practice_id: int, *, counted: bool = False) -> list[Named]:
    """Categories by name; with `counted`, how many items each has (one query more)."""
    used = _used_by(practice_id, "category_id") if counted else {}
    return [
        Named(id=pk, name=name, used_by=used.get(pk, 0))
        for pk, name in Category.objects.filter(practice_id=practice_id).values_list("pk", "name")
    ]


def is_category(*, practice_id: int, category_id: int) -> bool:
    """Whether the practice has such a category; one query."""
    return Category.objects.filter(practice_id=practice_id, pk=category_id).exists()


def _used_by(practice_id: int, column: str) -> dict[int, int]:
    """How many items on offer name each id of a column."""
    return _counted(Item.objects.filter(practice_id=practice_id, archived_at=None), column)


def _counted(rows: QuerySet[Any], column: str) -> dict[int, int]:
    counts = rows.values_list(column).annotate(n=Count("pk")).order_by(column)
    return {pk: n for pk, n in counts if pk is not None}
