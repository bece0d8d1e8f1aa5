"""
How often somebody may do a thing: buckets of tokens in the memory of each process.

It costs no query. Each web process counts for itself, so it is a brake, not a quota.
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from threading import Lock

MINUTE = 60.0
MOST_KEYS = 10_000
"""Of so many the oldest are forgotten: memory has an end."""


class Throttle:
    """Each key may `per_minute` times at once, and so often every minute; 0: no limit."""

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self._buckets: dict[Hashable, tuple[float, float]] = {}  # key -> (tokens, when)
        self._lock = Lock()

    def wait(self, key: Hashable, moment: float) -> int:
        """Seconds until the key may again; 0 if it may now. Takes nothing."""
        if not self.per_minute:
            return 0
        with self._lock:
            return self._wait(self._tokens(key, moment))

    def take(self, key: Hashable, moment: float) -> int:
        """Take one; returns 0, or without one left the seconds to wait."""
        if not self.per_minute:
            return 0
        with self._lock:
            tokens = self._tokens(key, moment)
            wait = self._wait(tokens)
            self._buckets.pop(key, None)
            self._buckets[key] = (tokens if wait else tokens - 1, moment)
            if len(self._buckets) > MOST_KEYS:
                del self._buckets[next(iter(self._buckets))]
            return wait

    def _tokens(self, key: Hashable, moment: float) -> float:
        tokens, since = self._buckets.get(key, (float(self.per_minute), moment))
        return min(float(self.per_minute), tokens + (moment - since) * self.per_minute / MINUTE)

    def _wait(self, tokens: float) -> int:
        return 0 if tokens >= 1 else max(1, math.ceil((1 - tokens) * MINUTE / self.per_minute))
