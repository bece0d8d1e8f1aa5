"""A package runs out soon: it is noticed once for each last day, so that its owner can be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.packages.holding import lock_package
from creditwell.packages.models import Package
from creditwell.packages.queries_due import is_running_out


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticePackage:
    practice_id: int
    package_id: int
    key: str = ""  # done twice it finds nothing to say, so no key is needed


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageNoticed:
    noticed: bool


@usecase(PackageNoticed)
def notice_package(command: NoticePackage, now: datetime) -> PackageNoticed:
    """
    Say `package.expiring` of a package that runs out within the days that the practice chose.

    :raises NotFound: if this practice has no such package
    :raises PackageEnded: if it is over
    """
    package, practice = lock_package(practice_id=command.practice_id, package_id=command.package_id)
    today = practice.day_of(now)
    until = today + timedelta(days=practice.expiry_notice_days)
    if package.expires_on is None or not is_running_out(
        practice_id=practice.id, package_id=package.pk, today=today, until=until
    ):
        return PackageNoticed(noticed=False)
    Package.objects.filter(practice_id=practice.id, pk=package.pk).update(
        expiry_noticed_on=package.expires_on
    )
    emit(
        "package.expiring",
        {"package_id": package.pk, "expires_on": package.expires_on.isoformat()},
        practice_id=practice.id,
        at=now,
    )
    return PackageNoticed(noticed=True)
