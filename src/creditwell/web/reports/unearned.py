"""The report of packages as a page shows it, and as CSV."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from babel.dates import format_date
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from creditwell.packages.models import Measure, Product
from creditwell.packages.queries_activity import Activity, Month, activity, months
from creditwell.packages.queries_unearned import (
    BY,
    NOTHING,
    HeldPackage,
    Roll,
    RollForward,
    held_packages,
    roll_forward,
)
from creditwell.scheduling.queries import practitioners_of
from creditwell.tenancy.access import PracticeFacts
from creditwell.tenancy.queries_place import location_names
from creditwell.web.components.formats import money_text
from creditwell.web.components.spreadsheet import csv_answer
from creditwell.web.door.links import link_to, page_link
from creditwell.web.reports.asked import Asked, Period, address, page_number
from creditwell.web.reports.chart import Chart, Column, draw, scale_of
from creditwell.web.reports.rolls import (
    SIZE,
    Behind,
    Line,
    Link,
    Table,
    Where,
    ranges,
    table,
    table_csv,
    tabs,
)

SOON_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A month of the chart in figures."""

    word: str
    month: Month


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The report as shown."""

    period: Period
    found: RollForward
    lines: tuple[Line, ...]
    table: Table
    activity: tuple[Activity, ...]
    chart: Chart
    figures: tuple[Figures, ...]
    tabs: tuple[Link, ...]
    ranges: tuple[Link, ...]
    by_word: str
    held_url: str
    csv_url: str
    list_url: str
    soon_days: int

    @property
    def sold_count(self) -> int:
        return sum(row.sold_count for row in self.activity)

    @property
    def used_count(self) -> int:
        return sum(row.used_count for row in self.activity)

    @property
    def open_count(self) -> int:
        return sum(row.open_count for row in self.activity)

    @property
    def expiring_count(self) -> int:
        return sum(row.expiring_count for row in self.activity)


def by_of(asked: Asked) -> str:
    """In which groups; by product unless asked otherwise."""
    by = asked.get("by", "")
    return by if by in BY else BY[0]


def report(practice: PracticeFacts, asked: Asked, period: Period, today: date) -> Report:
    """Put the page together; five queries."""
    by = by_of(asked)
    found = roll_forward(practice, period.since, period.until, by=by)
    done = activity(
        practice,
        period.since,
        period.until,
        today=today,
        soon=today + timedelta(days=SOON_DAYS),
    )
    names = group_names(practice, by)
    here = {"since": period.since, "until": period.until}
    story = months(practice, period.until)
    return Report(
        period=period,
        found=found,
        lines=tuple(_lines(found.total)),
        table=table(column_words(), found, names, partial(_held_url, by, period)),
        activity=tuple(done),
        chart=_chart(practice, story),
        figures=tuple(Figures(word=_month(practice, one), month=one) for one in story),
        tabs=tabs(by_words(), by, period),
        ranges=tuple(ranges(by, period, today)),
        by_word=by_words()[by],
        held_url=reverse("packages_held") + address(until=period.until),
        csv_url=reverse("packages_report_csv") + address(by=by, **here),
        list_url=link_to("packages"),
        soon_days=SOON_DAYS,
    )


def column_words() -> dict[str, str]:
    """The columns of the groups."""
    return {
        "opening": _("Opening"),
        "sold": _("Sold"),
        "used": _("Used"),
        "forfeited": _("Forfeited"),
        "refunded": _("Refunded"),
        "kept": _("Kept of refunds"),
        "expired": _("Expired"),
        "transferred": _("Transferred"),
        "corrected": _("Corrected"),
        "closing": _("Closing"),
    }


def by_words() -> dict[str, str]:
    """What groups are called, in the order of the tabs."""
    words = (_("By product"), _("By practitioner"), _("By location"), _("By measure"))
    return dict(zip(BY, words, strict=True))


def group_names(practice: PracticeFacts, by: str) -> dict[str, str]:
    """The names of groups by their keys; one query, for measures none."""
    if by == "location":
        places = location_names(practice_id=practice.id)
        return {**{str(pk): name for pk, name in places.items()}, NOTHING: _("No location")}
    if by == "practitioner":
        people = practitioners_of(practice_id=practice.id, archived=True)
        return {**{str(one.id): one.name for one in people}, NOTHING: _("Nobody named")}
    if by == "measure":
        return {kind.value: str(kind.label) for kind in Measure}
    rows = Product.objects.filter(practice_id=practice.id)
    return {str(pk): name for pk, name in rows.values_list("item_id", "item__name")}


def _held_url(by: str, period: Period, key: str) -> str:
    return reverse("packages_held") + address(by=by, of=key, until=period.until)


def _lines(total: Roll) -> Iterable[Line]:
    yield Line(word=_("Sold"), amount=total.sold, hint=_("and what was charged for more sessions"))
    yield Line(word=_("Used"), amount=total.used, hint=_("earned, less what was taken back"))
    yield Line(
        word=_("Kept of sessions nobody came to"),
        amount=total.forfeited,
        hint=_("earned, by the rules of the packages"),
    )
    yield Line(word=_("Refunded or converted"), amount=total.refunded)
    yield Line(word=_("Kept of refunds"), amount=total.kept, hint=_("fees, earned"))
    yield Line(word=_("Expired"), amount=total.expired, hint=_("less what grace gave back"))
    yield Line(word=_("Transferred"), amount=total.transferred, hint=_("in less out"))
    yield Line(word=_("Voided and corrected"), amount=total.corrected)


def _chart(practice: PracticeFacts, story: list[Month]) -> Chart:
    largest = max(max(one.sold.minor, one.earned.minor, one.unearned.minor, 0) for one in story)
    columns = [
        Column(
            word=format_date(one.begins_on, "LLL", locale=practice.locale),
            first=one.sold.minor,
            second=one.earned.minor,
            point=one.unearned.minor,
            first_title=_("%(month)s: sold %(amount)s")
            % {"month": _month(practice, one), "amount": money_text(one.sold)},
            second_title=_("%(month)s: earned %(amount)s")
            % {"month": _month(practice, one), "amount": money_text(one.earned)},
        )
        for one in story
    ]
    return draw(columns, [(n, money_text(practice.money(n))) for n in scale_of(largest)])


def _month(practice: PracticeFacts, one: Month) -> str:
    return format_date(one.begins_on, "LLLL y", locale=practice.locale)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLine:
    """One package behind a closing figure."""

    package: HeldPackage
    url: str


def group_of(asked: Asked) -> tuple[str, str] | None:
    """One group of the report: by what, and which. None is all of them."""
    by, key = asked.get("by", ""), asked.get("of", "")
    if by == "measure":
        return (by, key) if key in Measure.values else None
    if by in BY and key.isascii() and key.isdecimal() and len(key) < 19:
        return by, str(int(key))
    return None


def held(practice: PracticeFacts, asked: Asked, until: date) -> Behind[HeldLine]:
    """One page of packages; two queries at most."""
    group = group_of(asked)
    where = Where(
        group=group,
        until=until,
        number=page_number(asked),
        report_url=reverse("packages_report"),
        csv_url=reverse("packages_held_csv"),
    )
    found = held_packages(practice, until, group, after=where.after, limit=SIZE)
    return where.page(
        [HeldLine(package=one, url=page_link("package", one.id)) for one in found.packages],
        name=group_names(practice, group[0]).get(group[1], "") if group else "",
        count=found.count,
        total=found.total,
    )


def report_csv(practice: PracticeFacts, found: RollForward) -> HttpResponse:
    """The groups as a table, then all of them together."""
    groups = by_words()[found.by], group_names(practice, found.by)
    return table_csv(practice, "packages", column_words(), found, groups)


def held_csv(practice: PracticeFacts, asked: Asked, until: date) -> HttpResponse:
    """All packages behind a closing figure."""
    found = held_packages(practice, until, group_of(asked), limit=None)
    head = [
        _("Whose"),
        _("Package"),
        _("Sold"),
        _("Good until"),
        _("Invoice"),
        _("Not used yet"),
        _("Currency"),
    ]
    return csv_answer(
        f"packages-held-{until}.csv",
        head,
        (
            [
                one.owner,
                one.name,
                one.sold_on,
                one.expires_on,
                one.invoice,
                one.unearned,
                practice.currency,
            ]
            for one in found.packages
        ),
    )
