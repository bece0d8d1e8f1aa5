"""Somebody's credit runs out soon: it is noticed once, so that they can be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from creditwell.credit.models import Lot
from creditwell.credit.queries import open_lots
from creditwell.kernel.errors import NotFound
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.payments.operations import lock_payer


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeExpiring:
    practice_id: int
    payer_id: int
    key: str = ""  # done twice it finds nothing to say, so no key is needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    lot_ids: list[int]


@usecase(Noticed)
def notice_expiring(command: NoticeExpiring, now: datetime) -> Noticed:
    """
    Say `credit.expiring` of each lot that runs out within the days that the practice chose, once.

    :raises NotFound: if the payer is not of this practice
    :raises MergedAway: if the payer's record was merged into another
    """
    found = lock_payer(practice_id=command.practice_id, payer_id=command.payer_id, voucher=True)
    if found is None:
        raise NotFound
    practice = found[1]
    today = practice.day_of(now)
    until = today + timedelta(days=practice.expiry_notice_days)
    lots = {
        lot.id: lot
        for lot in open_lots(practice_id=practice.id, payer_ids=[command.payer_id])
        if lot.expires_on is not None and today <= lot.expires_on <= until
    }
    told = Lot.objects.filter(
        practice_id=practice.id, pk__in=list(lots), expiry_noticed_on__isnull=True
    )
    ids = sorted(told.values_list("pk", flat=True))
    told.update(expiry_noticed_on=today)
    for lot_id in ids:
        last = lots[lot_id].expires_on
        emit(
            "credit.expiring",
            {
                "payer_id": command.payer_id,
                "lot_id": lot_id,
                "expires_on": last.isoformat() if last else None,
            },
            practice_id=practice.id,
            at=now,
        )
    return Noticed(lot_ids=ids)
