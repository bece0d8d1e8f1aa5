"""What is left of somebody's credit the day after it ran out is swept off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.credit.queries import open_lots
from creditwell.credit.rules import usable
from creditwell.kernel.errors import NotFound
from creditwell.kernel.usecase import usecase
from creditwell.ledger.post import Journal
from creditwell.outbox.emit import emit
from creditwell.payments.expiring import post_expiry, write_expiry
from creditwell.payments.operations import lock_payer
from creditwell.tenancy.access import SYSTEM, Actor, Written


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireCredit:
    practice_id: int
    payer_id: int
    by: Actor = SYSTEM
    key: str = ""  # done twice it finds nothing left, so no key is needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    lot_ids: list[int]
    total_minor: int


@usecase(Expired)
def expire_credit(command: ExpireCredit, now: datetime) -> Expired:
    """
    Move what is left of this payer's expired lots to breakage or unclaimed money.

    :raises NotFound: if the payer is not of this practice
    :raises MergedAway: if the payer's record was merged into another
    """
    found = lock_payer(practice_id=command.practice_id, payer_id=command.payer_id, voucher=True)
    if found is None:
        raise NotFound
    practice = found[1]
    today = practice.day_of(now)
    lots = open_lots(practice_id=practice.id, payer_ids=[command.payer_id])
    still = {lot.id for lot in usable(lots, today)}
    gone = [lot for lot in lots if lot.id not in still]
    if not gone:
        return Expired(lot_ids=[], total_minor=0)
    journal = Journal(practice.id)
    entries = post_expiry(journal, practice, gone, today)
    posted = journal.post()
    ids = write_expiry(
        practice,
        gone,
        today,
        [posted.entry_ids[entry] for entry in entries],
        Written(command.by, now),
    )
    for lot, expiry_id in zip(gone, ids, strict=True):
        note(
            "expire_credit",
            ("lot", lot.id),
            practice_id=practice.id,
            by=command.by,
            at=now,
            details={"payer_id": command.payer_id, "total_minor": lot.left_minor},
        )
        emit(
            "credit.expired",
            {"payer_id": command.payer_id, "lot_id": lot.id, "expiry_id": expiry_id},
            practice_id=practice.id,
            at=now,
        )
    return Expired(lot_ids=[lot.id for lot in gone], total_minor=sum(x.left_minor for x in gone))
