"""One log line for each request, and one id that its other lines share."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from django.http import HttpRequest
from django.http.response import HttpResponseBase

log = structlog.get_logger("creditwell.request")

HEADER = "X-Request-ID"
# What a proxy may hand us; anything else could carry a line break or somebody's name.
PLAIN_ID = re.compile(r"[0-9A-Za-z-]{8,64}")
QUIET_ROUTES = {"healthz", "readyz"}


class RequestLog:
    """Log method, route, status, milliseconds, practice and user of each request.

    The route is the pattern from the URL table: neither ids' owners nor the query string appear.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get(HEADER, "")
        request_id = given if PLAIN_ID.fullmatch(given) else uuid.uuid4().hex
        began = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            _write(request, response, (time.perf_counter() - began) * 1000)
        response.headers[HEADER] = request_id
        return response


def _write(request: HttpRequest, response: HttpResponseBase, milliseconds: float) -> None:
    match = request.resolver_match
    route = match.route if match else "(no route)"
    status = response.status_code
    if route in QUIET_ROUTES and status < 400:
        return
    say = log.error if status >= 500 else log.info
    say(
        "request",
        method=request.method,
        route=route,
        status=status,
        ms=round(milliseconds, 1),
        practice=_id_of(getattr(request, "practice", None)),
        # Whoever the session names, if a view asked: reading `request.user` could cost a query.
        user=_id_of(request.__dict__.get("_cached_user")),
    )


def _id_of(row: Any) -> int | None:
    number = getattr(row, "pk", None) or getattr(row, "id", None)
    return number if isinstance(number, int) else None
