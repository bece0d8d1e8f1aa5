"""
Measure a running Creditwell over HTTP: `make bench`.

Starts its own installation (embedded database, demo clinic) in a folder that is kept between runs,
drives it, and prints what it did beside the floor: the same cycle as plain SQL on the same
PostgreSQL in the same run. Compare rows, not single values: other work on the machine slows both.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

SECONDS = float(os.environ.get("BENCH_SECONDS", "8"))
DATA = Path(os.environ.get("CREDITWELL_DATA", ".creditwell-bench")).resolve()
os.environ["CREDITWELL_DATA"] = str(DATA)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "creditwell.config.settings")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(base: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(1200):
        if server.poll() is not None:
            raise SystemExit("The server did not start.")
        try:
            with urllib.request.urlopen(f"{base}/readyz", timeout=2) as answer:  # noqa: S310
                if answer.status == 200:
                    return
        except OSError:
            pass
        time.sleep(0.5)
    raise SystemExit("The server is not ready after ten minutes.")


def main() -> None:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    print(f"Creditwell bench, {os.cpu_count()} cores, data in {DATA}", flush=True)
    server = subprocess.Popen(
        [sys.executable, "-m", "creditwell", "serve", "--demo", "--port", str(port)],
        env={**os.environ, "CREDITWELL_API_PER_MINUTE": "0"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until_ready(base, server)
        from bench_parts import cycle, floor, pages

        prepared = cycle.prepare()
        print("\nPrepay cycle: payment 100.00, invoice 90.00, apply credit, read the balance\n")
        print(f"{'':28}{'cycles/s':>10}{'p50 ms':>9}{'p95 ms':>9}")
        rates = {}
        for clients in (1, 8):
            rates["floor", clients] = floor.run(prepared.dsn, clients, SECONDS)
            rates["http", clients] = cycle.run(prepared, base, clients, SECONDS)
        print(
            f"\nWith 8 clients Creditwell does 1/{rates['floor', 8] / rates['http', 8]:.1f} "
            "of the floor's rate, with audit, outbox, idempotency and receipt."
        )
        print(f"\nPages, one client\n\n{'':28}{'':>10}{'p50 ms':>9}{'p95 ms':>9}{'KiB':>7}")
        pages.run(base, prepared)
    finally:
        server.terminate()
        server.wait(30)


if __name__ == "__main__":
    main()
