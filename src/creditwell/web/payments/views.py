"""The list of payments: by day, filtered, with what each source took."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from creditwell.catalog.queries import payment_sources
from creditwell.money.money import Money
from creditwell.payments.queries_list import (
    SHOWS,
    Filters,
    PaymentLine,
    SourceTotal,
    list_payments,
    totals_by_source,
)
from creditwell.tenancy.access import PracticeFacts
from creditwell.web.components.fields import DayField, Form
from creditwell.web.components.spreadsheet import Cell, csv_answer
from creditwell.web.components.statuses import STATUSES
from creditwell.web.door.guard import door
from creditwell.web.door.links import page_link
from creditwell.web.door.requests import PracticeRequest

SIZE = 50
MOST_ROWS = 20_000
"""Rows of one CSV file; more is asked for month by month."""
TABS: dict[str, str | Promise] = {
    "all": gettext_lazy("Everything"),
    "not_allocated": gettext_lazy("Not allocated"),
    "refunds": gettext_lazy("Refunds"),
    "void": gettext_lazy("Void and edited"),
}


class FilterForm(Form):
    """What the list is narrowed to; what cannot be read is left out."""

    q = forms.CharField(required=False, max_length=80)
    source = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    since = DayField(required=False)
    until = DayField(required=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    url: str
    word: str | Promise
    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The lines of one day."""

    on: date
    lines: tuple[PaymentLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """One page of the list."""

    filters: Filters
    days: tuple[Day, ...]
    totals: tuple[SourceTotal, ...]
    received: Money
    refunded: Money
    dishonoured: Money
    tabs: tuple[Tab, ...]
    ranges: tuple[Tab, ...]
    sources: tuple[tuple[int, str], ...]
    csv_query: str
    previous: str
    next: str
    number: int

    @property
    def net(self) -> Money:
        return self.received - self.refunded - self.dishonoured


@require_GET
@door("payments.view")
def payments(request: PracticeRequest) -> HttpResponse:
    """What came in and what went back, newest day first."""
    context: dict[str, object] = {
        "page": list_page(request),
        "may_take": request.member.may("payments.take"),
    }
    if request.member.may("vouchers.redeem"):
        context["vouchers_url"] = page_link("vouchers")
    return render(request, "payments/list.html", context)


@require_GET
@door("payments.view")
def payments_csv(request: PracticeRequest) -> HttpResponse:
    """The same as a table for a spreadsheet, all pages."""
    practice, filters = request.practice, read_filters(request.GET)
    return csv_answer("payments.csv", _head(), _rows(practice, filters))


def read_filters(query: QueryDict) -> Filters:
    """The filters of an address."""
    form = FilterForm(query)
    form.is_valid()
    asked = form.cleaned_data
    show = query.get("show", "all")
    return Filters(
        show=show if show in SHOWS else "all",
        search=asked.get("q", "").strip(),
        source_id=asked.get("source"),
        since=asked.get("since"),
        until=asked.get("until"),
    )


def list_page(request: PracticeRequest) -> ListPage:
    """Put the page together; a bounded number of queries."""
    practice, filters = request.practice, read_filters(request.GET)
    text = request.GET.get("page", "1")
    number = max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    listing = list_payments(practice, filters, page=number, size=SIZE)
    totals = totals_by_source(practice, filters)
    sources = payment_sources(practice.id, archived=True)
    return ListPage(
        filters=filters,
        days=tuple(
            Day(on=on, lines=tuple(lines))
            for on, lines in groupby(listing.lines, key=lambda line: line.on)
        ),
        totals=totals,
        received=Money.total((one.received for one in totals), practice.currency),
        refunded=Money.total((one.refunded for one in totals), practice.currency),
        dishonoured=Money.total((one.dishonoured for one in totals), practice.currency),
        tabs=tuple(
            Tab(url=_address(filters, show=show), word=word, here=filters.show == show)
            for show, word in TABS.items()
        ),
        ranges=_ranges(filters, practice.day_of(timezone.now())),
        sources=tuple((source.id, source.name) for source in sources),
        csv_query=_address(filters),
        previous=_address(filters, page=number - 1) if number > 1 else "",
        next=_address(filters, page=number + 1) if listing.more else "",
        number=number,
    )


def _ranges(filters: Filters, today: date) -> tuple[Tab, ...]:
    monday = today - timedelta(days=today.weekday())
    spans: list[tuple[str, date | None, date | None]] = [
        (_("Today"), today, today),
        (_("This week"), monday, today),
        (_("This month"), today.replace(day=1), today),
        (_("Any day"), None, None),
    ]
    return tuple(
        Tab(
            url=_address(filters, since=since, until=until),
            word=word,
            here=(filters.since, filters.until) == (since, until),
        )
        for word, since, until in spans
    )


def _address(filters: Filters, **changed: object) -> str:
    asked: dict[str, object] = {
        "show": "" if filters.show == "all" else filters.show,
        "q": filters.search,
        "source": filters.source_id,
        "since": filters.since,
        "until": filters.until,
        **changed,
    }
    if asked["show"] == "all":
        asked["show"] = ""
    return "?" + urlencode({name: value for name, value in asked.items() if value})


def _head() -> list[str]:
    return [
        _("Date"),
        _("Receipt"),
        _("Kind"),
        _("Patient"),
        _("Sources"),
        _("Status"),
        _("Amount"),
        _("Not allocated"),
        _("Currency"),
    ]


def _rows(practice: PracticeFacts, filters: Filters) -> Iterator[list[Cell]]:
    kinds = {
        "payment": _("Payment"),
        "refund": _("Refund"),
        "dishonour": _("Taken back by the bank"),
    }
    for page in range(1, MOST_ROWS // 500 + 1):
        listing = list_payments(practice, filters, page=page, size=500)
        for line in listing.lines:
            yield [
                line.on,
                line.number,
                kinds[line.kind],
                line.payer_name,
                line.sources,
                str(STATUSES[line.state].word),
                line.total,
                line.not_allocated,
                practice.currency,
            ]
        if not listing.more:
            return
