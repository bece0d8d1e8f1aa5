"""Whose credit pays: one's own first, then what others allow, within their limits."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from creditwell.credit.models import Lot, Share
from creditwell.payments.models import Allocation
from creditwell.payments.wallets import shares_of
from creditwell.people.models import Patient
from creditwell.tenancy.access import SYSTEM
from creditwell.usecases.apply_credit import NothingToApply
from creditwell.usecases.edit_payment import EditPayment, edit_payment
from creditwell.usecases.take_back_allocation import TakeBackAllocation, take_back_allocation
from creditwell.usecases.take_payment import DoesNotAddUp, PartInput
from tests.acts import invoice, let_use, new_key, pay, standing, use_credit
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_patient
from tests.refusing import refuses

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 24)


@pytest.fixture
def anna(clinic: Clinic) -> Patient:
    return make_patient(practice=clinic.practice, first_name="Anna")


def test_own_credit_first_then_the_familys(clinic: Clinic, anna: Patient) -> None:
    permission = let_use(clinic, anna)
    pay(clinic, 2000)
    pay(clinic, 10000, patient=anna)
    invoice(clinic, 9000)
    done = use_credit(clinic)
    assert (done.total_minor, done.family_minor, done.credit_after_minor) == (9000, 7000, 0)
    assert standing(clinic).owing_minor == 0
    assert standing(clinic, anna).credit_minor == 3000
    rows = Allocation.objects.order_by("pk").values_list("amount_minor", "share_id")
    assert list(rows) == [(2000, None), (7000, permission.pk)]
    assert_books_straight(clinic.practice)


def test_in_the_written_order_across_the_family(clinic: Clinic, anna: Patient) -> None:
    berta = make_patient(practice=clinic.practice, first_name="Berta")
    for owner in (anna, berta):
        let_use(clinic, owner)
    pay(clinic, 5000, patient=anna)
    soon = pay(clinic, 5000, patient=berta).lot_id
    Lot.objects.filter(pk=soon).update(expires_on=TODAY + timedelta(days=9))
    invoice(clinic, 6000)
    use_credit(clinic)
    assert standing(clinic, berta).credit_minor == 0
    assert standing(clinic, anna).credit_minor == 4000
    assert_books_straight(clinic.practice)


def test_without_a_permission_nobody_elses_credit_pays(clinic: Clinic, anna: Patient) -> None:
    pay(clinic, 9000, patient=anna)
    bill = invoice(clinic, 9000)
    with refuses(NothingToApply, Allocation):
        use_credit(clinic)
    with refuses(DoesNotAddUp, Allocation) as told:
        use_credit(clinic, family_credit=((bill.invoice_id, anna.payer_id, 100),))
    assert told.value.param == f"family-{bill.invoice_id}-{anna.payer_id}"
    with refuses(DoesNotAddUp, Allocation):  # nor from the owner's own page
        use_credit(clinic, (bill.invoice_id, 100), payer_id=anna.payer_id)
    assert_books_straight(clinic.practice)


def test_it_goes_one_way_only(clinic: Clinic, anna: Patient) -> None:
    let_use(clinic, anna)
    pay(clinic, 9000)
    bill = invoice(clinic, 9000, patient=anna)
    with refuses(DoesNotAddUp, Allocation):
        use_credit(clinic, (bill.invoice_id, 9000))
    assert_books_straight(clinic.practice)


def test_an_ended_permission_allows_nothing(clinic: Clinic, anna: Patient) -> None:
    let_use(clinic, anna, ended_at=NOW)
    pay(clinic, 9000, patient=anna)
    invoice(clinic, 9000)
    with refuses(NothingToApply, Allocation):
        use_credit(clinic)
    assert_books_straight(clinic.practice)


def test_a_cap_holds_for_the_month(clinic: Clinic, anna: Patient) -> None:
    let_use(clinic, anna, mode="monthly", cap_minor=5000)
    pay(clinic, 20000, patient=anna)
    bill = invoice(clinic, 9000)
    assert use_credit(clinic).family_minor == 5000
    with refuses(DoesNotAddUp, Allocation) as told:
        use_credit(clinic, family_credit=((bill.invoice_id, anna.payer_id, 1),))
    assert "Anna" in told.value.sentence
    # Given anew, the month does not begin again.
    Share.objects.update(ended_at=NOW)
    let_use(clinic, anna, mode="monthly", cap_minor=6000)
    assert use_credit(clinic).family_minor == 1000
    # The next month does.
    assert use_credit(clinic, now=NOW + timedelta(days=10)).family_minor == 3000
    assert_books_straight(clinic.practice)


def test_what_is_taken_back_is_room_again(clinic: Clinic, anna: Patient) -> None:
    let_use(clinic, anna, mode="total", cap_minor=5000)
    pay(clinic, 20000, patient=anna)
    invoice(clinic, 9000)
    first = use_credit(clinic)
    (found,) = shares_of(practice_id=clinic.practice.pk, on=TODAY, owner_ids=[anna.payer_id])
    assert (found.used_minor, found.room_minor) == (5000, 0)
    take_back_allocation(
        TakeBackAllocation(
            practice_id=clinic.practice.pk,
            key=new_key(),
            by=SYSTEM,
            allocation_id=first.allocation_ids[0],
        ),
        NOW,
    )
    assert standing(clinic, anna).credit_minor == 20000
    assert use_credit(clinic).family_minor == 5000
    assert_books_straight(clinic.practice)


def test_an_edit_of_the_payment_does_not_empty_the_cap(clinic: Clinic, anna: Patient) -> None:
    permission = let_use(clinic, anna, mode="monthly", cap_minor=5000)
    paid = pay(clinic, 20000, patient=anna)
    bill = invoice(clinic, 9000)
    use_credit(clinic)
    part = PartInput(source_id=clinic.cash.pk, amount_minor=20000)
    base = {"practice_id": clinic.practice.pk, "key": new_key(), "by": SYSTEM}
    edit_payment(EditPayment(**base, payment_id=paid.payment_id, parts=(part,)), NOW)
    stands = Allocation.objects.filter(returned_minor=0)
    assert list(stands.values_list("share_id", "amount_minor")) == [(permission.pk, 5000)]
    with refuses(DoesNotAddUp, Allocation):
        use_credit(clinic, family_credit=((bill.invoice_id, anna.payer_id, 1),))
    assert_books_straight(clinic.practice)


def test_who_wants_to_be_asked_is_asked(clinic: Clinic, anna: Patient) -> None:
    let_use(clinic, anna, mode="ask")
    pay(clinic, 9000, patient=anna)
    bill = invoice(clinic, 9000)
    with refuses(NothingToApply, Allocation):
        use_credit(clinic)
    asked = ((bill.invoice_id, anna.payer_id, 9000),)
    with refuses(DoesNotAddUp, Allocation) as told:
        use_credit(clinic, family_credit=asked)
    assert told.value.param == f"agreed-{anna.payer_id}"
    use_credit(clinic, family_credit=asked, agreed=((anna.payer_id, "by phone"),))
    assert Allocation.objects.get().agreed == "by phone"
    assert_books_straight(clinic.practice)


def test_one_payment_pays_three_children_and_credit_the_rest(clinic: Clinic, anna: Patient) -> None:
    children = [make_patient(practice=clinic.practice) for _n in range(3)]
    bills = [invoice(clinic, 3000, patient=child).invoice_id for child in children]
    for child in children:
        let_use(clinic, anna, user=child)
    pay(clinic, 2500, patient=anna)
    pay(clinic, 500, patient=children[1])
    pay(
        clinic,
        6000,
        patient=anna,
        pay=((bills[0], 3000), (bills[1], 2500), (bills[2], 500)),
        use_credit=((bills[2], 2500),),
        family_credit=((bills[1], children[1].payer_id, 500),),
    )
    for person in [anna, *children]:
        assert standing(clinic, person).balance_minor == 0
    assert_books_straight(clinic.practice)


def test_the_same_credit_is_not_used_twice_over(clinic: Clinic, anna: Patient) -> None:
    other = make_patient(practice=clinic.practice)
    let_use(clinic, anna)
    let_use(clinic, anna, user=other)
    pay(clinic, 5000, patient=anna)
    bills = [invoice(clinic, 5000).invoice_id, invoice(clinic, 5000, patient=other).invoice_id]
    with refuses(DoesNotAddUp, Allocation):
        use_credit(clinic, family_credit=tuple((bill, anna.payer_id, 3000) for bill in bills))
    assert_books_straight(clinic.practice)


def test_expired_credit_pays_nothing(clinic: Clinic) -> None:
    Lot.objects.filter(pk=pay(clinic, 5000).lot_id).update(expires_on=TODAY - timedelta(days=1))
    bill = invoice(clinic, 5000)
    with refuses(NothingToApply, Allocation):
        use_credit(clinic)
    with refuses(DoesNotAddUp, Allocation):
        use_credit(clinic, (bill.invoice_id, 5000))
    assert_books_straight(clinic.practice)


def test_restricted_credit_pays_for_its_own_kind_only(clinic: Clinic) -> None:
    Lot.objects.filter(pk=pay(clinic, 5000).lot_id).update(category_id=clinic.item.category_id)
    other = invoice(clinic, 5000, item=clinic.taxed_item)
    with refuses(DoesNotAddUp, Allocation):
        use_credit(clinic, (other.invoice_id, 5000))
    own = invoice(clinic, 4000)
    use_credit(clinic)
    assert standing(clinic).credit_minor == 1000
    assert Allocation.objects.get().invoice_id == own.invoice_id
    assert_books_straight(clinic.practice)
