"""Many at once: threads on committed rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

# Seconds that nobody needs unless something hangs: how slow a machine is says nothing of a race.
PATIENCE = 120


def race(rivals: int, act: Callable[[int], object]) -> Counter[str]:
    """Let `rivals` run `act(n)` at the same moment; count how each ended ('ok', or the error)."""
    start = Barrier(rivals, timeout=PATIENCE)

    def run(n: int) -> str:
        try:
            connection.ensure_connection()
            start.wait()
            act(n)
        except Exception as error:
            return type(error).__name__
        else:
            return "ok"
        finally:
            connection.close()

    with ThreadPoolExecutor(rivals) as pool:
        return Counter(pool.map(run, range(rivals)))
