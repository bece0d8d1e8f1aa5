"""Structured logs: one JSON object a line, or readable lines on a terminal."""

from __future__ import annotations

from typing import Any

LOGGING: dict[str, Any] = {"version": 1, "disable_existing_loggers": False}
