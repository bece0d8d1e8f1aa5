"""A package is paused: it cannot be used for a while, and lasts longer by that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.kernel.errors import Invalid, Refusal
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.packages import changing
from creditwell.packages.acts import Line, write_act
from creditwell.packages.holding import lock_package
from creditwell.packages.models import ActKind, Package
from creditwell.packages.rules import later_by
from creditwell.tenancy.access import Actor, PracticeFacts, Written


class WrongPause(Invalid):
    """A pause begins today or later, while the package lasts, and ends after it began."""

    code = "wrong_pause"

    def __init__(self, param: str = "from_on") -> None:
        super().__init__(
            _("A pause begins today or later, before the last day, and ends after it began."),
            param=param,
        )


class PausedAlready(Refusal):
    """One pause at a time."""

    code = "paused_already"

    def __init__(self) -> None:
        super().__init__(_("This package has a pause already. End that one first."))


@dataclass(frozen=True, slots=True, kw_only=True)
class PausePackage:
    """
    From `from_on` (None: today) up to, but without, `resumes_on` (None: until somebody resumes it).
    `release`: visits that are booked within the pause give their sessions back.
    """

    practice_id: int
    key: str
    by: Actor
    package_id: int
    reason: str
    from_on: date | None = None
    resumes_on: date | None = None
    release: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagePaused:
    package_id: int
    act_id: int


@usecase(PackagePaused)
def pause_package(command: PausePackage, now: datetime) -> PackagePaused:
    """
    Let a package rest. Its last day moves by the days of the pause: at once if its end is known,
    else when it is resumed.

    :raises NotFound, PackageEnded: if it is not there, or over
    :raises PausedAlready: if it has a pause that is not over
    :raises WrongPause: if the days cannot be meant
    :raises BookedThen: if visits are booked within it, unless they are released
    :raises ReasonMissing: without a reason
    """
    package, practice = lock_package(practice_id=command.practice_id, package_id=command.package_id)
    reason, today = changing.why(command.reason), practice.day_of(now)
    from_on, resumes_on = command.from_on or today, command.resumes_on
    if package.paused_on is not None and (package.resumes_on is None or package.resumes_on > today):
        raise PausedAlready
    _check(package, from_on, resumes_on, today)
    written = Written(command.by, now)
    last = resumes_on - timedelta(days=1) if resumes_on else None
    within = changing.booked_between(practice, package, from_on, last)
    changing.clear_days(practice, within, release=command.release, written=written)
    days = (resumes_on - from_on).days if resumes_on else 0
    _set(practice, package, paused_on=from_on, resumes_on=resumes_on, days=days)
    line = Line(
        package_id=package.pk,
        kind=ActKind.PAUSED,
        on=today,
        reason=reason,
        details={
            "from": from_on.isoformat(),
            "resumes": resumes_on.isoformat() if resumes_on else None,
            "days": days,
        },
    )
    act_id = write_act(practice.id, line, written)
    tell("pause_package", command, package.pk, now)
    return PackagePaused(package_id=package.pk, act_id=act_id)


def _check(package: Package, from_on: date, resumes_on: date | None, today: date) -> None:
    if from_on < today or (package.expires_on is not None and from_on > package.expires_on):
        raise WrongPause
    if resumes_on is not None and resumes_on <= from_on:
        raise WrongPause("resumes_on")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumePackage:
    practice_id: int
    key: str
    by: Actor
    package_id: int
    reason: str = ""


class NotPaused(Refusal):
    """There is no pause to end."""

    code = "not_paused"

    def __init__(self) -> None:
        super().__init__(_("This package is not paused."))


@usecase(PackagePaused)
def resume_package(command: ResumePackage, now: datetime) -> PackagePaused:
    """
    End a pause today; one that has not begun is taken back. The last day moves by the days that it
    really rested.

    :raises NotFound, PackageEnded: if it is not there, or over
    :raises NotPaused: if it has no pause, or that is over
    """
    package, practice = lock_package(practice_id=command.practice_id, package_id=command.package_id)
    today, paused_on, planned = practice.day_of(now), package.paused_on, package.resumes_on
    if paused_on is None or (planned is not None and planned <= today):
        raise NotPaused
    rested = max(0, (today - paused_on).days)
    counted = (planned - paused_on).days if planned else 0
    begun = rested > 0
    _set(
        practice,
        package,
        paused_on=paused_on if begun else None,
        resumes_on=today if begun else None,
        days=rested - counted,
    )
    line = Line(
        package_id=package.pk,
        kind=ActKind.RESUMED,
        on=today,
        reason=" ".join(command.reason.split())[:200],
        details={"from": paused_on.isoformat(), "days": rested},
    )
    act_id = write_act(practice.id, line, Written(command.by, now))
    tell("resume_package", command, package.pk, now)
    return PackagePaused(package_id=package.pk, act_id=act_id)


def _set(
    practice: PracticeFacts,
    package: Package,
    *,
    paused_on: date | None,
    resumes_on: date | None,
    days: int,
) -> None:
    changes: dict[str, Any] = {"paused_on": paused_on, "resumes_on": resumes_on}
    if package.expires_on is not None and package.expires_on != date.max:
        changes["expires_on"] = later_by(package.expires_on, days, "day")
    Package.objects.filter(practice_id=practice.id, pk=package.pk).update(**changes)


def tell(
    action: str, command: PausePackage | ResumePackage, package_id: int, now: datetime
) -> None:
    """Write the note, and let others hear of it."""
    practice_id = command.practice_id
    note(
        action,
        ("package", package_id),
        practice_id=practice_id,
        by=command.by,
        at=now,
        details={"reason": command.reason} if command.reason else {},
    )
    emit("package.changed", {"package_id": package_id}, practice_id=practice_id, at=now)
