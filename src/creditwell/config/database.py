"""A database to work with, wherever it comes from, for as long as a block lasts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from creditwell.config.postgres.external import check_external
from creditwell.config.postgres.server import running


def data_dir() -> Path:
    """Return the installation's folder: CREDITWELL_DATA, else `.creditwell` where we stand."""
    return Path(os.environ.get("CREDITWELL_DATA") or Path.cwd() / ".creditwell").resolve()


@contextmanager
def database() -> Iterator[str]:
    """Give the URL of a database that answers: the one DATABASE_URL names, else the embedded one.

    Raises DatabaseProblem with a sentence when there is none to be had.
    """
    if external := os.environ.get("DATABASE_URL"):
        check_external(external)
        yield external
        return
    with running(data_dir()) as server:
        yield server.url
