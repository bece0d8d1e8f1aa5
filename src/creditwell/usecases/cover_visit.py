"""A visit uses a package: one that had none, or another one than before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.kernel.errors import Refusal
from creditwell.kernel.usecase import usecase
from creditwell.packages.booking import FIRST, Choice, NoSuchSession
from creditwell.packages.holding import hold_for_visits
from creditwell.scheduling import operations
from creditwell.scheduling.models import Attendee
from creditwell.tenancy.access import Actor, Written
from creditwell.usecases import _sessions


class VisitNotOn(Refusal):
    """A visit that nobody comes to uses nothing."""

    code = "visit_not_on"

    def __init__(self) -> None:
        super().__init__(
            _(
                "This visit was cancelled, or the patient did not come. Set it back to booked "
                "before you change its package."
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverVisit:
    """`package`: which one; as a rule the first in the written order."""

    practice_id: int
    by: Actor
    key: str = ""
    attendee_id: int
    package: Choice = FIRST


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitCovered:
    appointment_id: int
    attendee_id: int
    package_id: int


@usecase(VisitCovered)
def cover_visit(command: CoverVisit, now: datetime) -> VisitCovered:
    """
    Give a visit its session, used at once if the patient is here already. What it had of another
    package goes back there; what was kept of a session when it was cancelled stays kept.

    :raises NotFound: if there is no such attendee
    :raises VisitNotOn: if the visit is cancelled, or nobody came
    :raises VisitBilled: if an invoice asks for it
    :raises LimitReached, SessionGone, ChangedMeanwhile: if a share's limit is reached, or somebody
        else was faster
    :raises NoSuchSession: if no package, or not the one that was named, is good for it
    """
    facts = hold_for_visits(practice_id=command.practice_id, attendee_ids=[command.attendee_id])
    attendee = operations.lock_attendee(
        practice_id=command.practice_id, attendee_id=command.attendee_id
    )
    if attendee.status in (Attendee.Status.CANCELLED, Attendee.Status.DID_NOT_ARRIVE):
        raise VisitNotOn
    had = _sessions.taken_off(facts, attendee, by=command.by, now=now)
    if not had:
        _sessions.refuse_billed(facts, attendee)
    package_id = _sessions.book(facts, attendee, command.package, written=Written(command.by, now))
    if package_id is None:
        raise NoSuchSession
    if attendee.status != Attendee.Status.BOOKED:
        _sessions.came(facts, attendee, by=command.by, now=now)
    note(
        "cover_visit",
        ("attendee", attendee.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"package_id": package_id},
    )
    return VisitCovered(
        appointment_id=attendee.appointment_id, attendee_id=attendee.pk, package_id=package_id
    )
