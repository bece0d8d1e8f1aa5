"""
Insert rows of a model with one prepared statement, or with the last one of an act; add to columns
of money.

`Model.objects.create` compiles its SQL anew each time, which costs four times the insert itself;
on the way of a payment that is most of the work (docs/adr/0004). The money acts write through
here; everything else uses the ORM as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

from django.db import connection, models
from django.db.models.expressions import CombinedExpression
from psycopg.types.json import Jsonb


def insert_row(model: type[models.Model], values: Mapping[str, Any]) -> int:
    """Insert one row, columns by attribute name (`patient_id`), and return its id."""
    return insert_rows(model, [values])[0]


def insert_rows(model: type[models.Model], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert rows that all name the same columns, in one statement; return their ids in order."""
    if not rows:
        return []
    columns = tuple(rows[0])
    assert all(tuple(row) == columns for row in rows), "rows of one insert name the same columns"
    parameters = [_adapt(value) for row in rows for value in row.values()]
    with connection.cursor() as cursor:
        cursor.execute(_insert_sql(model, columns, len(rows)), parameters)
        return [int(row[0]) for row in cursor.fetchall()]


class AtEnd:
    """Rows that an act writes with its last statement, because nothing in the act reads them."""

    def __init__(self) -> None:
        self._rows: dict[tuple[type[models.Model], tuple[str, ...]], list[Mapping[str, Any]]] = {}

    def add(self, model: type[models.Model], values: Mapping[str, Any]) -> None:
        self._rows.setdefault((model, tuple(values)), []).append(values)

    def write(self, last: str = "", parameters: Sequence[Any] = ()) -> None:
        """Insert them, together with one more statement if there is one."""
        inserts = [_insert_sql(*kind, len(rows)) for kind, rows in self._rows.items()]
        values = [_adapt(v) for rows in self._rows.values() for row in rows for v in row.values()]
        self._rows.clear()
        if not last:
            last = inserts.pop() if inserts else ""
        if not last:
            return
        named = ", ".join(f"w{n} AS ({insert})" for n, insert in enumerate(inserts))
        with connection.cursor() as cursor:
            cursor.execute(f"WITH {named} {last}" if named else last, [*values, *parameters])


_act: ContextVar[AtEnd | None] = ContextVar("act", default=None)


@contextmanager
def act() -> Iterator[AtEnd]:
    """The use case's own: inside it, `insert_at_end` waits for the act's last statement."""
    at_end = AtEnd()
    token = _act.set(at_end)
    try:
        yield at_end
    finally:
        _act.reset(token)


def insert_at_end(model: type[models.Model], values: Mapping[str, Any]) -> int | None:
    """
    Insert a row with the last statement of the act, which nothing in the act may read; outside
    an act at once. Returns its id if it has one yet.
    """
    at_end = _act.get()
    if at_end is None:
        return insert_row(model, values)
    at_end.add(model, values)
    return None


def one_of(ids: Iterable[int]) -> tuple[str, int | list[int]]:
    """
    How a prepared statement asks for one or several of these ids: the text behind its column, and
    the parameter. For one it is an equation: PostgreSQL plans `= ANY` anew each time, because it
    takes an array for longer than it is, and the plan takes longer than the rows.
    """
    listed = list(ids)
    return ("= %s", listed[0]) if len(listed) == 1 else ("= ANY(%s::bigint[])", listed)


def plus(column: str, minor: int) -> CombinedExpression:
    """
    A column of minor units and so much more, for `update`. Never `F(column) + minor`: Django sends
    the number as one of 32 bits, which cuts off from 2,147,483,648 minor units, without an error.
    """
    return models.F(column) + models.Value(minor, models.BigIntegerField())


@cache
def _insert_sql(model: type[models.Model], columns: tuple[str, ...], count: int) -> str:
    names = {field.attname: field.column for field in model._meta.concrete_fields}
    quoted = ", ".join(f'"{names[column]}"' for column in columns)
    row = "(" + ", ".join(["%s"] * len(columns)) + ")"
    return (
        f'INSERT INTO "{model._meta.db_table}" ({quoted}) '  # noqa: S608  # names of our own model
        f"VALUES {', '.join([row] * count)} RETURNING id"
    )


def _adapt(value: Any) -> Any:
    return Jsonb(value) if isinstance(value, dict | list) else value
