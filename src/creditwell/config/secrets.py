"""The installation's own secret: from the environment, else made once and kept as a file."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def secret_key(data_dir: Path) -> str:
    """Return the key that signs sessions and tokens; make and keep one (mode 0600) on first use."""
    if given := os.environ.get("CREDITWELL_SECRET_KEY"):
        return given
    path = data_dir / "secret.key"
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        made = path.with_suffix(f".{os.getpid()}")
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(50))
        try:
            os.link(made, path)  # refuses when a rival process was first: then its key is the key
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path.read_text().strip()
