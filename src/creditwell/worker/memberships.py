"""
Memberships renew by the clock: looked for every hour, so that a period begins soon after midnight
wherever the practice is, before what is left of the one before lapses (expiry.py).

Each period is one act of its own. Run twice, at once or stopped in between, it does the rest.
"""

from __future__ import annotations

import logging
from collections import Counter
from datetime import datetime

from django.utils import timezone
from procrastinate.contrib.django import app

from creditwell.kernel.errors import Refusal
from creditwell.packages.queries_due import memberships_due
from creditwell.tenancy.access import practice_facts
from creditwell.tenancy.queries import practice_ids
from creditwell.usecases.renew_membership import RenewMembership, renew_membership

logger = logging.getLogger(__name__)

AT_ONCE = 1000
"""Memberships of a practice in one run; the next hour takes those that are left."""
MOST_PERIODS = 400
"""Of one membership in one run: a year of days that nobody was there for."""


@app.periodic(cron="2 * * * *")
@app.task(name="creditwell.renew", queue="clock", queueing_lock="creditwell.renew")
def renew(timestamp: int) -> None:
    """Begin the periods that are due."""
    renew_everywhere(timezone.now())


def renew_everywhere(now: datetime) -> Counter[str]:
    """All practices, each by its own day; answers how often what was done."""
    did: Counter[str] = Counter()
    for practice_id in practice_ids():
        did += renew_in(practice_id, now)
    return did


def renew_in(practice_id: int, now: datetime) -> Counter[str]:
    """One practice; a membership that refuses is left to the next hour."""
    did: Counter[str] = Counter()
    today = practice_facts(practice_id).day_of(now)
    for membership_id in memberships_due(practice_id=practice_id, today=today, limit=AT_ONCE):
        try:
            did += _catch_up(practice_id, membership_id, now)
        except Refusal as refusal:
            logger.warning("membership %s was not renewed: %s", membership_id, refusal.code)
    return did


def _catch_up(practice_id: int, membership_id: int, now: datetime) -> Counter[str]:
    """Missed periods one by one, the oldest first."""
    did: Counter[str] = Counter()
    command = RenewMembership(practice_id=practice_id, membership_id=membership_id)
    for _period in range(MOST_PERIODS):
        done = renew_membership(command, now)
        if done.did == "nothing":
            break
        did[done.did] += 1
    return did
