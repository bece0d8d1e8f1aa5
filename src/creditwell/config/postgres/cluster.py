"""Making the cluster (the database files) and writing its configuration."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

from creditwell.config.postgres.binaries import Binaries
from creditwell.config.postgres.owner import Owner
from creditwell.config.postgres.place import ROLE, Place
from creditwell.config.postgres.problem import DatabaseProblem

VERSION_NOTE = "creditwell-major-version"
THROW_AWAY_NOTE = "creditwell-throw-away"
MB = 1024 * 1024


def existing_major(place: Place) -> int | None:
    """Return the major version that made the cluster, or None when there is no cluster yet."""
    for name in (VERSION_NOTE, "PG_VERSION"):
        note = place.cluster / name
        if note.exists():
            return int(note.read_text().split(".")[0].strip())
    return None


def check_major(place: Place, binaries: Binaries) -> None:
    """Refuse, in a sentence, to open a cluster that another major version made."""
    made_by = existing_major(place)
    if made_by is not None and made_by != binaries.major:
        raise DatabaseProblem(
            f"The database in {place.cluster} was made by PostgreSQL {made_by}, and the PostgreSQL "
            f"found here is version {binaries.major}. Start it with version {made_by} "
            "(CREDITWELL_PG_BIN names its folder of programs), take a backup with `creditwell "
            "backup`, and restore that into a new data folder."
        )


def prepare_folders(place: Place, owner: Owner) -> None:
    """Make the folders around the cluster; whatever is in them stays."""
    place.data_dir.mkdir(parents=True, exist_ok=True)
    if owner.lent:
        _let_through(place.data_dir)
    place.home.mkdir(parents=True, exist_ok=True, mode=0o755)
    if owner.lent:
        _let_through(place.home)
        _let_through(place.home.parent)
    place.socket_dir.mkdir(exist_ok=True, mode=0o700)
    found = place.socket_dir.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), owner.uid}:
        raise DatabaseProblem(
            f"The folder {place.socket_dir} belongs to someone else. Remove it and start again."
        )
    place.socket_dir.chmod(0o700)
    owner.take(place.socket_dir)


def throw_away(place: Place) -> None:
    """Remove a cluster that was made for tests; any other stays."""
    if (place.cluster / THROW_AWAY_NOTE).exists():
        shutil.rmtree(place.cluster)


def make_cluster(place: Place, owner: Owner, binaries: Binaries, *, careless: bool) -> None:
    """Make the cluster if there is none (`careless`: one for tests, and marked as such).

    The work happens in `data.new`, which is renamed when it is whole, so that a half-made cluster
    is thrown away by the next start and never taken for a real one.
    """
    if place.cluster.exists():
        return
    half = place.home / "data.new"
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(mode=0o700)
    owner.take(half)
    common = [
        binaries.program("initdb"),
        *("-D", str(half), "-U", ROLE, "--encoding=UTF8", "--data-checksums"),
        *("--auth-local=peer", "--auth-host=reject", "--no-instructions"),
    ]
    done = None
    for sorting in _sortings(binaries.major):
        done = _run([*common, *sorting], owner)
        if not done.returncode:
            break
        shutil.rmtree(half)
        half.mkdir(mode=0o700)
        owner.take(half)
    assert done is not None, "there is always a way to sort"
    if done.returncode:
        raise DatabaseProblem(f"PostgreSQL could not make its files: {done.stderr.strip()}")
    (half / VERSION_NOTE).write_text(f"{binaries.major}\n")
    owner.take(half / VERSION_NOTE)
    if careless:
        (half / THROW_AWAY_NOTE).touch()
    half.rename(place.cluster)
    descriptor = os.open(place.home, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_configuration(place: Place, owner: Owner, *, careless: bool) -> None:
    """Write our settings and who may connect.

    `careless` is for the throw-away clusters of tests: a crash may lose everything.
    """
    note = place.cluster / THROW_AWAY_NOTE
    if note.exists() != careless:
        raise DatabaseProblem(
            f"The database in {place.cluster} is "
            + ("a throw-away one of the tests." if note.exists() else "not one for tests.")
        )
    settings = place.cluster / "creditwell.conf"
    lines = {**_settings(place), **(_CARELESS if careless else {})}
    settings.write_text(
        "# Written at every start; put your own settings into postgresql.auto.conf.\n"
        + "".join(f"{name} = {value}\n" for name, value in lines.items())
    )
    main = place.cluster / "postgresql.conf"
    include = "include_if_exists = 'creditwell.conf'\n"
    if include not in main.read_text():
        with main.open("a") as file:
            file.write(include)
    us = f"creditwell  {_user_name()}  {ROLE}\ncreditwell  {owner.name}  {ROLE}\n"
    (place.cluster / "pg_ident.conf").write_text(us)
    (place.cluster / "pg_hba.conf").write_text("local all all peer map=creditwell\n")
    for name in ("creditwell.conf", "pg_ident.conf", "pg_hba.conf"):
        (place.cluster / name).chmod(0o600)
        owner.take(place.cluster / name)


def _sortings(major: int) -> list[list[str]]:
    """Return the ways to sort text, best first: by language (ICU, which not every build has), else
    by code point with the upper and lower case of all of Unicode."""
    icu = ["--locale=C", "--locale-provider=icu", "--icu-locale=und"]
    builtin = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return [icu, builtin, ["--locale=C"]] if major >= 17 else [icu, ["--locale=C"]]


_CARELESS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "checkpoint_timeout": "'30min'",
    "shared_buffers": "'128MB'",
}


def _settings(place: Place) -> dict[str, str]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MB
    shared = min(512, max(64, memory // 16))
    return {
        "listen_addresses": "''",
        "unix_socket_directories": f"'{place.socket_dir}'",
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "shared_buffers": f"'{shared}MB'",
        "effective_cache_size": f"'{max(256, memory // 3)}MB'",
        "work_mem": "'8MB'",
        "maintenance_work_mem": "'64MB'",
        "wal_compression": "on",
        "max_wal_size": "'1GB'",
        "checkpoint_completion_target": "0.9",
        "random_page_cost": "1.1",
        "jit": "off",
        "fsync": "on",
        "synchronous_commit": "on",
        "log_min_duration_statement": "-1",
        "log_statement": "'none'",
        # A failing statement would carry patients' data into the log.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_line_prefix": "'%m [%p] '",
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
        "idle_in_transaction_session_timeout": "'5min'",
    }


def _user_name() -> str:
    import pwd

    return pwd.getpwuid(os.geteuid()).pw_name


def _run(command: list[str], owner: Owner) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own program
        command, capture_output=True, text=True, check=False, cwd="/", **owner.spawn_options()
    )


def _let_through(folder: Path) -> None:
    mode = folder.stat().st_mode
    if not mode & 0o001:
        folder.chmod(mode | 0o001)
