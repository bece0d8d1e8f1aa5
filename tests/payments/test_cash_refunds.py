"""Cash goes back in coins, and never more of it than came in."""

from __future__ import annotations

import pytest

from creditwell.audit.models import Note
from creditwell.outbox.models import Event
from creditwell.payments.models import PaymentPart, Refund, RefundPart
from creditwell.payments.queries_refund import refundable
from creditwell.tenancy.access import SYSTEM, facts_of
from creditwell.usecases.refund_credit import RefundCredit, TooSmallForCash, refund_credit
from creditwell.usecases.take_payment import PartInput
from tests.acts import new_key, pay, standing
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_clinic

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic(cash_rounding_minor=5)


def came(clinic: Clinic, minor: int, *, card: bool = False) -> PaymentPart:
    source = clinic.card if card else clinic.cash
    taken = pay(clinic, 0, parts=(PartInput(source_id=source.pk, amount_minor=minor),))
    return PaymentPart.objects.get(payment_id=taken.payment_id)


def give_back(clinic: Clinic, part: PaymentPart, minor: int) -> int:
    """Refund, and say what left the till; the form had said the same."""
    found = refundable(facts_of(clinic.practice), clinic.patient.payer_id)
    (shown,) = [one for one in found.parts if one.part_id == part.pk]
    foreseen = shown.back(facts_of(clinic.practice).money(minor), 5).minor
    refunded = refund_credit(
        RefundCredit(
            practice_id=clinic.practice.pk,
            key=new_key(),
            by=SYSTEM,
            payer_id=clinic.patient.payer_id,
            parts=((part.pk, minor),),
            reason="moved away",
        ),
        NOW,
    )
    paid = RefundPart.objects.get(refund_id=refunded.refund_id)
    assert paid.amount_minor + paid.rounding_minor == minor
    assert paid.amount_minor == foreseen
    return paid.amount_minor


@pytest.mark.parametrize(("minor", "paid"), [(5, 5), (7, 5), (8, 5), (4998, 4995), (5000, 5000)])
def test_cash_goes_down_to_the_coin(clinic: Clinic, minor: int, paid: int) -> None:
    assert give_back(clinic, came(clinic, 10000), minor) == paid
    assert standing(clinic).credit_minor == 10000 - minor
    assert_books_straight(clinic.practice)


def test_three_cents_do_not_drain_the_till(clinic: Clinic) -> None:
    part = came(clinic, 1000)
    before = Refund.objects.count(), Note.objects.count(), Event.objects.count()
    for _n in range(3):
        with pytest.raises(TooSmallForCash):
            give_back(clinic, part, 3)
    assert (Refund.objects.count(), Note.objects.count(), Event.objects.count()) == before
    assert standing(clinic).credit_minor == 1000
    assert_books_straight(clinic.practice)


@pytest.mark.parametrize(("minor", "till"), [(998, 1000), (1002, 1000), (1000, 1000)])
def test_all_of_it_is_the_coins_that_came(clinic: Clinic, minor: int, till: int) -> None:
    part = came(clinic, minor)
    assert part.amount_minor == till
    assert give_back(clinic, part, minor) == till
    assert_books_straight(clinic.practice)


@pytest.mark.parametrize("minor", [998, 1002])
def test_the_last_refund_brings_what_the_others_rounded_off(clinic: Clinic, minor: int) -> None:
    part = came(clinic, minor)
    assert [give_back(clinic, part, some) for some in (8, 498)] == [5, 495]
    assert give_back(clinic, part, minor - 506) == 500
    assert standing(clinic).credit_minor == 0
    assert_books_straight(clinic.practice)


def test_a_card_gives_back_to_the_cent(clinic: Clinic) -> None:
    part = came(clinic, 1000, card=True)
    assert [give_back(clinic, part, some) for some in (3, 997)] == [3, 997]
    assert_books_straight(clinic.practice)
