"""Items: what stands on invoices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from django.db.models import F
from ninja import Query
from pydantic import Field
from typing_extensions import TypedDict

from creditwell.api.auth import Call
from creditwell.api.pagination import Listed, Row, page_of
from creditwell.api.routes import Routes
from creditwell.api.shapes import Done, Id, In, Long, MinorOrNone, QueryId, Short, Supplier
from creditwell.api.v1.catalog import ArchivedToo, offered
from creditwell.catalog.models import ConcessionPrice, Item
from creditwell.catalog.operations import CodeTaken
from creditwell.catalog.rules import NameMissing
from creditwell.kernel.errors import NotFound
from creditwell.money.money import Money
from creditwell.usecases.archive_item import ArchiveItem, archive_item
from creditwell.usecases.restore_item import RestoreItem, restore_item
from creditwell.usecases.save_item import SaveItem, save_item

items = Routes("Catalogue")

Kind = Annotated[str, Field(pattern="^(service|product|other)$")]
Count = Annotated[int, Field(ge=-(10**6), le=10**6, strict=True)]
REFUSALS = (NotFound, NameMissing, CodeTaken)
NAMES = {"price": "price_minor", "cost": "cost_minor"}


class ItemFilters(ArchivedToo):
    """Which items."""

    kind: Kind | None = None
    code: Annotated[str, Field(max_length=40, pattern="^[^\x00]*$")] | None = None


class ConcessionPriceIn(In):
    """What the item costs patients of a concession."""

    concession_id: Id
    price_minor: MinorOrNone


class ItemWhole(In):
    """
    Everything that is known of an item: nothing may be missing. A concession that
    `concession_prices` leaves out pays the usual price.
    """

    kind: Kind
    code: Short
    name: Long
    price_minor: MinorOrNone
    tax_rate_id: Id | None
    category_id: Id
    supplier: Supplier
    cost_minor: MinorOrNone | None
    stock_count: Count | None
    concession_prices: list[ConcessionPriceIn] = Field(max_length=100)


class ItemIn(In):
    """A new item, at its usual price as the practice quotes prices."""

    kind: Kind
    code: Short = ""
    name: Long
    price_minor: MinorOrNone
    tax_rate_id: Id | None = None
    category_id: Id
    supplier: Supplier = ""
    cost_minor: MinorOrNone | None = None
    stock_count: Count | None = None
    concession_prices: list[ConcessionPriceIn] = Field([], max_length=100)


class ConcessionPriceOut(TypedDict):
    """What the item costs patients of a concession."""

    concession_id: int
    price_minor: int


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
    supplier: str
    cost_minor: int | None
    stock_count: int | None
    concession_prices: list[ConcessionPriceOut]
    archived_at: datetime | None


@items.get("/items", needs="catalog.view")
def list_items(call: Call, filters: Query[ItemFilters]) -> Listed[ItemOut]:
    """List items."""
    rows = offered(Item.objects.filter(practice_id=call.practice_id), filters)
    wanted = {"kind": filters.kind, "code": filters.code}
    chosen: dict[str, Any] = {name: value for name, value in wanted.items() if value is not None}
    found = rows.filter(**chosen).values(*COLUMNS, currency=F("practice__currency"))
    return page_of(found, filters, lambda page: _shown(call, page))


@items.get("/items/{item_id}", needs="catalog.view")
def get_item(call: Call, item_id: QueryId) -> ItemOut:
    """Look an item up."""
    rows = Item.objects.filter(practice_id=call.practice_id, pk=item_id)
    found = list(rows.values(*COLUMNS, currency=F("practice__currency")))
    if not found:
        raise NotFound
    return _shown(call, found)[0]


@items.post("/items", needs="catalog.edit", refuses=REFUSALS, names=NAMES)
def new_item(call: Call, body: ItemIn) -> Done:
    """Add an item to what is sold."""
    return _save(call, body, None, {})


@items.put("/items/{item_id}", needs="catalog.edit", refuses=REFUSALS, names=NAMES)
def change_item(call: Call, item_id: QueryId, body: ItemWhole) -> Done:
    """Write an item anew.

    The body is the whole record. Invoices that already have the item keep the price and tax they
    were written with.
    """
    priced = ConcessionPrice.objects.filter(practice_id=call.practice_id, item_id=item_id)
    return _save(call, body, item_id, dict.fromkeys(priced.values_list("concession_id", flat=True)))


@items.post("/items/{item_id}/archive", needs="catalog.edit", status=200)
def put_item_away(call: Call, item_id: QueryId) -> Done:
    """Offer an item no more. Invoices and visits that name it keep it."""
    archive_item(
        ArchiveItem(practice_id=call.practice_id, key=call.key, by=call.by, item_id=item_id),
        call.now,
    )
    return {"id": item_id}


@items.post("/items/{item_id}/restore", needs="catalog.edit", status=200, refuses=(CodeTaken,))
def bring_item_back(call: Call, item_id: QueryId) -> Done:
    """Bring an archived item back."""
    restore_item(
        RestoreItem(practice_id=call.practice_id, key=call.key, by=call.by, item_id=item_id),
        call.now,
    )
    return {"id": item_id}


def _save(
    call: Call, body: ItemIn | ItemWhole, item_id: int | None, unpriced: dict[int, None]
) -> Done:
    """`unpriced` are the concessions whose price goes away unless the body names them."""
    said = body.model_dump(exclude={"price_minor", "cost_minor", "concession_prices"})
    prices = {one.concession_id: _money(call, one.price_minor) for one in body.concession_prices}
    saved = save_item(
        SaveItem(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            item_id=item_id,
            **said,
            price=_money(call, body.price_minor),
            cost=None if body.cost_minor is None else _money(call, body.cost_minor),
            concession_prices={**unpriced, **prices},
        ),
        call.now,
    )
    return {"id": saved.item_id}


def _money(call: Call, minor: int) -> Money:
    return Money(minor, call.currency)


COLUMNS = tuple(set(ItemOut.__annotations__) - {"currency", "concession_prices"})


def _shown(call: Call, rows: Sequence[Row]) -> list[ItemOut]:
    """Rows with their concession prices; one query more."""
    prices: dict[int, list[ConcessionPriceOut]] = defaultdict(list)
    for row in ConcessionPrice.objects.filter(
        practice_id=call.practice_id, item_id__in=[row["id"] for row in rows]
    ).order_by("concession_id"):
        prices[row.item_id].append(
            {"concession_id": row.concession_id, "price_minor": row.price_minor}
        )
    return [ItemOut(**row, concession_prices=prices[row["id"]]) for row in rows]  # type: ignore[typeddict-item]  # the columns
