"""Credit moves from one payer to another, keeps what it is, and can come back while unspent."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from creditwell.credit.models import Lot
from creditwell.kernel.errors import Invalid, NotFound, Refusal
from creditwell.ledger.post import AlreadyReversed, Overdrawn
from creditwell.payments.models import Transfer, TransferReturn
from creditwell.payments.transferring import CreditSpent
from creditwell.people.models import Family, FamilyMember, Patient
from creditwell.tenancy.access import SYSTEM
from creditwell.usecases.transfer_credit import (
    NotFamily,
    TransferCredit,
    Transferred,
    transfer_credit,
)
from creditwell.usecases.undo_transfer import UndoTransfer, undo_transfer
from tests.acts import invoice, new_key, pay, standing, use_credit
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_clinic, make_patient
from tests.refusing import refuses

pytestmark = pytest.mark.django_db


@pytest.fixture
def ben(clinic: Clinic) -> Patient:
    return make_patient(practice=clinic.practice, first_name="Ben")


def send(clinic: Clinic, to: Patient, minor: int = 0, **fields: Any) -> Transferred:
    now = fields.pop("now", NOW)
    defaults: dict[str, Any] = {
        "practice_id": clinic.practice.pk,
        "key": new_key(),
        "by": SYSTEM,
        "from_payer_id": clinic.patient.payer_id,
        "to_payer_id": to.payer_id,
        "amount_minor": minor,
        "reason": "They share",
        "anywhere": True,
    }
    return transfer_credit(TransferCredit(**{**defaults, **fields}), now)


def undo(clinic: Clinic, transfer_id: int) -> None:
    undo_transfer(
        UndoTransfer(
            practice_id=clinic.practice.pk, key=new_key(), by=SYSTEM, transfer_id=transfer_id
        ),
        NOW,
    )


def test_it_moves_in_the_order_of_use_and_keeps_what_it_is(clinic: Clinic, ben: Patient) -> None:
    first, second = pay(clinic, 3000), pay(clinic, 5000)
    Lot.objects.filter(pk=second.lot_id).update(expires_on=date(2027, 5, 1))
    sent = send(clinic, ben, 6000)
    assert standing(clinic).credit_minor == 2000
    assert standing(clinic, ben).credit_minor == 6000
    lots = list(Lot.objects.filter(pk__in=sent.lot_ids).order_by("pk"))
    # The one that expires goes first.
    assert [(lot.origin_id, lot.root_id, lot.original_minor, lot.expires_on) for lot in lots] == [
        (second.lot_id, second.lot_id, 5000, date(2027, 5, 1)),
        (first.lot_id, first.lot_id, 1000, None),
    ]
    assert {lot.kind for lot in lots} == {"payment"}
    assert all(lot.refundable for lot in lots)
    assert_books_straight(clinic.practice)


def test_passed_on_twice_it_still_knows_where_it_came_from(clinic: Clinic, ben: Patient) -> None:
    paid = pay(clinic, 3000)
    send(clinic, ben, 3000)
    cleo = make_patient(practice=clinic.practice)
    again = send(clinic, cleo, 3000, from_payer_id=ben.payer_id)
    (lot,) = Lot.objects.filter(pk__in=again.lot_ids)
    assert lot.root_id == paid.lot_id
    assert lot.origin_id != paid.lot_id
    assert_books_straight(clinic.practice)


def test_it_pays_an_invoice_of_the_one_who_got_it(clinic: Clinic, ben: Patient) -> None:
    pay(clinic, 9000)
    send(clinic, ben, 9000)
    invoice(clinic, 9000, patient=ben)
    use_credit(clinic, payer_id=ben.payer_id)
    assert standing(clinic, ben).owing_minor == standing(clinic, ben).credit_minor == 0
    assert_books_straight(clinic.practice)


def test_undone_it_is_back_where_it_came_from(clinic: Clinic, ben: Patient) -> None:
    pay(clinic, 3000)
    sent = send(clinic, ben, 2000)
    undo(clinic, sent.transfer_id)
    assert standing(clinic).credit_minor == 3000
    assert standing(clinic, ben).credit_minor == 0
    with refuses(AlreadyReversed, Transfer, Lot, TransferReturn):
        undo(clinic, sent.transfer_id)
    assert_books_straight(clinic.practice)


def test_used_it_cannot_be_undone(clinic: Clinic, ben: Patient) -> None:
    pay(clinic, 3000)
    sent = send(clinic, ben, 2000)
    invoice(clinic, 500, patient=ben)
    use_credit(clinic, payer_id=ben.payer_id)
    with refuses(CreditSpent, Transfer, Lot, TransferReturn) as told:
        undo(clinic, sent.transfer_id)
    assert "5.00" in told.value.sentence
    assert_books_straight(clinic.practice)


def test_within_a_family_anybody_at_the_desk_may(clinic: Clinic, ben: Patient) -> None:
    pay(clinic, 3000)
    with refuses(NotFamily, Transfer, Lot, TransferReturn):
        send(clinic, ben, 1000, anywhere=False)
    family = Family.objects.create(practice=clinic.practice, name="Example", created_at=NOW)
    for patient in (clinic.patient, ben):
        FamilyMember.objects.create(
            practice=clinic.practice, family=family, patient=patient, joined_at=NOW
        )
    send(clinic, ben, 1000, anywhere=False)
    assert standing(clinic, ben).credit_minor == 1000
    assert_books_straight(clinic.practice)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"amount_minor": 0}, Invalid),
        ({"amount_minor": -100}, Invalid),
        ({"amount_minor": 3001}, Invalid),
        ({"reason": " "}, Invalid),
        ({"on": (NOW + timedelta(days=1)).date()}, Invalid),
        ({"on": (NOW - timedelta(days=10)).date()}, Invalid),
        ({"to_payer_id": 10**9}, NotFound),
        ({"lots": ((10**9, 100),)}, NotFound),
    ],
)
def test_what_is_refused(
    clinic: Clinic, ben: Patient, fields: dict[str, Any], refusal: type[Refusal]
) -> None:
    pay(clinic, 3000)
    with refuses(refusal, Transfer, Lot, TransferReturn):
        send(clinic, ben, **{"minor": 1000, **fields} if "amount_minor" not in fields else fields)
    assert not Transfer.objects.exists()
    assert_books_straight(clinic.practice)


def test_not_more_than_a_lot_has_and_not_to_oneself(clinic: Clinic, ben: Patient) -> None:
    lot = pay(clinic, 3000).lot_id
    with refuses(Overdrawn, Transfer, Lot, TransferReturn):
        send(clinic, ben, lots=((lot, 3001),))
    with refuses(Invalid, Transfer, Lot, TransferReturn):
        send(clinic, clinic.patient, 100)
    assert_books_straight(clinic.practice)


def test_another_practice_is_out_of_reach(clinic: Clinic) -> None:
    pay(clinic, 3000)
    other = make_clinic()
    with refuses(NotFound, Transfer, Lot, TransferReturn):
        send(clinic, other.patient, 1000)
    sent = send(clinic, make_patient(practice=clinic.practice), 1000)
    with pytest.raises(NotFound):
        undo(other, sent.transfer_id)
    assert_books_straight(clinic.practice)
    assert_books_straight(other.practice)
