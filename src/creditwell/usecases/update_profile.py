"""Change one's own name, email address and shortcuts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.tenancy.access import Actor
from creditwell.tenancy.staff import change_user


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateProfile:
    """`practice_id` is the practice that the person works in now: its trail tells of the change."""

    practice_id: int
    user_id: int
    name: str
    email: str
    shortcuts_enabled: bool
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileUpdated:
    user_id: int
    changed: list[str]


@usecase(ProfileUpdated)
def update_profile(command: UpdateProfile, now: datetime) -> ProfileUpdated:
    """
    Write what is different. The old email address no longer signs in.

    :raises Required: without a name or email address
    :raises EmailTaken: if somebody else signs in with the address
    """
    changed = change_user(
        user_id=command.user_id,
        name=command.name,
        email=command.email,
        shortcuts_enabled=command.shortcuts_enabled,
    )
    if "email" in changed:
        # allauth keeps addresses of its own, which would go on opening the account.
        EmailAddress.objects.filter(user_id=command.user_id).delete()
    if changed:
        note(
            "update_profile",
            ("user", command.user_id),
            practice_id=command.practice_id,
            by=Actor(user_id=command.user_id),
            at=now,
            details={"changed": changed},
        )
    return ProfileUpdated(user_id=command.user_id, changed=changed)
