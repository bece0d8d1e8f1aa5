"""Follow an invitation: join a practice, with a new account or the one that one has."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.tenancy.access import Actor
from creditwell.tenancy.staff import add_member, create_user, use_invitation


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptInvitation:
    """Either `user_id` (who is signed in) or `user_name` and `password` of a new account."""

    token: str = field(repr=False)
    user_id: int | None = None
    user_name: str = ""
    password: str = field(default="", repr=False)
    key: str = ""  # the token is the key: it works once
    practice_id: int = 0  # the invitation knows it


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationAccepted:
    practice_id: int
    user_id: int


@usecase(InvitationAccepted)
def accept_invitation(command: AcceptInvitation, now: datetime) -> InvitationAccepted:
    """
    Use the invitation up and let the person in, in the role that it names.

    :raises InvitationGone: if it was used, withdrawn, is too old or never existed
    :raises AlreadyMember: if the person works there now
    :raises EmailTaken: for a new account, if somebody signs in with the invited address
    """
    invitation = use_invitation(token=command.token, at=now)
    user_id = command.user_id
    if user_id is None:
        user_id = create_user(
            email=invitation.email, name=command.user_name, password=command.password, at=now
        ).pk
    add_member(practice_id=invitation.practice_id, user_id=user_id, role=invitation.role, at=now)
    note(
        "accept_invitation",
        ("user", user_id),
        practice_id=invitation.practice_id,
        by=Actor(user_id=user_id),
        at=now,
        details={"role": invitation.role},
    )
    return InvitationAccepted(practice_id=invitation.practice_id, user_id=user_id)
