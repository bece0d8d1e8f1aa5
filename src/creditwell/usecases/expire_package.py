"""What is left of a package the day after it ran out expires."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.packages import expiring
from creditwell.packages.holding import lock_package
from creditwell.tenancy.access import SYSTEM, Actor, Written


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpirePackage:
    practice_id: int
    package_id: int
    by: Actor = SYSTEM
    key: str = ""  # done twice it finds nothing left, so no key is needed


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageExpired:
    """`units` of it expired; 0: it is not due (any more)."""

    package_id: int
    units: int


@usecase(PackageExpired)
def expire_package(command: ExpirePackage, now: datetime) -> PackageExpired:
    """
    Move the value of what is free to breakage or unclaimed money. Booked sessions wait for their
    visit: what is given back later expires then.

    :raises NotFound: if this practice has no such package
    :raises PackageEnded, ChangedMeanwhile: as `lock_package`
    """
    package, practice = lock_package(practice_id=command.practice_id, package_id=command.package_id)
    if not expiring.is_due(
        practice_id=practice.id, package_id=package.pk, today=practice.day_of(now)
    ):
        return PackageExpired(package_id=package.pk, units=0)
    gone = expiring.expire(practice, package, written=Written(command.by, now))
    units = sum(one.units for one in gone)
    note(
        "expire_package",
        ("package", package.pk),
        practice_id=practice.id,
        by=command.by,
        at=now,
        details={
            "units": units,
            "total_minor": sum(one.value_minor + one.tax_minor for one in gone),
        },
    )
    emit("package.expired", {"package_id": package.pk}, practice_id=practice.id, at=now)
    return PackageExpired(package_id=package.pk, units=units)
