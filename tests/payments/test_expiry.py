"""Credit runs out by the practice's rule, never before the law allows; grace brings it back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditwell.credit.models import Lot
from creditwell.credit.rules import last_day, later, months_later
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.ledger.models import Posting
from creditwell.outbox.models import Event
from creditwell.payments.models import LotExpiry, LotExpiryReturn
from creditwell.tenancy.access import SYSTEM, facts_of
from creditwell.tenancy.models import Practice
from creditwell.usecases.edit_payment import EditPayment, edit_payment
from creditwell.usecases.extend_credit import (
    ExtendCredit,
    Extended,
    NothingToExtend,
    extend_credit,
)
from creditwell.usecases.give_credit import GiveCredit, give_credit
from creditwell.usecases.take_payment import PartInput
from creditwell.usecases.transfer_credit import TransferCredit, transfer_credit
from creditwell.worker.expiry import expire_everywhere
from tests.acts import new_key, pay, standing
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_clinic, make_patient
from tests.refusing import refuses

TODAY = NOW.date()  # noon in Sydney and one in the morning UTC are the same day


@given(st.dates(date(1990, 1, 1), date(2200, 1, 1)), st.integers(0, 600))
def test_months_are_added_as_people_count_them(day: date, months: int) -> None:
    found = months_later(day, months)
    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == months
    following = found + timedelta(days=1)
    assert found.day == day.day or (found.day < day.day and following.day == 1)


def test_the_end_of_a_month() -> None:
    assert months_later(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert months_later(date(2027, 1, 31), 13) == date(2028, 2, 29)
    assert months_later(date(2026, 11, 24), 36) == date(2029, 11, 24)
    assert months_later(date(9999, 6, 1), 12) == date.max


@pytest.mark.parametrize(
    ("country", "months", "expected"),
    [
        ("AU", None, None),
        ("AU", 12, date(2029, 11, 24)),
        ("AU", 48, date(2030, 11, 24)),
        ("IE", 12, date(2031, 11, 24)),
        ("US", 12, date(2031, 11, 24)),
        ("CA", 12, None),
        ("GB", 12, date(2027, 11, 24)),
    ],
)
def test_no_shorter_than_the_law(country: str, months: int | None, expected: date | None) -> None:
    practice = Practice(
        id=1, country=country, currency="AUD", credit_lasts_months=months, goodwill_lasts_months=2
    )
    facts = facts_of(practice)
    assert last_day(facts, "payment", TODAY) == last_day(facts, "opening", TODAY) == expected
    assert last_day(facts, "goodwill", TODAY) == date(2027, 1, 24)
    assert last_day(facts, "voucher", TODAY) is None


def test_the_later_of_two_last_days() -> None:
    assert later(TODAY, None) is None
    assert later(None, TODAY) is None
    assert later(TODAY, TODAY - timedelta(days=1)) == TODAY


def expiring(clinic: Clinic, minor: int, on: date, **fields: Any) -> int:
    """A payment whose credit runs out on that day."""
    lot_id = pay(clinic, minor, **fields).lot_id
    Lot.objects.filter(pk=lot_id).update(expires_on=on)
    return lot_id


def extend(clinic: Clinic, lot_id: int, until: date | None, **fields: Any) -> Extended:
    now = fields.pop("now", NOW)
    defaults: dict[str, Any] = {"key": new_key(), "by": SYSTEM, "reason": "They were in hospital"}
    command = ExtendCredit(
        practice_id=clinic.practice.pk, lot_id=lot_id, until=until, **{**defaults, **fields}
    )
    return extend_credit(command, now)


def stands(clinic: Clinic, kind: str) -> int:
    legs = Posting.objects.filter(practice=clinic.practice, account__kind=kind)
    return sum(legs.values_list("amount_minor", flat=True))


@pytest.mark.django_db
def test_a_payment_brings_credit_that_lasts_as_long_as_the_practice_says() -> None:
    clinic = make_clinic(credit_lasts_months=36)
    paid = pay(clinic, 5000)
    assert Lot.objects.get(pk=paid.lot_id).expires_on == date(2029, 11, 24)
    extend(clinic, paid.lot_id, date(2030, 6, 1))
    edited = edit_payment(
        EditPayment(
            practice_id=clinic.practice.pk,
            key=new_key(),
            by=SYSTEM,
            payment_id=paid.payment_id,
            parts=(PartInput(source_id=clinic.card.pk, amount_minor=4000),),
        ),
        NOW,
    )
    # Corrected it does not lose the grace that was given.
    assert Lot.objects.get(pk=edited.lot_id).expires_on == date(2030, 6, 1)
    assert_books_straight(clinic.practice)


@pytest.mark.django_db(transaction=True)
def test_it_expires_the_day_after_its_last_and_once(clinic: Clinic) -> None:
    Practice.objects.filter(pk=clinic.practice.pk).update(expired_credit_into="unclaimed")
    gone = expiring(clinic, 3000, TODAY - timedelta(days=1), now=NOW - timedelta(days=9))
    expiring(clinic, 2000, TODAY)
    pay(clinic, 1000)
    goodwill = give_credit(
        GiveCredit(
            practice_id=clinic.practice.pk,
            key=new_key(),
            by=SYSTEM,
            payer_id=clinic.patient.payer_id,
            kind="goodwill",
            amount_minor=500,
            reason="Sorry",
            on=TODAY - timedelta(days=9),
        ),
        NOW,
    ).lot_id
    Lot.objects.filter(pk=goodwill).update(expires_on=TODAY - timedelta(days=3))
    # The lot of today is noticed, for it ends within thirty days.
    assert expire_everywhere(NOW) == (2, 1)
    assert expire_everywhere(NOW) == (0, 0)
    assert standing(clinic).credit_minor == 3000
    rows = dict(LotExpiry.objects.values_list("lot_id", "into"))
    assert rows == {gone: "unclaimed", goodwill: "breakage"}
    assert {row.lot_id: row.expired_on for row in LotExpiry.objects.all()} == {
        gone: TODAY,
        goodwill: TODAY - timedelta(days=2),
    }
    assert (stands(clinic, "unclaimed"), stands(clinic, "breakage")) == (3000, 500)
    told = Event.objects.filter(topic="credit.expired")
    assert sorted(event.body["lot_id"] for event in told) == sorted([gone, goodwill])
    assert_books_straight(clinic.practice)


@pytest.mark.django_db(transaction=True)
def test_each_practice_expires_by_its_own_day(clinic: Clinic) -> None:
    west = make_clinic(time_zone="America/Los_Angeles")
    for one in (clinic, west):
        expiring(one, 1000, date(2026, 11, 23), now=NOW - timedelta(days=9))
    # In Sydney it is the 24th, in Los Angeles still the 23rd, the last day.
    assert expire_everywhere(NOW) == (1, 1)
    assert standing(clinic).credit_minor == 0
    assert standing(west).credit_minor == 1000
    assert expire_everywhere(datetime(2026, 11, 24, 9, tzinfo=UTC)) == (1, 0)
    for one in (clinic, west):
        assert_books_straight(one.practice)


@pytest.mark.django_db(transaction=True)
def test_it_is_noticed_once_some_days_before(clinic: Clinic) -> None:
    near = expiring(clinic, 1000, TODAY + timedelta(days=30))
    expiring(clinic, 1000, TODAY + timedelta(days=31))
    for _again in range(2):
        expire_everywhere(NOW)
    (event,) = Event.objects.filter(topic="credit.expiring")
    assert event.body == {
        "payer_id": clinic.patient.payer_id,
        "lot_id": near,
        "expires_on": "2026-12-24",
    }
    # Grace: they are told again before the new day.
    extend(clinic, near, TODAY + timedelta(days=60))
    expire_everywhere(NOW + timedelta(days=31))
    assert Event.objects.filter(topic="credit.expiring", body__lot_id=near).count() == 2
    assert_books_straight(clinic.practice)


@pytest.mark.django_db(transaction=True)
def test_in_closed_books_it_expires_today() -> None:
    clinic = make_clinic()
    lot = expiring(clinic, 1000, TODAY - timedelta(days=5), now=NOW - timedelta(days=9))
    Practice.objects.filter(pk=clinic.practice.pk).update(books_closed_on=TODAY - timedelta(days=1))
    expire_everywhere(NOW)
    assert LotExpiry.objects.get(lot_id=lot).expired_on == TODAY
    assert_books_straight(clinic.practice)


@pytest.mark.django_db(transaction=True)
def test_grace_after_expiry_brings_it_back(clinic: Clinic) -> None:
    lot = expiring(clinic, 3000, TODAY - timedelta(days=1), now=NOW - timedelta(days=9))
    expire_everywhere(NOW)
    assert extend(clinic, lot, TODAY + timedelta(days=90)).returned_minor == 3000
    assert standing(clinic).credit_minor == 3000
    assert stands(clinic, "breakage") == 0
    expire_everywhere(NOW + timedelta(days=100))
    assert standing(clinic).credit_minor == 0
    assert extend(clinic, lot, None, now=NOW + timedelta(days=101)).returned_minor == 3000
    assert Lot.objects.get(pk=lot).expires_on is None
    assert LotExpiryReturn.objects.count() == LotExpiry.objects.count() == 2
    with refuses(NothingToExtend, Lot, LotExpiryReturn):
        extend(clinic, lot, TODAY + timedelta(days=200))
    assert_books_straight(clinic.practice)


@pytest.mark.django_db
def test_grace_goes_forward_only(clinic: Clinic) -> None:
    lot = expiring(clinic, 3000, TODAY + timedelta(days=10))
    never = pay(clinic, 1000).lot_id
    for until in (TODAY + timedelta(days=10), TODAY - timedelta(days=1)):
        with refuses(Invalid, Lot, LotExpiryReturn):
            extend(clinic, lot, until)
    with refuses(NothingToExtend, Lot, LotExpiryReturn):
        extend(clinic, never, TODAY + timedelta(days=10))
    with refuses(NotFound, Lot, LotExpiryReturn):
        extend(make_clinic(), lot, TODAY + timedelta(days=50))
    assert extend(clinic, lot, TODAY + timedelta(days=50)).returned_minor == 0
    assert_books_straight(clinic.practice)


@pytest.mark.django_db
def test_what_has_expired_is_not_passed_on(clinic: Clinic) -> None:
    lot = expiring(clinic, 3000, TODAY - timedelta(days=1), now=NOW - timedelta(days=9))
    to = make_patient(practice=clinic.practice)
    for what in ({"lots": ((lot, 1000),)}, {"amount_minor": 1000}):
        with refuses(Invalid, Lot):
            transfer_credit(
                TransferCredit(
                    practice_id=clinic.practice.pk,
                    key=new_key(),
                    by=SYSTEM,
                    from_payer_id=clinic.patient.payer_id,
                    to_payer_id=to.payer_id,
                    reason="They share",
                    anywhere=True,
                    **what,  # type: ignore[arg-type]
                ),
                NOW,
            )
    assert_books_straight(clinic.practice)
