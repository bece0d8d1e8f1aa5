"""The money of a package that is given back: tax, sources, whoever paid."""

from __future__ import annotations

from typing import Any

import pytest

from creditwell.packages.rules_refund import Method
from creditwell.payments.models import Refund, RefundPart, RefundRequest
from creditwell.scheduling.models import AppointmentType
from creditwell.tenancy.access import SYSTEM, Actor
from creditwell.usecases.give_credit import GiveCredit, give_credit
from creditwell.usecases.take_payment import PartInput
from tests.acts import let_use, new_key, pay, standing, use_credit
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_clinic, make_member, make_patient, make_tax_rate
from tests.packages.acts import balance, pay_for, refund, use
from tests.sold import make_product, make_visit_type, sell, sessions, states, unearned

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("practice", "price", "shares", "back"),
    [
        ({}, 10000, [3333, 3333, 3334], 6667),
        (
            {"country": "JP", "currency": "JPY", "cash_rounding_minor": 1},
            10000,
            [3333] * 2 + [3334],
            6667,
        ),
        ({"country": "KW", "currency": "KWD"}, 100000, [33333, 33333, 33334], 66667),
    ],
)
@pytest.mark.parametrize("at_use", [False, True])
def test_odd_prices_and_tax_both_ways(
    practice: dict[str, Any], price: int, shares: list[int], back: int, at_use: bool
) -> None:
    clinic = make_clinic(**practice)
    massage = make_visit_type(clinic, name="Massage")
    tax = make_tax_rate(practice=clinic.practice)
    product = make_product(clinic, massage, units=3, price_minor=price, tax=tax, tax_at_use=at_use)
    package = sell(clinic, product)
    pay_for(clinic, package, price)
    whole = package.tax_minor
    gross = [one.value_minor + one.tax_minor for one in sessions(package)]
    assert sum(gross) == price
    use(clinic, massage, 1)
    used = balance("tax", tax.pk)
    given = refund(clinic, package)
    assert given.back_minor == price - gross[0]
    assert balance("funds") == -gross[0]
    # What is still due of the tax is that of the one session that was used, to the coin.
    still = balance("tax", tax.pk)
    assert abs(still - sessions(package)[0].tax_minor) <= 1
    assert used == (sessions(package)[0].tax_minor if at_use else whole)
    assert balance("revenue") + still == gross[0]
    assert_books_straight(clinic.practice)


def test_tax_is_added_to_list_prices_that_are_quoted_without(massage: AppointmentType) -> None:
    clinic = make_clinic(prices_include_tax=False)
    kind = make_visit_type(clinic, name="Physio")
    tax = make_tax_rate(practice=clinic.practice)
    package = sell(clinic, make_product(clinic, kind, tax=tax))
    pay_for(clinic, package, 49500)
    use(clinic, kind, 2)
    # 495.00 less twice 110.00.
    assert refund(clinic, package, method=Method.AT_LIST).back_minor == 27500
    assert_books_straight(clinic.practice)


def test_two_sources_get_back_what_came_by_them(clinic: Clinic, massage: AppointmentType) -> None:
    package = sell(clinic, make_product(clinic, massage))
    pay_for(clinic, package, 30000)
    pay_for(
        clinic,
        package,
        15000,
        parts=(PartInput(source_id=clinic.cash.pk, amount_minor=15000),),
    )
    use(clinic, massage, 2)
    given = refund(clinic, package)
    assert len(given.refund_ids) == 1
    ways = RefundPart.objects.order_by("source__name").values_list("source__name", "amount_minor")
    # The payment that came last goes back first: all the cash, the rest by card.
    assert list(ways) == [("Card", 12000), ("Cash", 15000)]
    assert_books_straight(clinic.practice)


def test_what_is_owed_falls_first(clinic: Clinic, massage: AppointmentType) -> None:
    package = sell(clinic, make_product(clinic, massage))
    pay_for(clinic, package, 25000)
    use(clinic, massage, 2)
    given = refund(clinic, package)
    assert (given.off_owing_minor, given.refunded_minor) == (20000, 7000)
    assert standing(clinic).owing_minor == 0
    assert_books_straight(clinic.practice)


def test_a_discount_is_what_was_paid(clinic: Clinic, massage: AppointmentType) -> None:
    package = sell(clinic, make_product(clinic, massage, price_minor=40001))
    pay_for(clinic, package, 40001)
    use(clinic, massage, 1)
    given = refund(clinic, package, units=((package.parts.get().pk, 3),))
    assert given.back_minor == 24001
    assert unearned(package) == 8000
    assert_books_straight(clinic.practice)


def test_a_spouse_gets_their_credit_back(clinic: Clinic, massage: AppointmentType) -> None:
    spouse = make_patient(practice=clinic.practice, first_name="Siobhan", last_name="Brennan")
    let_use(clinic, spouse)
    pay(clinic, 50000, patient=spouse)
    package = sell(clinic, make_product(clinic, massage))
    use_credit(clinic)
    assert standing(clinic, spouse).credit_minor == 5000
    use(clinic, massage, 2)
    given = refund(clinic, package)
    assert (given.refunded_minor, given.credit_minor) == (27000, 0)
    assert Refund.objects.get().payer_id == spouse.payer_id
    assert standing(clinic, spouse).credit_minor == 5000
    assert_books_straight(clinic.practice)


def test_goodwill_stays_credit(clinic: Clinic, massage: AppointmentType) -> None:
    give_credit(
        GiveCredit(
            practice_id=clinic.practice.pk,
            key=new_key(),
            by=SYSTEM,
            payer_id=clinic.patient.payer_id,
            kind="goodwill",
            amount_minor=20000,
            reason="Sorry",
        ),
        NOW,
    )
    package = sell(clinic, make_product(clinic, massage))
    use_credit(clinic, (package.line.invoice_id, 20000))
    pay_for(clinic, package, 25000)
    given = refund(clinic, package)
    assert (given.refunded_minor, given.credit_minor) == (25000, 20000)
    assert standing(clinic).credit_minor == 20000
    assert_books_straight(clinic.practice)


def test_above_the_limit_it_waits_for_a_second_person(
    clinic: Clinic, massage: AppointmentType
) -> None:
    clinic.practice.receptionist_refunds_up_to_minor = 10000
    clinic.practice.save()
    user = make_member(practice=clinic.practice, role="receptionist")
    package = sell(clinic, make_product(clinic, massage))
    pay_for(clinic, package, 45000)
    given = refund(clinic, package, by=Actor(user_id=user.pk))
    assert (given.refunded_minor, given.credit_minor, given.refund_ids) == (0, 45000, [])
    assert RefundRequest.objects.get(pk=given.request_ids[0]).total_minor == 45000
    assert standing(clinic).credit_minor == 45000
    assert states(package) == ["refunded"] * 5
    assert_books_straight(clinic.practice)
