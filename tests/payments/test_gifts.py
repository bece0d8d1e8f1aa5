"""Goodwill and opening balances: credit that no payment brought."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from creditwell.credit.models import Lot
from creditwell.kernel.errors import Invalid, NotFound, Refusal
from creditwell.ledger.models import Posting
from creditwell.ledger.post import AlreadyReversed
from creditwell.payments.models import Gift
from creditwell.payments.transferring import CreditSpent
from creditwell.tenancy.access import SYSTEM
from creditwell.usecases.give_credit import GiveCredit, Given, give_credit
from creditwell.usecases.take_back_gift import TakeBackGift, take_back_gift
from tests.acts import invoice, new_key, standing, use_credit
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_clinic
from tests.refusing import refuses

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic(goodwill_lasts_months=6, credit_lasts_months=36)


def give(clinic: Clinic, minor: int = 2500, **fields: Any) -> Given:
    defaults: dict[str, Any] = {
        "practice_id": clinic.practice.pk,
        "key": new_key(),
        "by": SYSTEM,
        "payer_id": clinic.patient.payer_id,
        "kind": "goodwill",
        "amount_minor": minor,
        "reason": "We were late",
    }
    return give_credit(GiveCredit(**{**defaults, **fields}), NOW)


def take_back(clinic: Clinic, gift_id: int, **fields: Any) -> None:
    defaults: dict[str, Any] = {"key": new_key(), "by": SYSTEM, "reason": "The wrong person"}
    take_back_gift(
        TakeBackGift(practice_id=clinic.practice.pk, gift_id=gift_id, **{**defaults, **fields}), NOW
    )


def stands(clinic: Clinic, kind: str) -> int:
    legs = Posting.objects.filter(practice=clinic.practice, account__kind=kind)
    return sum(legs.values_list("amount_minor", flat=True))


def test_goodwill_is_an_expense_and_never_paid_out(clinic: Clinic) -> None:
    lot = Lot.objects.get(pk=give(clinic).lot_id)
    assert (lot.kind, lot.refundable, lot.expires_on) == ("goodwill", False, date(2027, 5, 24))
    assert standing(clinic).credit_minor == 2500
    assert stands(clinic, "goodwill") == -2500
    assert_books_straight(clinic.practice)


def test_an_opening_balance_was_paid_once_so_it_can_be_refunded(clinic: Clinic) -> None:
    lot = Lot.objects.get(pk=give(clinic, kind="opening", on=date(2026, 7, 1)).lot_id)
    assert (lot.kind, lot.refundable, lot.received_on) == ("opening", True, date(2026, 7, 1))
    assert lot.expires_on == date(2029, 7, 1)
    assert stands(clinic, "opening") == -2500
    never = Lot.objects.get(pk=give(clinic, kind="opening", never_expires=True).lot_id)
    assert never.expires_on is None
    assert_books_straight(clinic.practice)


def test_it_may_be_for_one_kind_of_item(clinic: Clinic) -> None:
    category = clinic.item.category_id
    assert Lot.objects.get(pk=give(clinic, category_id=category).lot_id).category_id == category
    other = make_clinic().item.category_id
    with refuses(NotFound, Gift, Lot):
        give(clinic, category_id=other)
    assert_books_straight(clinic.practice)


def test_taken_back_while_unspent(clinic: Clinic) -> None:
    given = give(clinic)
    take_back(clinic, given.gift_id)
    assert standing(clinic).credit_minor == 0
    assert stands(clinic, "goodwill") == 0
    gift = Gift.objects.get(pk=given.gift_id)
    assert (gift.taken_back_on, gift.taken_back_reason) == (NOW.date(), "The wrong person")
    with refuses(AlreadyReversed, Gift, Lot):
        take_back(clinic, given.gift_id)
    assert_books_straight(clinic.practice)


def test_spent_it_stays(clinic: Clinic) -> None:
    given = give(clinic)
    invoice(clinic, 1000)
    use_credit(clinic)
    with refuses(CreditSpent, Gift, Lot) as told:
        take_back(clinic, given.gift_id)
    assert "10.00" in told.value.sentence
    with refuses(Invalid, Gift, Lot):
        take_back(clinic, given.gift_id, reason=" ")
    with refuses(NotFound, Gift, Lot):
        take_back(make_clinic(), given.gift_id)
    assert_books_straight(clinic.practice)


@pytest.mark.parametrize(
    ("fields", "refusal", "param"),
    [
        ({"amount_minor": 0}, Invalid, "amount"),
        ({"reason": "  "}, Invalid, "reason"),
        ({"kind": "payment"}, Invalid, "kind"),
        ({"on": NOW.date() + timedelta(days=1)}, Invalid, "date"),
        ({"expires_on": NOW.date() - timedelta(days=1)}, Invalid, "expires"),
        ({"on": date(2020, 1, 1)}, Invalid, "expires"),
        ({"payer_id": 10**9}, NotFound, "payer"),
    ],
)
def test_what_is_refused(
    clinic: Clinic, fields: dict[str, Any], refusal: type[Refusal], param: str
) -> None:
    with refuses(refusal, Gift, Lot) as told:
        give(clinic, **fields)
    assert told.value.param == param
    assert_books_straight(clinic.practice)


def test_the_same_form_twice_gives_once(clinic: Clinic) -> None:
    key = new_key()
    assert give(clinic, key=key) == give(clinic, key=key)
    assert Gift.objects.count() == 1
