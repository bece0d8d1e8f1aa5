"""A disabled gift voucher turns up again: it may be redeemed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.credit.queries import open_lots
from creditwell.kernel.errors import Refusal
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.payments.vouchers import disable
from creditwell.tenancy.access import Actor
from creditwell.usecases.disable_voucher import VoucherChanged, locked
from creditwell.usecases.redeem_voucher import NothingLeft


class NotDisabled(Refusal):
    """The voucher may be redeemed as it is."""

    code = "voucher_not_disabled"

    def __init__(self) -> None:
        super().__init__(_("This voucher is not disabled. Nothing was changed."))


@dataclass(frozen=True, slots=True, kw_only=True)
class EnableVoucher:
    practice_id: int
    key: str
    by: Actor
    voucher_id: int


@usecase(VoucherChanged)
def enable_voucher(command: EnableVoucher, now: datetime) -> VoucherChanged:
    """
    Let a voucher be redeemed again.

    :raises NotFound: if this practice has no such voucher
    :raises NotDisabled: if it is not disabled
    :raises NothingLeft: if its money is gone (refunded, or its sale voided)
    """
    voucher = locked(practice_id=command.practice_id, voucher_id=command.voucher_id)
    if voucher.disabled_at is None:
        raise NotDisabled
    if not open_lots(practice_id=command.practice_id, payer_ids=[voucher.payer_id]):
        raise NothingLeft
    disable(practice_id=command.practice_id, voucher_ids=[voucher.pk], reason="", at=None)
    note(
        "enable_voucher",
        ("voucher", voucher.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
    )
    emit("voucher.enabled", {"voucher_id": voucher.pk}, practice_id=command.practice_id, at=now)
    return VoucherChanged(voucher_id=voucher.pk)
