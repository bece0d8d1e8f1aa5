"""
The door of a page: who may pass.

Every view of a practice's page wears `@door("noun.verb")`. It asks for sign-in, a practice and the
permission, in this order, and turns refusals that nobody caught into pages.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from creditwell.kernel.errors import Invalid, Refusal
from creditwell.tenancy.access import Forbidden
from creditwell.tenancy.queries import is_set_up
from creditwell.web.door.links import link_to
from creditwell.web.door.requests import PracticeRequest, member_behind

P = ParamSpec("P")
View = Callable[Concatenate[PracticeRequest, P], HttpResponse]
OuterView = Callable[Concatenate[HttpRequest, P], HttpResponse]


def door(permission: str | None) -> Callable[[View[P]], OuterView[P]]:
    """
    Let a view be entered only by members with the permission (None: by any member).

    The permission stays readable as `view.door_permission`, so that tests can walk all doors.
    """

    def decorate(view: View[P]) -> OuterView[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return to_sign_in(request)
            member = member_behind(request)
            if member is None:
                return to_set_up(request)
            try:
                if permission is not None:
                    member.require(permission)
                _require_text(request)
                return view(cast(PracticeRequest, request), *args, **kwargs)
            except Refusal as refusal:
                return refused(request, refusal)

        guarded.door_permission = permission  # type: ignore[attr-defined]  # read by tests of all doors
        return cast(OuterView[P], guarded)

    return decorate


class NotText(Invalid):
    """A field holds the character NUL, which nobody types and the database cannot keep."""

    code = "not_text"

    def __init__(self) -> None:
        super().__init__(
            _("A field holds a character that cannot be kept. Type it anew and send it again.")
        )


def _require_text(request: HttpRequest) -> None:
    """:raises NotText:"""
    for query in (request.GET, request.POST):
        if any("\x00" in value for _name, values in query.lists() for value in values):
            raise NotText


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """
    Ask for sign-in, then come back to the page (for a part of a page: to the whole page).

    Where nothing is set up there is nobody to sign in: to set-up.
    """
    if not is_set_up() and (set_up := link_to("set_up")):
        return redirect(set_up)
    if is_htmx(request):
        current = urlsplit(request.headers.get("HX-Current-URL", "")).path or "/"
        target = redirect_to_login(current).headers["Location"]
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return redirect_to_login(request.get_full_path())


def to_set_up(request: HttpRequest) -> HttpResponse:
    """Somebody who works in no practice may make one, where the installation allows it."""
    if set_up := link_to("set_up"):
        return redirect(set_up)
    sentence = _("You do not work in any practice here. Ask its owner to invite you.")
    return render(request, "403.html", {"sentence": sentence}, status=403)


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Say a refusal that the view did not answer itself: a page, or a toast in a part of a page."""
    if is_htmx(request):
        return toast(refusal.sentence, tone="bad", status=refusal.status)
    page = {403: "403.html", 404: "404.html"}.get(refusal.status, "refused.html")
    context = {"sentence": refusal.sentence, "forbidden": isinstance(refusal, Forbidden)}
    return render(request, page, context, status=refusal.status)


def toast(text: str, *, tone: str = "ok", status: int = 200) -> HttpResponse:
    """Answer htmx with a toast and change nothing else on the page."""
    trigger = json.dumps({"toast": {"text": text, "tone": tone}})
    return HttpResponse(status=status, headers={"HX-Trigger": trigger, "HX-Reswap": "none"})


def is_htmx(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page."""
    return bool(getattr(request, "htmx", False))
