"""The installation's own PostgreSQL, named by DATABASE_URL."""

from __future__ import annotations

import psycopg

from creditwell.config.postgres.binaries import OLDEST_MAJOR
from creditwell.config.postgres.problem import DatabaseProblem


def check_external(url: str) -> None:
    """Refuse, in a sentence, a server that does not answer or is older than PostgreSQL 15."""
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            version = connection.info.server_version
    except psycopg.OperationalError as error:
        said = str(error).strip().splitlines()[0]
        raise DatabaseProblem(
            f"The database that DATABASE_URL names cannot be reached: {said}"
        ) from None
    if version < OLDEST_MAJOR * 10_000:
        raise DatabaseProblem(
            f"DATABASE_URL names PostgreSQL {version // 10_000}; Creditwell needs "
            f"{OLDEST_MAJOR} or newer."
        )
