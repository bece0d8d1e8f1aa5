"""When a use leaves one session of a package."""

from __future__ import annotations

from datetime import datetime

from creditwell.outbox.emit import emit
from creditwell.packages.models import Package, Session
from creditwell.tenancy.access import PracticeFacts


def tell_last_session(practice: PracticeFacts, package: Package, at: datetime) -> None:
    """
    Emit `package.one_left` once when one counted session (free or booked) is left after a use. If
    more come to it later, it is told again when one is left of those. The package is held.
    """
    if package.measure != "sessions":
        return
    still = Session.objects.filter(
        practice_id=practice.id, package_id=package.pk, status__in=["free", "booked"]
    ).count()
    rows = Package.objects.filter(practice_id=practice.id, pk=package.pk)
    if still > 1 and package.last_noticed_on is not None:
        rows.update(last_noticed_on=None)
    if still != 1 or package.last_noticed_on is not None:
        return
    rows.update(last_noticed_on=practice.day_of(at))
    emit("package.one_left", {"package_id": package.pk}, practice_id=practice.id, at=at)
