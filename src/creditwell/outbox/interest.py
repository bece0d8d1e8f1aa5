"""
Who wants to hear of an event: known before it is written.

An event that nobody waits for needs no job: it is in the feed, and that is all. Whoever tells the
outside registers here when the program starts (`AppConfig.ready`), so that the outbox need not
know those above it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Wanted = Callable[[Mapping[str, Any]], bool]

_interests: dict[str, list[Wanted]] = {}


def listen(topic: str, *, when: Wanted = lambda body: True) -> None:
    """From now on events of this topic are delivered, if their body is one of those wanted."""
    _interests.setdefault(topic, []).append(when)


def is_wanted(topic: str, body: Mapping[str, Any]) -> bool:
    """Whether anybody waits for this event."""
    return any(when(body) for when in _interests.get(topic, ()))
