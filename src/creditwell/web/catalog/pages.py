"""What the pages of the catalogue show: plain data."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from babel.numbers import format_decimal
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from creditwell.catalog import queries
from creditwell.money.money import Money
from creditwell.tenancy.access import Member
from creditwell.web.components.locale import current

TAB_WORDS: dict[str, str | Promise] = {
    "service": _("Services"),
    "product": _("Products"),
    "other": _("Other"),
    "archived": _("Archived"),
}


def percent_text(percent: Decimal) -> str:
    """10 for ten percent, 8.875 as the locale writes it."""
    return format_decimal(percent.normalize() + 0, format="#,##0.###", locale=current())


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    word: str | Promise
    url: str
    count: int
    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """`url` is empty for those who may only look."""

    name: str
    code: str
    category: str
    tax: str
    stock: int | None
    price: Money
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsPage:
    """The list of items; `any_item` tells an empty catalogue from an empty tab."""

    tabs: list[Tab]
    tab: str
    search: str
    rows: list[ItemRow]
    any_item: bool
    may_edit: bool
    previous_url: str
    next_url: str
    page: int


def items_page(member: Member, *, tab: str, search: str, page: int) -> ItemsPage:
    """Three queries at most, whatever the size of the catalogue."""
    counts = queries.count_items(member.practice_id)
    found = queries.list_items(practice_id=member.practice_id, tab=tab, search=search, page=page)
    may_edit = member.may("catalog.edit")
    return ItemsPage(
        tabs=[
            Tab(word=TAB_WORDS[name], url=items_url(name), count=counts[name], here=name == tab)
            for name in queries.ITEM_TABS
        ],
        tab=tab,
        search=search,
        rows=[_item_row(item, may_edit) for item in found.items],
        any_item=any(counts.values()),
        may_edit=may_edit,
        previous_url=items_url(tab, search, page - 1) if page > 1 else "",
        next_url=items_url(tab, search, page + 1) if found.more else "",
        page=page,
    )


def items_url(tab: str, search: str = "", page: int = 1) -> str:
    asked = {"show": tab, "q": search, "page": str(page) if page > 1 else ""}
    return f"{reverse('items')}?{urlencode({k: v for k, v in asked.items() if v})}"


def _item_row(item: queries.SaleItem, may_edit: bool) -> ItemRow:
    return ItemRow(
        name=item.name,
        code=item.code,
        category=item.category,
        tax=item.tax_name,
        stock=item.stock_count,
        price=item.price,
        url=reverse("item", args=[item.id]) if may_edit else "",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a list in the settings; an empty address is something that cannot be done."""

    id: int
    name: str
    detail: str
    archived: bool
    here: bool
    url: str = ""
    archive_url: str = ""
    restore_url: str = ""
    remove_url: str = ""
    move_url: str = ""
    first: bool = False
    last: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """A list in the settings with the form that adds to it or changes the row that is `here`."""

    title: str | Promise
    lead: str | Promise
    detail_word: str | Promise
    rows: list[Row]
    empty_title: str | Promise
    empty_text: str | Promise
    form_title: str | Promise
    form_url: str
    list_url: str
    settings_url: str
    changing: bool
    may_edit: bool
