"""A transfer of credit is taken back, as long as nothing of it was used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.errors import NotFound
from creditwell.kernel.usecase import usecase
from creditwell.ledger.post import AlreadyReversed, Journal
from creditwell.outbox.emit import emit
from creditwell.payments import transferring
from creditwell.payments.models import TransferPart, Voucher
from creditwell.payments.operations import NotAPerson, lock_several, require_still
from creditwell.tenancy.access import Actor, PracticeFacts, Written


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoTransfer:
    practice_id: int
    key: str
    by: Actor
    transfer_id: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferUndone:
    transfer_id: int
    total_minor: int


@usecase(TransferUndone)
def undo_transfer(command: UndoTransfer, now: datetime) -> TransferUndone:
    """
    Put the credit back onto the lots that it came from; both acts stay in the history.

    :raises NotFound: if this practice has no such transfer
    :raises AlreadyReversed: if it was undone before
    :raises CreditSpent: if some of it was used, refunded or passed on meanwhile
    :raises NotAPerson: for the sale of a gift voucher: void its payment or refund the voucher
    """
    practice, parts = _standing(command)
    missing = sum(max(0, part.amount_minor - part.left_minor) for part in parts)
    if missing:
        raise transferring.CreditSpent(practice.money(missing))
    today = practice.day_of(now)
    backs = [transferring.Back(part, part.amount_minor, today) for part in parts]
    journal = Journal(practice.id)
    entries = transferring.post_backs(journal, backs)
    transferring.write_backs(
        backs, entries, journal.post(), reason=command.reason, written=Written(command.by, now)
    )
    total = sum(back.amount_minor for back in backs)
    note(
        "undo_transfer",
        ("transfer", command.transfer_id),
        practice_id=practice.id,
        by=command.by,
        at=now,
        details={"total_minor": total, "reason": command.reason},
    )
    emit("transfer.undone", {"transfer_id": command.transfer_id}, practice_id=practice.id, at=now)
    return TransferUndone(transfer_id=command.transfer_id, total_minor=total)


def _standing(command: UndoTransfer) -> tuple[PracticeFacts, list[transferring.Standing]]:
    """Lock the people on both sides first, then the parts."""
    sides = list(
        TransferPart.objects.filter(
            practice_id=command.practice_id, transfer_id=command.transfer_id
        ).values_list("from_lot__payer_id", "to_lot__payer_id")
    )
    if not sides:
        raise NotFound
    payer_ids = {payer_id for pair in sides for payer_id in pair}
    receivers = {receiver_id for _giver_id, receiver_id in sides}
    if Voucher.objects.filter(practice_id=command.practice_id, payer_id__in=receivers).exists():
        raise NotAPerson  # what was sold is not made credit of the buyer
    practice = lock_several(practice_id=command.practice_id, payer_ids=payer_ids, vouchers=True)
    parts = transferring.standing_parts(practice_id=practice.id, transfer_id=command.transfer_id)
    if not parts:
        raise AlreadyReversed
    for part in parts:
        for lot in (part.from_lot, part.to_lot):
            require_still(lot.payer_id, lot.payer_id if lot.payer_id in payer_ids else 0)
    return practice, parts
