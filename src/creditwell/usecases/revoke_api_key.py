"""Shut a program out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.tenancy import operations
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeApiKey:
    practice_id: int
    by: Actor
    api_key_id: int
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyRevoked:
    api_key_id: int


@usecase(ApiKeyRevoked)
def revoke_api_key(command: RevokeApiKey, now: datetime) -> ApiKeyRevoked:
    """
    Revoke a key; its next request is refused.

    :raises NotFound: if no such key is in force
    """
    api_key = operations.revoke_api_key(
        practice_id=command.practice_id, api_key_id=command.api_key_id, at=now
    )
    note(
        "revoke_api_key",
        ("api_key", api_key.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"name": api_key.name},
    )
    return ApiKeyRevoked(api_key_id=api_key.pk)
