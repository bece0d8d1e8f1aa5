"""What is done with a package that was sold. Units are those that it measures in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from creditwell.api.auth import Call
from creditwell.api.routes import Routes
from creditwell.api.shapes import Day, Flag, Id, In, QueryId, Reason
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.ledger.post import AlreadyReversed
from creditwell.packages.changing import BookedThen, NotUndone, ReasonMissing
from creditwell.packages.holding import ChangedMeanwhile, PackageEnded
from creditwell.packages.models import ActKind, PackageAct
from creditwell.packages.swapping import SwapStands
from creditwell.packages.transferring import MembershipStays, NothingFree
from creditwell.people.operations import MergedAway
from creditwell.usecases.add_bonus_sessions import (
    AddBonusSessions,
    TakeBackBonus,
    WrongBonus,
    add_bonus_sessions,
    take_back_bonus,
)
from creditwell.usecases.extend_package import (
    ExtendPackage,
    NotLater,
    UndoExtension,
    extend_package,
    undo_extension,
)
from creditwell.usecases.pause_package import (
    NotPaused,
    PausedAlready,
    PausePackage,
    ResumePackage,
    WrongPause,
    pause_package,
    resume_package,
)
from creditwell.usecases.share_package import (
    NotShared,
    NotToBeShared,
    SharedWithOwner,
    SharePackage,
    StopSharingPackage,
    WrongLimit,
    share_package,
    stop_sharing_package,
)
from creditwell.usecases.swap_session import UndoSwap, undo_swap
from creditwell.usecases.transfer_credit import NotFamily
from creditwell.usecases.transfer_package import (
    OwnPackage,
    TransferPackage,
    UndoPackageTransfer,
    transfer_package,
    undo_package_transfer,
)

package_acts = Routes("Packages")

CHANGES = (NotFound, PackageEnded, ChangedMeanwhile, Invalid, ReasonMissing, MergedAway)
"""What every change of a package may refuse."""

Units = Annotated[int, Field(ge=1, le=1_000_000_000, strict=True)]


class Extension(In):
    """`until` is the new last day; null: it has no end."""

    until: Day | None
    reason: Reason


class Pause(In):
    """From a day (today unless sent) up to, but without, another (null: until it is resumed)."""

    from_on: Day | None = None
    resumes_on: Day | None = None
    reason: Reason
    release: Flag = Field(False, description="Visits booked within it give their sessions back.")


class Why(In):
    """A reason, if there is one."""

    reason: Reason = ""


class Bonus(In):
    """Units that nothing is paid for."""

    part_id: Id
    units: Units
    reason: Reason


class ShareIn(In):
    """Who may use it, too; `most_units` null: as much as there is."""

    patient_id: Id
    most_units: Units | None = None
    reason: Reason = ""


class PartUnits(In):
    """So many free units of a part."""

    part_id: Id
    units: Units


class TransferIn(In):
    """To whom; `parts` null: all that is free."""

    to_patient_id: Id
    parts: Annotated[list[PartUnits], Field(min_length=1, max_length=50)] | None = None
    reason: Reason


class UndoIn(In):
    """
    `release`: booked visits that lose their session with an extension may. `reason` stands in the
    history where a swap is undone.
    """

    release: Flag = False
    reason: Reason = ""


class ActDone(TypedDict):
    """The package, and the line of its history that can be undone."""

    id: int
    act_id: int


class ShareDone(TypedDict):
    """The package, and the permission."""

    id: int
    share_id: int


class TransferDone(TypedDict):
    """The package that was left and the one that came to be; `act_id` can be undone."""

    id: int
    to_package_id: int
    act_id: int


@package_acts.post(
    "/packages/{package_id}/extend",
    needs="packages.change",
    refuses=(*CHANGES, NotLater),
)
def prolong_package(call: Call, package_id: QueryId, body: Extension) -> ActDone:
    """Let a package be used for longer."""
    done = extend_package(
        ExtendPackage(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            package_id=package_id,
            until=body.until,
            reason=body.reason,
        ),
        call.now,
    )
    return {"id": done.package_id, "act_id": done.act_id}


@package_acts.post(
    "/packages/{package_id}/pause",
    needs="packages.change",
    refuses=(*CHANGES, PausedAlready, WrongPause, BookedThen),
)
def rest_package(call: Call, package_id: QueryId, body: Pause) -> ActDone:
    """Let a package rest; its last day moves by the days of the pause."""
    done = pause_package(
        PausePackage(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            package_id=package_id,
            **body.model_dump(),
        ),
        call.now,
    )
    return {"id": done.package_id, "act_id": done.act_id}


@package_acts.post(
    "/packages/{package_id}/resume",
    needs="packages.change",
    refuses=(NotFound, PackageEnded, ChangedMeanwhile, MergedAway, NotPaused),
)
def wake_package(call: Call, package_id: QueryId, body: Why) -> ActDone:
    """End a pause today."""
    done = resume_package(
        ResumePackage(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            package_id=package_id,
            reason=body.reason,
        ),
        call.now,
    )
    return {"id": done.package_id, "act_id": done.act_id}


@package_acts.post(
    "/packages/{package_id}/bonus",
    needs="packages.change",
    refuses=(*CHANGES, WrongBonus),
    names={"part": "part_id"},
)
def add_to_package(call: Call, package_id: QueryId, body: Bonus) -> ActDone:
    """Add sessions for nothing."""
    done = add_bonus_sessions(
        AddBonusSessions(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            package_id=package_id,
            **body.model_dump(),
        ),
        call.now,
    )
    return {"id": done.package_id, "act_id": done.act_id}


@package_acts.post(
    "/packages/{package_id}/shares",
    needs="packages.share",
    refuses=(*CHANGES, NotToBeShared, SharedWithOwner, WrongLimit),
    names={"patient": "patient_id"},
)
def new_package_share(call: Call, package_id: QueryId, body: ShareIn) -> ShareDone:
    """Let somebody else use a package."""
    done = share_package(
        SharePackage(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            package_id=package_id,
            **body.model_dump(),
        ),
        call.now,
    )
    return {"id": done.package_id, "share_id": done.share_id}


@package_acts.delete(
    "/package_shares/{package_share_id}",
    needs="packages.share",
    refuses=(NotShared, ChangedMeanwhile, MergedAway),
)
def end_package_share(call: Call, package_share_id: QueryId) -> ShareDone:
    """From now on they book without it."""
    done = stop_sharing_package(
        StopSharingPackage(
            practice_id=call.practice_id, key=call.key, by=call.by, share_id=package_share_id
        ),
        call.now,
    )
    return {"id": done.package_id, "share_id": done.share_id}


@package_acts.post(
    "/packages/{package_id}/transfer",
    needs="packages.transfer",
    refuses=(*CHANGES, NotFamily, MembershipStays, OwnPackage, NothingFree),
    names={"to": "to_patient_id", "units": "parts"},
)
def give_package(call: Call, package_id: QueryId, body: TransferIn) -> TransferDone:
    """Give what is free to another patient."""
    done = transfer_package(
        TransferPackage(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            package_id=package_id,
            to_patient_id=body.to_patient_id,
            parts=units_of(body.parts),
            reason=body.reason,
            anywhere=call.member.may("credit.transfer_anywhere"),
        ),
        call.now,
    )
    return {
        "id": done.package_id,
        "to_package_id": done.to_package_id,
        "act_id": done.act_id,
    }


@package_acts.post(
    "/package_acts/{package_act_id}/undo",
    needs="packages.change",
    status=200,
    refuses=(*CHANGES, AlreadyReversed, NotUndone, BookedThen, SwapStands),
)
def undo_package_act(call: Call, package_act_id: QueryId, body: UndoIn) -> ActDone:
    """Take an extension, a bonus, a swap or a transfer back, while nothing else came of it.

    An invoice over the difference of a swap, of which nothing was paid, is credited.
    """
    kind = (
        PackageAct.objects.filter(practice_id=call.practice_id, pk=package_act_id)
        .values_list("kind", flat=True)
        .first()
    )
    if kind not in UNDO:
        raise NotFound
    return UNDO[kind](call, package_act_id, body)


def _extension(call: Call, act_id: int, body: UndoIn) -> ActDone:
    done = undo_extension(
        UndoExtension(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            act_id=act_id,
            release=body.release,
        ),
        call.now,
    )
    return {"id": done.package_id, "act_id": done.act_id}


def _transfer(call: Call, act_id: int, _body: UndoIn) -> ActDone:
    call.member.require("packages.transfer")
    done = undo_package_transfer(
        UndoPackageTransfer(practice_id=call.practice_id, key=call.key, by=call.by, act_id=act_id),
        call.now,
    )
    return {"id": done.package_id, "act_id": done.act_id}


def _bonus(call: Call, act_id: int, _body: UndoIn) -> ActDone:
    done = take_back_bonus(
        TakeBackBonus(practice_id=call.practice_id, key=call.key, by=call.by, act_id=act_id),
        call.now,
    )
    return {"id": done.package_id, "act_id": done.act_id}


def _swap(call: Call, act_id: int, body: UndoIn) -> ActDone:
    done = undo_swap(
        UndoSwap(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            act_id=act_id,
            reason=body.reason,
        ),
        call.now,
    )
    return {"id": done.package_id, "act_id": done.act_id}


UNDO: dict[str, Callable[[Call, int, UndoIn], ActDone]] = {
    ActKind.EXTENDED: _extension,
    ActKind.SENT: _transfer,
    ActKind.RECEIVED: _transfer,
    ActKind.BONUS: _bonus,
    ActKind.SWAPPED: _swap,
}
"""By kind of act. Whoever adds an act that can be undone adds it here."""


def units_of(parts: list[PartUnits] | None) -> tuple[tuple[int, int], ...] | None:
    return None if parts is None else tuple((part.part_id, part.units) for part in parts)
