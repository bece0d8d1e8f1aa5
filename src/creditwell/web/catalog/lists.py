"""
The short lists of the settings: taxes, payment sources, concessions, categories.

Each is a page with its rows and, beside them, the form that adds one or changes the one opened.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from creditwell.catalog import queries
from creditwell.catalog.models import SourceKind
from creditwell.kernel.errors import NotFound
from creditwell.tenancy.access import Member
from creditwell.usecases.save_category import save_category
from creditwell.usecases.save_concession import save_concession
from creditwell.usecases.save_payment_source import save_payment_source
from creditwell.usecases.save_tax_rate import save_tax_rate
from creditwell.web.catalog.forms import (
    CategoryForm,
    ConcessionForm,
    NamedForm,
    SourceForm,
    TaxForm,
)
from creditwell.web.catalog.pages import ListPage, Row, percent_text
from creditwell.web.door.links import link_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A list of the settings: its words, its form, its rows and how one of them is saved."""

    url: str  # name of the page; of a row: <url>_edit, <url>_archive, <url>_restore …
    title: str | Promise
    lead: str | Promise
    detail_word: str | Promise
    add_word: str | Promise
    empty_title: str | Promise
    empty_text: str | Promise
    form: type[NamedForm]
    save: Callable[..., Any]
    rows: Callable[[int], list[Row]]
    initial: Callable[[int, int], dict[str, Any]]
    doings: tuple[str, ...] = ("archive", "restore")


def list_page(listed: Listed, member: Member, *, pk: int | None = None) -> ListPage:
    """
    The page, with the row `pk` opened in the form; two queries at most.

    :raises NotFound: if there is no such row
    """
    may_edit = member.may("catalog.edit")
    rows = listed.rows(member.practice_id)
    opened = next((row for row in rows if row.id == pk), None)
    if pk is not None and opened is None:
        raise NotFound
    return ListPage(
        title=listed.title,
        lead=listed.lead,
        detail_word=listed.detail_word,
        rows=[_with_urls(listed, row, pk) for row in rows] if may_edit else rows,
        empty_title=listed.empty_title,
        empty_text=listed.empty_text,
        form_title=_("Change %(name)s") % {"name": opened.name} if opened else listed.add_word,
        form_url=reverse(f"{listed.url}_edit", args=[pk]) if pk else reverse(f"{listed.url}_new"),
        list_url=reverse(listed.url),
        settings_url=link_to("settings"),
        changing=opened is not None,
        may_edit=may_edit,
    )


def _with_urls(listed: Listed, row: Row, pk: int | None) -> Row:
    def to(doing: str, *, possible: bool = True) -> str:
        able = possible and (doing == "edit" or doing in listed.doings)
        return reverse(f"{listed.url}_{doing}", args=[row.id]) if able else ""

    return replace(
        row,
        here=row.id == pk,
        url=to("edit"),
        archive_url=to("archive", possible=not row.archived),
        restore_url=to("restore", possible=row.archived),
        remove_url=to("remove", possible=not row.detail),
        move_url=to("move", possible=not row.archived),
    )


def _row(pk: int, name: str, detail: str, *, archived: bool = False) -> Row:
    return Row(id=pk, name=name, detail=detail, archived=archived, here=False)


def _items_text(count: int) -> str:
    if not count:
        return ""
    return ngettext("%(count)s item", "%(count)s items", count) % {"count": count}


def _prices_text(count: int) -> str:
    if not count:
        return ""
    return ngettext("%(count)s price", "%(count)s prices", count) % {"count": count}


def _tax_rows(practice_id: int) -> list[Row]:
    return [
        _row(
            tax.id,
            tax.name,
            _("%(percent)s%%") % {"percent": percent_text(tax.percent)},
            archived=tax.archived,
        )
        for tax in sorted(queries.tax_rates(practice_id, archived=True), key=lambda t: t.archived)
    ]


def _source_rows(practice_id: int) -> list[Row]:
    found = sorted(
        queries.payment_sources(practice_id, archived=True), key=lambda source: source.archived
    )
    offered = [source.id for source in found if not source.archived]
    return [
        replace(
            _row(
                source.id,
                source.name,
                str(SourceKind(source.kind).label),
                archived=source.archived,
            ),
            first=source.id in offered[:1],
            last=source.id in offered[-1:],
        )
        for source in found
    ]


def _concession_rows(practice_id: int) -> list[Row]:
    found = queries.concessions(practice_id, archived=True)
    return [
        _row(one.id, one.name, _prices_text(one.used_by), archived=one.archived)
        for one in sorted(found, key=lambda one: one.archived)
    ]


def _category_rows(practice_id: int) -> list[Row]:
    found = queries.categories(practice_id, counted=True)
    return [_row(one.id, one.name, _items_text(one.used_by)) for one in found]


def _tax_initial(practice_id: int, pk: int) -> dict[str, Any]:
    found = {tax.id: tax for tax in queries.tax_rates(practice_id, archived=True)}
    if pk not in found:
        raise NotFound
    return {"name": found[pk].name, "percent": found[pk].percent.normalize() + 0}


def _source_initial(practice_id: int, pk: int) -> dict[str, Any]:
    found = {one.id: one for one in queries.payment_sources(practice_id, archived=True)}
    if pk not in found:
        raise NotFound
    return {"name": found[pk].name, "kind": found[pk].kind}


def _name_from(read: Callable[[int], list[queries.Named]]) -> Callable[[int, int], dict[str, Any]]:
    def initial(practice_id: int, pk: int) -> dict[str, Any]:
        names = {one.id: one.name for one in read(practice_id)}
        if pk not in names:
            raise NotFound
        return {"name": names[pk]}

    return initial


TAXES = Listed(
    url="catalog_taxes",
    title=gettext_lazy("Taxes"),
    lead=gettext_lazy("Changing a percentage changes new invoices only: old ones keep theirs."),
    detail_word=gettext_lazy("Percent"),
    add_word=gettext_lazy("Add a tax"),
    empty_title=gettext_lazy("No taxes"),
    empty_text=gettext_lazy("Items without a tax are invoiced without one."),
    form=TaxForm,
    save=save_tax_rate,
    rows=_tax_rows,
    initial=_tax_initial,
)
SOURCES = Listed(
    url="catalog_sources",
    title=gettext_lazy("Payment sources"),
    lead=gettext_lazy("How money arrives, in the order in which the payment page shows it."),
    detail_word=gettext_lazy("Kind"),
    add_word=gettext_lazy("Add a payment source"),
    empty_title=gettext_lazy("No payment sources yet"),
    empty_text=gettext_lazy("A payment needs at least one, such as Cash or Card."),
    form=SourceForm,
    save=save_payment_source,
    rows=_source_rows,
    initial=_source_initial,
    doings=("archive", "restore", "move"),
)
CONCESSIONS = Listed(
    url="catalog_concessions",
    title=gettext_lazy("Concessions"),
    lead=gettext_lazy("Kinds of patients who may pay another price. Set the prices on each item."),
    detail_word=gettext_lazy("Used by"),
    add_word=gettext_lazy("Add a concession"),
    empty_title=gettext_lazy("No concessions"),
    empty_text=gettext_lazy("Add one, such as Pensioner or Student, to give it prices of its own."),
    form=ConcessionForm,
    save=save_concession,
    rows=_concession_rows,
    initial=_name_from(lambda practice_id: queries.concessions(practice_id, archived=True)),
)
CATEGORIES = Listed(
    url="catalog_categories",
    title=gettext_lazy("Categories"),
    lead=gettext_lazy("Kinds of revenue: consultations, products, classes."),
    detail_word=gettext_lazy("Used by"),
    add_word=gettext_lazy("Add a category"),
    empty_title=gettext_lazy("No categories yet"),
    empty_text=gettext_lazy("Every item belongs to one, so add the first here."),
    form=CategoryForm,
    save=save_category,
    rows=_category_rows,
    initial=_name_from(queries.categories),
    doings=("remove",),
)
