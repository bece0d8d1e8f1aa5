"""One side of a transfer asks for its receipt by email."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.errors import NotFound
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.payments.models import Transfer
from creditwell.tenancy.access import Actor
from creditwell.usecases.email_receipt import checked_address

GIVER, RECEIVER = "giver", "receiver"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailTransfer:
    """`side` is giver or receiver: each gets a receipt with their own credit alone."""

    practice_id: int
    key: str
    by: Actor
    transfer_id: int
    side: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferMailAsked:
    transfer_id: int


@usecase(TransferMailAsked)
def email_transfer(command: EmailTransfer, now: datetime) -> TransferMailAsked:
    """
    Ask for the receipt to be sent; the worker writes and sends it. The address stays out of notes.

    :raises NotFound: if the transfer is not of this practice
    :raises Invalid: without an email address
    """
    assert command.side in (GIVER, RECEIVER), command.side
    to = checked_address(command.to)
    mine = Transfer.objects.filter(practice_id=command.practice_id, pk=command.transfer_id)
    if not mine.exists():
        raise NotFound
    note(
        "email_transfer",
        ("transfer", command.transfer_id),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"side": command.side},
    )
    emit(
        "transfer.email_requested",
        {"transfer_id": command.transfer_id, "side": command.side, "to": to},
        practice_id=command.practice_id,
        at=now,
    )
    return TransferMailAsked(transfer_id=command.transfer_id)
