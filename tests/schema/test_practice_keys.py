"""Every row belongs to a practice, and every key says so: read from the database itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db

PRACTICE_TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
       AND a.attname = 'practice_id' AND NOT a.attisdropped
"""


def ask(sql: str) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def our_tables() -> Iterator[str]:
    from django.apps import apps

    for model in apps.get_models():
        if model.__module__.startswith("creditwell."):
            yield model._meta.db_table


def test_every_table_of_ours_has_a_practice() -> None:
    with_practice = {name for (name,) in ask(PRACTICE_TABLES)}
    assert set(our_tables()) - with_practice == {"tenancy_practice", "tenancy_user"}


def test_primary_and_unique_keys_contain_the_practice() -> None:
    without = ask(
        f"""
        SELECT t.relname, i.relname FROM pg_index x
          JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
         WHERE x.indisunique AND t.relname IN ({PRACTICE_TABLES})
           AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid
                            AND a.attname = 'practice_id' AND a.attnum = ANY (x.indkey))
        """
    )
    assert without == []


def test_primary_keys_begin_with_the_practice() -> None:
    others = ask(
        f"""
        SELECT t.relname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
          JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.conkey[1]
         WHERE c.contype = 'p' AND t.relname IN ({PRACTICE_TABLES}) AND a.attname <> 'practice_id'
        """
    )
    assert others == []


def test_links_between_rows_of_practices_contain_the_practice() -> None:
    plain = ask(
        f"""
        SELECT t.relname, c.conname FROM pg_constraint c
          JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class r ON r.oid = c.confrelid
         WHERE c.contype = 'f' AND t.relname IN ({PRACTICE_TABLES})
           AND r.relname IN ({PRACTICE_TABLES})
           AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid
                            AND a.attname = 'practice_id' AND a.attnum = ANY (c.conkey))
        """
    )
    assert plain == []


def test_every_link_of_the_models_is_kept_by_the_database() -> None:
    from django.apps import apps

    from creditwell.kernel.keys import is_practice_table, practice_links

    kept = {
        (table, column)
        for table, column in ask(
            """
            SELECT t.relname, a.attname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
              JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY (c.conkey)
             WHERE c.contype = 'f' AND array_length(c.conkey, 1) = 2
            """
        )
    }
    wanted = {
        (model._meta.db_table, column)
        for model in apps.get_models()
        if is_practice_table(model)
        for column, _target in practice_links(model)
    }
    assert wanted - kept == set()
    assert wanted, "the models were read"
