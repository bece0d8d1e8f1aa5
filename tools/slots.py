"""
Write slots.css: the classes that place an appointment in the calendar.

The CSP allows no style attributes, so a time of day is a class: `r13 s6` begins in row 13 and lasts
six rows of five minutes; `l2-3` is the second of three lanes beside each other; `h10` is a grid of
ten hours.
"""

from __future__ import annotations

import sys
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "src/creditwell/web/static/css/slots.css"
ROWS = 24 * 12
"""A whole day in rows of five minutes."""
LANES = 6


def css() -> str:
    lines = ["/* Made by tools/slots.py. */", "@layer components {"]
    lines += [f"  .r{n} {{ grid-row-start: {n}; }}" for n in range(1, ROWS + 2)]
    lines += [f"  .s{n} {{ grid-row-end: span {n}; }}" for n in range(1, ROWS + 1)]
    lines += [f"  .h{n} {{ --rows: {n * 12}; }}" for n in range(1, 25)]
    for lanes in range(2, LANES + 1):
        for lane in range(1, lanes + 1):
            before, after = (lane - 1) * 100 / lanes, (lanes - lane) * 100 / lanes
            lines += [
                f"  .l{lane}-{lanes} {{",
                f"    margin-inline: {before:.4g}% {after:.4g}%;",
                "  }",
            ]
    return "\n".join([*lines, "}", ""])


if __name__ == "__main__":
    TARGET.write_text(css())
    sys.exit(0)
