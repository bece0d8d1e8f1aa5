"""Price the lines of an invoice from the catalogue. Amounts are minor units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from creditwell.catalog.models import Category, TaxRate
from creditwell.invoicing.rules import Amounts, line_amounts
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.tenancy.access import PracticeFacts


class NoLines(Invalid):
    """An invoice needs something to charge for."""

    code = "no_lines"

    def __init__(self) -> None:
        super().__init__(_("Add at least one line before you save the invoice."), param="lines")


class OnePackageOnALine(Invalid):
    """A package is sold on a line of its own, whole."""

    code = "one_package_on_a_line"

    def __init__(self) -> None:
        super().__init__(
            _("Sell each package on a line of its own, with a quantity of 1."), param="lines"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LineInput:
    """
    One line as asked for. With an item, what is left None is taken from the catalogue.

    `category_id` is needed only for a line without an item. `account_id`: a package's account that
    the net goes to instead of revenue, when more is charged for a package that stands.
    """

    item_id: int | None = None
    description: str | None = None
    category_id: int | None = None
    quantity: Decimal = Decimal(1)
    unit_price_minor: int | None = None
    discount_percent: Decimal = Decimal(0)
    discount_minor: int = 0
    tax_rate_id: int | None = None
    no_tax: bool = False  # charge no tax although the item has one
    service_on: date | None = None
    account_id: int | None = None
    tax_at_use: bool = False


@dataclass(frozen=True, slots=True)
class _Rate:
    id: int
    name: str
    percent: Decimal


@dataclass(frozen=True, slots=True)
class _Item:
    """What a line takes over from the catalogue; the price is the patient's."""

    id: int
    code: str
    name: str
    price_minor: int
    category_id: int
    tax_rate: _Rate | None
    is_package: bool = False
    tax_at_use: bool = False


def priced_lines(
    *, practice: PracticeFacts, lines: Sequence[LineInput], concession_id: int | None
) -> list[dict[str, Any]]:
    """
    Fill in the lines from the catalogue and price them: rows for InvoiceLine, in order.

    :raises NoLines: without any
    :raises NotFound: if an item, a tax rate or a category is not of this practice
    :raises DiscountTooLarge, OnePackageOnALine, Invalid: as named; `position` (and `param`) say
        which line
    """
    if not lines:
        raise NoLines
    items = _items(practice.id, lines, concession_id)
    rates = _rates(practice.id, lines)
    _check_categories(practice.id, lines)
    rows = []
    for position, line in enumerate(lines):
        item = items.get(line.item_id) if line.item_id else None
        if line.item_id and item is None:
            raise NotFound(_("There is no such item in the catalogue."), param="lines")
        try:
            rows.append(_row(practice, position, line, item, rates))
        except Invalid as refusal:
            refusal.position, refusal.param = position, f"lines[{position}]"
            raise
    return rows


def _row(
    practice: PracticeFacts,
    position: int,
    line: LineInput,
    item: _Item | None,
    rates: dict[int, _Rate],
) -> dict[str, Any]:
    rate = None
    if not line.no_tax:
        rate = rates.get(line.tax_rate_id) if line.tax_rate_id else item.tax_rate if item else None
    if item is not None:
        price = item.price_minor
        category_id: int | None = line.category_id or item.category_id
    else:
        price, category_id = 0, line.category_id
    if line.unit_price_minor is not None:
        price = line.unit_price_minor
    if category_id is None or (item is None and not line.description):
        raise Invalid(
            _("A line without an item needs a description and a category."), param="lines"
        )
    percent, tax_name = (rate.percent, rate.name) if rate else (Decimal(0), "")
    sells = item is not None and item.is_package and line.account_id is None
    if sells and line.quantity != 1:
        raise OnePackageOnALine
    amounts = _amounts(practice, line, price, percent)
    if line.tax_at_use or (sells and item is not None and item.tax_at_use):
        # Tax becomes due as it is used, by the rate that the line keeps: nothing of it is now.
        amounts = Amounts(amounts.total, practice.money(0), amounts.total)
        percent, tax_name = Decimal(0), ""
    return {
        "practice_id": practice.id,
        "position": position,
        "item_id": item.id if item else None,
        "category_id": category_id,
        "code": item.code if item else "",
        "description": line.description or (item.name if item else ""),
        "service_on": line.service_on,
        "quantity": line.quantity,
        "unit_price_minor": price,
        "discount_percent": line.discount_percent,
        "discount_minor": line.discount_minor,
        "tax_rate_id": rate.id if rate else None,
        "tax_name": tax_name,
        "tax_percent": percent,
        **totals(amounts),
        "sells_package": sells,
        "account_id": line.account_id,
    }


def _amounts(practice: PracticeFacts, line: LineInput, price: int, percent: Decimal) -> Amounts:
    return line_amounts(
        unit_price=practice.money(price),
        quantity=line.quantity,
        discount_percent=line.discount_percent,
        discount=practice.money(line.discount_minor),
        tax_percent=percent,
        tax_included=practice.prices_include_tax,
    )


_ITEMS_SQL = """
SELECT i.id, i.code, i.name, coalesce(c.price_minor, i.price_minor), i.category_id,
       t.id, t.name, t.percent, i.kind = 'package', i.tax_at_use
  FROM catalog_item i
  LEFT JOIN catalog_taxrate t ON t.practice_id = i.practice_id AND t.id = i.tax_rate_id
  LEFT JOIN catalog_concessionprice c
    ON c.practice_id = i.practice_id AND c.item_id = i.id AND c.concession_id = %s::bigint
 WHERE i.practice_id = %s AND i.id = ANY(%s)
"""


def _items(
    practice_id: int, lines: Sequence[LineInput], concession_id: int | None
) -> dict[int, _Item]:
    """Items with their price for this concession and their tax; one prepared statement."""
    ids = list({line.item_id for line in lines if line.item_id})
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_ITEMS_SQL, [concession_id, practice_id, ids])
        return {row[0]: _item(row) for row in cursor.fetchall()}


def _item(row: tuple[Any, ...]) -> _Item:
    pk, code, name, price_minor, category_id, rate_id, rate_name, percent, *of_package = row
    rate = None if rate_id is None else _Rate(rate_id, rate_name, percent)
    return _Item(pk, code, name, price_minor, category_id, rate, *of_package)


def _rates(practice_id: int, lines: Sequence[LineInput]) -> dict[int, _Rate]:
    ids = {line.tax_rate_id for line in lines if line.tax_rate_id}
    if not ids:
        return {}
    rows = TaxRate.objects.filter(practice_id=practice_id, pk__in=ids)
    found = {rate.pk: _Rate(rate.pk, rate.name, rate.percent) for rate in rows}
    if len(found) != len(ids):
        raise NotFound(_("There is no such tax rate."), param="lines")
    return found


def _check_categories(practice_id: int, lines: Sequence[LineInput]) -> None:
    ids = {line.category_id for line in lines if line.category_id}
    if ids and Category.objects.filter(practice_id=practice_id, pk__in=ids).count() != len(ids):
        raise NotFound(_("There is no such category."), param="lines")


def total_of(practice: PracticeFacts, rows: Sequence[dict[str, Any]]) -> Amounts:
    """Sum of priced lines."""
    return Amounts.sum(
        (
            Amounts(
                *(practice.money(row[name]) for name in ("net_minor", "tax_minor", "total_minor"))
            )
            for row in rows
        ),
        practice.currency,
    )


def totals(amounts: Amounts) -> dict[str, int]:
    return {
        "net_minor": amounts.net.minor,
        "tax_minor": amounts.tax.minor,
        "total_minor": amounts.total.minor,
    }
