"""
The practice key: what keeps one clinic's rows from ever pointing at another's.

Django 5.2 cannot point a ForeignKey at a composite key, so models say `db_constraint=False` and
each migration that makes tables or foreign keys ends with `PracticeKeys("<app>")`.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class PracticeKeys(Operation):
    """
    Give every practice table of an app its composite keys; safe to run again.

    Primary key `(practice_id, id)` with a plain index on `id`, for every unique column (as of a
    OneToOneField) a key on `(practice_id, column)`, and for every foreign key between practice
    tables a constraint on `(practice_id, column)`.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, app: str) -> None:
        self.app = app

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (self.__class__.__name__, [self.app], {})

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The models stay as they are: this is about the database alone."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        tables = [
            model
            for model in to_state.apps.get_app_config(self.app).get_models()
            if is_practice_table(model)
        ]
        for model in tables:
            schema_editor.execute(_PRIMARY_KEY.format(table=model._meta.db_table))
            for field in model._meta.concrete_fields:
                if field.unique and not field.primary_key:
                    schema_editor.execute(
                        _UNIQUE_KEY.format(table=model._meta.db_table, column=field.column)
                    )
        for model in tables:
            for column, target in practice_links(model):
                schema_editor.execute(
                    _FOREIGN_KEY.format(table=model._meta.db_table, column=column, target=target)
                )

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Dropping the tables drops the keys."""

    def describe(self) -> str:
        return f"Composite practice keys of {self.app}"


def is_practice_table(model: type[models.Model]) -> bool:
    """Whether rows of this model belong to one practice."""
    return any(field.attname == "practice_id" for field in model._meta.concrete_fields)


def practice_links(model: type[models.Model]) -> list[tuple[str, str]]:
    """Columns of a model that point at rows of a practice, with the table they point at."""
    return [
        (field.column, field.related_model._meta.db_table)
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
        and isinstance(field.related_model, type)
        and is_practice_table(field.related_model)
    ]


_PRIMARY_KEY = """
DO $$ BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_constraint
         WHERE conrelid = '{table}'::regclass AND contype = 'p' AND array_length(conkey, 1) = 2
    ) THEN
        ALTER TABLE {table} DROP CONSTRAINT {table}_pkey;
        ALTER TABLE {table} ADD CONSTRAINT {table}_pkey PRIMARY KEY (practice_id, id);
        CREATE INDEX {table}_id ON {table} (id);
    END IF;
END $$
"""

_UNIQUE_KEY = """
DO $$ BEGIN
    IF EXISTS (
        SELECT FROM pg_constraint
         WHERE conrelid = '{table}'::regclass AND conname = '{table}_{column}_key'
           AND array_length(conkey, 1) = 1
    ) THEN
        ALTER TABLE {table} DROP CONSTRAINT {table}_{column}_key;
        ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_key UNIQUE (practice_id, {column});
        CREATE INDEX {table}_{column} ON {table} ({column});
    END IF;
END $$
"""

_FOREIGN_KEY = """
DO $$ BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_constraint
         WHERE conrelid = '{table}'::regclass AND conname = '{table}_{column}_same_practice'
    ) THEN
        ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_same_practice
            FOREIGN KEY (practice_id, {column}) REFERENCES {target} (practice_id, id)
            DEFERRABLE INITIALLY DEFERRED;
    END IF;
END $$
"""
