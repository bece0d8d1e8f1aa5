"""
Plain data as JSON.

What a route answers is a TypedDict: mypy proves its shape where it is made, and the tests hold
every answer against the OpenAPI document; nothing checks it again while somebody waits.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpResponse


def answer(data: Any, status: int = 200) -> HttpResponse:
    """Days as 2026-11-24, moments in UTC as 2026-11-24T01:00:00Z, decimals as text."""
    return HttpResponse(_encode(data), status=status, content_type="application/json")


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} has no place in an answer")


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_plain).encode
