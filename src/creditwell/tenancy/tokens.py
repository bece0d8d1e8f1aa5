"""
Tokens that open a door: of an invitation's link, of an API key.

Both are derived from the installation's secret, so that the same request makes the same token (a
double click, a lost reply) and none has to be kept: the database has only hashes.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.crypto import salted_hmac


def invitation_token(*, practice_id: int, email: str, created_at: datetime) -> str:
    """The token of an invitation's link; 256 bits, made again whenever the link is shown."""
    moment = created_at.astimezone(UTC).isoformat(timespec="microseconds")
    return _derive("creditwell.invitation", f"{practice_id}:{email}:{moment}")


@dataclass(frozen=True, slots=True)
class ApiToken:
    """The three faces of an API key: shown once, found by, kept as."""

    prefix: str
    secret: str

    @property
    def text(self) -> str:
        return f"cw_{self.prefix}_{self.secret}"


def api_token(*, practice_id: int, user_id: int, key: str) -> ApiToken:
    """A new API key for whoever asks under this (random) request key."""
    name = f"{practice_id}:{user_id}:{key}"
    prefix = salted_hmac("creditwell.api-key.prefix", name, algorithm="sha256").hexdigest()[:12]
    return ApiToken(prefix, _derive("creditwell.api-key", name))


def _derive(purpose: str, name: str) -> str:
    digest = salted_hmac(purpose, name, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
