"""
Is a pooled connection still alive? Ask its socket, which costs no round trip.

Django asks the server with an empty query each time a request takes a connection from the pool.
A server that died or was restarted has closed the socket, which can be read then; only a
connection that says something, or that rested for long, is asked the long way.
"""

from __future__ import annotations

import select
from time import monotonic
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from django.db.backends.postgresql import base
from psycopg import Connection
from psycopg_pool import ConnectionPool

TRUSTED_SECONDS = 20.0
"""How long a quiet connection is believed: less than firewalls and proxies wait before they cut."""

_answered_at: WeakKeyDictionary[Connection[Any], float] = WeakKeyDictionary()


def check(connection: Connection[Any]) -> None:
    """:raises OperationalError: when the server is not at the other end any more"""
    now = monotonic()
    if now - _answered_at.get(connection, -TRUSTED_SECONDS) < TRUSTED_SECONDS and not _said(
        connection
    ):
        return
    ConnectionPool.check_connection(connection)
    _answered_at[connection] = now


def _said(connection: Connection[Any]) -> bool:
    """Whether there is something to read: a farewell, the end, or a notice."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, but for how the pool looks at a connection that it gives out."""

    _connection_pools: ClassVar[dict[str, ConnectionPool[Connection[Any]]]]  # Django's, by alias

    @property
    def pool(self) -> ConnectionPool[Connection[Any]] | None:
        pool = self._connection_pools.get(self.alias)
        if pool is None:
            pool = super().pool
            if pool is not None:
                pool._check = check  # Django chooses between the long way and none
        return pool
