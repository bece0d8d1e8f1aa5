"""Small doors of the frame itself."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from creditwell.web.door.guard import to_sign_in
from creditwell.web.door.requests import PRACTICE_KEY, member_behind


@require_POST
def practice_switch(request: HttpRequest) -> HttpResponse:
    """Work in another of one's practices from now on; anybody else's is left alone."""
    if not request.user.is_authenticated:
        return to_sign_in(request)
    member = member_behind(request)
    wanted = request.POST.get("practice", "")
    if member and wanted in {str(pk) for pk, _name in member.other_practices}:
        request.session[PRACTICE_KEY] = int(wanted)
    return redirect("/")
