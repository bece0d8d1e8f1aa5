"""What reports share: choices above them, pages of what stands behind a figure, groups as CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from django.http import HttpResponse
from django.utils.translation import gettext as _

from creditwell.ledger.roll_forward import RollForward
from creditwell.money.money import Money
from creditwell.payments.queries_liability import last_month, usual_period
from creditwell.tenancy.access import PracticeFacts
from creditwell.web.components.spreadsheet import Cell, csv_answer
from creditwell.web.reports.asked import Period, address

SIZE = 50
"""How many of what stands behind a figure are on a page."""
Shown = TypeVar("Shown")


@dataclass(frozen=True, slots=True)
class Link:
    """A choice above the report."""

    url: str
    word: str
    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a roll-forward of all groups together."""

    word: str
    amount: Money
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One row of a table: its figures, and where what stands behind the closing one is ("": no)."""

    name: str
    cells: tuple[Money, ...]
    closing: Money
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A roll-forward in groups."""

    heads: tuple[str, ...]
    groups: tuple[Group, ...]
    total: Group


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind(Generic[Shown]):
    """One page of what stands behind a closing figure; `count` and `total` are of all pages."""

    until: date
    group: str
    lines: tuple[Shown, ...]
    count: int
    total: Money
    first: int
    last: int
    previous: str
    next: str
    report_url: str
    csv_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Which page of what stands behind which figure, and the addresses of its report and CSV."""

    group: tuple[str, str] | None
    until: date
    number: int
    report_url: str
    csv_url: str

    @property
    def after(self) -> int:
        """How many come before this page."""
        return (self.number - 1) * SIZE

    def page(self, lines: Sequence[Shown], *, name: str, count: int, total: Money) -> Behind[Shown]:
        """The page of these lines, with the ways on and back."""
        by, key = self.group or ("", "")
        here = {"by": by, "of": key, "until": self.until}
        back, more = self.number > 1, self.after + SIZE < count
        return Behind(
            until=self.until,
            group=name,
            lines=tuple(lines),
            count=count,
            total=total,
            first=self.after + 1,
            last=self.after + len(lines),
            previous=address(**here, page=self.number - 1) if back else "",
            next=address(**here, page=self.number + 1) if more else "",
            report_url=self.report_url + address(by=by, until=self.until),
            csv_url=self.csv_url + address(**here),
        )


def tabs(words: dict[str, str], by: str, period: Period) -> tuple[Link, ...]:
    """The groups that a report can be shown in; `words` by their names."""
    here = {"since": period.since, "until": period.until}
    return tuple(Link(address(by=one, **here), word, one == by) for one, word in words.items())


def ranges(by: str, period: Period, today: date) -> Iterator[Link]:
    """Days that are asked for again and again, above a report in groups `by` ("": none)."""
    year = (today.replace(month=1, day=1), today)
    for word, (since, until) in (
        (_("This month"), usual_period(today)),
        (_("Last month"), last_month(today)),
        (_("This year"), year),
    ):
        here = (period.since, period.until) == (since, until)
        yield Link(address(by=by, since=since, until=until), word, here)


def table(
    words: Mapping[str, str],
    found: RollForward[Any],
    names: Mapping[str, str],
    url_of: Callable[[str], str],
) -> Table:
    """
    The groups of a roll-forward as a table. `words` are its columns, from the fields of a row to
    their words, the closing figure last; one in which nothing moved is left out.
    """
    *fields, closing = words
    used = [
        name
        for name in fields
        if name == "opening" or any(getattr(row, name) for row in (*found.rows, found.total))
    ]

    def group_of(row: Any, name: str, url: str) -> Group:
        cells = tuple(getattr(row, field) for field in used)
        return Group(name=name, cells=cells, closing=getattr(row, closing), url=url)

    return Table(
        heads=tuple(words[field] for field in (*used, closing)),
        groups=tuple(
            group_of(row, names.get(row.key, row.key), url_of(row.key) if row.closing else "")
            for row in found.rows
        ),
        total=group_of(found.total, _("Total"), ""),
    )


def table_csv(
    practice: PracticeFacts,
    name: str,
    words: Mapping[str, str],
    found: RollForward[Any],
    groups: tuple[str, Mapping[str, str]],
) -> HttpResponse:
    """
    All columns of `words` as CSV, each row with its currency, the total last.

    `groups` is the word above the groups, and their names by their keys.
    """
    above, names = groups
    rows = [(names.get(row.key, row.key), row) for row in found.rows]
    body: Iterable[list[Cell]] = (
        [group, *(getattr(row, field) for field in words), practice.currency]
        for group, row in (*rows, (_("Total"), found.total))
    )
    name = f"{name}-{found.since}-{found.until}.csv"
    return csv_answer(name, [above, *words.values(), _("Currency")], body)
