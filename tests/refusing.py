"""What every test of a refusal asserts: its name, that nothing changed, that nothing was sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core import mail
from django.db import connection, models

from creditwell.audit.models import Note
from creditwell.kernel.errors import Refusal
from creditwell.outbox.models import Event


@contextmanager
def refuses(error: type[Refusal], *tables: type[models.Model]) -> Iterator[Any]:
    """The block raises this refusal, the tables stay as they are, and nobody is told anything."""
    with unchanged(*tables):
        with pytest.raises(error) as raised:
            yield raised
        assert type(raised.value) is error
        assert raised.value.sentence


@contextmanager
def unchanged(*tables: type[models.Model]) -> Iterator[None]:
    """The block leaves the tables as they are, and nobody is told anything."""
    before = [_rows(table) for table in (*tables, Note, Event)]
    sent = _sent()
    yield
    assert [_rows(table) for table in (*tables, Note, Event)] == before
    assert _sent() == sent


def _rows(table: type[models.Model]) -> list[dict[str, Any]]:
    return list(table._default_manager.order_by("pk").values())


def _sent() -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        row = cursor.fetchone()
    assert row is not None
    return int(row[0]), len(getattr(mail, "outbox", []))
