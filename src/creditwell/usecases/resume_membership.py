"""A membership that was paused goes on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.kernel.errors import Invalid, Refusal
from creditwell.kernel.usecase import usecase
from creditwell.packages.memberships import (
    Held,
    change_membership,
    hold_membership,
    product_that_renews,
)
from creditwell.packages.models import Membership
from creditwell.tasks.operations import finish_tasks_about
from creditwell.tenancy.access import Actor


class NotPaused(Refusal):
    """There is no pause to end."""

    code = "not_paused"

    def __init__(self) -> None:
        super().__init__(_("This membership is not paused. Nothing was changed."))


class NextInThePast(Invalid):
    """A period begins today or later, and not within one that was sold."""

    code = "next_in_the_past"

    def __init__(self) -> None:
        super().__init__(
            _("Choose today or a later day, after the last period that was sold."),
            param="next_on",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeMembership:
    """`next_on`: when the next period begins; None: as planned, or today if that was missed."""

    practice_id: int
    key: str
    by: Actor
    membership_id: int
    next_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipResumed:
    membership_id: int
    renews_on: str


@usecase(MembershipResumed)
def resume_membership(command: ResumeMembership, now: datetime) -> MembershipResumed:
    """
    End a pause, whether it has begun or not.

    :raises NotFound: if this practice has no such membership
    :raises NotPaused: if it is not paused
    :raises DoesNotRenew, ProductArchived: if there is nothing to renew into
    :raises NextInThePast: if the next period would begin before today, or within the last one
    """
    held = hold_membership(practice_id=command.practice_id, membership_id=command.membership_id)
    if held.row.status != Membership.Status.PAUSED:
        raise NotPaused
    product_that_renews(practice_id=held.row.practice_id, product_id=held.row.product_id)
    wake(held, next_on=command.next_on, by=command.by, now=now)
    return MembershipResumed(membership_id=held.row.pk, renews_on=held.row.renews_on.isoformat())


def wake(held: Held, *, next_on: date | None, by: Actor, now: datetime) -> None:
    """
    End the pause of a membership that is held; periods that fell into it are not made up for.

    By itself a pause ends on the day that was said, however late this is noticed.
    """
    row, today = held.row, held.practice.day_of(now)
    assert row.paused_on is not None, row.pk
    planned = row.renews_on
    earliest = today if row.resumes_on is None else min(today, row.resumes_on)
    if next_on is not None and next_on < max(today, planned):
        raise NextInThePast
    began = row.paused_on <= today
    renews_on = next_on or (max(planned, earliest) if began else planned)
    change_membership(
        row,
        status=Membership.Status.ACTIVE,
        paused_on=None,
        resumes_on=None,
        renews_on=renews_on,
        anchor_on=row.anchor_on if renews_on == planned else renews_on,
    )
    finish_tasks_about(
        ("membership", row.pk),
        practice_id=row.practice_id,
        by=by,
        at=now,
        kind="membership_stopped",
    )
    note(
        "resume_membership",
        ("membership", row.pk),
        practice_id=row.practice_id,
        by=by,
        at=now,
        details={"renews_on": [planned.isoformat(), renews_on.isoformat()]},
    )
