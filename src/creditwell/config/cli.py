"""The command line `creditwell`. Every command starts the embedded database when it needs one."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import typer
from rich.console import Console

from creditwell.config.database import database
from creditwell.config.postgres.problem import DatabaseProblem

app = typer.Typer(
    name="creditwell",
    help="Practice management for clinics that take money in advance.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # they could hold patients' data
)
console = Console()
errors = Console(stderr=True)


def main() -> None:
    """Run the command line; a problem with the database is one sentence and exit code 1."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "creditwell.config.settings")
    signal.signal(signal.SIGTERM, _stop)
    try:
        app()
    except DatabaseProblem as problem:
        errors.print(f"[red]{problem}[/red]")
        sys.exit(1)


@app.callback()
def _creditwell() -> None:
    """Practice management for clinics that take money in advance."""


@app.command()
def migrate() -> None:
    """Bring the database's tables up to this version of Creditwell."""
    with _django():
        from django.core.management import call_command

        call_command("migrate", interactive=False)


@contextmanager
def _django() -> Iterator[None]:
    """Give a block a running database and Django set up for it."""
    with database():
        import django
        from django.db import connections

        django.setup()
        try:
            yield
        finally:
            connections.close_all()


def _stop(signum: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + signum)
