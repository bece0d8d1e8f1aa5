"""
Insert rows of a model with one prepared statement; add to columns of money.

`Model.objects.create` compiles its SQL anew each time, which costs four times the insert itself;
on the way of a payment that is most of the work (docs/adr/0004). The money acts write through
here; everything else uses the ORM as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
