"""`creditwell serve`: database, web and worker as one tree of processes."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import sys
from pathlib import Path

from creditwell.config.tree import Child, Tree

WEB_PROCESSES = 2
THREADS_PER_PROCESS = 4


class PortTaken(Exception):
    """Some other program listens where we are to serve."""


def web_command(host: str, port: int, processes: int) -> list[str]:
    """Return the command line of the web server."""
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi"),
        *("--host", host, "--port", str(port), "--workers", str(processes)),
        *("--blocking-threads", str(THREADS_PER_PROCESS), "--respawn-failed-workers"),
        *("--respawn-interval", "0.5", "--workers-kill-timeout", "10", "--log-level", "warning"),
        "--no-ws",
        "creditwell.config.wsgi:application",
    ]


def make_tree(database_url: str, *, host: str, port: int, processes: int) -> Tree:
    """Return web and worker, ready to run on a database that is there already."""
    environ = {
        **os.environ,
        "DATABASE_URL": database_url,
        "CREDITWELL_DB_POOL": str(THREADS_PER_PROCESS),
        "PORT": str(port),
    }
    us = [sys.executable, "-m", "creditwell"]
    web = ["web", "--host", host, "--port", str(port), "--processes", str(processes)]
    return Tree(
        [
            Child(name="web", command=[*us, *web]),
            Child(name="worker", command=[*us, "worker"]),
        ],
        environ,
    )


def run_until_stopped(tree: Tree) -> None:
    """Run the tree until Ctrl-C or SIGTERM."""
    before = {
        number: signal.signal(number, tree.ask_to_stop)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        tree.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def check_port(host: str, port: int) -> None:
    """Refuse before anything starts when the port is in use or not ours to use."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(
                f"Cannot serve on {host} port {port}: {error.strerror}. Choose another port with "
                "PORT=8001 (or --port 8001)."
            ) from None


def collect_static() -> None:
    """Gather the pages' files where the web server looks for them, when any of them has changed."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    seen = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            found = Path(storage.path(path)).stat()
            seen.update(f"{path} {found.st_mtime_ns} {found.st_size}\n".encode())
    note = Path(settings.STATIC_ROOT) / ".collected"
    if note.exists() and note.read_text() == seen.hexdigest():
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    note.write_text(seen.hexdigest())
