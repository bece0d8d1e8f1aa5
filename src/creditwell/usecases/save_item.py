"""Add something to what is sold, or change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.catalog import rules
from creditwell.catalog.models import Item, ItemKind
from creditwell.catalog.operations import ItemValues, write_concession_prices, write_item
from creditwell.kernel.errors import Invalid
from creditwell.kernel.usecase import usecase
from creditwell.money.money import Money
from creditwell.tenancy.access import Actor, practice_facts


class MadeAsPackage(Invalid):
    """A package is more than an item: it has content and terms."""

    code = "made_as_package"

    def __init__(self) -> None:
        super().__init__(
            _("Packages are made and changed under Packages, where their sessions are said."),
            param="kind",
        )


@dataclass(frozen=True, kw_only=True)
class SaveItem:
    """
    An item as it shall be. `item_id` None adds one.

    `concession_prices` names what is set or (None) taken away; other concessions stay as they are.
    """

    practice_id: int
    key: str = ""
    by: Actor
    item_id: int | None = None
    kind: str
    code: str = ""
    name: str
    price: Money
    tax_rate_id: int | None = None
    category_id: int
    supplier: str = ""
    cost: Money | None = None
    stock_count: int | None = None
    concession_prices: Mapping[int, Money | None] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ItemSaved:
    item_id: int


@usecase(ItemSaved)
def save_item(command: SaveItem, now: datetime) -> ItemSaved:
    """
    Keep the item. Invoices that already have it keep the price and tax they were written with.

    :raises NameMissing, NameTooLong, NegativePrice, CodeTaken: see `catalog`
    :raises NotFound: if the item, tax, category or a concession is not of this practice
    :raises MadeAsPackage: of a package, which has content and terms too
    """
    _refuse_packages(command)
    values = _checked(command)
    item = write_item(practice_id=command.practice_id, item_id=command.item_id, values=values)
    conceded = {
        pk: None if price is None else price.minor
        for pk, price in command.concession_prices.items()
    }
    write_concession_prices(practice_id=command.practice_id, item_id=item.pk, prices=conceded)
    note(
        "save_item",
        ("item", item.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={
            "name": values.name,
            "price_minor": values.price_minor,
            "concession_minor": {str(pk): minor for pk, minor in conceded.items()},
        },
    )
    return ItemSaved(item_id=item.pk)


def _refuse_packages(command: SaveItem) -> None:
    of_this = Item.objects.filter(practice_id=command.practice_id, pk=command.item_id or 0)
    if command.kind == ItemKind.PACKAGE or of_this.filter(kind=ItemKind.PACKAGE).exists():
        raise MadeAsPackage


def _checked(command: SaveItem) -> ItemValues:
    currency = practice_facts(command.practice_id).currency
    rules.check_price(command.price, currency)
    if command.cost is not None:
        rules.check_price(command.cost, currency, param="cost")
    for concession_id, price in command.concession_prices.items():
        if price is not None:
            rules.check_price(price, currency, param=f"concession_{concession_id}")
    return ItemValues(
        kind=command.kind,
        code=rules.clean_name(command.code, longest=40, param="code") if command.code else "",
        name=rules.clean_name(command.name, longest=160),
        price_minor=command.price.minor,
        tax_rate_id=command.tax_rate_id,
        category_id=command.category_id,
        supplier=command.supplier.strip(),
        cost_minor=None if command.cost is None else command.cost.minor,
        stock_count=command.stock_count,
    )
