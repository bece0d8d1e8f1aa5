"""A package is used: without a visit, or for one; and what was used is given back."""

from __future__ import annotations

from pydantic import Field
from typing_extensions import TypedDict

from creditwell.api.auth import Call
from creditwell.api.routes import Routes
from creditwell.api.shapes import Day, Id, In, QueryId, Reason
from creditwell.api.v1.appointments import choice_of
from creditwell.api.v1.package_acts import Units
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.ledger.post import AlreadyReversed
from creditwell.packages.booking import (
    LimitReached,
    NoSuchSession,
    SessionGone,
    VisitHasSession,
)
from creditwell.packages.by_hand import NotPaidYet, NotTheirs, NotUsableThen, WrongUnits
from creditwell.packages.holding import ChangedMeanwhile, PackageEnded
from creditwell.people.operations import MergedAway
from creditwell.usecases._sessions import VisitBilled
from creditwell.usecases.cover_visit import CoverVisit, VisitNotOn, cover_visit
from creditwell.usecases.uncover_visit import UncoverVisit, uncover_visit
from creditwell.usecases.use_session import (
    NotByHand,
    OneAtATime,
    ReturnSession,
    UseSession,
    WrongUseDay,
    return_session,
    use_session,
)

package_uses = Routes("Packages")


class UseIn(In):
    """Who used what, and on which day: today, or an earlier one since it was sold."""

    part_id: Id
    patient_id: Id
    on: Day
    units: Units = Field(
        1, description="Minutes, or minor units of money. Of counted sessions one."
    )
    reason: Reason = ""


class CoverIn(In):
    """Which package, and which part of it; unless sent, the first that is good for the visit."""

    package_id: Id | None = None
    part_id: Id | None = None


class UseDone(TypedDict):
    """The package, and the session: it can be given back."""

    id: int
    session_id: int


class CoverDone(TypedDict):
    """The attendee, and the package whose session the visit uses now."""

    id: int
    appointment_id: int
    package_id: int


class UncoverDone(TypedDict):
    """The attendee, and the package that has its session back; null: the visit used none."""

    id: int
    appointment_id: int
    package_id: int | None


@package_uses.post(
    "/packages/{package_id}/use",
    needs="packages.use",
    refuses=(
        NotFound,
        PackageEnded,
        ChangedMeanwhile,
        MergedAway,
        OneAtATime,
        WrongUseDay,
        NotUsableThen,
        NotPaidYet,
        NotTheirs,
        LimitReached,
        WrongUnits,
        SessionGone,
    ),
    names={"part": "part_id", "patient": "patient_id", "package": "package_id"},
)
def use_package_by_hand(call: Call, package_id: QueryId, body: UseIn) -> UseDone:
    """Use a session that no visit has; its share is earned on that day."""
    done = use_session(
        UseSession(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            package_id=package_id,
            **body.model_dump(),
        ),
        call.now,
    )
    return {"id": done.package_id, "session_id": done.session_id}


@package_uses.post(
    "/sessions/{session_id}/return",
    needs="packages.use",
    status=200,
    refuses=(NotFound, NotByHand, AlreadyReversed, ChangedMeanwhile, MergedAway),
)
def bring_session_back(call: Call, session_id: QueryId) -> UseDone:
    """Take a use without a visit back: the session is free again."""
    done = return_session(
        ReturnSession(
            practice_id=call.practice_id, key=call.key, by=call.by, session_id=session_id
        ),
        call.now,
    )
    return {"id": done.package_id, "session_id": done.session_id}


@package_uses.post(
    "/attendees/{attendee_id}/package",
    needs="packages.use",
    status=200,
    refuses=(
        NotFound,
        Invalid,
        VisitNotOn,
        VisitBilled,
        VisitHasSession,
        NoSuchSession,
        LimitReached,
        SessionGone,
        ChangedMeanwhile,
        MergedAway,
    ),
    names={"attendee": "attendee_id", "package": "package_id"},
)
def let_visit_use_package(call: Call, attendee_id: QueryId, body: CoverIn) -> CoverDone:
    """Let a visit use a package, or another one than before.

    The session is used at once if the patient is here already. What the visit had of another
    package goes back there.
    """
    done = cover_visit(
        CoverVisit(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            attendee_id=attendee_id,
            package=choice_of(**body.model_dump()),
        ),
        call.now,
    )
    return {
        "id": done.attendee_id,
        "appointment_id": done.appointment_id,
        "package_id": done.package_id,
    }


@package_uses.delete(
    "/attendees/{attendee_id}/package",
    needs="packages.use",
    refuses=(NotFound, VisitNotOn, ChangedMeanwhile, MergedAway),
)
def let_visit_use_none(call: Call, attendee_id: QueryId) -> UncoverDone:
    """Give the session of a visit back, used or not; the visit can be invoiced then."""
    done = uncover_visit(
        UncoverVisit(
            practice_id=call.practice_id, key=call.key, by=call.by, attendee_id=attendee_id
        ),
        call.now,
    )
    return {
        "id": done.attendee_id,
        "appointment_id": done.appointment_id,
        "package_id": done.package_id,
    }
