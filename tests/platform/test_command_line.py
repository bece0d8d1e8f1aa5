"""The command line as an operator uses it: real processes on an embedded database of their own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from creditwell.config.postgres.place import place
from creditwell.config.postgres.server import Server, running

PASSWORD = "a-long-phrase-of-words"


@pytest.fixture(scope="module")
def installation() -> Iterator[Path]:
    """The data folder of an installation with one practice."""
    folder = Path("/tmp") / f"creditwell-cli-{os.getpid()}"
    folder.mkdir(mode=0o755)
    made = creditwell(
        folder,
        *("create-practice", "--name", "Bay Physio", "--country", "AU", "--location", "Main"),
        *("--owner-email", "owner@example.org", "--owner-name", "Olive Owner"),
    )
    assert made.returncode == 0, made.stderr
    yield folder
    shutil.rmtree(folder)


def environ(folder: Path) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("DJANGO_")}
    ours.pop("DATABASE_URL", None)
    return {
        **ours,
        "CREDITWELL_DATA": str(folder),
        "CREDITWELL_OWNER_PASSWORD": PASSWORD,
        "PYTHONPATH": os.pathsep.join(sys.path),
    }


def creditwell(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "creditwell", *words],
        env=environ(folder),
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def practices(folder: Path) -> list[str]:
    with running(folder) as server, psycopg.connect(server.url) as connection:
        rows = connection.execute("SELECT name FROM tenancy_practice ORDER BY id").fetchall()
    return [row[0] for row in rows]


def ask(port: int, path: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError:
        return 0, b""


def wait_for(port: int, path: str, seconds: float = 300) -> bytes:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        status, body = ask(port, path)
        if status == 200:
            return body
        time.sleep(0.2)
    raise AssertionError(f"{path} was not answered in {seconds} s; last was {status}: {body!r}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_practice_is_made_once_and_a_bad_one_not_at_all(installation: Path) -> None:
    assert practices(installation) == ["Bay Physio"]
    refused = creditwell(
        installation,
        *("create-practice", "--name", "Nowhere", "--country", "QQ", "--location", "Main"),
        *("--owner-email", "other@example.org", "--owner-name", "Other"),
    )
    assert refused.returncode == 1
    assert practices(installation) == ["Bay Physio"]


def test_straight_books_and_books_that_somebody_bent(installation: Path) -> None:
    straight = creditwell(installation, "check-books")
    assert (straight.returncode, straight.stdout.strip()) == (0, "The books are straight.")

    bend = (
        "SET session_replication_role = replica;"  # as superuser: past every trigger
        "INSERT INTO ledger_account (practice_id, kind, holder_id, floor_minor, balance_minor)"
        " SELECT id, 'lot', 1, 0, 4200 FROM tenancy_practice"
    )
    with running(installation) as server, psycopg.connect(server.url) as connection:
        connection.execute(bend)
    bent = creditwell(installation, "check-books")
    with running(installation) as server, psycopg.connect(server.url) as connection:
        connection.execute("SET session_replication_role = replica; DELETE FROM ledger_account")
    assert bent.returncode == 1
    assert "A stored balance is the sum of its postings: ledger_account" in bent.stdout
    assert "4200" in bent.stdout


def test_a_backup_comes_back_and_nothing_is_replaced_unasked(
    installation: Path, tmp_path: Path
) -> None:
    file = tmp_path / "clinic.backup"
    done = creditwell(installation, "backup", str(file))
    assert done.returncode == 0, done.stderr
    assert file.stat().st_mode & 0o077 == 0

    with running(installation) as server, psycopg.connect(server.url) as connection:
        connection.execute("UPDATE tenancy_practice SET name = 'Renamed since'")
    refused = creditwell(installation, "restore", str(file))
    assert refused.returncode == 1
    assert "--yes" in refused.stderr
    assert practices(installation) == ["Renamed since"]

    restored = creditwell(installation, "restore", "--yes", str(file))
    assert restored.returncode == 0, restored.stderr
    assert "The former database is kept" in restored.stdout
    assert practices(installation) == ["Bay Physio"]
    with running(installation) as server, psycopg.connect(server.url) as connection:
        known = connection.execute(
            "SELECT reltuples FROM pg_class WHERE oid = 'tenancy_practice'::regclass"
        ).fetchone()
    assert known == (1,), "the planner knows nothing of what was restored"


def test_a_file_that_is_no_backup_changes_nothing(installation: Path, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not a backup")
    refused = creditwell(installation, "restore", "--yes", str(file))
    assert refused.returncode == 1
    assert "is not a backup" in refused.stderr
    assert practices(installation) == ["Bay Physio"]
    with running(installation) as server, psycopg.connect(server.url) as connection:
        left = connection.execute("SELECT 1 FROM pg_database WHERE datname LIKE '%restored%'")
        assert left.fetchall() == []


def test_serve_survives_what_dies_below_it_and_stops_in_order(installation: Path) -> None:
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-m", "creditwell", "serve", "--port", str(port)],
        env=environ(installation),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as serving:
        try:
            checks = json.loads(wait_for(port, "/readyz"))["checks"]
            assert checks == {"database": True, "migrations": True, "worker": True}
            for child in children(serving.pid, "granian"):
                os.kill(child, signal.SIGKILL)
            postmaster = Server(place(installation)).pid()
            assert postmaster is not None
            os.kill(postmaster, signal.SIGKILL)
            time.sleep(1)
            wait_for(port, "/readyz")
        finally:
            serving.send_signal(signal.SIGINT)
            said = serving.communicate(timeout=300)[0]
    assert serving.returncode == 0, said
    assert f"http://localhost:{port}" in said
    assert Server(place(installation)).pid() is None
    assert ask(port, "/healthz")[0] == 0


def test_a_port_in_use_is_one_sentence(installation: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = creditwell(installation, "serve", "--port", str(port))
    assert refused.returncode == 1
    assert f"port {port}" in refused.stderr
    assert "Traceback" not in refused.stderr


def children(pid: int, word: str) -> list[int]:
    """Return the children of `pid` whose command line has `word`."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == pid and word in (entry / "cmdline").read_text():
                found.append(int(entry.name))
        except OSError:
            continue
    return found
