"""Find and write gift vouchers. Amounts are minor units of the practice's currency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.utils.translation import gettext as _

from creditwell.credit.models import LotKind
from creditwell.credit.queries import OpenLot
from creditwell.kernel.errors import NotFound, Refusal
from creditwell.kernel.rows import insert_row
from creditwell.kernel.throttle import Throttle
from creditwell.ledger.post import Journal, NewAccount, Posted
from creditwell.payments import transferring
from creditwell.payments.models import LotExpiry, TransferPart, Voucher
from creditwell.payments.refunding import Made
from creditwell.payments.rules_voucher import masked, new_code, read_code, shown
from creditwell.people.models import Payer
from creditwell.tenancy.access import Actor, Written

MISSES_PER_MINUTE = 10
misses = Throttle(MISSES_PER_MINUTE)


class NoSuchVoucher(NotFound):
    """The code is well formed, but no voucher of this practice has it."""

    def __init__(self) -> None:
        super().__init__(
            _("There is no voucher with this code in this practice. Look again."), param="code"
        )


class TooManyGuesses(Refusal):
    """Somebody tries codes out."""

    code = "too_many_guesses"
    status = 429

    def __init__(self, wait_seconds: int) -> None:
        super().__init__(
            _("Too many codes that do not exist. Wait a minute, then look again."), param="code"
        )
        self.wait_seconds = wait_seconds


class VoucherUsed(Refusal):
    """Money of the voucher was redeemed, so its sale cannot be unmade."""

    code = "voucher_used"

    def __init__(self, code: str) -> None:
        super().__init__(
            _(
                "Voucher %(code)s was redeemed or has expired, in part or whole, so its payment "
                "cannot be voided. Undo that first, or refund what is left of the voucher."
            )
            % {"code": shown(code)}
        )


def find_voucher(*, practice_id: int, text: str, by: Actor, now: datetime) -> Voucher:
    """
    The voucher with a code as typed; one query. Whoever tries many that do not exist has to wait.

    :raises WrongCode: if this cannot be a code
    :raises TooManyGuesses: if the same person or program missed too often
    :raises NoSuchVoucher: if no voucher has it
    """
    code = read_code(text)
    who, moment = (practice_id, by), now.timestamp()
    wait = misses.wait(who, moment)
    if wait:
        raise TooManyGuesses(wait)
    row = Voucher.objects.filter(practice_id=practice_id, code=code).first()
    if row is None:
        misses.take(who, moment)
        raise NoSuchVoucher
    return row


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVoucher:
    """A voucher about to be sold."""

    value_minor: int
    recipient_name: str = ""
    recipient_email: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selling:
    """A voucher on its way into the books: its payer stands, its transfer is posted."""

    voucher: NewVoucher
    code: str
    sending: transferring.Sending
    opened: Sequence[NewAccount]
    entry: int


def post_voucher(
    journal: Journal, voucher: NewVoucher, *, lot: NewAccount, on: date, expires_on: date | None
) -> Selling:
    """Write the voucher's payer, and add the entry: off the payment's new lot, onto its own."""
    code = new_code()
    # A payer's name stands in lists that people read who may not have the money.
    name = _("Voucher %(code)s") % {"code": masked(code)}
    payer_id = insert_row(Payer, {"practice_id": journal.practice_id, "name": name})
    sending = transferring.Sending(
        practice_id=journal.practice_id,
        to_payer_id=payer_id,
        takes=[transferring.Take(_lot_to_be(0, on), voucher.value_minor)],
        on=on,
        reason=_("Gift voucher sold"),
        kind=LotKind.VOUCHER.value,
        expires_on=expires_on,
    )
    opened, entry = transferring.post_transfer(journal, sending, source=lot)
    return Selling(voucher=voucher, code=code, sending=sending, opened=opened, entry=entry)


def write_voucher(
    selling: Selling, posted: Posted, *, payment_id: int, lot_id: int, written: Written
) -> int:
    """Insert the transfer from the payment's lot, the voucher's lot, and the voucher."""
    sending, new = selling.sending, selling.voucher
    take = transferring.Take(_lot_to_be(lot_id, sending.on), new.value_minor)
    transferring.write_transfer(
        replace(sending, takes=[take]), selling.opened, selling.entry, posted, written=written
    )
    return insert_row(
        Voucher,
        {
            "practice_id": sending.practice_id,
            "payer_id": sending.to_payer_id,
            "code": selling.code,
            "payment_id": payment_id,
            "value_minor": new.value_minor,
            "sold_on": sending.on,
            "recipient_name": new.recipient_name,
            "recipient_email": new.recipient_email,
            "message": new.message,
            "disabled_reason": "",
            **written.columns,
        },
    )


def _lot_to_be(lot_id: int, on: date) -> OpenLot:
    """The payment's lot, which the same act opens."""
    return OpenLot(
        id=lot_id,
        account_id=0,
        payer_id=0,
        kind=LotKind.PAYMENT.value,
        received_on=on,
        expires_on=None,
        refundable=True,
        left_minor=0,
    )


def vouchers_of(*, practice_id: int, payment_id: int) -> list[Voucher]:
    """What a payment sold; one query."""
    rows = Voucher.objects.filter(practice_id=practice_id, payment_id=payment_id)
    return list(rows.order_by("pk"))


def backs_of_sale(
    vouchers: Sequence[Voucher], lot_id: int, *, on: date, today: date
) -> list[transferring.Back]:
    """
    Take sold vouchers back onto the lot of their payment, on a day; their payers are locked.

    Not before anything else happened to them: then today.

    :raises VoucherUsed: if something of one is gone
    """
    if not vouchers:
        return []
    practice_id = vouchers[0].practice_id
    by_payer = {voucher.payer_id: voucher for voucher in vouchers}
    sales = TransferPart.objects.filter(
        practice_id=practice_id, from_lot_id=lot_id, to_lot__payer_id__in=by_payer
    )
    parts = [
        part
        for transfer_id in sales.order_by("pk").values_list("transfer_id", flat=True)
        for part in transferring.standing_parts(practice_id=practice_id, transfer_id=transfer_id)
    ]
    for part in parts:
        if part.left_minor < part.amount_minor:
            raise VoucherUsed(by_payer[part.to_lot.payer_id].code)
    lots = [part.to_lot.pk for part in parts]
    went = TransferPart.objects.filter(practice_id=practice_id, from_lot_id__in=lots)
    ran_out = LotExpiry.objects.filter(practice_id=practice_id, lot_id__in=lots)
    day = today if went.exists() or ran_out.exists() else on
    return [transferring.Back(part, part.amount_minor, day) for part in parts]


def disable(
    *, practice_id: int, voucher_ids: Sequence[int], reason: str, at: datetime | None
) -> None:
    """Stop vouchers from being redeemed, or with `at` None let them again."""
    Voucher.objects.filter(practice_id=practice_id, pk__in=voucher_ids).update(
        disabled_at=at, disabled_reason=reason
    )


def disable_refunded(*, practice_id: int, payer_id: int, made: Made, at: datetime) -> None:
    """Stop the voucher whose money a refund gave back; nothing if the payer is no voucher's."""
    Voucher.objects.filter(
        practice_id=practice_id, payer_id=payer_id, disabled_at__isnull=True
    ).update(
        disabled_at=at,
        disabled_reason=_("Refunded by refund %(number)s") % {"number": made.number},
    )
