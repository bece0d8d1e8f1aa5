"""Refunds from chosen lots, by role and limit, and the second person's approval."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from creditwell.audit.models import Note
from creditwell.credit.operations import NewLot, write_lot
from creditwell.kernel.errors import Invalid, NotFound, Refusal
from creditwell.ledger.post import Journal, Overdrawn
from creditwell.outbox.models import Event
from creditwell.payments.models import (
    Gift,
    Payment,
    PaymentPart,
    Refund,
    RefundPart,
    RefundRequest,
)
from creditwell.payments.refund_requests import NotYourRequest, OwnRequest, RequestDecided
from creditwell.tasks.models import Task
from creditwell.tenancy.access import SYSTEM, Actor, Forbidden
from creditwell.tenancy.models import User
from creditwell.usecases.approve_refund import ApproveRefund, CreditGone, approve_refund
from creditwell.usecases.decline_refund import DeclineRefund, decline_refund
from creditwell.usecases.refund_credit import (
    ApprovalNeeded,
    FromLot,
    NotRefundable,
    OverRefunded,
    RefundCredit,
    Refunded,
    refund_credit,
)
from creditwell.usecases.request_refund import RefundRequested, RequestRefund, request_refund
from creditwell.usecases.take_payment import PartInput
from creditwell.usecases.transfer_credit import TransferCredit, transfer_credit
from creditwell.usecases.void_payment import VoidPayment, void_payment
from creditwell.usecases.withdraw_refund_request import (
    WithdrawRefundRequest,
    withdraw_refund_request,
)
from tests.acts import invoice, new_key, pay, standing, use_credit
from tests.books import assert_books_straight
from tests.cast import Cast
from tests.factories import NOW, Clinic, make_patient
from tests.refusing import refuses

pytestmark = pytest.mark.django_db(transaction=True)
TABLES = (Refund, RefundPart, PaymentPart, RefundRequest, Task)


@pytest.fixture
def clinic(cast: Cast) -> Clinic:
    return cast.clinic


def actor(user: User) -> Actor:
    return Actor(user_id=user.pk)


def refund(clinic: Clinic, *chosen: FromLot, by: Actor = SYSTEM, **fields: Any) -> Refunded:
    defaults: dict[str, Any] = {
        "practice_id": clinic.practice.pk,
        "key": new_key(),
        "by": by,
        "payer_id": clinic.patient.payer_id,
        "chosen": chosen,
        "reason": "moves away",
    }
    return refund_credit(RefundCredit(**{**defaults, **fields}), NOW)


def ask(clinic: Clinic, lot_id: int, minor: int, by: Actor) -> RefundRequested:
    return request_refund(
        RequestRefund(
            practice_id=clinic.practice.pk,
            key=new_key(),
            by=by,
            payer_id=clinic.patient.payer_id,
            chosen=(FromLot(lot_id=lot_id, minor=minor),),
            reason="moves away",
        ),
        NOW,
    )


def approve(clinic: Clinic, request_id: int, by: Actor) -> Refunded:
    command = ApproveRefund(
        practice_id=clinic.practice.pk, key=new_key(), by=by, request_id=request_id
    )
    return approve_refund(command, NOW)


def limits(clinic: Clinic, *, alone: int | None = None, two: int | None = None) -> None:
    clinic.practice.receptionist_refunds_up_to_minor = alone
    clinic.practice.refunds_need_two_above_minor = two
    clinic.practice.save()


def transferred(clinic: Clinic, minor: int) -> tuple[int, Any]:
    """Some of the patient's credit goes to another; returns the new lot and the other."""
    other = make_patient(practice=clinic.practice)
    done = transfer_credit(
        TransferCredit(
            practice_id=clinic.practice.pk,
            key=new_key(),
            by=SYSTEM,
            from_payer_id=clinic.patient.payer_id,
            to_payer_id=other.payer_id,
            amount_minor=minor,
            reason="for my brother",
            anywhere=True,
        ),
        NOW,
    )
    return done.lot_ids[0], other


def test_a_chosen_lot_goes_back_and_the_others_stay(clinic: Clinic) -> None:
    first, second = pay(clinic, 5000), pay(clinic, 7000)
    refund(clinic, FromLot(lot_id=second.lot_id, minor=3000))
    part = RefundPart.objects.get()
    assert (part.lot_id, part.source_id, part.amount_minor) == (
        second.lot_id,
        clinic.card.pk,
        3000,
    )
    assert PaymentPart.objects.get(payment_id=first.payment_id).refunded_minor == 0
    assert standing(clinic).credit_minor == 9000
    assert_books_straight(clinic.practice)


def test_transferred_credit_goes_back_by_the_payment_it_came_by(clinic: Clinic) -> None:
    taken = pay(clinic, 10000)
    lot_id, other = transferred(clinic, 4000)
    to_other = {"payer_id": other.payer_id}
    part = PaymentPart.objects.get(payment_id=taken.payment_id)
    refund(clinic, FromLot(lot_id=lot_id, part_id=part.pk, minor=3000), **to_other)
    part.refresh_from_db()
    assert part.refunded_minor == 3000
    assert Refund.objects.get().payer_id == other.payer_id
    assert (standing(clinic).credit_minor, standing(clinic, other).credit_minor) == (6000, 1000)
    with refuses(Overdrawn, *TABLES):
        refund(clinic, FromLot(lot_id=lot_id, minor=1001), **to_other)
    with refuses(NotFound, *TABLES):  # it is not the first patient's any more
        refund(clinic, FromLot(lot_id=lot_id, minor=1000))
    assert_books_straight(clinic.practice)


def test_two_lots_of_one_payment_share_what_its_part_has_left(clinic: Clinic) -> None:
    taken = pay(
        clinic,
        0,
        parts=(
            PartInput(source_id=clinic.cash.pk, amount_minor=4000),
            PartInput(source_id=clinic.card.pk, amount_minor=6000),
        ),
    )
    cash, card = PaymentPart.objects.filter(payment_id=taken.payment_id).order_by("pk")
    lot_id, other = transferred(clinic, 5000)
    by_cash = FromLot(lot_id=lot_id, part_id=cash.pk, minor=4000)
    refund(clinic, by_cash, payer_id=other.payer_id)
    with refuses(OverRefunded, *TABLES):
        refund(clinic, FromLot(lot_id=taken.lot_id, part_id=cash.pk, minor=1))
    with refuses(Invalid, *TABLES):  # which of the two?
        refund(clinic, FromLot(lot_id=taken.lot_id, minor=1))
    refund(clinic, FromLot(lot_id=taken.lot_id, part_id=card.pk, minor=5000))
    assert_books_straight(clinic.practice)


def gift(clinic: Clinic, kind: str, minor: int, *, refundable: bool) -> int:
    """Credit that no payment brought, as other parts of the system write it."""
    practice_id, on = clinic.practice.pk, NOW.date()
    with transaction.atomic():
        journal = Journal(practice_id)
        account = journal.open_lot(clinic.patient.payer_id)
        journal.entry(kind, on, [(account, minor), (journal.clinic_wide(kind), -minor)])
        posted = journal.post()
        lot = NewLot(
            practice_id=practice_id,
            payer_id=clinic.patient.payer_id,
            account_id=posted.id_of(account),
            kind=kind,
            original_minor=minor,
            received_on=on,
            created_at=NOW,
            refundable=refundable,
            note="Summer special",
        )
        lot_id = write_lot(lot)
        Gift.objects.create(
            practice_id=practice_id,
            lot_id=lot_id,
            entry_id=posted.entry_ids[0],
            given_on=on,
            created_at=NOW,
        )
    return lot_id


def test_what_is_not_refundable_is_named(clinic: Clinic) -> None:
    lot_id = gift(clinic, "goodwill", 5000, refundable=False)
    with refuses(NotRefundable, *TABLES) as raised:
        refund(clinic, FromLot(lot_id=lot_id, minor=100))
    assert "Goodwill (Summer special) cannot be refunded" in raised.value.sentence
    assert_books_straight(clinic.practice)


def test_an_opening_balance_goes_back_by_a_source_that_is_chosen(clinic: Clinic) -> None:
    lot_id = gift(clinic, "opening", 5000, refundable=True)
    with refuses(Invalid, *TABLES):
        refund(clinic, FromLot(lot_id=lot_id, minor=100))
    refund(clinic, FromLot(lot_id=lot_id, minor=2000, source_id=clinic.cash.pk))
    part = RefundPart.objects.get()
    assert (part.lot_id, part.part_id, part.source_id) == (lot_id, None, clinic.cash.pk)
    with refuses(Overdrawn, *TABLES):
        refund(clinic, FromLot(lot_id=lot_id, minor=3001, source_id=clinic.cash.pk))
    assert_books_straight(clinic.practice)


def test_a_receptionist_up_to_the_limit_and_two_people_above_another(
    cast: Cast, clinic: Clinic
) -> None:
    lot_id = pay(clinic, 90000).lot_id
    bob, alice = actor(cast.bob), actor(cast.alice)
    limits(clinic, alone=5000, two=20000)
    refund(clinic, FromLot(lot_id=lot_id, minor=5000), by=bob)
    refund(clinic, FromLot(lot_id=lot_id, minor=20000), by=alice)
    for who, minor in ((bob, 5001), (bob, 20001), (alice, 20001), (SYSTEM, 20001)):
        with refuses(ApprovalNeeded, *TABLES):
            refund(clinic, FromLot(lot_id=lot_id, minor=minor), by=who)
    limits(clinic)
    refund(clinic, FromLot(lot_id=lot_id, minor=30000), by=bob)
    assert standing(clinic).credit_minor == 35000
    assert_books_straight(clinic.practice)


def test_approving_refunds_at_once_and_remembers_both(cast: Cast, clinic: Clinic) -> None:
    lot_id = pay(clinic, 9000).lot_id
    asked = ask(clinic, lot_id, 9000, actor(cast.bob))
    assert standing(clinic).credit_minor == 9000
    task = Task.objects.get(done_at=None)
    assert (task.kind, task.subject_id, task.body["total_minor"]) == (
        "refund_request",
        asked.request_id,
        9000,
    )
    assert Event.objects.filter(topic="refund.requested").count() == 1
    with refuses(Forbidden, *TABLES):
        approve(clinic, asked.request_id, actor(cast.bob))
    done = approve(clinic, asked.request_id, actor(cast.alice))
    row = RefundRequest.objects.get()
    assert (row.status, row.refund_id) == ("approved", done.refund_id)
    assert (row.requested_by, row.decided_by) == (cast.bob, cast.alice)
    said = Note.objects.get(action="approve_refund", subject="refund")
    assert (said.user_id, said.details["requested_by"]) == (cast.alice.pk, cast.bob.name)
    assert not Task.objects.filter(done_at=None).exists()
    assert standing(clinic).credit_minor == 0
    with refuses(RequestDecided, *TABLES):
        approve(clinic, asked.request_id, actor(cast.alice))
    assert_books_straight(clinic.practice)


def test_nobody_approves_their_own(cast: Cast, clinic: Clinic) -> None:
    limits(clinic, two=1000)
    lot_id = pay(clinic, 9000).lot_id
    asked = ask(clinic, lot_id, 9000, actor(cast.alice)).request_id
    with refuses(OwnRequest, *TABLES):
        approve(clinic, asked, actor(cast.alice))
    by_key = ask(clinic, lot_id, 9000, Actor()).request_id
    with refuses(OwnRequest, *TABLES):  # one program more is no second person
        approve(clinic, by_key, SYSTEM)
    approve(clinic, by_key, actor(cast.alice))
    assert_books_straight(clinic.practice)


def test_a_payment_voided_meanwhile_is_not_refunded(cast: Cast, clinic: Clinic) -> None:
    paid = pay(clinic, 9000)
    asked = ask(clinic, paid.lot_id, 9000, actor(cast.bob)).request_id
    base = {"practice_id": clinic.practice.pk, "key": new_key(), "by": SYSTEM}
    void_payment(VoidPayment(**base, payment_id=paid.payment_id, reason="typed twice"), NOW)
    with refuses(CreditGone, *TABLES):
        approve(clinic, asked, actor(cast.alice))
    assert_books_straight(clinic.practice)


def test_credit_used_meanwhile_is_not_refunded(cast: Cast, clinic: Clinic) -> None:
    lot_id = pay(clinic, 9000).lot_id
    asked = ask(clinic, lot_id, 9000, actor(cast.bob)).request_id
    use_credit(clinic, (invoice(clinic, 4000).invoice_id, 4000))
    with refuses(CreditGone, *TABLES):
        approve(clinic, asked, actor(cast.alice))
    assert RefundRequest.objects.get().status == "waiting"
    command = DeclineRefund(
        practice_id=clinic.practice.pk,
        key=new_key(),
        by=actor(cast.alice),
        request_id=asked,
        answer="used",
    )
    decline_refund(command, NOW)
    row = RefundRequest.objects.get()
    assert (row.status, row.answer, row.decided_by) == ("declined", "used", cast.alice)
    assert not Task.objects.filter(done_at=None).exists()
    assert_books_straight(clinic.practice)


def test_a_request_is_withdrawn_by_whoever_asked(cast: Cast, clinic: Clinic) -> None:
    lot_id = pay(clinic, 9000).lot_id
    asked = ask(clinic, lot_id, 9000, actor(cast.bob)).request_id

    def withdraw(by: Actor) -> None:
        withdraw_refund_request(
            WithdrawRefundRequest(
                practice_id=clinic.practice.pk, key=new_key(), by=by, request_id=asked
            ),
            NOW,
        )

    with refuses(NotYourRequest, *TABLES):
        withdraw(actor(cast.alice))
    withdraw(actor(cast.bob))
    assert RefundRequest.objects.get().status == "withdrawn"
    with refuses(RequestDecided, *TABLES):
        withdraw(actor(cast.bob))
    assert_books_straight(clinic.practice)


def test_nobody_asks_for_what_cannot_be(cast: Cast, clinic: Clinic) -> None:
    lot_id = pay(clinic, 9000).lot_id
    cases: list[tuple[type[Refusal], int, int]] = [(Overdrawn, lot_id, 9001), (NotFound, 10**9, 1)]
    for error, lot, minor in cases:
        with refuses(error, *TABLES, Payment):
            ask(clinic, lot, minor, actor(cast.bob))
    assert_books_straight(clinic.practice)
