"""
How often one API key may ask.

It keeps a program that runs wild from taking the clinic's pages with it.
"""

from __future__ import annotations

from time import monotonic

from django.conf import settings

from creditwell.api.errors import TooManyRequests
from creditwell.kernel import throttle as kernel


class Throttle(kernel.Throttle):
    """Each key may ask `per_minute` times at once, and so often every minute; 0: no limit."""

    def ask(self, key_id: int) -> None:
        """:raises TooManyRequests: when the bucket is empty; says how many seconds to wait"""
        wait = self.take(key_id, monotonic())
        if wait:
            raise TooManyRequests(wait)


throttle = Throttle(settings.API_PER_MINUTE)
