"""Runs pytest once for each kind of test, on one PostgreSQL of their own; fails if one fails."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SIDE_BY_SIDE = ["-n", "2", "--dist", "loadscope"]
# Each test belongs to exactly one of these.
RUNS = {
    # `make check` has run the tidy ones.
    "quick": [
        *("-m", "not browser and not race and not machine"),
        *("--ignore", "tests/tidy", *SIDE_BY_SIDE),
    ],
    "race": ["-m", "race and not browser"],
    "machine": ["-m", "machine and not race and not browser", "-n", "2"],
    "browser": ["-m", "browser", *SIDE_BY_SIDE],
}
NOTHING_COLLECTED = 5


def main() -> int:
    """Return 0 when every run passed."""
    os.chdir(ROOT)
    more = shlex.split(os.environ.get("PYTEST_ARGS", ""))
    failed = []
    with ExitStack() as stack:
        if not os.environ.get("DATABASE_URL"):
            stack.enter_context(_database())
        for name, selection in RUNS.items():
            print(f"\n== {name} tests", flush=True)
            began = time.monotonic()
            done = subprocess.run([sys.executable, "-m", "pytest", *selection, *more], check=False)
            print(f"== {name}: {time.monotonic() - began:.0f} s", flush=True)
            if done.returncode not in {0, NOTHING_COLLECTED}:
                failed.append(name)
    print(f"\nFailed: {', '.join(failed)}" if failed else "\nAll tests passed.")
    return 1 if failed else 0


def _database() -> ExitStack:
    sys.path.insert(0, str(ROOT / "src"))
    os.environ["DJANGO_SETTINGS_MODULE"] = "creditwell.config.settings_test"
    os.environ.setdefault("CREDITWELL_LOG_LEVEL", "WARNING")
    from django.conf import settings

    from creditwell.config.postgres.server import running

    stack = ExitStack()
    stack.enter_context(running(settings.DATA_DIR, careless=True))
    return stack


if __name__ == "__main__":
    sys.exit(main())
