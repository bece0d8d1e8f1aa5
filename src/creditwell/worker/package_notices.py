"""
Packages that run out soon: looked for every hour, told of once for each last day.

Each package is one act of its own. Run twice, at once or stopped in between, it does the rest.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from creditwell.kernel.errors import Refusal
from creditwell.packages.queries_due import packages_running_out
from creditwell.tenancy.access import practice_facts
from creditwell.tenancy.queries import practice_ids
from creditwell.usecases.notice_package import NoticePackage, notice_package

logger = logging.getLogger(__name__)

AT_ONCE = 1000
"""Packages of a practice in one run; the next hour takes those that are left."""


@app.periodic(cron="12 * * * *")
@app.task(name="creditwell.notice", queue="clock", queueing_lock="creditwell.notice")
def notice(timestamp: int) -> None:
    """Say which packages run out soon."""
    notice_everywhere(timezone.now())


def notice_everywhere(now: datetime) -> int:
    """All practices, each by its own day; answers how many packages were told of."""
    return sum(notice_in(practice_id, now) for practice_id in practice_ids())


def notice_in(practice_id: int, now: datetime) -> int:
    """One practice; a package that refuses is left to the next hour."""
    practice = practice_facts(practice_id)
    if not practice.expiry_notice_days:
        return 0
    noticed, today = 0, practice.day_of(now)
    until = today + timedelta(days=practice.expiry_notice_days)
    for package_id in packages_running_out(
        practice_id=practice_id, today=today, until=until, limit=AT_ONCE
    ):
        try:
            done = notice_package(
                NoticePackage(practice_id=practice_id, package_id=package_id), now
            )
            noticed += done.noticed
        except Refusal as refusal:
            logger.warning("package %s was not noticed: %s", package_id, refusal.code)
    return noticed
