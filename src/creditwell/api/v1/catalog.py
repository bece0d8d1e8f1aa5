"""What is sold and how it may be paid, to read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, cast

from django.db.models import F, QuerySet
from ninja import Query
from pydantic import Field
from typing_extensions import TypedDict

from creditwell.api.auth import Call
from creditwell.api.pagination import Listed, Page, Row, page_of, plain
from creditwell.api.routes import Routes
from creditwell.api.shapes import QueryId
from creditwell.catalog.models import Category, Item, PaymentSource, TaxRate
from creditwell.kernel.errors import NotFound
from creditwell.tenancy.models import Concession

catalog = Routes("Catalogue")


class ArchivedToo(Page):
    """Without those put away, unless asked for."""

    archived: bool = Field(False, description="Also those put away.")


class ItemFilters(ArchivedToo):
    """Which items."""

    kind: Annotated[str, Field(pattern="^(service|product|other)$")] | None = None
    code: Annotated[str, Field(max_length=40, pattern="^[^\x00]*$")] | None = None


class ItemOut(TypedDict):
    """Something that can stand on an invoice, at its usual price as the practice quotes prices."""

    id: int
    kind: str
    code: str
    name: str
    price_minor: int
    currency: str
    tax_rate_id: int | None
    category_id: int
    stock_count: int | None
    archived_at: datetime | None


class SourceOut(TypedDict):
    """A method by which money arrives: cash, card, bank, fund, online or other."""

    id: int
    name: str
    kind: str
    archived_at: datetime | None


class TaxRateOut(TypedDict):
    """A tax; `percent` is "10.000" for ten percent."""

    id: int
    name: str
    percent: Decimal
    archived_at: datetime | None


class ConcessionOut(TypedDict):
    """A kind of patient who may pay another price."""

    id: int
    name: str
    archived_at: datetime | None


class CategoryOut(TypedDict):
    """A kind of revenue."""

    id: int
    name: str


@catalog.get("/items", needs="catalog.view")
def list_items(call: Call, filters: Query[ItemFilters]) -> Listed[ItemOut]:
    """List items."""
    rows = _offered(Item.objects.filter(practice_id=call.practice_id), filters)
    wanted = {"kind": filters.kind, "code": filters.code}
    chosen: dict[str, Any] = {name: value for name, value in wanted.items() if value is not None}
    return page_of(
        rows.filter(**chosen).values(*ITEM, currency=F("practice__currency")), filters, _items
    )


@catalog.get("/items/{item_id}", needs="catalog.view")
def get_item(call: Call, item_id: QueryId) -> ItemOut:
    """Look an item up."""
    rows = Item.objects.filter(practice_id=call.practice_id, pk=item_id)
    found = list(rows.values(*ITEM, currency=F("practice__currency")))
    if not found:
        raise NotFound
    return _items(found)[0]


@catalog.get("/payment_sources", needs="catalog.view")
def list_payment_sources(call: Call, filters: Query[ArchivedToo]) -> Listed[SourceOut]:
    """List payment sources."""
    rows = _offered(PaymentSource.objects.filter(practice_id=call.practice_id), filters)
    return page_of(rows.values(*SourceOut.__annotations__), filters, plain)


@catalog.get("/tax_rates", needs="catalog.view")
def list_tax_rates(call: Call, filters: Query[ArchivedToo]) -> Listed[TaxRateOut]:
    """List tax rates."""
    rows = _offered(TaxRate.objects.filter(practice_id=call.practice_id), filters)
    return page_of(rows.values(*TaxRateOut.__annotations__), filters, plain)


@catalog.get("/concessions", needs="catalog.view")
def list_concessions(call: Call, filters: Query[ArchivedToo]) -> Listed[ConcessionOut]:
    """List concessions."""
    rows = _offered(Concession.objects.filter(practice_id=call.practice_id), filters)
    return page_of(rows.values(*ConcessionOut.__annotations__), filters, plain)


@catalog.get("/categories", needs="catalog.view")
def list_categories(call: Call, filters: Query[Page]) -> Listed[CategoryOut]:
    """List categories of revenue."""
    rows = Category.objects.filter(practice_id=call.practice_id)
    return page_of(rows.values(*CategoryOut.__annotations__), filters, plain)


ITEM = tuple(name for name in ItemOut.__annotations__ if name != "currency")


def _offered(rows: QuerySet[Any], filters: ArchivedToo) -> QuerySet[Any]:
    return rows if filters.archived else rows.filter(archived_at__isnull=True)


def _items(rows: Sequence[Row]) -> list[ItemOut]:
    return [cast(ItemOut, row) for row in rows]
