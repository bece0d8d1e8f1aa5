"""A package gets a later last day; and that is taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.kernel.errors import Invalid
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.packages import changing
from creditwell.packages.acts import Line
from creditwell.packages.holding import lock_package
from creditwell.packages.models import ActKind
from creditwell.tenancy.access import Actor, Written


class NotLater(Invalid):
    """Extending gives more time, not less."""

    code = "not_later"

    def __init__(self) -> None:
        super().__init__(
            _("Choose a day that is later than the last day now, and not over yet."), param="until"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendPackage:
    """`until` is the new last day; None: it has no end."""

    practice_id: int
    key: str
    by: Actor
    package_id: int
    until: date | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageExtended:
    package_id: int
    act_id: int


@usecase(PackageExtended)
def extend_package(command: ExtendPackage, now: datetime) -> PackageExtended:
    """
    Let a package be used for longer. What expired already comes back by grace, not by this.

    :raises NotFound, PackageEnded: if it is not there, or over
    :raises NotLater: if the day is not later, or the package has no end anyway
    :raises ReasonMissing: without a reason
    """
    package, practice = lock_package(practice_id=command.practice_id, package_id=command.package_id)
    reason, was, until = changing.why(command.reason), package.expires_on, command.until
    if was is None or (until is not None and until <= max(was, practice.day_of(now))):
        raise NotLater
    line = Line(
        package_id=package.pk,
        kind=ActKind.EXTENDED,
        on=practice.day_of(now),
        reason=reason,
        details={"from": was.isoformat(), "until": until.isoformat() if until else None},
    )
    act_id = changing.set_last_day(practice, package, until, line, Written(command.by, now))
    _tell("extend_package", command, package.pk, now, reason)
    return PackageExtended(package_id=package.pk, act_id=act_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoExtension:
    """`release`: visits that are booked after the former last day give their sessions back."""

    practice_id: int
    key: str
    by: Actor
    act_id: int
    release: bool = False


@usecase(PackageExtended)
def undo_extension(command: UndoExtension, now: datetime) -> PackageExtended:
    """
    Put the former last day back.

    :raises NotFound, PackageEnded: if there is no such act, or the package is over
    :raises AlreadyReversed, NotUndone: if it was taken back, or the last day changed since
    :raises BookedThen: if visits are booked after that day, unless they are released
    """
    practice_id = command.practice_id
    package_id = changing.package_of_act(practice_id=practice_id, act_id=command.act_id)
    package, practice = lock_package(practice_id=practice_id, package_id=package_id)
    act = changing.act_of(practice_id=practice_id, act_id=command.act_id, kind=ActKind.EXTENDED)
    now_until = package.expires_on.isoformat() if package.expires_on else None
    if now_until != act.details["until"]:
        raise changing.NotUndone
    was = date.fromisoformat(act.details["from"])
    written = Written(command.by, now)
    later = changing.booked_between(practice, package, was + timedelta(days=1), None)
    changing.clear_days(practice, later, release=command.release, written=written)
    line = Line(
        package_id=package.pk,
        kind=ActKind.EXTENDED,
        on=practice.day_of(now),
        details={"from": now_until, "until": was.isoformat()},
        undoes_id=act.pk,
    )
    act_id = changing.set_last_day(practice, package, was, line, written)
    _tell("undo_extension", command, package.pk, now, "")
    return PackageExtended(package_id=package.pk, act_id=act_id)


def _tell(
    action: str,
    command: ExtendPackage | UndoExtension,
    package_id: int,
    now: datetime,
    reason: str,
) -> None:
    practice_id = command.practice_id
    note(
        action,
        ("package", package_id),
        practice_id=practice_id,
        by=command.by,
        at=now,
        details={"reason": reason} if reason else {},
    )
    emit("package.changed", {"package_id": package_id}, practice_id=practice_id, at=now)
