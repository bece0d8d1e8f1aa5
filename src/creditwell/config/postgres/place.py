"""Where the embedded PostgreSQL lives. Only looks at paths: nothing is started or made here."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

ROLE = "creditwell"
DATABASE = "creditwell"
PORT = 5432
# A Unix socket's path must fit `sockaddr_un`: 107 bytes and a NUL on Linux, 103 on macOS.
LONGEST_SOCKET_PATH = 103


@dataclass(frozen=True, kw_only=True)
class Place:
    """The folders of one embedded PostgreSQL.

    `data_dir` is the installation's folder, `home` the one that holds the cluster (usually
    below it), `socket_dir` the private folder of its socket.
    """

    data_dir: Path
    home: Path
    socket_dir: Path

    @property
    def cluster(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "postgres.log"

    def url(self, database: str = DATABASE) -> str:
        """Return the DATABASE_URL of `database`, by way of the socket."""
        return f"postgresql://{ROLE}@{quote(str(self.socket_dir), safe='')}:{PORT}/{database}"


def place(data_dir: Path) -> Place:
    """Say where the cluster of `data_dir` lives; the same answer in every process of the same user.

    Root may keep its data below a folder that nobody else can enter (/root, say). PostgreSQL
    refuses to run as root, so its files then live in /var/lib/creditwell, under a name made from
    the path.
    """
    data_dir = data_dir.resolve()
    mark = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    home = data_dir / "postgres"
    if os.geteuid() == 0 and not others_may_enter(data_dir.parent):
        home = Path("/var/lib/creditwell") / mark
    return Place(data_dir=data_dir, home=home, socket_dir=_socket_dir(home, mark))


def others_may_enter(folder: Path) -> bool:
    """Tell whether every existing folder from the root to `folder` lets other users through."""
    return all(step.stat().st_mode & 0o001 for step in [folder, *folder.parents] if step.exists())


def _socket_dir(home: Path, mark: str) -> Path:
    usual = home / "run"
    if len(os.fsencode(usual / f".s.PGSQL.{PORT}.lock")) <= LONGEST_SOCKET_PATH:
        return usual
    base = Path("/run") if os.geteuid() == 0 and Path("/run").is_dir() else Path("/tmp")  # noqa: S108 - made private, ownership checked
    return base / f"creditwell-{os.geteuid()}-{mark}"
