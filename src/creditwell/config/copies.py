"""Backups of the whole database, and the way back."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from creditwell.config.postgres.binaries import client_binaries
from creditwell.config.postgres.problem import DatabaseProblem

# step, done, of how many
Progress = Callable[[str, int, int], None]

_ENVIRONMENT = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}


class NotEmpty(DatabaseProblem):
    """There are practices in the database that a restore would replace."""


def backup(url: str, file: Path, progress: Progress) -> None:
    """Write everything in the database to `file` (pg_dump's custom format), or nothing at all."""
    tables = _tables(url)
    partial = file.with_name(file.name + ".partial")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)  # patients' data
    dump = client_binaries(_major(url)).program("pg_dump")
    command = [dump, "--format=custom", "--verbose", "--no-password", f"--file={partial}"]
    try:
        _run(command, url, lambda done: progress("Backing up", done, tables), "dumping contents of")
    except DatabaseProblem:
        partial.unlink(missing_ok=True)
        raise
    partial.replace(file)


def restore(url: str, file: Path, progress: Progress, *, replace: bool, now: datetime) -> str:
    """Put the backup `file` in the database's place; return the name the former one is kept under.

    The copy is made in a database of its own, brought up to this version and its books are
    checked; only then does it take the other's name. The former database is kept when it has
    practices (else dropped: the answer is ''). Refuses to replace practices unless `replace`.
    """
    if not file.exists():
        raise DatabaseProblem(f"There is no file {file}.")
    filled = has_practices(url)
    if filled and not replace:
        raise NotEmpty(
            "The database holds practices already. Add --yes to put the backup in their place; "
            "the present database is kept beside it."
        )
    name = conninfo_to_dict(url)["dbname"]
    stamp = f"{now:%Y%m%d_%H%M%S}"
    fresh, former = f"{name}_restored_{stamp}", f"{name}_before_{stamp}"
    _maintain(url, sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(fresh)))
    try:
        _fill(_url_of(url, fresh), file, progress)
        _swap(url, str(name), fresh, former)
    except BaseException:
        _maintain(url, sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(fresh)))
        raise
    if filled:
        return former
    _maintain(url, sql.SQL("DROP DATABASE {}").format(sql.Identifier(former)))
    return ""


def has_practices(url: str) -> bool:
    """Whether anybody's data is in the database."""
    with psycopg.connect(url) as connection:
        there = connection.execute("SELECT to_regclass('public.tenancy_practice')").fetchone()
        if there is None or there[0] is None:
            return False
        row = connection.execute("SELECT EXISTS (SELECT 1 FROM tenancy_practice)").fetchone()
    return bool(row and row[0])


def drop_unfinished_demo(url: str, name: str) -> bool:
    """
    Empty the database when all it holds is a demo clinic whose loading was broken off.

    `name` is what a demo is called while it loads. Nothing is touched when there is any other
    practice. Returns whether the tables are gone and have to be made again.
    """
    with psycopg.connect(url) as connection:
        names = connection.execute("SELECT name FROM tenancy_practice").fetchall()
        if names != [(name,)]:
            return False
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return True


def _fill(url: str, file: Path, progress: Progress) -> None:
    program = client_binaries(_major(url)).program("pg_restore")
    listed = subprocess.run(  # noqa: S603 - our own program
        [program, "--list", file], capture_output=True, text=True, check=False
    )
    if listed.returncode:
        raise DatabaseProblem(f"{file} is not a backup: {listed.stderr.strip()}")
    steps = sum(1 for line in listed.stdout.splitlines() if line and not line.startswith(";"))
    command = [
        *(program, "--verbose", "--no-password", "--no-owner", "--no-privileges"),
        *("--exit-on-error", "--single-transaction", f"--dbname={conninfo_to_dict(url)['dbname']}"),
        str(file),
    ]
    _run(command, url, lambda done: progress("Restoring", done, steps), "creating", "processing")
    progress("Analysing", steps, steps)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ANALYZE")  # what follows reads everything, and a dump has no statistics
    for order in ("migrate", "check-books"):
        progress(f"creditwell {order}", steps, steps)
        done = subprocess.run(  # noqa: S603 - ourselves
            [sys.executable, "-m", "creditwell", order],
            env={**os.environ, "DATABASE_URL": url},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = (done.stdout + done.stderr).strip()
            raise DatabaseProblem(
                f"The backup was not put in place: `creditwell {order}` on it failed.\n{said}"
            )


def _swap(url: str, name: str, fresh: str, former: str) -> None:
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    try:
        _maintain(url, rename.format(sql.Identifier(name), sql.Identifier(former)))
    except psycopg.errors.ObjectInUse:
        raise DatabaseProblem(
            "Creditwell is running on this database. Stop it, then restore again."
        ) from None
    _maintain(url, rename.format(sql.Identifier(fresh), sql.Identifier(name)))


def _run(command: list[str], url: str, tick: Callable[[int], None], *marks: str) -> None:
    """Run a PostgreSQL program; the lines that begin with one of `marks` are its progress."""
    done, last = 0, [""]
    with subprocess.Popen(  # noqa: S603 - our own program
        command, stderr=subprocess.PIPE, text=True, env=_environment(url)
    ) as process:
        assert process.stderr is not None, "it was asked for"
        for line in process.stderr:
            last = [*last[-4:], line.rstrip()]
            if line.partition(": ")[2].startswith(marks):
                done += 1
                tick(done)
    if process.returncode:
        name = Path(command[0]).name
        raise DatabaseProblem(f"{name} failed:\n" + "\n".join(last).strip())


def _environment(url: str) -> dict[str, str]:
    """Hand the connection on by the environment: a password must not stand in the process list."""
    given = {
        _ENVIRONMENT[name]: str(value)
        for name, value in conninfo_to_dict(url).items()
        if name in _ENVIRONMENT
    }
    return {**os.environ, **given}


def _maintain(url: str, statement: sql.Composed) -> None:
    """Run what is about whole databases; refuse in a sentence when that is not ours to do."""
    with psycopg.connect(_url_of(url, "postgres"), autocommit=True) as connection:
        try:
            connection.execute(statement)
        except psycopg.errors.InsufficientPrivilege:
            user = connection.info.user
            raise DatabaseProblem(
                "A restore makes a database of its own first, and the database's user may not. "
                f"Allow it (ALTER ROLE {user} CREATEDB) and restore again."
            ) from None


def _url_of(url: str, database: str) -> str:
    return urlsplit(url)._replace(path=f"/{database}").geturl()


def _major(url: str) -> int:
    with psycopg.connect(url) as connection:
        return connection.info.server_version // 10_000


def _tables(url: str) -> int:
    with psycopg.connect(url) as connection:
        query = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        row = connection.execute(query).fetchone()
    assert row is not None, "count always answers"
    return int(row[0])
