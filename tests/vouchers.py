"""The acts of gift vouchers, in short."""

from __future__ import annotations

from typing import Any

from creditwell.credit.queries import open_lots
from creditwell.payments.models import Voucher
from creditwell.tenancy.access import SYSTEM
from creditwell.usecases.redeem_voucher import Redeemed, RedeemVoucher, redeem_voucher
from creditwell.usecases.sell_vouchers import NewVoucher, SellVouchers, Sold, sell_vouchers
from creditwell.usecases.take_payment import PartInput
from tests.acts import new_key
from tests.factories import NOW, Clinic


def sell(clinic: Clinic, *values: int, **fields: Any) -> Sold:
    """Sell vouchers of these values to the clinic's patient, by card."""
    now = fields.pop("now", NOW)
    defaults: dict[str, Any] = {
        "practice_id": clinic.practice.pk,
        "key": new_key(),
        "by": SYSTEM,
        "payer_id": clinic.patient.payer_id,
        "parts": (PartInput(source_id=clinic.card.pk, amount_minor=sum(values)),),
        "vouchers": tuple(NewVoucher(value_minor=value) for value in values),
    }
    return sell_vouchers(SellVouchers(**{**defaults, **fields}), now)


def sell_one(clinic: Clinic, value: int = 10000, **fields: Any) -> Voucher:
    sold = sell(clinic, value, **fields)
    return Voucher.objects.get(pk=sold.voucher_ids[0])


def redeem(clinic: Clinic, code: str, minor: int | None = None, **fields: Any) -> Redeemed:
    """Redeem a voucher for the clinic's patient, whole unless an amount is said."""
    now = fields.pop("now", NOW)
    defaults: dict[str, Any] = {
        "practice_id": clinic.practice.pk,
        "key": new_key(),
        "by": SYSTEM,
        "code": code,
        "patient_id": clinic.patient.pk,
        "amount_minor": minor,
    }
    return redeem_voucher(RedeemVoucher(**{**defaults, **fields}), now)


def left_of(voucher: Voucher) -> int:
    lots = open_lots(practice_id=voucher.practice_id, payer_ids=[voucher.payer_id])
    return sum(lot.left_minor for lot in lots)
