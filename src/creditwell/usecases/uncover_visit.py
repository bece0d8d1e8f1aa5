"""A visit uses no package any more; its session is free again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.packages.booking import session_of
from creditwell.packages.holding import hold_for_visits
from creditwell.scheduling import operations
from creditwell.scheduling.models import Attendee
from creditwell.tenancy.access import Actor
from creditwell.usecases import _sessions
from creditwell.usecases.cover_visit import VisitNotOn


@dataclass(frozen=True, slots=True, kw_only=True)
class UncoverVisit:
    practice_id: int
    by: Actor
    key: str = ""
    attendee_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitUncovered:
    """`package_id` None: the visit had none. `kept`: part of its session stays forfeited."""

    appointment_id: int
    attendee_id: int
    package_id: int | None
    kept: bool = False


@usecase(VisitUncovered)
def uncover_visit(command: UncoverVisit, now: datetime) -> VisitUncovered:
    """
    Give the session of a visit back, used or not; the visit can be invoiced then. Of a visit
    without one nothing changes. What was kept of a session when the visit was cancelled stays kept.

    :raises NotFound: if there is no such attendee
    :raises VisitNotOn: if the visit is cancelled, or nobody came
    """
    facts = hold_for_visits(practice_id=command.practice_id, attendee_ids=[command.attendee_id])
    attendee = operations.lock_attendee(
        practice_id=command.practice_id, attendee_id=command.attendee_id
    )
    if attendee.status in (Attendee.Status.CANCELLED, Attendee.Status.DID_NOT_ARRIVE):
        raise VisitNotOn
    kept = session_of(practice_id=facts.id, attendee_id=attendee.pk, states=["forfeited"])
    package_id = _sessions.taken_off(facts, attendee, by=command.by, now=now)
    if package_id is not None:
        note(
            "uncover_visit",
            ("attendee", attendee.pk),
            practice_id=command.practice_id,
            by=command.by,
            at=now,
            details={"package_id": package_id},
        )
    return VisitUncovered(
        appointment_id=attendee.appointment_id,
        attendee_id=attendee.pk,
        package_id=package_id,
        kept=kept is not None,
    )
