"""What each practitioner delivered, as a page shows it and as CSV."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from creditwell.money.money import Money
from creditwell.packages.queries_activity import Delivered, delivered
from creditwell.tenancy.access import PracticeFacts
from creditwell.web.components.spreadsheet import csv_answer
from creditwell.web.reports.asked import Period, address
from creditwell.web.reports.rolls import Link, ranges


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The report as shown."""

    period: Period
    rows: tuple[Delivered, ...]
    used_count: int
    used: Money
    kept_count: int
    kept: Money
    invoiced: Money
    total: Money
    ranges: tuple[Link, ...]
    csv_url: str


def delivery(practice: PracticeFacts, period: Period, today: date) -> Delivery:
    """Put the page together; one query."""
    rows = delivered(practice, period.since, period.until)
    return Delivery(
        period=period,
        rows=tuple(rows),
        used_count=sum(row.used_count for row in rows),
        used=Money.total((row.used for row in rows), practice.currency),
        kept_count=sum(row.kept_count for row in rows),
        kept=Money.total((row.kept for row in rows), practice.currency),
        invoiced=Money.total((row.invoiced for row in rows), practice.currency),
        total=Money.total((row.total for row in rows), practice.currency),
        ranges=tuple(ranges("", period, today)),
        csv_url=reverse("delivered_csv") + address(since=period.since, until=period.until),
    )


def delivery_csv(practice: PracticeFacts, found: Delivery) -> HttpResponse:
    """The rows as a table, the total last."""
    named: list[tuple[str, Delivered | Delivery]] = [
        (row.name or _("Nobody named"), row) for row in found.rows
    ]
    head = [
        _("Practitioner"),
        _("Sessions"),
        _("Value of sessions"),
        _("Sessions kept"),
        _("Value kept"),
        _("Invoiced"),
        _("Together"),
        _("Currency"),
    ]
    return csv_answer(
        f"delivered-{found.period.since}-{found.period.until}.csv",
        head,
        (
            [
                name,
                row.used_count,
                row.used,
                row.kept_count,
                row.kept,
                row.invoiced,
                row.total,
                practice.currency,
            ]
            for name, row in [*named, (_("Total"), found)]
        ),
    )
