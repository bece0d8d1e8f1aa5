"""The supervisor: starts PostgreSQL as our child, watches it, starts it again, stops it.

Several processes may use one data folder at once (`serve`, and a `backup` beside it). The one that
holds the file `supervisor.lock` looks after the server; each holds `users.lock` shared. Whoever
leaves last stops the server; whoever looks after it and leaves earlier lets it run, and another
takes the lock and the watch over. After a SIGKILL of the supervisor the next one adopts the server.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import psycopg
import structlog

from creditwell.config.postgres import processes
from creditwell.config.postgres.binaries import Binaries, find_binaries, usable_by
from creditwell.config.postgres.cluster import (
    check_major,
    existing_major,
    make_cluster,
    prepare_folders,
    throw_away,
    write_configuration,
)
from creditwell.config.postgres.owner import Owner, owner
from creditwell.config.postgres.place import DATABASE, Place, place
from creditwell.config.postgres.problem import DatabaseProblem

log = structlog.get_logger("creditwell.postgres")

READY_WITHIN_SECONDS = 90.0
LOOK_EVERY_SECONDS = 0.25
LOG_ROTATES_AT_BYTES = 20_000_000


@contextmanager
def running(data_dir: Path, *, careless: bool = False) -> Iterator[Server]:
    """Give a running server for as long as the block lasts, with Creditwell's database in it.

    `careless` trades safety for speed and is for throw-away test clusters only.
    """
    server = Server(place(data_dir), careless=careless)
    try:
        server.start()
        yield server
    finally:
        server.stop()


class Server:
    """One process's share in the embedded PostgreSQL of a data folder."""

    def __init__(self, where: Place, *, careless: bool = False) -> None:
        self.place = where
        self._careless = careless
        self._users: IO[str] | None = None
        self._supervisor: IO[str] | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._adopted: int | None = None
        self._programs: tuple[Owner, Binaries] | None = None
        self._stopping = threading.Event()
        self._watch: threading.Thread | None = None
        self._restart_not_before = 0.0

    @property
    def url(self) -> str:
        return self.place.url()

    @property
    def looks_after_it(self) -> bool:
        """Whether this process is the one that supervises the server."""
        return self._supervisor is not None

    def start(self) -> None:
        """Start the server or join a running one; return when it answers and has our database.

        Raises DatabaseProblem with a sentence when it cannot be had.
        """
        self.place.data_dir.mkdir(parents=True, exist_ok=True)
        self.place.home.mkdir(parents=True, exist_ok=True)
        self._users = (self.place.home / "users.lock").open("w")
        if self._careless:
            self._throw_leftovers_away(self._users)
        fcntl.flock(self._users, fcntl.LOCK_SH)
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while not self._answers():
            if time.monotonic() > deadline:
                raise DatabaseProblem(self._why("PostgreSQL did not answer in time"))
            self._attend()
            time.sleep(0.05)
        self._attend()
        ensure_database(self.place)
        self._watch = threading.Thread(target=self._keep_watch, name="postgres-watch", daemon=True)
        self._watch.start()

    def stop(self) -> None:
        """Leave: stop the server when nobody else uses it, else hand it on. Safe to call twice."""
        self._stopping.set()
        if self._watch is not None:
            self._watch.join(timeout=10)
            self._watch = None
        if self._users is None:
            return
        try:
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass  # others still need it
        else:
            self._halt()
        if self._supervisor is not None:
            self._supervisor.close()
            self._supervisor = None
        self._users.close()
        self._users = None

    def pid(self) -> int | None:
        """Return the postmaster's process id, or None while there is none."""
        pid = processes.postmaster_pid(self.place.cluster)
        return pid if pid is not None and processes.alive(pid) else None

    # -- looking after it ---------------------------------------------------------------------

    def _keep_watch(self) -> None:
        while not self._stopping.wait(LOOK_EVERY_SECONDS):
            try:
                self._attend()
            except (DatabaseProblem, OSError) as problem:
                log.error("postgres.restart_failed", reason=str(problem))

    def _attend(self) -> None:
        """Take the watch if nobody has it; as the watch, start a server that does not run."""
        if self._supervisor is None and not self._take_watch():
            return
        if self._lives() or time.monotonic() < self._restart_not_before:
            return
        if self._child is not None or self._adopted is not None:
            log.warning("postgres.died", restarting=True)
        self._restart_not_before = time.monotonic() + 1.0
        self._launch()

    def _take_watch(self) -> bool:
        file = (self.place.home / "supervisor.lock").open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._supervisor = file
        return True

    def _lives(self) -> bool:
        if self._child is not None:
            return self._child.poll() is None
        return self._adopted is not None and processes.alive(self._adopted)

    def _launch(self) -> None:
        """Adopt the server an earlier supervisor left behind, or start one."""
        self._child = self._adopted = None
        left = processes.postmaster_pid(self.place.cluster)
        if left is not None and processes.alive(left) and self._is_ours(left):
            self._adopted = left
            return
        who, programs = self._prepared()
        make_cluster(self.place, who, programs, careless=self._careless)
        processes.forget_dead_pid(self.place.cluster, self.place.socket_dir)
        write_configuration(self.place, who, careless=self._careless)
        with _log_file(self.place.log) as output:
            self._child = subprocess.Popen(  # noqa: S603 - our own program
                [programs.program("postgres"), "-D", str(self.place.cluster)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                start_new_session=True,  # Ctrl-C in the terminal is for us, not for the server
                **who.spawn_options(),
            )
        log.info("postgres.started", pid=self._child.pid, major=programs.major)

    def _is_ours(self, pid: int) -> bool:
        return pid in processes.processes_in(self.place.cluster) or self._answers()

    def _prepared(self) -> tuple[Owner, Binaries]:
        if self._programs is None:
            who = owner(self.place.cluster)
            prepare_folders(self.place, who)
            programs = find_binaries(existing_major(self.place))
            check_major(self.place, programs)
            self._programs = (who, usable_by(who, programs, self.place.home))
        return self._programs

    def _throw_leftovers_away(self, users: IO[str]) -> None:
        """Begin a test run with a new cluster, unless another run is using this one now."""
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        self._halt()
        throw_away(self.place)

    def _halt(self) -> None:
        """Stop the server in order (SIGINT: sessions are ended, everything is written)."""
        pid = self.pid()
        if pid is None:
            return
        for order, seconds in ((signal.SIGINT, 60), (signal.SIGQUIT, 10), (signal.SIGKILL, 5)):
            with suppress(ProcessLookupError):
                os.kill(pid, order)
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline:
                if self._child is not None:
                    self._child.poll()  # reaps it
                if not processes.alive(pid):
                    self._child = self._adopted = None
                    return
                time.sleep(0.02)

    # -- asking it ----------------------------------------------------------------------------

    def _answers(self) -> bool:
        if not self.place.socket_dir.is_dir():
            return False
        try:
            psycopg.connect(self.place.url("postgres"), connect_timeout=3).close()
        except psycopg.OperationalError:
            return False
        return True

    def _why(self, beginning: str) -> str:
        try:
            last = self.place.log.read_text(errors="replace").splitlines()[-5:]
        except OSError:
            last = []
        return f"{beginning}. Its log is {self.place.log}" + (
            ", and ends:\n  " + "\n  ".join(last) if last else "."
        )


def ensure_database(where: Place, name: str = DATABASE) -> None:
    """Make the database `name` in the embedded server unless it is there."""
    with psycopg.connect(where.url("postgres"), autocommit=True) as connection:
        there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if there.fetchone() is None:
            with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                connection.execute(
                    psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name))
                )


def _log_file(path: Path) -> IO[bytes]:
    if path.exists() and path.stat().st_size > LOG_ROTATES_AT_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")
