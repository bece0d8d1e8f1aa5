"""Many clients for some seconds; each is a process of its own, so that they do not share a core."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from typing import Any

Cycle = Callable[[], None]


def _client(
    make: Callable[..., Cycle], given: tuple[Any, ...], seconds: float, results: Any, start: Any
) -> None:
    cycle = make(*given)
    for _ in range(5):
        cycle()
    start.wait()
    took = []
    end = time.perf_counter() + seconds
    while (before := time.perf_counter()) < end:
        cycle()
        took.append(time.perf_counter() - before)
    results.put(took)


def measure(
    name: str, make: Callable[..., Cycle], given: list[tuple[Any, ...]], seconds: float
) -> float:
    """Run one client for each of `given`; print and return cycles per second."""
    context = multiprocessing.get_context("spawn")
    results, start = context.Queue(), context.Barrier(len(given))
    clients = [
        context.Process(target=_client, args=(make, arguments, seconds, results, start))
        for arguments in given
    ]
    for client in clients:
        client.start()
    took = sorted(one for _ in clients for one in results.get(timeout=seconds + 120))
    for client in clients:
        client.join()
    rate = len(took) / seconds
    print(line(name, f"{rate:10.0f}", took), flush=True)
    return rate


def line(name: str, rate: str, took: list[float]) -> str:
    ordered = sorted(took)
    p50, p95 = ordered[len(ordered) // 2], ordered[min(int(len(ordered) * 0.95), len(ordered) - 1)]
    return f"{name:28}{rate:>10}{p50 * 1000:9.1f}{p95 * 1000:9.1f}"
