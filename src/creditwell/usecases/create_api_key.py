"""Let a program in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.tenancy import operations
from creditwell.tenancy.access import Actor
from creditwell.tenancy.tokens import ApiToken


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateApiKey:
    """`token` is made by the door, which shows it once; here only its hash is kept."""

    practice_id: int
    by: Actor
    name: str
    scopes: tuple[str, ...]
    token: ApiToken
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyCreated:
    api_key_id: int


@usecase(ApiKeyCreated)
def create_api_key(command: CreateApiKey, now: datetime) -> ApiKeyCreated:
    """
    Write a key with the scopes that were chosen.

    :raises Required: without a name, or without a scope
    """
    assert command.by.user_id is not None, "only a person makes keys"
    api_key = operations.create_api_key(
        practice_id=command.practice_id,
        name=command.name,
        scopes=command.scopes,
        token=command.token,
        by=command.by.user_id,
        at=now,
    )
    note(
        "create_api_key",
        ("api_key", api_key.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"name": api_key.name, "scopes": api_key.scopes},
    )
    return ApiKeyCreated(api_key_id=api_key.pk)
