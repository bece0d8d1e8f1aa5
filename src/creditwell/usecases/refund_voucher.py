"""What is left of a gift voucher goes back by the source it was bought by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.credit.queries import open_lots
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.payments import refunding
from creditwell.payments.models import Voucher
from creditwell.payments.operations import lock_several
from creditwell.payments.queries_refund import refundable
from creditwell.payments.refunding import Made, OverRefunded
from creditwell.payments.rules_refund import FromLot, approval_needed
from creditwell.payments.vouchers import disable_refunded
from creditwell.tenancy.access import Actor, PracticeFacts, Written
from creditwell.tenancy.queries_limits import refund_limits
from creditwell.usecases.disable_voucher import locked
from creditwell.usecases.redeem_voucher import NothingLeft
from creditwell.usecases.refund_credit import ApprovalNeeded, must_say_why
from creditwell.usecases.request_refund import leave_request


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundVoucher:
    """`ask`: where a second person has to approve, leave a request for them."""

    practice_id: int
    key: str
    by: Actor
    voucher_id: int
    reason: str
    ask: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherRefunded:
    """The refund, or the request that waits; the other is None."""

    voucher_id: int
    total_minor: int
    refund_id: int | None = None
    request_id: int | None = None


@usecase(VoucherRefunded)
def refund_voucher(command: RefundVoucher, now: datetime) -> VoucherRefunded:
    """
    Refund all that is left, and disable the voucher in the same act. While a request waits, the
    voucher can be redeemed; it is disabled when the refund is approved.

    :raises NotFound: if this practice has no such voucher
    :raises Invalid: without a reason
    :raises NothingLeft: if nothing of it is there
    :raises ApprovalNeeded: above what this person may refund alone, unless they `ask`
    :raises OverRefunded: if less is left of what came in by its sources
    :raises TooSmallForCash: if no coin is small enough for what would go back in cash
    """
    must_say_why(command.reason)
    voucher = locked(practice_id=command.practice_id, voucher_id=command.voucher_id)
    practice = lock_several(
        practice_id=command.practice_id, payer_ids=[voucher.payer_id], vouchers=True
    )
    written = Written(command.by, now)
    wanted = what_is_left(practice, voucher.payer_id)
    pieces = refunding.pieces_of(practice_id=practice.id, payer_id=voucher.payer_id, wanted=wanted)
    refunding.require_there(practice, pieces, practice.day_of(now))
    total = sum(piece.minor for piece in pieces)
    limits = refund_limits(practice_id=practice.id, by=command.by)
    need = approval_needed(
        total,
        alone_up_to_minor=limits.alone_up_to_minor,
        two_above_minor=limits.two_above_minor,
    )
    if need and not command.ask:
        raise ApprovalNeeded(need)
    if need:
        left = leave_request(practice, voucher.payer_id, wanted, command.reason, written)
        return VoucherRefunded(voucher_id=voucher.pk, total_minor=total, request_id=left.request_id)
    made = refunding.make_refund(
        practice,
        voucher.payer_id,
        pieces,
        on=practice.day_of(now),
        reason=command.reason,
        written=written,
    )
    disable_refunded(practice_id=practice.id, payer_id=voucher.payer_id, made=made, at=now)
    _tell(command, voucher, made, now)
    return VoucherRefunded(voucher_id=voucher.pk, total_minor=total, refund_id=made.refund_id)


def what_is_left(practice: PracticeFacts, payer_id: int) -> list[FromLot]:
    """
    All of a voucher, by the sources of its payment in the order they were entered.

    :raises NothingLeft: if nothing is
    :raises OverRefunded: if the sources do not have as much left
    """
    left = sum(lot.left_minor for lot in open_lots(practice_id=practice.id, payer_ids=[payer_id]))
    if not left:
        raise NothingLeft
    wanted = []
    for part in refundable(practice, payer_id).parts:
        minor = min(part.most.minor, left)
        if minor:
            wanted.append(FromLot(lot_id=part.lot_id, part_id=part.part_id, minor=minor))
        left -= minor
    if left:
        raise OverRefunded
    return wanted


def _tell(command: RefundVoucher, voucher: Voucher, made: Made, now: datetime) -> None:
    details = {
        "payer_id": voucher.payer_id,
        "total_minor": made.total_minor,
        "reason": command.reason,
    }
    for action, subject in (
        ("refund_credit", ("refund", made.refund_id)),
        ("refund_voucher", ("voucher", voucher.pk)),
    ):
        note(
            action,
            subject,
            practice_id=command.practice_id,
            by=command.by,
            at=now,
            details=details,
        )
    emit(
        "credit.refunded",
        {"refund_id": made.refund_id},
        practice_id=command.practice_id,
        at=now,
    )
