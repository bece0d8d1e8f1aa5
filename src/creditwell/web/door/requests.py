"""What a view behind the door is handed."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from creditwell.tenancy.access import Member, PracticeFacts
from creditwell.tenancy.models import User

PRACTICE_KEY = "practice_id"
"""Name of the chosen practice in the session."""


class PracticeRequest(HttpRequest):
    """A request of a signed-in person who works in a practice; made so by `guard.door`."""

    user: User
    member: Member
    practice: PracticeFacts
    htmx: HtmxDetails


def member_behind(request: HttpRequest) -> Member | None:
    """Who is asking, if it is somebody who works in a practice."""
    member = getattr(request, "member", None)
    return member if isinstance(member, Member) else None
