"""Let somebody go: they no longer get into the practice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.tenancy import staff
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class EndMembership:
    practice_id: int
    by: Actor
    membership_id: int
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipEnded:
    membership_id: int


@usecase(MembershipEnded)
def end_membership(command: EndMembership, now: datetime) -> MembershipEnded:
    """
    End a membership at once; what the person did stays under their name.

    :raises NotFound: if no such member works here
    :raises LastOwner: if the practice would be left without an owner
    """
    membership = staff.end_membership(
        practice_id=command.practice_id, membership_id=command.membership_id, at=now
    )
    note(
        "end_membership",
        ("user", membership.user_id),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"role": membership.role},
    )
    return MembershipEnded(membership_id=membership.pk)
