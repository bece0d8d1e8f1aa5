"""How a gift voucher ends without being redeemed: it expires, its payment is charged back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from creditwell.credit.models import Lot
from creditwell.payments.models import PaymentPart, Transfer, Voucher
from creditwell.tenancy.access import SYSTEM
from creditwell.tenancy.models import Practice
from creditwell.usecases.dishonour_payment import DishonourPayment, dishonour_payment
from creditwell.usecases.expire_credit import ExpireCredit, expire_credit
from creditwell.usecases.extend_credit import ExtendCredit, extend_credit
from creditwell.usecases.redeem_voucher import NothingLeft
from tests.acts import invoice, new_key, standing, use_credit
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic
from tests.refusing import refuses
from tests.vouchers import left_of, redeem, sell_one

pytestmark = pytest.mark.django_db
TABLES = (Voucher, Lot, Transfer)


def test_expired_it_is_swept_off_and_grace_brings_it_back(clinic: Clinic) -> None:
    Practice.objects.filter(pk=clinic.practice.pk).update(voucher_lasts_months=36)
    voucher, later = sell_one(clinic), NOW + timedelta(days=1097)
    facts = {"practice_id": clinic.practice.pk, "by": SYSTEM}
    expire_credit(ExpireCredit(**facts, key=new_key(), payer_id=voucher.payer_id), later)
    assert left_of(voucher) == 0
    with refuses(NothingLeft, *TABLES):
        redeem(clinic, voucher.code, now=later)
    lot = Lot.objects.get(payer_id=voucher.payer_id)
    extend_credit(
        ExtendCredit(
            **facts, key=new_key(), lot_id=lot.pk, until=date(2030, 1, 31), reason="Was ill"
        ),
        later,
    )
    redeem(clinic, voucher.code, now=later)
    assert_books_straight(clinic.practice)


def test_charged_back_the_voucher_is_empty(clinic: Clinic) -> None:
    voucher = sell_one(clinic)
    redeem(clinic, voucher.code, 4000)
    invoice(clinic, 4000)
    use_credit(clinic)
    part = PaymentPart.objects.get(payment_id=voucher.payment_id)
    dishonour_payment(
        DishonourPayment(
            practice_id=clinic.practice.pk,
            key=new_key(),
            by=SYSTEM,
            part_id=part.pk,
            amount_minor=10000,
            reason="Chargeback",
        ),
        NOW,
    )
    assert left_of(voucher) == 0
    assert standing(clinic).owing_minor == 4000
    assert_books_straight(clinic.practice)
