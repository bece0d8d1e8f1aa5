"""Sessions are added to a package for nothing; and taken off again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.packages import changing
from creditwell.packages.holding import lock_package
from creditwell.packages.models import ActKind
from creditwell.packages.transferring import part_of
from creditwell.packages.wording import in_words
from creditwell.tenancy.access import Actor, Written


class WrongBonus(Invalid):
    """As many units as can be meant."""

    code = "wrong_bonus"

    def __init__(self, most: str) -> None:
        super().__init__(
            _("Enter how much is added: above zero, and at most %(most)s.") % {"most": most},
            param="units",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AddBonusSessions:
    """`units` are sessions, minutes or minor units of money, as the package measures."""

    practice_id: int
    key: str
    by: Actor
    package_id: int
    part_id: int
    units: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BonusAdded:
    package_id: int
    act_id: int


@usecase(BonusAdded)
def add_bonus_sessions(command: AddBonusSessions, now: datetime) -> BonusAdded:
    """
    Add free units that nothing was paid for: they earn nothing and are never refunded.

    :raises NotFound, PackageEnded: if package or part are not there, or over
    :raises WrongBonus: if the number cannot be meant
    :raises ReasonMissing: without a reason
    """
    package, practice = lock_package(practice_id=command.practice_id, package_id=command.package_id)
    part = part_of(practice_id=practice.id, package_id=package.pk, part_id=command.part_id)
    if part is None:
        raise NotFound(param="part")
    most = changing.MOST_BONUS if package.measure == "sessions" else 10_000_000
    if not 0 < command.units <= most:
        raise WrongBonus(in_words(most, package.measure, practice))
    reason = changing.why(command.reason)
    act_id = changing.add_bonus(
        practice, package, part, command.units, reason=reason, written=Written(command.by, now)
    )
    note(
        "add_bonus_sessions",
        ("package", package.pk),
        practice_id=practice.id,
        by=command.by,
        at=now,
        details={"units": command.units, "reason": reason},
    )
    emit("package.changed", {"package_id": package.pk}, practice_id=practice.id, at=now)
    return BonusAdded(package_id=package.pk, act_id=act_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBackBonus:
    practice_id: int
    key: str
    by: Actor
    act_id: int


@usecase(BonusAdded)
def take_back_bonus(command: TakeBackBonus, now: datetime) -> BonusAdded:
    """
    Take added units off again, while all of them are free.

    :raises NotFound, PackageEnded: if there is no such act, or the package is over
    :raises AlreadyReversed, NotUndone: if it was taken back, or something of it is used or booked
    """
    practice_id = command.practice_id
    package_id = changing.package_of_act(practice_id=practice_id, act_id=command.act_id)
    package, practice = lock_package(practice_id=practice_id, package_id=package_id)
    act = changing.act_of(practice_id=practice_id, act_id=command.act_id, kind=ActKind.BONUS)
    changing.take_bonus_back(practice, act, written=Written(command.by, now))
    note(
        "take_back_bonus",
        ("package", package.pk),
        practice_id=practice.id,
        by=command.by,
        at=now,
        details={"units": act.details["units"]},
    )
    emit("package.changed", {"package_id": package.pk}, practice_id=practice.id, at=now)
    return BonusAdded(package_id=package.pk, act_id=act.pk)
