"""What happens before and after every view."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import cast
from zoneinfo import ZoneInfo

from django.core.signals import got_request_exception
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    JsonResponse,
)
from django.http.response import HttpResponseBase
from django.middleware.security import SecurityMiddleware
from django.urls import resolve
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control

from creditwell.tenancy.access import Member, member_of
from creditwell.tenancy.models import User
from creditwell.web.components.locale import written_in
from creditwell.web.door.requests import PRACTICE_KEY

log = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponseBase]

PROGRAM_PATHS = ("/api/", "/healthz", "/readyz")
PAGES_AMONG_THEM = ("/api/v1/docs",)

PERMISSIONS_POLICY = ", ".join(
    f"{name}=()"
    for name in (
        "accelerometer",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
)


class ApiShortcut:
    """
    Programs skip what only pages need: session, language, CSRF cookie, messages, CSP.

    A request under /api/, /healthz or /readyz goes from here straight to its view (with the
    headers of SecurityMiddleware); the rest of MIDDLEWARE is not run. These doors must therefore
    authenticate without cookies. A defect is logged and answered with a JSON 500.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.pages = get_response
        self.programs = SecurityMiddleware(_dispatch)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if path.startswith(PROGRAM_PATHS) and path not in PAGES_AMONG_THEM:
            return cast(HttpResponseBase, self.programs(request))
        return self.pages(request)


def _dispatch(request: HttpRequest) -> HttpResponseBase:
    """Find the view and call it; never raises."""
    try:
        match = resolve(request.path_info)
        request.resolver_match = match
        response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    except Http404:
        return _problem(404, "not_found", "There is nothing at this address.")
    except Exception as error:
        got_request_exception.send(sender=ApiShortcut, request=request)
        log.error(
            "A program's request failed: %s %s", request.method, request.path_info, exc_info=error
        )
        return _problem(500, "server_error", "Something went wrong here. Nothing was changed.")
    if isinstance(response, HttpResponseNotAllowed):
        allow = response.headers["Allow"]
        response = _problem(405, "method_not_allowed", f"Use one of these methods: {allow}.")
        response.headers["Allow"] = allow
    if isinstance(response, HttpResponse) and not response.has_header("Content-Length"):
        response.headers["Content-Length"] = str(len(response.content))
    return response


def _problem(status: int, code: str, message: str) -> JsonResponse:
    """The shape of every error of the API; programs read `code`, so it is not translated."""
    kind = {404: "not_found", 500: "api_error"}.get(status, "invalid_request")
    problem = {"type": kind, "code": code, "message": message, "param": None}
    return JsonResponse({"error": problem}, status=status)


class PracticeMiddleware:
    """
    Give a request its member and its practice, and speak the practice's language and time.

    `request.member` is None for those who are not signed in or work nowhere. Costs one query when
    signed in. Pages of signed-in people are not kept by the browser: front desks are shared.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        member = _member(request)
        request.member = member  # type: ignore[attr-defined]  # typed in PracticeRequest
        request.practice = member.practice if member else None  # type: ignore[attr-defined]
        if member is None:
            response = self.get_response(request)
        else:
            response = self._in_practice(request, member)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        if request.user.is_authenticated:
            patch_cache_control(response, no_store=True, private=True)
        return response

    def _in_practice(self, request: HttpRequest, member: Member) -> HttpResponseBase:
        locale = member.practice.locale
        language = locale.replace("_", "-").lower()
        with (
            timezone.override(ZoneInfo(member.practice.time_zone)),
            translation.override(language),
            written_in(locale),
        ):
            return self.get_response(request)


def _member(request: HttpRequest) -> Member | None:
    user = request.user
    if not isinstance(user, User):
        return None
    return member_of(user, request.session.get(PRACTICE_KEY))
