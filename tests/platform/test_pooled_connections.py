"""A connection from the pool is alive, and being sure of it costs nothing as a rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.db.backends.postgresql import base as django_base
from psycopg_pool import ConnectionPool

from creditwell.config.postgres.engine import base

pytestmark = pytest.mark.django_db


@pytest.fixture
def pooled() -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as opened:
        yield opened


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[psycopg.Connection[Any]]:
    """The connections whose server was asked."""
    found: list[psycopg.Connection[Any]] = []
    really = ConnectionPool.check_connection

    def ask(opened: psycopg.Connection[Any]) -> None:
        found.append(opened)
        really(opened)

    monkeypatch.setattr(ConnectionPool, "check_connection", staticmethod(ask))
    return found


def test_a_quiet_connection_is_asked_once_in_a_while(pooled, asked, monkeypatch) -> None:
    for _request in range(5):
        base.check(pooled)
    assert asked == [pooled]
    monkeypatch.setattr(base, "monotonic", lambda: 1e12)
    base.check(pooled)
    assert asked == [pooled, pooled]


def test_a_connection_whose_server_went_away_is_found_out_at_once(pooled, asked) -> None:
    base.check(pooled)
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pooled.info.backend_pid])
    with pytest.raises(psycopg.OperationalError):
        base.check(pooled)
    assert asked == [pooled, pooled]


def test_a_connection_that_only_said_something_is_kept(pooled, asked) -> None:
    pooled.execute("LISTEN news")
    base.check(pooled)
    pooled.execute("NOTIFY news")
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
        other.execute("NOTIFY news")
    base.check(pooled)
    assert not pooled.closed


def test_the_pool_of_the_web_server_looks_this_way(monkeypatch: pytest.MonkeyPatch) -> None:
    options = {**connection.settings_dict["OPTIONS"], "pool": {"min_size": 0, "max_size": 1}}
    settings = {**connection.settings_dict, "OPTIONS": options, "CONN_MAX_AGE": 0}
    ours = base.DatabaseWrapper(settings, alias="looked-at")
    try:
        assert isinstance(ours, django_base.DatabaseWrapper)
        with ours.cursor() as cursor:
            cursor.execute("SELECT 1")
        assert ours.pool is not None
        assert ours.pool._check is base.check
    finally:
        ours.close()
        ours.close_pool()
