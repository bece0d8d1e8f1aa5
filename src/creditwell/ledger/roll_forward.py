"""
How the accounts of one kind moved between two days, and what stood on each at the end of one.

Everything is added up from the postings by the kind of their entry, so it comes to the ledger's
own total of all accounts of the kind on any day. What the accounts are, and in which groups they
are counted, is told by the floor that owns them. Amounts in the rows are minor units.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, Protocol, TypeVar

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from creditwell.ledger.queries_totals import totals_of_kind
from creditwell.money.money import Money
from creditwell.tenancy.access import PracticeFacts

OPENING = "opening_balance"
CORRECTED = "corrected"
"""The line of every kind of entry that no other line names."""
Sums = Mapping[str, int]
"""Minor units by line, with OPENING."""
Group = tuple[str, str]
"""One group of a report: by what, and which."""


class Roll(Protocol):
    """One row of a roll-forward: opening + all that moved = closing."""

    @property
    def opening(self) -> Money: ...
    @property
    def closing(self) -> Money: ...


Row = TypeVar("Row", bound=Roll)


@dataclass(frozen=True, slots=True, kw_only=True)
class RollForward(Generic[Row]):
    """
    The roll-forward from `since` to `until`, both included, and what the ledger has.

    `books_opening` and `books_closing` are the ledger's own totals of all accounts of the kind,
    read without the groups that the rows are made of.
    """

    since: date
    until: date
    by: str
    total: Row
    rows: tuple[Row, ...]
    books_opening: Money
    books_closing: Money

    @property
    def ties(self) -> bool:
        """Whether the report comes to what the books say, on both days."""
        return (self.books_opening, self.books_closing) == (self.total.opening, self.total.closing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """
    Accounts of one kind, as their floor tells them. All of it is SQL of ours, never what was asked.

    `placed` is one or more common table expressions, the last of them `placed`: a row for each
    account (`account_id`) with a column of text for each of `by`. `lines` says which kinds of
    entry make a line; `line_of_entry` tells kinds apart by more than their name. `columns`,
    `joins` and `order` are of the list of accounts with something left.
    """

    kind: str
    by: Sequence[str]
    placed: str
    lines: Mapping[str, tuple[str, ...]]
    line_of_entry: str = "e.kind"
    columns: str
    joins: str
    order: str

    def column(self, by: str) -> str:
        """The column of a group; KeyError for one that there is not."""
        return {name: f"placed.{name}" for name in self.by}[by]

    def line(self, kind: str) -> str:
        """The line of a kind of entry."""
        if kind == OPENING:
            return kind
        return next((line for line, kinds in self.lines.items() if kind in kinds), CORRECTED)

    def amounts(self, practice: PracticeFacts, sums: Sums) -> dict[str, Money]:
        """Each line, CORRECTED, `opening` and `closing`, as the fields of a row."""
        lines = {line: practice.money(sums.get(line, 0)) for line in (*self.lines, CORRECTED)}
        opening, closing = practice.money(sums.get(OPENING, 0)), practice.money(sum(sums.values()))
        return {"opening": opening, **lines, "closing": closing}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """
    One page of accounts with something left. Each row has what the source's columns name, then
    what is left in minor units. `count` and `total` are of all pages.
    """

    rows: list[tuple[Any, ...]]
    count: int
    total: Money


# Each part is worked out once, and joined as `_each_table_once` says.
_ROLL = """
WITH moved AS MATERIALIZED (
  SELECT g.account_id, %(opening)s::text AS line, sum(g.amount_minor) AS minor
    FROM ledger_posting g
    JOIN ledger_account a ON a.practice_id = g.practice_id AND a.id = g.account_id
   WHERE g.practice_id = %(practice)s AND a.kind = %(kind)s AND g.occurred_on < %(since)s
   GROUP BY 1
  UNION ALL
  SELECT g.account_id, {line}, sum(g.amount_minor)
    FROM ledger_posting g
    JOIN ledger_account a ON a.practice_id = g.practice_id AND a.id = g.account_id
    JOIN ledger_entry e ON e.practice_id = g.practice_id AND e.id = g.entry_id
   WHERE g.practice_id = %(practice)s AND a.kind = %(kind)s
     AND g.occurred_on BETWEEN %(since)s AND %(until)s
   GROUP BY 1, 2),
{placed}
SELECT {by}, moved.line, sum(moved.minor)::bigint
  FROM moved JOIN placed ON placed.account_id = moved.account_id
 GROUP BY 1, 2
"""
_STANDING = """
WITH stands AS MATERIALIZED (
  SELECT g.account_id, sum(g.amount_minor)::bigint AS minor
    FROM ledger_posting g
    JOIN ledger_account a ON a.practice_id = g.practice_id AND a.id = g.account_id
   WHERE g.practice_id = %(practice)s AND a.kind = %(kind)s AND g.occurred_on <= %(until)s
   GROUP BY 1 HAVING sum(g.amount_minor) <> 0),
{placed}
SELECT {columns}, stands.minor, count(*) OVER (), (sum(stands.minor) OVER ())::bigint
  FROM stands
  JOIN placed ON placed.account_id = stands.account_id
  {joins}
 WHERE {which}
 ORDER BY {order}
 LIMIT %(limit)s OFFSET %(after)s
"""


def rolled(
    source: Source,
    practice: PracticeFacts,
    days: tuple[date, date],
    *,
    by: str,
    row_of: Callable[[str, Sums], Row],
    order: Callable[[Row], Any],
) -> RollForward[Row]:
    """
    The accounts of a source from the first of `days` to the last, in groups; two queries.

    `row_of` makes a row of a group's key ("" for all together) and its sums; rows stand by `order`.
    """
    since, until = days
    asked = {**_asked(source, practice, until), "since": since, "opening": OPENING}
    sql = _ROLL.format(line=source.line_of_entry, placed=source.placed, by=source.column(by))
    found: dict[str, dict[str, int]] = {}
    whole: dict[str, int] = {}
    with _each_table_once() as cursor:
        cursor.execute(sql, asked)
        moved = cursor.fetchall()
    for key, kind, minor in moved:
        line = source.line(kind)
        for sums in (found.setdefault(key, {}), whole):
            sums[line] = sums.get(line, 0) + minor
    opening, closing = totals_of_kind(
        practice_id=practice.id, kind=source.kind, since=since, until=until
    )
    return RollForward(
        since=since,
        until=until,
        by=by,
        total=row_of("", whole),
        rows=tuple(sorted((row_of(key, sums) for key, sums in found.items()), key=order)),
        books_opening=practice.money(opening),
        books_closing=practice.money(closing),
    )


def standing(
    source: Source,
    practice: PracticeFacts,
    until: date,
    group: Group | None,
    *,
    after: int,
    limit: int | None,
) -> Standing:
    """
    The accounts of a source with something left at the end of a day, or one group; one query.

    With `limit` None all of them, for exports.
    """
    which = "true" if group is None else f"{source.column(group[0])} = %(key)s"
    asked = {
        **_asked(source, practice, until),
        "key": group[1] if group else "",
        "limit": limit,
        "after": after,
    }
    sql = _STANDING.format(
        placed=source.placed,
        columns=source.columns,
        joins=source.joins,
        which=which,
        order=source.order,
    )
    with _each_table_once() as cursor:
        cursor.execute(sql, asked)
        rows = cursor.fetchall()
    return Standing(
        rows=[row[:-2] for row in rows],
        count=rows[0][-2] if rows else 0,
        total=practice.money(rows[0][-1] if rows else 0),
    )


@contextmanager
def _each_table_once() -> Iterator[CursorWrapper]:
    """
    A cursor whose queries never look one table up row by row for each row of another.

    Both queries read all that a practice has of everything, so each table is best read once. Of
    tables that were never analysed (just restored, just imported) the planner believes that a
    practice has one row in each; it would then begin every table anew for every row of the others,
    and the time would grow with the square of the practice.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        yield cursor
        cursor.execute("SET LOCAL enable_nestloop TO DEFAULT")


def _asked(source: Source, practice: PracticeFacts, until: date) -> dict[str, Any]:
    return {
        "practice": practice.id,
        "zone": practice.time_zone,
        "kind": source.kind,
        "until": until,
    }
