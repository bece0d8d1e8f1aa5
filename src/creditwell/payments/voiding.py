"""Put a payment back: its allocations first, then the money. Used by void and by edit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F
from django.utils.translation import gettext as _

from creditwell.kernel.errors import NotFound, Refusal
from creditwell.ledger.post import Journal, Posted
from creditwell.payments import returns, transferring, vouchers
from creditwell.payments.models import Payment, TransferPart
from creditwell.payments.operations import lock_several, require_still
from creditwell.payments.rules import day_of_correction
from creditwell.tenancy.access import PracticeFacts, Written


class PaymentNotStanding(Refusal):
    """The payment was already voided or replaced."""

    code = "payment_not_standing"

    def __init__(self) -> None:
        super().__init__(_("This payment was already voided or changed. Open the newest version."))


class PaymentRefunded(Refusal):
    """Some of the payment was given back already."""

    code = "payment_refunded"

    def __init__(self) -> None:
        super().__init__(
            _("Part of this payment was refunded, so it cannot be changed. Record a new payment.")
        )


class PaymentDishonoured(Refusal):
    """The bank took some of the payment back."""

    code = "payment_dishonoured"

    def __init__(self) -> None:
        super().__init__(
            _("The bank took some of this payment back, so it stays. Record a new payment.")
        )


class PaymentPassedOn(Refusal):
    """Credit of the payment was transferred to somebody else."""

    code = "payment_passed_on"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Credit of this payment was transferred, so it cannot be changed. Take the "
                "transfer back first."
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoing:
    """A payment on its way back, and the entries that do it."""

    payment: Payment
    backs: Sequence[returns.Return]
    entries: Sequence[int]
    on: date
    vouchers: Sequence[int]  # sold by it: they are worth nothing any more
    transfers: Sequence[transferring.Back]
    transfer_entries: Sequence[int]


def standing_payment(*, practice_id: int, payment_id: int) -> tuple[Payment, PracticeFacts]:
    """
    Lock payer and payment.

    :raises NotFound: if it is not of this practice
    :raises PaymentNotStanding: if it was voided or replaced before
    :raises PaymentRefunded: if some of it was refunded
    :raises PaymentDishonoured: if the bank took some of it back
    :raises PaymentPassedOn: if some of its credit was transferred
    """
    payer_id = (
        Payment.objects.filter(practice_id=practice_id, pk=payment_id)
        .values_list("payer_id", flat=True)
        .first()
    )
    if payer_id is None:
        raise NotFound
    sold = vouchers.vouchers_of(practice_id=practice_id, payment_id=payment_id)
    practice = lock_several(
        practice_id=practice_id,
        payer_ids=[payer_id, *(voucher.payer_id for voucher in sold)],
        vouchers=bool(sold),
    )
    payment = (
        Payment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("lot__account")
        .get(practice_id=practice_id, pk=payment_id)
    )
    require_still(payment.payer_id, payer_id)
    if payment.status != Payment.Status.RECORDED:
        raise PaymentNotStanding
    _require_whole(payment)
    return payment, practice


def _require_whole(payment: Payment) -> None:
    parts = payment.parts.filter(practice_id=payment.practice_id)
    if parts.filter(dishonoured_minor__gt=0).exists():
        raise PaymentDishonoured
    if parts.filter(refunded_minor__gt=0).exists():
        raise PaymentRefunded
    passed_on = TransferPart.objects.filter(
        practice_id=payment.practice_id,
        from_lot_id=payment.lot_id,
        returned_minor__lt=F("amount_minor"),
        to_lot__payer__voucher__isnull=True,  # what it sold is taken back with it
    )
    if passed_on.exists():
        raise PaymentPassedOn


def post_undoing(
    journal: Journal, payment: Payment, practice: PracticeFacts, today: date
) -> Undoing:
    """
    Add the entries: each allocation of its lot back, each voucher that it sold, then the payment's
    own entry backwards.

    :raises VoucherUsed: if something of a voucher is gone
    """
    active = returns.active_allocations(practice_id=practice.id, lot_id=payment.lot_id)
    closed_on = returns.closed_for(practice, today, lot_id=payment.lot_id)
    backs = returns.whole(active, closed_on=closed_on, today=today)
    entries = returns.post_returns(journal, backs)
    on = day_of_correction(original=payment.received_on, today=today, books_closed_on=closed_on)
    sold = vouchers.vouchers_of(practice_id=practice.id, payment_id=payment.pk)
    transfers = vouchers.backs_of_sale(sold, payment.lot_id, on=on, today=today)
    on = max([on, *(back.on for back in transfers)])
    transfer_entries = transferring.post_backs(journal, transfers)
    journal.reverse("payment_void", on, payment.entry_id)
    return Undoing(
        payment=payment,
        backs=backs,
        entries=entries,
        on=on,
        vouchers=[voucher.pk for voucher in sold],
        transfers=transfers,
        transfer_entries=transfer_entries,
    )


def write_undoing(
    undoing: Undoing, posted: Posted, *, status: str, reason: str, written: Written
) -> None:
    """Mark payment and allocations."""
    practice_id = undoing.payment.practice_id
    returns.write_returns(
        undoing.backs,
        undoing.entries,
        posted,
        practice_id=practice_id,
        reason=reason,
        written=written,
    )
    transferring.write_backs(
        undoing.transfers, undoing.transfer_entries, posted, reason=reason, written=written
    )
    vouchers.disable(
        practice_id=practice_id, voucher_ids=undoing.vouchers, reason=reason, at=written.at
    )
    Payment.objects.filter(practice_id=practice_id, pk=undoing.payment.pk).update(
        status=status, voided_on=undoing.on, void_reason=reason
    )
