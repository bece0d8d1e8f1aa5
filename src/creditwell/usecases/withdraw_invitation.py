"""Take an invitation back: its link no longer opens anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.tenancy import staff
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawInvitation:
    practice_id: int
    by: Actor
    invitation_id: int
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationWithdrawn:
    invitation_id: int


@usecase(InvitationWithdrawn)
def withdraw_invitation(command: WithdrawInvitation, now: datetime) -> InvitationWithdrawn:
    """
    Withdraw an open invitation.

    :raises NotFound: if no such invitation is open
    """
    invitation = staff.withdraw_invitation(
        practice_id=command.practice_id, invitation_id=command.invitation_id, at=now
    )
    note(
        "withdraw_invitation",
        ("invitation", invitation.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"email": invitation.email},
    )
    return InvitationWithdrawn(invitation_id=invitation.pk)
