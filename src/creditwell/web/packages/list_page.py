"""The list of packages: tabs, filters, totals, and the same for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_safe

from creditwell.money.money import Money
from creditwell.packages.queries import PackageStanding, packages_by_id
from creditwell.packages.queries_list import (
    TABS,
    TabSum,
    Wanted,
    package_ids,
    product_names,
    sums_by_tab,
)
from creditwell.people.queries import find_patients
from creditwell.tenancy.access import Member, PracticeFacts
from creditwell.web.components.fields import Form
from creditwell.web.components.spreadsheet import Cell, csv_answer
from creditwell.web.components.statuses import STATUSES
from creditwell.web.door.guard import door
from creditwell.web.door.links import link_to, page_link
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.packages.standings import StandingCard, standing_card
from creditwell.web.patients.quick import as_id

PAGE = 50
MOST_PATIENTS = 200

TAB_WORDS: dict[str, str | Promise] = {
    "active": gettext_lazy("Active"),
    "last": gettext_lazy("One session left"),
    "expiring": gettext_lazy("Expiring in 30 days"),
    "unpaid": gettext_lazy("Unpaid"),
    "ended": gettext_lazy("Ended"),
}


class FilterForm(Form):
    """The filters above the list."""

    q = forms.CharField(label=gettext_lazy("Patient"), required=False, max_length=80)
    product = forms.ChoiceField(label=gettext_lazy("Package"), required=False)

    def __init__(self, *args: Any, practice_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["product"]
        assert isinstance(field, forms.ChoiceField)
        names = product_names(practice_id=practice_id)
        field.choices = [("", _("All")), *((str(pk), name) for pk, name in names)]
        self.fields["q"].widget.attrs["type"] = "search"


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: its address, its word, how many it holds."""

    url: str
    word: str | Promise
    count: int
    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One package of the list."""

    card: StandingCard
    owner_url: str
    sold_on: date
    measure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """The list; an address that leads nowhere is ""."""

    filters: FilterForm
    show: str
    tabs: tuple[Tab, ...]
    lines: tuple[Line, ...]
    count: int
    unearned: Money
    owing: Money
    first: int
    last: int
    previous: str
    next: str
    csv: str
    ever: bool
    filtered: bool
    products_url: str
    memberships_url: str


@require_safe
@door("packages.view")
def packages(request: PracticeRequest) -> HttpResponse:
    """Packages that were sold: live ones, those to look after, and those that are over."""
    page = list_page(request.member, request.GET, timezone.now())
    return render(request, "packages/list.html", {"page": page})


@require_GET
@door("packages.view")
def packages_csv(request: PracticeRequest) -> HttpResponse:
    """What the list would show, all pages of it, as CSV."""
    member = request.member
    form = FilterForm(request.GET, practice_id=member.practice_id)
    wanted = wanted_of(member, form, timezone.now())
    ids = package_ids(wanted, tab=show_of(request.GET))
    found = packages_by_id(practice_id=member.practice_id, package_ids=ids, today=wanted.today)
    rows = (found[pk] for pk in ids)
    return csv_answer("packages.csv", csv_head(), csv_rows(member.practice, rows))


def show_of(data: Mapping[str, str]) -> str:
    """The tab that is asked for; live ones unless another is."""
    show = data.get("show", "")
    return show if show in TABS else "active"


def wanted_of(member: Member, form: FilterForm, now: datetime) -> Wanted:
    """What the filters ask for; what cannot be read is left out of account."""
    form.is_valid()
    text = form.cleaned_data.get("q", "").strip()
    patients = None
    if text:
        found = find_patients(
            practice_id=member.practice_id, text=text, limit=MOST_PATIENTS, archived=True
        )
        patients = tuple(one.id for one in found)
    return Wanted(
        practice_id=member.practice_id,
        today=member.practice.day_of(now),
        patient_ids=patients,
        product_id=as_id(form.cleaned_data.get("product", "")),
    )


def list_page(member: Member, data: Mapping[str, str], now: datetime) -> ListPage:
    """One page of the list; seven queries at most, whatever the practice's size."""
    practice, show = member.practice, show_of(data)
    form = FilterForm(data, practice_id=practice.id)
    wanted = wanted_of(member, form, now)
    sums = sums_by_tab(wanted)
    shown = sums[show]
    number = max(as_id(data.get("page", "")) or 1, 1)
    after = min((number - 1) * PAGE, max(shown.count - 1, 0) // PAGE * PAGE)
    number = after // PAGE + 1
    ids = package_ids(wanted, tab=show, after=after, limit=PAGE)
    found = packages_by_id(practice_id=practice.id, package_ids=ids, today=wanted.today)
    filters = {name: data[name][:80] for name in form.fields if data.get(name)}
    more = after + PAGE < shown.count
    return ListPage(
        filters=form,
        show=show,
        tabs=_tabs(sums, show, filters),
        lines=tuple(_line(member, found[pk]) for pk in ids),
        count=shown.count,
        unearned=practice.money(shown.unearned_minor),
        owing=practice.money(shown.owing_minor),
        first=after + 1,
        last=after + len(ids),
        previous=_address(show, filters, number - 1) if number > 1 else "",
        next=_address(show, filters, number + 1) if more else "",
        csv="?" + urlencode({"show": show, **filters}),
        ever=bool(filters) or any(one.count for one in sums.values()),
        filtered=bool(filters),
        products_url=link_to("package_products") if member.may("catalog.view") else "",
        memberships_url=link_to("memberships"),
    )


def _tabs(sums: dict[str, TabSum], show: str, filters: dict[str, str]) -> tuple[Tab, ...]:
    return tuple(
        Tab(_address(tab, filters), TAB_WORDS[tab], sums[tab].count, tab == show) for tab in TABS
    )


def _address(show: str, filters: dict[str, str], page: int = 1) -> str:
    return "?" + urlencode({"show": show, **filters, **({"page": page} if page > 1 else {})})


def _line(member: Member, standing: PackageStanding) -> Line:
    return Line(
        card=standing_card(member, standing),
        owner_url=page_link("patient", standing.patient_id),
        sold_on=standing.sold_on,
        measure=standing.measure,
    )


def csv_head() -> list[str]:
    """What stands above the columns."""
    return [
        _("Package"),
        _("Patient"),
        _("Status"),
        _("Invoice"),
        _("Sold"),
        _("Good until"),
        _("Counted in"),
        _("In all"),
        _("Used"),
        _("Booked"),
        _("Free"),
        _("Price"),
        _("Not used yet (unearned)"),
        _("Owing"),
        _("Currency"),
    ]


def csv_rows(practice: PracticeFacts, rows: Iterator[PackageStanding]) -> Iterator[list[Cell]]:
    """A line for every package; money that is counted is a plain decimal like all amounts."""
    for row in rows:
        counts = (row.total, row.used, row.booked, row.free)
        yield [
            row.name,
            row.owner_name,
            str(STATUSES[row.state].word),
            practice.invoice_number(row.invoice_number),
            row.sold_on,
            row.expires_on,
            row.measure,
            *(practice.money(n) if row.measure == "money" else n for n in counts),
            practice.money(row.gross_minor),
            practice.money(row.unearned_minor),
            practice.money(max(0, row.owing_minor)),
            practice.currency,
        ]
