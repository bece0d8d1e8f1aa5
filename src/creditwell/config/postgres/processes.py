"""Looking at the processes of this machine: is that postmaster alive, and is it ours?"""

from __future__ import annotations

import os
from pathlib import Path

PROC = Path("/proc")


def alive(pid: int) -> bool:
    """Tell whether process `pid` runs; one that is dead and not yet reaped does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        state = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return not PROC.is_dir()
    return state not in {"Z", "X"}


def postmaster_pid(cluster: Path) -> int | None:
    """Return the process id that the cluster's `postmaster.pid` names, alive or not."""
    return pid_in(cluster / "postmaster.pid")


def pid_in(lock: Path) -> int | None:
    """Return the process id on the first line of one of PostgreSQL's lock files."""
    try:
        return int(lock.read_text().split()[0])
    except (FileNotFoundError, ValueError, IndexError):
        return None


def processes_in(cluster: Path) -> list[int]:
    """Return the live processes that work inside `cluster` (PostgreSQL makes it its own folder).

    Without /proc (macOS) nothing is known and the answer is empty.
    """
    found = []
    for entry in PROC.glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink() == cluster and alive(int(entry.name)):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def forget_dead_pid(cluster: Path, socket_dir: Path) -> None:
    """Remove lock files whose number is some other program's now, or a zombie's.

    PostgreSQL would refuse to start beside them. They stay whenever any process still works in
    the cluster: left-over server processes must end first, and PostgreSQL itself sees to that.
    """
    if not PROC.is_dir() or processes_in(cluster):
        return
    for lock in (cluster / "postmaster.pid", *socket_dir.glob(".s.PGSQL.*.lock")):
        pid = pid_in(lock)
        if pid is not None and (PROC / str(pid)).is_dir():
            lock.unlink(missing_ok=True)
