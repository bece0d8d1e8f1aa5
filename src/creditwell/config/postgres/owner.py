"""Under whose name PostgreSQL runs. It refuses to be root, so root lends it an ordinary user."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from creditwell.config.postgres.problem import DatabaseProblem

CANDIDATES = ("creditwell", "postgres", "nobody")


@dataclass(frozen=True, kw_only=True)
class Owner:
    """The user who owns the cluster. `lent`: we are root and start programs as that user."""

    name: str
    uid: int
    gid: int
    lent: bool

    def spawn_options(self) -> Mapping[str, Any]:
        """Return the arguments that make `subprocess` start a program as this user."""
        if not self.lent:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def take(self, path: Path, *, tree: bool = False) -> None:
        """As root, hand `path` (with `tree`, everything below it too) to this user."""
        if not self.lent:
            return
        os.chown(path, self.uid, self.gid, follow_symlinks=False)
        if tree:
            for folder, folders, files in os.walk(path):
                for name in (*folders, *files):
                    os.chown(Path(folder) / name, self.uid, self.gid, follow_symlinks=False)


def owner(existing: Path | None = None) -> Owner:
    """Return whom PostgreSQL runs as: ourselves, or as root the user CREDITWELL_PG_USER names, the
    owner of the `existing` cluster, or the first ordinary user found."""
    if os.geteuid() != 0:
        me = pwd.getpwuid(os.geteuid())
        return Owner(name=me.pw_name, uid=me.pw_uid, gid=me.pw_gid, lent=False)
    named = os.environ.get("CREDITWELL_PG_USER")
    if named:
        return _lent(named)
    if existing is not None and existing.exists() and existing.stat().st_uid != 0:
        return _lent(pwd.getpwuid(existing.stat().st_uid).pw_name)
    for candidate in CANDIDATES:
        try:
            return _lent(candidate)
        except DatabaseProblem:
            continue
    raise DatabaseProblem(
        "PostgreSQL does not run as root and this machine has no ordinary user for it. "
        "Make one (useradd --system creditwell) and start again."
    )


def _lent(name: str) -> Owner:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise DatabaseProblem(
            f"There is no user called {name} on this machine to run PostgreSQL as. "
            "Name another in CREDITWELL_PG_USER."
        ) from None
    if entry.pw_uid == 0:
        raise DatabaseProblem("CREDITWELL_PG_USER must not be root: PostgreSQL refuses it.")
    return Owner(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid, lent=True)
