"""
Credit that runs out: looked for every hour, so that it is swept soon after midnight wherever the
practice is, and again when a worker died over it.

Each payer is one act of its own. Run twice, at once or stopped in between, it does the rest.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from creditwell.kernel.errors import Refusal
from creditwell.payments.expiring import payers_to_notice, payers_with_expired
from creditwell.tenancy.access import practice_facts
from creditwell.tenancy.queries import practice_ids
from creditwell.usecases.expire_credit import ExpireCredit, expire_credit
from creditwell.usecases.notice_expiring import NoticeExpiring, notice_expiring

logger = logging.getLogger(__name__)

AT_ONCE = 1000
"""Payers of a practice in one run; the next hour takes those that are left."""


@app.periodic(cron="7 * * * *")
@app.task(name="creditwell.expire", queue="clock", queueing_lock="creditwell.expire")
def expire(timestamp: int) -> None:
    """Sweep off what has run out, and say what will."""
    expire_everywhere(timezone.now())


def expire_everywhere(now: datetime) -> tuple[int, int]:
    """All practices, each by its own day; answers how many lots expired and were noticed."""
    expired = noticed = 0
    for practice_id in practice_ids():
        one, two = expire_in(practice_id, now)
        expired, noticed = expired + one, noticed + two
    return expired, noticed


def expire_in(practice_id: int, now: datetime) -> tuple[int, int]:
    """One practice; a payer that refuses (merged a moment ago) is left to the next hour."""
    practice = practice_facts(practice_id)
    today = practice.day_of(now)
    expired = noticed = 0
    for payer_id in payers_with_expired(practice_id=practice_id, today=today, limit=AT_ONCE):
        try:
            done = expire_credit(ExpireCredit(practice_id=practice_id, payer_id=payer_id), now)
            expired += len(done.lot_ids)
        except Refusal as refusal:
            logger.warning("credit of payer %s was not expired: %s", payer_id, refusal.code)
    if practice.expiry_notice_days:
        until = today + timedelta(days=practice.expiry_notice_days)
        for payer_id in payers_to_notice(
            practice_id=practice_id, today=today, until=until, limit=AT_ONCE
        ):
            try:
                told = notice_expiring(
                    NoticeExpiring(practice_id=practice_id, payer_id=payer_id), now
                )
                noticed += len(told.lot_ids)
            except Refusal as refusal:
                logger.warning("credit of payer %s was not noticed: %s", payer_id, refusal.code)
    return expired, noticed
