"""Give a member another role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.tenancy import staff
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRole:
    practice_id: int
    by: Actor
    membership_id: int
    role: str
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleChanged:
    membership_id: int


@usecase(RoleChanged)
def change_role(command: ChangeRole, now: datetime) -> RoleChanged:
    """
    Change what a member may do; it holds from their next click on.

    :raises NotFound: if no such member works here
    :raises LastOwner: if the practice would be left without an owner
    """
    membership, before = staff.change_role(
        practice_id=command.practice_id, membership_id=command.membership_id, role=command.role
    )
    if before != membership.role:
        note(
            "change_role",
            ("user", membership.user_id),
            practice_id=command.practice_id,
            by=command.by,
            at=now,
            details={"role": [before, membership.role]},
        )
    return RoleChanged(membership_id=membership.pk)
