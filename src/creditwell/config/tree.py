"""A small process tree: children that are started again when they die, and stopped in order."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger("creditwell.serve")

LOOK_EVERY_SECONDS = 0.2
STEADY_AFTER_SECONDS = 20.0
LONGEST_PAUSE_SECONDS = 10.0
STOP_WITHIN_SECONDS = 20.0
PARENT = "CREDITWELL_PARENT"


@dataclass(kw_only=True)
class Child:
    """One program of the tree."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause: float = 0.0
    not_before: float = field(default=0.0)

    def start(self, environ: Mapping[str, str]) -> None:
        """Start it in a session of its own: Ctrl-C reaches the tree, which tells the child."""
        self.process = subprocess.Popen(  # noqa: S603 - our own program
            self.command, env=dict(environ), stdin=subprocess.DEVNULL, start_new_session=True
        )
        self.started_at = time.monotonic()
        log.info("child.started", child=self.name, pid=self.process.pid)

    def lives(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def plan_restart(self) -> None:
        """Say when to start again: soon, and later and later when it keeps dying young."""
        now = time.monotonic()
        steady = now - self.started_at > STEADY_AFTER_SECONDS
        self.pause = 0.3 if steady or not self.pause else min(self.pause * 2, LONGEST_PAUSE_SECONDS)
        self.not_before = now + self.pause
        code = self.process.returncode if self.process else None
        log.warning("child.died", child=self.name, exit_code=code, again_in_seconds=self.pause)
        self.clear_away()

    def clear_away(self) -> None:
        """Kill what a dead child has left behind: its own children would keep the port."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process = None


class Tree:
    """Runs children until told to stop."""

    def __init__(self, children: Sequence[Child], environ: Mapping[str, str]) -> None:
        self.children = list(children)
        self.environ = {**environ, PARENT: str(os.getpid())}
        self._stop = threading.Event()

    def ask_to_stop(self, *_signal: object) -> None:
        """End `run` soon; may be called from a signal handler."""
        self._stop.set()

    def run(self) -> None:
        """Start the children and keep them alive until asked to stop; return when they are gone."""
        try:
            for child in self.children:
                child.start(self.environ)
            while not self._stop.wait(LOOK_EVERY_SECONDS):
                for child in self.children:
                    self._look_after(child)
        finally:
            self._stop_children()

    def _look_after(self, child: Child) -> None:
        if child.lives():
            return
        if child.process is not None:
            child.plan_restart()
        if time.monotonic() >= child.not_before:
            child.start(self.environ)

    def _stop_children(self) -> None:
        for child in self.children:
            if child.process is not None and child.lives():
                child.process.terminate()
        deadline = time.monotonic() + STOP_WITHIN_SECONDS
        for child in self.children:
            if child.process is None:
                continue
            try:
                child.process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("child.killed", child=child.name, pid=child.process.pid)
                child.process.kill()
                child.process.wait()
            child.clear_away()


def in_a_tree() -> bool:
    """Whether this process is a child of a tree."""
    return PARENT in os.environ


def end_with_parent() -> None:
    """In a child of a tree: end in order when the tree is killed, instead of staying behind.

    Linux tells us by a signal (PR_SET_PDEATHSIG, which survives exec); elsewhere nothing happens.
    """
    parent = os.environ.get(PARENT)
    if not parent or not sys.platform.startswith("linux"):
        return
    set_parent_death_signal = 1
    ctypes.CDLL(None, use_errno=True).prctl(set_parent_death_signal, signal.SIGTERM)
    if os.getppid() != int(parent):  # it died before we could ask
        sys.exit(1)
