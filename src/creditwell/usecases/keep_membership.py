"""A membership that was cancelled goes on after all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.kernel.errors import Refusal
from creditwell.kernel.usecase import usecase
from creditwell.packages.memberships import change_membership, hold_membership
from creditwell.packages.models import Membership
from creditwell.tenancy.access import Actor


class NotCancelled(Refusal):
    """There is nothing to take back."""

    code = "not_cancelled"

    def __init__(self) -> None:
        super().__init__(_("This membership is not cancelled. Nothing was changed."))


class PeriodOver(Refusal):
    """A membership that is over is not revived."""

    code = "period_over"

    def __init__(self) -> None:
        super().__init__(
            _("This membership has ended, so the cancelling stands. Start a new membership.")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepMembership:
    practice_id: int
    key: str
    by: Actor
    membership_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipKept:
    membership_id: int
    status: str


@usecase(MembershipKept)
def keep_membership(command: KeepMembership, now: datetime) -> MembershipKept:
    """
    Take the cancelling back while the membership lasts; it renews (or is paused) as before.

    :raises NotFound: if this practice has no such membership
    :raises NotCancelled: if it was not cancelled
    :raises PeriodOver: if its last day has passed
    """
    held = hold_membership(practice_id=command.practice_id, membership_id=command.membership_id)
    row = held.row
    if row.status != Membership.Status.CANCELLED or row.cancelled_on is None:
        raise NotCancelled
    if row.cancelled_on < held.practice.day_of(now):
        raise PeriodOver
    status = Membership.Status.PAUSED if row.paused_on else Membership.Status.ACTIVE
    change_membership(row, status=status, cancelled_on=None, cancel_reason="")
    note(
        "keep_membership",
        ("membership", row.pk),
        practice_id=row.practice_id,
        by=command.by,
        at=now,
    )
    return MembershipKept(membership_id=row.pk, status=status)
