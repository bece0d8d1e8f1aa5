"""Who is asking: an API key, `Authorization: Bearer cw_…`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from creditwell.api.errors import Unauthorized
from creditwell.api.throttle import throttle
from creditwell.kernel.errors import Invalid
from creditwell.money.money import Money
from creditwell.tenancy.access import Actor, Member, PracticeFacts, member_of_key

LONGEST_KEY = 255


class WrongIdempotencyKey(Invalid):
    """An `Idempotency-Key` that is empty or longer than 255 characters."""

    code = "wrong_idempotency_key"

    def __init__(self) -> None:
        super().__init__(
            _("Send an `Idempotency-Key` of 1 to 255 characters, such as a UUID, or none."),
            param="Idempotency-Key",
        )


@dataclass(frozen=True, slots=True)
class Call:
    """One request of a program: its member, its idempotency key, and the moment."""

    member: Member
    key: str
    now: datetime

    @property
    def practice(self) -> PracticeFacts:
        return self.member.practice

    @property
    def practice_id(self) -> int:
        return self.member.practice.id

    @property
    def by(self) -> Actor:
        return self.member.actor

    @property
    def currency(self) -> str:
        return self.member.practice.currency

    def money(self, minor: int) -> Money:
        return Money(minor, self.currency)


def clock() -> datetime:
    """The moment of a request; everything below is told it."""
    return timezone.now()


class KeyAuth:
    """
    Let a route be entered only with a key whose scopes carry the permission.

    One query. :raises Unauthorized, TooManyRequests, Forbidden:
    """

    openapi_security_schema: ClassVar[dict[str, str]] = {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key of the practice: cw_…",
    }

    def __init__(self, permission: str) -> None:
        self.permission = permission

    def __call__(self, request: HttpRequest) -> Call:
        kind, _space, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise Unauthorized
        now = clock()
        member = member_of_key(token.strip(), now)
        if member is None:
            raise Unauthorized
        request.practice = member.practice  # type: ignore[attr-defined]  # for the request's log line
        throttle.ask(member.api_key_id or 0)
        member.require(self.permission)
        return Call(member, _request_key(request, member), now)


def _request_key(request: HttpRequest, member: Member) -> str:
    """
    The key that makes a request one act, or "". Two API keys of a practice never share one.

    :raises WrongIdempotencyKey: if it is empty or too long
    """
    sent = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if sent is None:
        return ""
    if not 0 < len(sent) <= LONGEST_KEY:
        raise WrongIdempotencyKey
    digest = hashlib.sha256(sent.encode()).hexdigest()
    return f"api:{member.api_key_id}:{digest}"
