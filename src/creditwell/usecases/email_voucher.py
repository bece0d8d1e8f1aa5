"""A gift voucher is sent by email, again or for the first time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.errors import NotFound
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.payments.models import Voucher
from creditwell.tenancy.access import Actor
from creditwell.usecases.email_receipt import checked_address
from creditwell.usecases.redeem_voucher import VoucherDisabled


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailVoucher:
    practice_id: int
    key: str
    by: Actor
    voucher_id: int
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherMailAsked:
    voucher_id: int


@usecase(VoucherMailAsked)
def email_voucher(command: EmailVoucher, now: datetime) -> VoucherMailAsked:
    """
    Ask for the voucher to be sent; the worker writes and sends it. The address stays out of notes.

    :raises NotFound: if this practice has no such voucher
    :raises Invalid: without an email address
    :raises VoucherDisabled: if it is disabled
    """
    to = checked_address(command.to)
    found = Voucher.objects.filter(practice_id=command.practice_id, pk=command.voucher_id).first()
    if found is None:
        raise NotFound
    if found.disabled_at is not None:
        raise VoucherDisabled
    note(
        "email_voucher",
        ("voucher", command.voucher_id),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
    )
    emit(
        "voucher.email_requested",
        {"voucher_id": command.voucher_id, "to": to},
        practice_id=command.practice_id,
        at=now,
    )
    return VoucherMailAsked(voucher_id=command.voucher_id)
