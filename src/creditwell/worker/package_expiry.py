"""
Packages that ran out: looked for every hour, after memberships took over what they take.

Each package is one act of its own. Run twice, at once or stopped in between, it does the rest.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.utils import timezone
from procrastinate.contrib.django import app

from creditwell.kernel.errors import Refusal
from creditwell.packages.expiring import packages_due
from creditwell.tenancy.access import practice_facts
from creditwell.tenancy.queries import practice_ids
from creditwell.usecases.expire_package import ExpirePackage, expire_package

logger = logging.getLogger(__name__)

AT_ONCE = 1000
"""Packages of a practice in one run; the next hour takes those that are left."""


@app.periodic(cron="17 * * * *")
@app.task(
    name="creditwell.expire_packages", queue="clock", queueing_lock="creditwell.expire_packages"
)
def expire_packages(timestamp: int) -> None:
    """Sweep off what has run out."""
    expire_packages_everywhere(timezone.now())


def expire_packages_everywhere(now: datetime) -> int:
    """All practices, each by its own day; answers of how many packages something expired."""
    return sum(expire_packages_in(practice_id, now) for practice_id in practice_ids())


def expire_packages_in(practice_id: int, now: datetime) -> int:
    """One practice; a package that refuses is left to the next hour."""
    expired, today = 0, practice_facts(practice_id).day_of(now)
    for package_id in packages_due(practice_id=practice_id, today=today, limit=AT_ONCE):
        try:
            done = expire_package(
                ExpirePackage(practice_id=practice_id, package_id=package_id), now
            )
            expired += bool(done.units)
        except Refusal as refusal:
            logger.warning("package %s was not expired: %s", package_id, refusal.code)
    return expired
