"""A gift voucher is lost, stolen or fraud: it is not redeemed any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.payments.models import Voucher
from creditwell.payments.operations import lock_several
from creditwell.payments.vouchers import disable
from creditwell.tenancy.access import Actor
from creditwell.usecases.redeem_voucher import VoucherDisabled


@dataclass(frozen=True, slots=True, kw_only=True)
class DisableVoucher:
    practice_id: int
    key: str
    by: Actor
    voucher_id: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherChanged:
    voucher_id: int


@usecase(VoucherChanged)
def disable_voucher(command: DisableVoucher, now: datetime) -> VoucherChanged:
    """
    Stop a voucher from being redeemed. Its money stays where it is.

    :raises NotFound: if this practice has no such voucher
    :raises Invalid: without a reason
    :raises VoucherDisabled: if it is disabled already
    """
    reason = " ".join(command.reason.split())[:200]
    if not reason:
        raise Invalid(
            _("Say why the voucher is disabled; it stays in its history."), param="reason"
        )
    voucher = locked(practice_id=command.practice_id, voucher_id=command.voucher_id)
    if voucher.disabled_at is not None:
        raise VoucherDisabled
    disable(practice_id=command.practice_id, voucher_ids=[voucher.pk], reason=reason, at=now)
    note(
        "disable_voucher",
        ("voucher", voucher.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"reason": reason},
    )
    emit("voucher.disabled", {"voucher_id": voucher.pk}, practice_id=command.practice_id, at=now)
    return VoucherChanged(voucher_id=voucher.pk)


def locked(*, practice_id: int, voucher_id: int) -> Voucher:
    """A voucher whose money nobody else moves until the commit. :raises NotFound: without it"""
    rows = Voucher.objects.filter(practice_id=practice_id, pk=voucher_id)
    payer_id = rows.values_list("payer_id", flat=True).first()
    if payer_id is None:
        raise NotFound
    lock_several(practice_id=practice_id, payer_ids=[payer_id], vouchers=True)
    return rows.get()
