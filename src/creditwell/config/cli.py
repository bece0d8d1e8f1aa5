"""The command line `creditwell`. Every command starts the embedded database when it needs one."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from creditwell.config import copies, serve, tree
from creditwell.config.database import database
from creditwell.config.logs import configure
from creditwell.config.postgres.problem import DatabaseProblem

app = typer.Typer(
    name="creditwell",
    help="Practice management for clinics that take money in advance.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # its pictures of local variables could hold patients' data
)
console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)

Host = Annotated[str, typer.Option(help="Address to listen on.", envvar="CREDITWELL_HOST")]
Port = Annotated[int, typer.Option(help="Port to listen on.", envvar="PORT")]
Processes = Annotated[int, typer.Option(help="Web processes.", envvar="CREDITWELL_WEB_PROCESSES")]


def main() -> None:
    """Run the command line; what stands in the way is one sentence and exit code 1."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "creditwell.config.settings")
    if not {"serve", "web", "worker"} & set(sys.argv[1:2]):
        os.environ.setdefault("CREDITWELL_LOG_LEVEL", "WARNING")
    configure()
    signal.signal(signal.SIGTERM, _stop)
    try:
        app()
    except (DatabaseProblem, serve.PortTaken) as problem:
        errors.print(str(problem), style="red", markup=False, soft_wrap=True)
        sys.exit(1)


@app.command(name="serve")
def serve_all(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    processes: Processes = serve.WEB_PROCESSES,
    demo: Annotated[
        bool, typer.Option("--demo", help="Load the demo clinic if there is no practice yet.")
    ] = False,
) -> None:
    """Run everything: database, web pages and background worker. Ctrl-C stops it."""
    serve.check_port(host, port)
    with _django() as url:
        from django.db import connections

        _migrate(quietly=True)
        serve.collect_static()
        if demo:
            _load_demo_once(url)
        new = not _is_set_up()
        connections.close_all()
        console.print(f"\nCreditwell is at [bold]http://localhost:{port}[/bold]")
        if demo:
            _say_demo_login()
        elif new:
            console.print("Open it to set up your practice.")
        console.print("Ctrl-C stops it.\n")
        serve.run_until_stopped(serve.make_tree(url, host=host, port=port, processes=processes))
    console.print("Creditwell has stopped.")


@app.command()
def web(
    host: Host = "127.0.0.1", port: Port = 8000, processes: Processes = serve.WEB_PROCESSES
) -> None:
    """Run the web pages alone, on the PostgreSQL that DATABASE_URL names."""
    if not os.environ.get("DATABASE_URL"):
        raise DatabaseProblem(
            "`web` runs on a PostgreSQL of your own: set DATABASE_URL. With the embedded one, "
            "`creditwell serve` runs everything."
        )
    tree.end_with_parent()
    if not tree.in_a_tree():  # else `serve` has done it
        with _django():
            serve.collect_static()
    os.environ.setdefault("CREDITWELL_DB_POOL", str(serve.THREADS_PER_PROCESS))
    command = serve.web_command(host, port, processes)
    os.execv(command[0], command)  # noqa: S606 - our own program takes our place


@app.command()
def worker() -> None:
    """Run the background worker alone."""
    tree.end_with_parent()
    with _django():
        from django.core.management import call_command

        call_command("procrastinate", "worker", "--shutdown-graceful-timeout", "15")


@app.command()
def migrate() -> None:
    """Bring the database's tables up to this version of Creditwell."""
    with _django():
        _migrate(quietly=False)


@app.command(name="demo")
def load_demo() -> None:
    """Load the demo clinic beside whatever practices there are."""
    with _django():
        _migrate(quietly=True)
        _load_demo()
        from django.conf import settings

        console.print(f"The demo clinic is in. `creditwell serve` shows it at {settings.BASE_URL}")
        _say_demo_login()


@app.command(name="check-books")
def check_books() -> None:
    """Prove the books of every practice; name each row that breaks a promise (exit code 1)."""
    with _django(), _progress() as tick:
        from creditwell.usecases.check_books import check_books as prove

        faults = prove(lambda _practice, done, total: tick("Checking the books", done, total))
    for fault in faults:
        console.print(f"{fault.promise}: {fault.table} {fault.row_id} {fault.detail}", markup=False)
    if faults:
        raise typer.Exit(1)
    console.print("The books are straight.")


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="The file to write.")]) -> None:
    """Write the whole database into one file. The installation may go on working."""
    with database() as url, _progress() as tick:
        copies.backup(url, file, tick)
    console.print(f"Backed up to {file} ({file.stat().st_size / 1_000_000:.1f} MB).")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `backup` wrote.")],
    yes: Annotated[
        bool, typer.Option("--yes", help="Put it in the place of the practices there are.")
    ] = False,
) -> None:
    """Put a backup in the database's place, after its books were checked. Stop Creditwell first."""
    with database() as url, _progress() as tick:
        former = copies.restore(url, file, tick, replace=yes, now=datetime.now(UTC))
    console.print("Restored; the books are straight.")
    if former:
        console.print(f"The former database is kept under the name {former}.")


@app.command(name="create-practice")
def create_practice(
    name: Annotated[str, typer.Option(prompt="Name of the practice")],
    country: Annotated[str, typer.Option(prompt="Country (two letters, such as AU)")],
    location: Annotated[str, typer.Option(prompt="Name of its first location")],
    owner_email: Annotated[str, typer.Option(prompt="The owner's email")],
    owner_name: Annotated[str, typer.Option(prompt="The owner's name")],
    practitioner: Annotated[
        str, typer.Option(help="The first who treats; else the owner does.")
    ] = "",
) -> None:
    """Open a practice, and make its owner if nobody signs in with that email yet."""
    with _django():
        _migrate(quietly=True)
        from creditwell.config import found
        from creditwell.usecases.create_practice import CreatePractice

        password = "" if found.is_known(owner_email) else _ask_password()
        practice = CreatePractice(
            owner_id=0,
            name=name,
            country=country.upper(),
            location_name=location,
            practitioner_name=practitioner or owner_name,
            owner_practises=not practitioner,
        )
        try:
            found.found(
                practice, found.Owner(email=owner_email, name=owner_name, password=password)
            )
        except found.NotFounded as reason:
            errors.print(str(reason), style="red", markup=False, soft_wrap=True)
            raise typer.Exit(1) from None
    console.print(f"{name} is open. {owner_email} may sign in.", markup=False)


@app.command(name="set-password")
def set_password(email: Annotated[str, typer.Argument(help="Whose: their e-mail.")]) -> None:
    """Give somebody a new password, without a mail. It is asked for, or read from the input."""
    if sys.stdin.isatty():
        password = typer.prompt("A new password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    with _django():
        from creditwell.config import passwords

        try:
            passwords.change(email, password)
        except passwords.NotSet as reason:
            errors.print(str(reason), style="red", markup=False, soft_wrap=True)
            raise typer.Exit(1) from None
    console.print(f"{email} has a new password and is signed out everywhere.", markup=False)


@contextmanager
def _django() -> Iterator[str]:
    """Give a block a running database (its URL) and Django set up for it."""
    with database() as url:
        import django
        from django.db import connections

        django.setup()
        try:
            yield url
        finally:
            connections.close_all()


def _migrate(*, quietly: bool) -> None:
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0 if quietly else 1)


def _ask_password() -> str:
    """Ask for the new owner's password; a script gives it in CREDITWELL_OWNER_PASSWORD."""
    given = os.environ.get("CREDITWELL_OWNER_PASSWORD")
    return given or typer.prompt("A password", hide_input=True, confirmation_prompt=True)


def _load_demo_once(url: str) -> None:
    """Load it unless there is a practice; begin again when loading it was broken off."""
    names: Any = importlib.import_module("creditwell.config.demo")
    if copies.has_practices(url):
        if not copies.drop_unfinished_demo(url, names.LOADING):
            return
        from django.db import connections

        connections.close_all()
        _migrate(quietly=True)
    _load_demo()


def _load_demo() -> None:
    demo: Any = importlib.import_module("creditwell.config.demo")
    with _progress() as tick:
        demo.load(tick)


def _is_set_up() -> bool:
    from creditwell.tenancy.queries import is_set_up

    return is_set_up()


def _say_demo_login() -> None:
    demo: Any = importlib.import_module("creditwell.config.demo")
    console.print(f"Sign in with {demo.EMAIL} and the password {demo.PASSWORD}", markup=False)


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """Give a function (step, done, of how many) that moves a bar; it leaves no trace but time."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=errors,
    )
    with bar:
        tasks: dict[str, Any] = {}

        def tick(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(step, total=total)
            bar.update(tasks[step], completed=done, total=max(done, total))

        yield tick


def _stop(signum: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + signum)
