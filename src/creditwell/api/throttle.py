"""
How often one API key may ask.

A bucket of tokens per key, in the memory of each web process: it costs no query and keeps a
program that runs wild from taking the clinic's pages with it. Not a quota.
"""

from __future__ import annotations

import math
from threading import Lock
from time import monotonic

from django.conf import settings

from creditwell.api.errors import TooManyRequests

MINUTE = 60.0


class Throttle:
    """Each key may ask `per_minute` times at once, and so often every minute; 0: no limit."""

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self._buckets: dict[int, tuple[float, float]] = {}  # key id -> (tokens, when)
        self._lock = Lock()

    def take(self, key_id: int, now: float | None = None) -> None:
        """:raises TooManyRequests: when the bucket is empty; says how many seconds to wait"""
        if not self.per_minute:
            return
        moment = monotonic() if now is None else now
        with self._lock:
            tokens, since = self._buckets.get(key_id, (float(self.per_minute), moment))
            rate = self.per_minute / MINUTE
            tokens = min(float(self.per_minute), tokens + (moment - since) * rate)
            if tokens < 1:
                self._buckets[key_id] = (tokens, moment)
                raise TooManyRequests(max(1, math.ceil((1 - tokens) / rate)))
            self._buckets[key_id] = (tokens - 1, moment)


throttle = Throttle(settings.API_PER_MINUTE)
