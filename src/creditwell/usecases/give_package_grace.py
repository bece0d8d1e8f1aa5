"""Grace: a package that ran out lasts longer, and what had expired is there again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.kernel.errors import Invalid, Refusal
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.packages.expiring import come_back, standing_expiries
from creditwell.packages.holding import lock_package
from creditwell.tenancy.access import Actor, Written


class NothingExpired(Refusal):
    """The package has not run out, or nothing of it was left then."""

    code = "nothing_expired"

    def __init__(self) -> None:
        super().__init__(
            _("Nothing of this package has expired. To let it last longer, extend it instead.")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GivePackageGrace:
    """`until` is the new last day; none: it never expires."""

    practice_id: int
    key: str
    by: Actor
    package_id: int
    until: date | None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageGraceGiven:
    """`units` had expired and are free again."""

    package_id: int
    expires_on: str | None
    units: int


@usecase(PackageGraceGiven)
def give_package_grace(command: GivePackageGrace, now: datetime) -> PackageGraceGiven:
    """
    Set a new last day; the sessions that had expired are free again, each with exactly its value.

    :raises NotFound: if this practice has no such package
    :raises PackageEnded, ChangedMeanwhile: as `lock_package`
    :raises NothingExpired: if nothing of it expired
    :raises Invalid: if the day is over, or not later than the last one
    """
    package, practice = lock_package(practice_id=command.practice_id, package_id=command.package_id)
    today, until = practice.day_of(now), command.until
    expiries = standing_expiries(practice, package)
    if not expiries:
        raise NothingExpired
    if until is not None and until < today:
        raise Invalid(_("Choose today or a later day."), param="until")
    if until is not None and package.expires_on is not None and until <= package.expires_on:
        raise Invalid(_("Choose a day after its last one."), param="until")
    before, reason = package.expires_on, command.reason.strip()
    units = come_back(
        practice,
        package,
        expiries,
        until=until,
        reason=reason,
        written=Written(command.by, now),
    )
    text = until.isoformat() if until else None
    note(
        "give_package_grace",
        ("package", package.pk),
        practice_id=practice.id,
        by=command.by,
        at=now,
        details={
            "expires_on": [before.isoformat() if before else "", text or ""],
            "units": units,
            "reason": reason,
        },
    )
    emit("package.changed", {"package_id": package.pk}, practice_id=practice.id, at=now)
    return PackageGraceGiven(package_id=package.pk, expires_on=text, units=units)
