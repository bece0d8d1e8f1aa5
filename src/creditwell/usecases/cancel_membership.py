"""A membership ends with its period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.kernel.errors import Invalid
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.packages.memberships import MembershipEnded, change_membership, hold_membership
from creditwell.packages.models import Membership
from creditwell.packages.rules_periods import last_membership_day
from creditwell.tasks.operations import finish_tasks_about
from creditwell.tenancy.access import Actor


class CancelReasonMissing(Invalid):
    """Whoever asks later wants to know why."""

    code = "cancel_reason_missing"

    def __init__(self) -> None:
        super().__init__(_("Say why the membership is cancelled."), param="reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelMembership:
    practice_id: int
    key: str
    by: Actor
    membership_id: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipCancelled:
    membership_id: int
    cancelled_on: str  # its last day


@usecase(MembershipCancelled)
def cancel_membership(command: CancelMembership, now: datetime) -> MembershipCancelled:
    """
    Cancel a membership at the end of its period. What was sold stays sold, and can be used.

    :raises NotFound: if this practice has no such membership
    :raises CancelReasonMissing: without a reason
    :raises MembershipEnded: if it is cancelled already
    """
    held = hold_membership(practice_id=command.practice_id, membership_id=command.membership_id)
    row, today = held.row, held.practice.day_of(now)
    reason = " ".join(command.reason.split())[:200]
    if not reason:
        raise CancelReasonMissing
    if row.status == Membership.Status.CANCELLED:
        raise MembershipEnded
    last_on = last_membership_day(row.renews_on, periods_count=row.periods_count, today=today)
    change_membership(
        row,
        status=Membership.Status.CANCELLED,
        cancelled_on=last_on,
        cancel_reason=reason,
    )
    finish_tasks_about(
        ("membership", row.pk),
        practice_id=row.practice_id,
        by=command.by,
        at=now,
        kind="membership_stopped",
    )
    note(
        "cancel_membership",
        ("membership", row.pk),
        practice_id=row.practice_id,
        by=command.by,
        at=now,
        details={"cancelled_on": last_on.isoformat(), "reason": reason},
    )
    emit(
        "membership.cancelled",
        {"membership_id": row.pk, "cancelled_on": last_on.isoformat()},
        practice_id=row.practice_id,
        at=now,
    )
    return MembershipCancelled(membership_id=row.pk, cancelled_on=last_on.isoformat())
