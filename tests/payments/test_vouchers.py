"""Gift vouchers: sold, redeemed, disabled, and what nobody can do with them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from creditwell.credit.models import Lot
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.ledger.models import Entry
from creditwell.ledger.post import Overdrawn
from creditwell.payments import vouchers
from creditwell.payments.check import check_payments
from creditwell.payments.models import (
    Payment,
    PaymentPart,
    Transfer,
    TransferPart,
    TransferReturn,
    Voucher,
)
from creditwell.payments.operations import NotAPerson
from creditwell.payments.rules_voucher import WrongCode, new_code, shown
from creditwell.people.models import Patient, Payer
from creditwell.people.operations import create_contact_row
from creditwell.people.rules import ContactDetails
from creditwell.tenancy.access import SYSTEM, Actor
from creditwell.tenancy.models import Practice
from creditwell.usecases.disable_voucher import DisableVoucher, disable_voucher
from creditwell.usecases.edit_payment import EditPayment, SoldVouchers, edit_payment
from creditwell.usecases.enable_voucher import EnableVoucher, NotDisabled, enable_voucher
from creditwell.usecases.redeem_voucher import (
    MoreThanLeft,
    NothingLeft,
    VoucherDisabled,
    VoucherExpired,
)
from creditwell.usecases.refund_credit import RefundCredit, refund_credit
from creditwell.usecases.sell_vouchers import NewVoucher
from creditwell.usecases.take_payment import PartInput
from creditwell.usecases.transfer_credit import TransferCredit, transfer_credit
from creditwell.usecases.undo_transfer import UndoTransfer, undo_transfer
from creditwell.usecases.void_payment import VoidPayment, void_payment
from tests.acts import invoice, new_key, pay, standing, use_credit
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_clinic, make_patient
from tests.refusing import refuses
from tests.vouchers import left_of, redeem, sell, sell_one

pytestmark = pytest.mark.django_db
TABLES = (Voucher, Payer, Payment, Lot, Transfer, TransferPart, TransferReturn, Entry)


def disable(clinic: Clinic, voucher: Voucher, reason: str = "Lost") -> None:
    disable_voucher(
        DisableVoucher(
            practice_id=clinic.practice.pk,
            key=new_key(),
            by=SYSTEM,
            voucher_id=voucher.pk,
            reason=reason,
        ),
        NOW,
    )


def enable(clinic: Clinic, voucher: Voucher) -> None:
    enable_voucher(
        EnableVoucher(
            practice_id=clinic.practice.pk, key=new_key(), by=SYSTEM, voucher_id=voucher.pk
        ),
        NOW,
    )


def undo(clinic: Clinic, transfer_id: int) -> None:
    undo_transfer(
        UndoTransfer(
            practice_id=clinic.practice.pk, key=new_key(), by=SYSTEM, transfer_id=transfer_id
        ),
        NOW,
    )


def void(clinic: Clinic, payment_id: int) -> None:
    void_payment(
        VoidPayment(
            practice_id=clinic.practice.pk,
            key=new_key(),
            by=SYSTEM,
            payment_id=payment_id,
            reason="Card declined",
        ),
        NOW,
    )


def test_sold_it_is_nobodys_account_credit(clinic: Clinic) -> None:
    Practice.objects.filter(pk=clinic.practice.pk).update(voucher_lasts_months=36)
    sold = sell(clinic, 10000, 5000, now=NOW)
    assert standing(clinic).credit_minor == 0
    payment = Payment.objects.get(pk=sold.payment_id)
    assert (payment.total_minor, payment.number) == (15000, 1)
    rows = list(Voucher.objects.order_by("pk").select_related("payer"))
    assert [row.pk for row in rows] == sold.voucher_ids
    assert [row.code for row in rows] == sold.codes
    assert [left_of(row) for row in rows] == [10000, 5000]
    assert rows[0].payer.name == f"Voucher ••••-••••-{rows[0].code[-4:]}"
    (lot,) = Lot.objects.filter(payer_id=rows[0].payer_id)
    assert (lot.kind, lot.expires_on, lot.refundable) == ("voucher", date(2029, 11, 24), True)
    assert lot.origin_id == lot.root_id == payment.lot_id
    assert_books_straight(clinic.practice)


def test_cash_is_rounded_and_the_voucher_is_worth_what_it_says(clinic: Clinic) -> None:
    Practice.objects.filter(pk=clinic.practice.pk).update(cash_rounding_minor=5)
    voucher = sell_one(
        clinic, 4999, parts=(PartInput(source_id=clinic.cash.pk, amount_minor=4999),)
    )
    part = PaymentPart.objects.get(payment_id=voucher.payment_id)
    assert (part.amount_minor, part.rounding_minor) == (5000, -1)
    assert left_of(voucher) == 4999
    assert_books_straight(clinic.practice)


def test_a_contact_can_buy_one(clinic: Clinic) -> None:
    details = ContactDetails(kind="employer", name="Harbour Works")
    contact = create_contact_row(practice_id=clinic.practice.pk, details=details, now=NOW)
    voucher = sell_one(clinic, payer_id=contact.payer_id)
    assert voucher.payment.payer_id == contact.payer_id
    assert_books_straight(clinic.practice)


def test_the_same_sale_sent_twice_is_one(clinic: Clinic) -> None:
    key = new_key()
    assert sell(clinic, 5000, key=key) == sell(clinic, 5000, key=key)
    assert Voucher.objects.count() == Payment.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "fields", "param"),
    [
        ((), {}, "parts"),
        ((5000,), {"vouchers": (NewVoucher(value_minor=4000),)}, "parts"),
        ((5000,), {"vouchers": ()}, "vouchers"),
        ((5000,), {"vouchers": (NewVoucher(value_minor=0),)}, "value"),
        ((5000,), {"received_on": date(2026, 11, 25)}, "date"),
        ((5000,), {"email_to": "everybody"}, "email_to"),
    ],
)
def test_a_sale_that_does_not_add_up_is_refused(
    clinic: Clinic, values: tuple[int, ...], fields: dict[str, object], param: str
) -> None:
    with refuses(Invalid, *TABLES) as told:
        sell(clinic, *values, **fields)
    assert told.value.param == param


def test_redeemed_it_is_the_patients_and_stays_what_it_was(clinic: Clinic) -> None:
    Practice.objects.filter(pk=clinic.practice.pk).update(voucher_lasts_months=36)
    ben = make_patient(practice=clinic.practice)
    voucher = sell_one(clinic)
    made = redeem(clinic, shown(voucher.code).lower(), 3000, patient_id=ben.pk)
    assert (made.total_minor, made.left_minor) == (3000, 7000)
    assert standing(clinic, ben).credit_minor == 3000
    (lot,) = Lot.objects.filter(payer_id=ben.payer_id)
    assert (lot.kind, lot.expires_on, lot.refundable) == ("voucher", date(2029, 11, 24), True)
    rest = redeem(clinic, voucher.code, patient_id=ben.pk)
    assert (rest.total_minor, rest.left_minor) == (7000, 0)
    with refuses(NothingLeft, *TABLES):
        redeem(clinic, voucher.code)
    invoice(clinic, 10000, patient=ben)
    use_credit(clinic, payer_id=ben.payer_id)
    assert standing(clinic, ben).owing_minor == standing(clinic, ben).credit_minor == 0
    assert_books_straight(clinic.practice)


def test_more_than_is_left_is_refused(clinic: Clinic) -> None:
    voucher = sell_one(clinic)
    with refuses(MoreThanLeft, *TABLES):
        redeem(clinic, voucher.code, 10001)
    with refuses(Invalid, *TABLES):
        redeem(clinic, voucher.code, 0)
    stranger = make_clinic().patient
    with refuses(NotFound, *TABLES):
        redeem(clinic, voucher.code, patient_id=stranger.pk)


def test_after_its_last_day_it_is_refused(clinic: Clinic) -> None:
    Practice.objects.filter(pk=clinic.practice.pk).update(voucher_lasts_months=36)
    voucher = sell_one(clinic)
    redeem(clinic, voucher.code, 100, now=NOW + timedelta(days=1096))
    with refuses(VoucherExpired, *TABLES):
        redeem(clinic, voucher.code, now=NOW + timedelta(days=1097))
    assert_books_straight(clinic.practice)


def test_codes_cannot_be_guessed(clinic: Clinic) -> None:
    voucher = sell_one(clinic)
    guesser = Actor(api_key_id=987654)
    for _turn in range(vouchers.MISSES_PER_MINUTE):
        with refuses(vouchers.NoSuchVoucher, *TABLES):
            redeem(clinic, new_code(), by=guesser)
    with refuses(vouchers.TooManyGuesses, *TABLES):  # the right one now, too
        redeem(clinic, voucher.code, by=guesser)
    with refuses(WrongCode, *TABLES):
        redeem(clinic, "AAAA-AAAA-AAAB")
    # A minute later, and for others, all is well.
    redeem(clinic, voucher.code, 100)
    made = vouchers.find_voucher(
        practice_id=clinic.practice.pk,
        text=voucher.code,
        by=guesser,
        now=NOW + timedelta(minutes=1),
    )
    assert made.pk == voucher.pk


def test_another_practice_does_not_know_it(clinic: Clinic) -> None:
    voucher, other = sell_one(clinic), make_clinic()
    with refuses(vouchers.NoSuchVoucher, *TABLES):
        redeem(other, voucher.code)


def test_disabled_it_waits_until_it_is_enabled(clinic: Clinic) -> None:
    voucher = sell_one(clinic)
    with refuses(NotDisabled, *TABLES):
        enable(clinic, voucher)
    with refuses(Invalid, *TABLES):
        disable(clinic, voucher, reason="  ")
    disable(clinic, voucher)
    with refuses(VoucherDisabled, *TABLES):
        redeem(clinic, voucher.code)
    with refuses(VoucherDisabled, *TABLES):
        disable(clinic, voucher)
    enable(clinic, voucher)
    redeem(clinic, voucher.code)
    assert_books_straight(clinic.practice)


def test_a_redemption_is_undone_while_unspent(clinic: Clinic) -> None:
    voucher = sell_one(clinic)
    made = redeem(clinic, voucher.code, 4000)
    undo(clinic, made.transfer_id)
    assert (left_of(voucher), standing(clinic).credit_minor) == (10000, 0)
    redeem(clinic, voucher.code)
    assert_books_straight(clinic.practice)


def test_the_sale_cannot_be_undone_into_credit(clinic: Clinic) -> None:
    voucher = sell_one(clinic)
    sale = TransferPart.objects.get(to_lot__payer_id=voucher.payer_id)
    with refuses(NotAPerson, *TABLES):
        undo(clinic, sale.transfer_id)


def test_voided_the_voucher_is_worth_nothing(clinic: Clinic) -> None:
    voucher = sell_one(clinic)
    made = redeem(clinic, voucher.code, 4000, now=NOW + timedelta(days=1))
    with refuses(vouchers.VoucherUsed, *TABLES) as told:
        void(clinic, voucher.payment_id)
    assert shown(voucher.code) in told.value.sentence
    undo_transfer(
        UndoTransfer(
            practice_id=clinic.practice.pk, key=new_key(), by=SYSTEM, transfer_id=made.transfer_id
        ),
        NOW + timedelta(days=2),
    )
    void_payment(
        VoidPayment(
            practice_id=clinic.practice.pk,
            key=new_key(),
            by=SYSTEM,
            payment_id=voucher.payment_id,
            reason="Declined",
        ),
        NOW + timedelta(days=3),
    )
    with refuses(VoucherDisabled, *TABLES):
        redeem(clinic, voucher.code)
    with refuses(NothingLeft, *TABLES):
        enable(clinic, voucher)
    assert standing(clinic).credit_minor == 0
    assert_books_straight(clinic.practice)


def test_a_sale_is_not_edited(clinic: Clinic) -> None:
    voucher = sell_one(clinic)
    with refuses(SoldVouchers, *TABLES):
        edit_payment(
            EditPayment(
                practice_id=clinic.practice.pk,
                key=new_key(),
                by=SYSTEM,
                payment_id=voucher.payment_id,
                parts=(PartInput(source_id=clinic.cash.pk, amount_minor=10000),),
            ),
            NOW,
        )


def test_credit_never_buys_a_voucher(clinic: Clinic) -> None:
    """No act there is puts account credit into a voucher, or does anything else with its payer."""
    voucher = sell_one(clinic)
    pay(clinic, 5000)
    theirs = {"payer_id": voucher.payer_id}
    bill = invoice(clinic, 5000).invoice_id
    for from_id, to_id in (
        (clinic.patient.payer_id, voucher.payer_id),
        (voucher.payer_id, clinic.patient.payer_id),
    ):
        command = TransferCredit(
            practice_id=clinic.practice.pk,
            key=new_key(),
            by=SYSTEM,
            from_payer_id=from_id,
            to_payer_id=to_id,
            amount_minor=100,
            reason="More on it",
            anywhere=True,
        )
        with refuses(NotAPerson, *TABLES):
            transfer_credit(command, NOW)
    with refuses(NotAPerson, *TABLES):
        pay(clinic, 100, **theirs)
    with refuses(NotAPerson, *TABLES):
        sell(clinic, 100, **theirs)
    with refuses(NotAPerson, *TABLES):
        use_credit(clinic, (bill, 100), **theirs)
    assert left_of(voucher) == 10000
    assert_books_straight(clinic.practice)


def test_its_money_is_not_refunded_past_it(clinic: Clinic) -> None:
    """Neither as the voucher's credit by hand, nor as the buyer's, whose lot is at zero."""
    voucher = sell_one(clinic)
    part = PaymentPart.objects.get(payment_id=voucher.payment_id)
    for payer_id, error in ((voucher.payer_id, NotAPerson), (clinic.patient.payer_id, Overdrawn)):
        command = RefundCredit(
            practice_id=clinic.practice.pk,
            key=new_key(),
            by=SYSTEM,
            payer_id=payer_id,
            parts=((part.pk, 100),),
            reason="Back",
        )
        with refuses(error, *TABLES):
            refund_credit(command, NOW)
    assert left_of(voucher) == 10000


def test_the_proof_sees_what_stands_at_a_voucher(clinic: Clinic) -> None:
    voucher = sell_one(clinic)
    assert_books_straight(clinic.practice)
    Patient.objects.filter(pk=clinic.patient.pk).update(payer_id=voucher.payer_id)
    promises = {fault.promise for fault in check_payments(clinic.practice.pk)}
    assert "Nothing but its own credit stands at a voucher" in promises
