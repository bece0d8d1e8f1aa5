"""Which browser the tests drive."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BROWSERS = ROOT / ".browser"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",  # the tests may run as root, whom Chromium otherwise refuses
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


def find_browser() -> str | None:
    """Return Chromium's path: the one CHROMIUM names, one on the PATH, or Playwright's download."""
    if named := os.environ.get("CHROMIUM"):
        return shutil.which(named)
    for name in NAMES:
        if found := shutil.which(name):
            return found
    downloaded = sorted(BROWSERS.glob("chromium-*/chrome-*/chrome"))
    return str(downloaded[-1]) if downloaded else None


if __name__ == "__main__":
    import sys

    path = find_browser()
    if path:  # nothing else is printed: a script asks again, and takes all that was said
        print(path)
    sys.exit(path is None)
