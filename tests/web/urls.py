"""The URL table of the tests of the door: our own, and a few views to stand behind doors."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import include, path
from django.utils import timezone, translation

from creditwell.config.urls import handler400, handler403, handler404, handler500  # noqa: F401
from creditwell.config.urls import urlpatterns as ours
from creditwell.kernel.errors import NotFound, Refusal
from creditwell.web.components.locale import current
from creditwell.web.door.guard import door, toast
from creditwell.web.door.requests import PracticeRequest


class Closed(Refusal):
    code = "closed"


@door("payments.void")
def void(request: PracticeRequest) -> HttpResponse:
    return JsonResponse({"practice": request.practice.name, "by": request.member.user_name})


@door(None)
def anybody(request: PracticeRequest) -> HttpResponse:
    return JsonResponse(
        {
            "practice": request.practice.id,
            "zone": timezone.get_current_timezone_name(),
            "language": translation.get_language(),
            "locale": current(),
        }
    )


@door(None)
def missing(request: PracticeRequest) -> HttpResponse:
    raise NotFound


@door(None)
def closed(request: PracticeRequest) -> HttpResponse:
    raise Closed("The books are closed up to 30 Jun 2026. Use a later day.")


@door(None)
def frame(request: PracticeRequest) -> HttpResponse:
    messages.success(request, "Payment recorded.")
    return render(request, "base.html")


@door(None)
def fragment(request: PracticeRequest) -> HttpResponse:
    return toast("Moved to 9:45 am.")


def program(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"session": hasattr(request, "session"), "user": hasattr(request, "user")})


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a defect")


urlpatterns = [
    path("styleguide/", include("creditwell.web.components.urls")),
    path("door/void/", void),
    path("door/anybody/", anybody),
    path("door/missing/", missing),
    path("door/closed/", closed),
    path("door/frame/", frame),
    path("door/fragment/", fragment),
    path("door/broken/", broken),
    path("api/test/ok", program),
    path("api/test/broken", broken),
    *ours,
]
