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
from django.utils.http import content_disposition_header

PDF = "application/pdf"


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


class Pdf(HttpResponse):
    """A document, under the name that it would be saved by; the one answer that is not JSON."""

    def __init__(self, name: str, content: bytes) -> None:
        super().__init__(content, content_type=PDF)
        place = content_disposition_header(as_attachment=False, filename=name)
        self.headers["Content-Disposition"] = place or "inline"


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_plain).encode
