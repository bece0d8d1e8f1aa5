"""Ask somebody to work in the practice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.tenancy.access import Actor
from creditwell.tenancy.staff import invite


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteMember:
    practice_id: int
    by: Actor
    email: str
    role: str
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberInvited:
    invitation_id: int


@usecase(MemberInvited)
def invite_member(command: InviteMember, now: datetime) -> MemberInvited:
    """
    Invite by email for seven days; the mail is sent by whoever hears of `member.invited`.

    An earlier open invitation of the same address is withdrawn.

    :raises AlreadyMember: if a member signs in with this address
    :raises Required: without an address
    """
    assert command.by.user_id is not None, "only a person invites"
    invitation = invite(
        practice_id=command.practice_id,
        email=command.email,
        role=command.role,
        invited_by=command.by.user_id,
        at=now,
    )
    emit(
        "member.invited",
        {"invitation_id": invitation.pk},
        practice_id=command.practice_id,
        at=now,
    )
    note(
        "invite_member",
        ("invitation", invitation.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"email": invitation.email, "role": invitation.role},
    )
    return MemberInvited(invitation_id=invitation.pk)
