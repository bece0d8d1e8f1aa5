"""What is left of a gift voucher goes back to whence it came."""

from __future__ import annotations

from typing import Any

import pytest

from creditwell.kernel.errors import Invalid
from creditwell.payments.models import PaymentPart, Refund, RefundPart, RefundRequest, Voucher
from creditwell.payments.queries_vouchers import voucher_facts
from creditwell.people.models import Payer
from creditwell.tenancy.access import SYSTEM, Actor, facts_of
from creditwell.tenancy.models import Practice
from creditwell.tenancy.permissions import Role
from creditwell.usecases.approve_refund import ApproveRefund, CreditGone, approve_refund
from creditwell.usecases.enable_voucher import EnableVoucher, enable_voucher
from creditwell.usecases.redeem_voucher import NothingLeft, VoucherDisabled
from creditwell.usecases.refund_credit import ApprovalNeeded
from creditwell.usecases.refund_voucher import RefundVoucher, VoucherRefunded, refund_voucher
from creditwell.usecases.take_payment import PartInput
from tests.acts import new_key
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_member
from tests.refusing import refuses
from tests.vouchers import left_of, redeem, sell_one

pytestmark = pytest.mark.django_db
TABLES = (Voucher, Payer, Refund, RefundPart, RefundRequest, PaymentPart)


def refund(clinic: Clinic, voucher: Voucher, **fields: Any) -> VoucherRefunded:
    values = {"key": new_key(), "by": SYSTEM, "reason": "Not wanted", **fields}
    return refund_voucher(
        RefundVoucher(practice_id=clinic.practice.pk, voucher_id=voucher.pk, **values), NOW
    )


def test_what_is_left_goes_back_and_the_voucher_is_over(clinic: Clinic) -> None:
    voucher, key = sell_one(clinic), new_key()
    redeem(clinic, voucher.code, 4000)
    made = refund(clinic, voucher, key=key)
    assert made == refund(clinic, voucher, key=key)
    assert (made.total_minor, made.request_id, left_of(voucher)) == (6000, None, 0)
    part = RefundPart.objects.get(refund_id=made.refund_id)
    assert (part.source_id, part.amount_minor) == (clinic.card.pk, 6000)
    facts = voucher_facts(facts_of(clinic.practice), voucher.pk, today=NOW.date())
    assert (facts.line.state, facts.refunded.minor, facts.redeemed.minor) == (
        "disabled",
        6000,
        4000,
    )
    assert facts.line.disabled_reason == "Refunded by refund 1"
    assert [one.refund_id for one in facts.happened if one.refund_id] == [made.refund_id]
    with refuses(VoucherDisabled, *TABLES):
        redeem(clinic, voucher.code)
    with refuses(NothingLeft, *TABLES):
        refund(clinic, voucher)
    with refuses(NothingLeft, *TABLES):
        enable_voucher(
            EnableVoucher(
                practice_id=clinic.practice.pk, key=new_key(), by=SYSTEM, voucher_id=voucher.pk
            ),
            NOW,
        )
    assert_books_straight(clinic.practice)


def test_bought_by_two_sources_it_goes_back_by_both(clinic: Clinic) -> None:
    Practice.objects.filter(pk=clinic.practice.pk).update(cash_rounding_minor=5)
    parts = (
        PartInput(source_id=clinic.card.pk, amount_minor=7000),
        PartInput(source_id=clinic.cash.pk, amount_minor=2999),
    )
    voucher = sell_one(clinic, 9999, parts=parts)
    made = refund(clinic, voucher)
    rows = RefundPart.objects.filter(refund_id=made.refund_id).order_by("pk")
    assert [(row.source_id, row.amount_minor, row.rounding_minor) for row in rows] == [
        (clinic.card.pk, 7000, 0),
        (clinic.cash.pk, 3000, -1),
    ]
    assert_books_straight(clinic.practice)


def test_it_says_why(clinic: Clinic) -> None:
    voucher = sell_one(clinic)
    with refuses(Invalid, *TABLES) as told:
        refund(clinic, voucher, reason="  ")
    assert told.value.param == "reason"


def test_above_a_limit_a_second_person_refunds_and_disables_it(clinic: Clinic) -> None:
    Practice.objects.filter(pk=clinic.practice.pk).update(refunds_need_two_above_minor=5000)
    alice = make_member(practice=clinic.practice, role=Role.OWNER)
    bob = make_member(practice=clinic.practice, role=Role.BOOKKEEPER)
    voucher = sell_one(clinic)
    with refuses(ApprovalNeeded, *TABLES):
        refund(clinic, voucher, by=Actor(user_id=alice.pk))
    asked = refund(clinic, voucher, by=Actor(user_id=alice.pk), ask=True)
    assert (asked.refund_id, left_of(voucher)) == (None, 10000)
    assert Voucher.objects.get(pk=voucher.pk).disabled_at is None
    approve = ApproveRefund(
        practice_id=clinic.practice.pk,
        key=new_key(),
        by=Actor(user_id=bob.pk),
        request_id=asked.request_id or 0,
    )
    approve_refund(approve, NOW)
    assert left_of(voucher) == 0
    with refuses(VoucherDisabled, *TABLES):
        redeem(clinic, voucher.code)
    assert_books_straight(clinic.practice)


def test_redeemed_meanwhile_the_request_cannot_be_approved(clinic: Clinic) -> None:
    Practice.objects.filter(pk=clinic.practice.pk).update(refunds_need_two_above_minor=5000)
    bob = make_member(practice=clinic.practice, role=Role.BOOKKEEPER)
    voucher = sell_one(clinic)
    asked = refund(clinic, voucher, ask=True)
    redeem(clinic, voucher.code, 100)
    approve = ApproveRefund(
        practice_id=clinic.practice.pk,
        key=new_key(),
        by=Actor(user_id=bob.pk),
        request_id=asked.request_id or 0,
    )
    with refuses(CreditGone, *TABLES):
        approve_refund(approve, NOW)
    assert_books_straight(clinic.practice)
