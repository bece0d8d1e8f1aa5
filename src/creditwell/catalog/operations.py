"""Write what is sold and how it is paid. Names and prices come in checked (see `rules`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from django.db import models
from django.db.models import Max, ProtectedError
from django.utils.translation import gettext as _

from creditwell.catalog.models import Category, ConcessionPrice, Item, PaymentSource, TaxRate
from creditwell.kernel.errors import REFUSED_BY, NotFound, Refusal
from creditwell.tenancy.models import Concession

R = TypeVar("R", TaxRate, Category, PaymentSource, Concession, Item)


class NameTaken(Refusal):
    """Two things of one kind under one name could not be told apart."""

    code = "name_taken"

    def __init__(self, *, archived: bool = False) -> None:
        super().__init__(
            _("This name belongs to one that is archived. Restore that one, or choose another.")
            if archived
            else _("There is one of this name already. Choose another name."),
            param="name",
        )


class CodeTaken(Refusal):
    """A code leads to one item."""

    code = "code_taken"

    def __init__(self) -> None:
        super().__init__(
            _("Another item has this code. Choose another code, or archive that item first."),
            param="code",
        )


class LastSource(Refusal):
    """Without a payment source no payment can be taken."""

    code = "last_payment_source"

    def __init__(self) -> None:
        super().__init__(
            _(
                "This is the only payment source left, and payments need one. "
                "Add another source first, then archive this one."
            )
        )


class CategoryInUse(Refusal):
    """Items or invoices are counted under it."""

    code = "category_in_use"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Items or invoices are counted under this category, so it stays. "
                "You can give it another name."
            )
        )


for _constraint in (
    "catalog_tax_rate_name",
    "catalog_category_name",
    "catalog_source_name",
    "tenancy_concession_name",
):
    REFUSED_BY[_constraint] = NameTaken
REFUSED_BY["catalog_item_code"] = CodeTaken
for _table in ("catalog_item", "invoicing_invoiceline"):
    REFUSED_BY[f"{_table}_category_id_same_practice"] = CategoryInUse


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemValues:
    """What an item is made of; amounts in minor units."""

    kind: str
    code: str
    name: str
    price_minor: int
    tax_rate_id: int | None
    category_id: int
    supplier: str = ""
    cost_minor: int | None = None
    stock_count: int | None = None
    tax_at_use: bool = False  # of a package only


def write_item(*, practice_id: int, item_id: int | None, values: ItemValues) -> Item:
    """
    Make an item, or give an existing one these values.

    :raises CodeTaken: if another item that is not archived has the code
    :raises NotFound: if the item, tax or category is not of this practice
    """
    item = Item(practice_id=practice_id) if item_id is None else locked(Item, practice_id, item_id)
    locked(Category, practice_id, values.category_id)
    if values.tax_rate_id is not None:
        locked(TaxRate, practice_id, values.tax_rate_id)
    others = Item.objects.filter(practice_id=practice_id, archived_at__isnull=True)
    if values.code and others.filter(code__iexact=values.code).exclude(pk=item.pk).exists():
        raise CodeTaken
    for name in ItemValues.__dataclass_fields__:
        setattr(item, name, getattr(values, name))
    item.save()
    return item


def write_concession_prices(
    *, practice_id: int, item_id: int, prices: Mapping[int, int | None]
) -> None:
    """
    Set an item's price (minor units) for each concession named; None takes the price away.

    :raises NotFound: if a concession is not of this practice
    """
    known = Concession.objects.filter(practice_id=practice_id, pk__in=prices)
    if known.count() != len(prices):
        raise NotFound
    of_item = ConcessionPrice.objects.filter(practice_id=practice_id, item_id=item_id)
    gone = [concession_id for concession_id, price in prices.items() if price is None]
    of_item.filter(concession_id__in=gone).delete()
    ConcessionPrice.objects.bulk_create(
        [
            ConcessionPrice(
                practice_id=practice_id,
                item_id=item_id,
                concession_id=concession_id,
                price_minor=price,
            )
            for concession_id, price in prices.items()
            if price is not None
        ],
        update_conflicts=True,
        unique_fields=["practice", "item", "concession"],
        update_fields=["price_minor"],
    )


def write_tax_rate(
    *, practice_id: int, tax_rate_id: int | None, name: str, percent: Decimal
) -> TaxRate:
    """
    Make a tax or change one. Invoices keep the percentage they were written with.

    :raises NameTaken: if another tax of the practice has the name
    """
    row = _named(TaxRate, practice_id, tax_rate_id, name)
    row.percent = percent
    row.save()
    return row


def write_category(*, practice_id: int, category_id: int | None, name: str) -> Category:
    """:raises NameTaken: if another category of the practice has the name."""
    row = _named(Category, practice_id, category_id, name)
    row.save()
    return row


def delete_category(*, practice_id: int, category_id: int) -> None:
    """:raises CategoryInUse: if an item or an invoice is counted under it."""
    row = locked(Category, practice_id, category_id)
    try:
        row.delete()
    except ProtectedError as error:
        raise CategoryInUse from error


def write_concession(*, practice_id: int, concession_id: int | None, name: str) -> Concession:
    """:raises NameTaken: if another concession of the practice has the name."""
    row = _named(Concession, practice_id, concession_id, name)
    row.save()
    return row


def write_source(*, practice_id: int, source_id: int | None, name: str, kind: str) -> PaymentSource:
    """
    Make a payment source, last in the order, or change one.

    :raises NameTaken: if another source of the practice has the name
    """
    row = _named(PaymentSource, practice_id, source_id, name)
    if row.pk is None:
        used = PaymentSource.objects.filter(practice_id=practice_id)
        row.position = (used.aggregate(last=Max("position"))["last"] or 0) + 1
    row.kind = kind
    row.save()
    return row


def archive_source(*, practice_id: int, source_id: int, at: datetime) -> PaymentSource:
    """
    Offer a source no longer for new payments.

    :raises LastSource: if it is the only one that is not archived
    """
    offered = {row.pk: row for row in locked_sources(practice_id)}
    row = offered.get(source_id) or locked(PaymentSource, practice_id, source_id)
    if row.archived_at is None:
        if len(offered) == 1:
            raise LastSource
        set_archived(row, at)
    return row


def locked_sources(practice_id: int) -> list[PaymentSource]:
    """The sources on offer, in their order, locked so that two people do not archive the last."""
    rows = PaymentSource.objects.filter(practice_id=practice_id, archived_at__isnull=True)
    locked_rows = list(rows.select_for_update().order_by("pk"))
    return sorted(locked_rows, key=lambda row: (row.position, row.pk))


def number_sources(*, practice_id: int, ids: Sequence[int]) -> None:
    """Give the sources positions in the order of their ids."""
    rows = {row.pk: row for row in locked_sources(practice_id)}
    for position, pk in enumerate(ids, start=1):
        rows[pk].position = position
    PaymentSource.objects.bulk_update(rows.values(), ["position"])


def set_archived(row: TaxRate | PaymentSource | Concession | Item, at: datetime | None) -> None:
    """Archive from a moment on, or restore (None). What already names it stays as it is."""
    row.archived_at = at
    row.save(update_fields=["archived_at"])


def locked(model: type[R], practice_id: int, pk: int) -> R:
    """:raises NotFound: if this practice has no such row."""
    manager: models.Manager[R] = model._default_manager
    row = manager.select_for_update().filter(practice_id=practice_id, pk=pk).first()
    if row is None:
        raise NotFound
    return row


def _named(model: type[R], practice_id: int, pk: int | None, name: str) -> R:
    """A new or an existing row with this name, not yet saved."""
    row = model(practice_id=practice_id) if pk is None else locked(model, practice_id, pk)
    same = model._default_manager.filter(practice_id=practice_id, name__iexact=name)
    taken = same.exclude(pk=row.pk).first()
    if taken is not None:
        raise NameTaken(archived=getattr(taken, "archived_at", None) is not None)
    row.name = name
    return row
