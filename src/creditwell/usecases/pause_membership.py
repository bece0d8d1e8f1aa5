"""For a while no period of a membership begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.kernel.errors import Invalid
from creditwell.kernel.usecase import usecase
from creditwell.packages.memberships import MembershipEnded, change_membership, hold_membership
from creditwell.packages.models import Membership
from creditwell.tenancy.access import Actor


class PauseInThePast(Invalid):
    """What has begun has begun."""

    code = "pause_in_the_past"

    def __init__(self) -> None:
        super().__init__(_("A pause begins today or later. Choose such a day."), param="paused_on")


class PauseEndsFirst(Invalid):
    """A pause lasts at least a day."""

    code = "pause_ends_first"

    def __init__(self) -> None:
        super().__init__(
            _("Choose a day after the first day of the pause, or leave it empty."),
            param="resumes_on",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseMembership:
    """From `paused_on` (None: today) until `resumes_on`, or (None) until somebody resumes it."""

    practice_id: int
    key: str
    by: Actor
    membership_id: int
    paused_on: date | None = None
    resumes_on: date | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipPaused:
    membership_id: int


@usecase(MembershipPaused)
def pause_membership(command: PauseMembership, now: datetime) -> MembershipPaused:
    """
    Pause a membership, or change its pause. Periods that begin before the pause still begin.

    :raises NotFound: if this practice has no such membership
    :raises MembershipEnded: if it is cancelled
    :raises PauseInThePast: if it would begin before today
    :raises PauseEndsFirst: if it would be over before it begins
    """
    held = hold_membership(practice_id=command.practice_id, membership_id=command.membership_id)
    row, today = held.row, held.practice.day_of(now)
    paused_on = command.paused_on or today
    if row.status == Membership.Status.CANCELLED:
        raise MembershipEnded
    running = row.paused_on is not None and row.paused_on <= today
    if running and row.paused_on is not None and command.paused_on in (None, row.paused_on):
        paused_on = row.paused_on  # the pause goes on; only its end changes
    elif paused_on < today:
        raise PauseInThePast
    if command.resumes_on is not None and command.resumes_on <= max(paused_on, today):
        raise PauseEndsFirst
    change_membership(
        row,
        status=Membership.Status.PAUSED,
        paused_on=paused_on,
        resumes_on=command.resumes_on,
    )
    until = command.resumes_on
    note(
        "pause_membership",
        ("membership", row.pk),
        practice_id=row.practice_id,
        by=command.by,
        at=now,
        details={
            "paused_on": paused_on.isoformat(),
            "resumes_on": until.isoformat() if until else None,
            "reason": command.reason[:200],
        },
    )
    return MembershipPaused(membership_id=row.pk)
