"""
Credit that several people may use, at once. Each race has its twin without the guard, which must
go wrong: a race that cannot be lost proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier
from typing import Any

import pytest

from creditwell.credit.sharing import Terms
from creditwell.payments import operations, wallets
from creditwell.payments.models import Allocation, LotExpiry, PaymentPart, Refund
from creditwell.people.models import Patient
from creditwell.tenancy.access import SYSTEM, Actor, practice_facts
from creditwell.usecases import transfer_credit as transfer_credit_module
from creditwell.usecases.approve_refund import ApproveRefund, approve_refund
from creditwell.usecases.dishonour_payment import DishonourPayment, dishonour_payment
from creditwell.usecases.expire_credit import ExpireCredit, expire_credit
from creditwell.usecases.request_refund import RequestRefund, request_refund
from creditwell.usecases.share_credit import ShareCredit, share_credit
from creditwell.usecases.stop_sharing import StopSharing, stop_sharing
from creditwell.usecases.transfer_credit import TransferCredit, transfer_credit
from creditwell.usecases.undo_transfer import UndoTransfer, undo_transfer
from tests.acts import invoice, let_use, pay, standing, use_credit
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_member, make_patient
from tests.race.rivals import PATIENCE, race
from tests.race.test_money_races import without_floor

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

RIVALS = 8


@pytest.fixture
def ben(clinic: Clinic) -> Patient:
    return make_patient(practice=clinic.practice, first_name="Ben")


def base(clinic: Clinic) -> dict[str, Any]:
    return {"practice_id": clinic.practice.pk, "key": "", "by": SYSTEM}


def relatives(clinic: Clinic, owner: Patient, mode: str = "always", **cap: int) -> list[int]:
    """Eight who may use the owner's credit, each with a bill of 90.00; returns the bills."""
    bills = []
    for _n in range(RIVALS):
        one = make_patient(practice=clinic.practice)
        let_use(clinic, owner, user=one, mode=mode, **cap)
        bills.append(invoice(clinic, 9000, patient=one).invoice_id)
    return bills


def spend(clinic: Clinic, owner: Patient, bill: int, minor: int, **fields: Any) -> object:
    """The clinic's patient, or `payer_id`, uses the owner's credit."""
    return use_credit(clinic, family_credit=((bill, owner.payer_id, minor),), **fields)


def send(clinic: Clinic, giver: Patient, to: Patient, minor: int) -> int:
    command = TransferCredit(
        **base(clinic),
        from_payer_id=giver.payer_id,
        to_payer_id=to.payer_id,
        amount_minor=minor,
        reason="They share",
        anywhere=True,
    )
    return transfer_credit(command, NOW).transfer_id


def by_turns(*acts: Callable[[], object]) -> Callable[[int], object]:
    return lambda n: acts[n % len(acts)]()


def without_locks(monkeypatch: pytest.MonkeyPatch, rivals: int = RIVALS) -> None:
    """Nobody waits for anybody, and each has seen the same credit before it is spent."""
    everybody, plain = Barrier(rivals, timeout=PATIENCE), wallets.open_lots

    def together(**where: Any) -> object:
        found = plain(**where)
        everybody.wait()
        return found

    monkeypatch.setattr(wallets, "open_lots", together)
    monkeypatch.setattr(operations, "lock_several", lambda **w: practice_facts(w["practice_id"]))


def test_relatives_spend_the_same_shared_credit_once(clinic: Clinic, ben: Patient) -> None:
    pay(clinic, 9000, patient=ben)
    bills = relatives(clinic, ben)
    ended = race(RIVALS, lambda n: spend(clinic, ben, bills[n], 9000))
    assert ended == {"ok": 1, "DoesNotAddUp": RIVALS - 1}
    assert standing(clinic, ben).credit_minor == 0
    assert_books_straight(clinic.practice)


def test_twin_without_lock_and_floor_every_relative_spends_it(
    clinic: Clinic, ben: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    pay(clinic, 9000, patient=ben)
    bills = relatives(clinic, ben)
    without_locks(monkeypatch)
    with without_floor():
        assert race(RIVALS, lambda n: spend(clinic, ben, bills[n], 9000)) == {"ok": RIVALS}


def test_a_cap_of_a_month_holds_for_eight_at_once(clinic: Clinic, ben: Patient) -> None:
    pay(clinic, 90000, patient=ben)
    let_use(clinic, ben, mode="monthly", cap_minor=5000)
    bills = [invoice(clinic, 9000).invoice_id for _n in range(RIVALS)]
    ended = race(RIVALS, lambda n: spend(clinic, ben, bills[n], 2500))
    assert ended == {"ok": 2, "DoesNotAddUp": RIVALS - 2}
    assert standing(clinic, ben).credit_minor == 85000
    assert_books_straight(clinic.practice)


def test_twin_without_the_lock_the_cap_of_a_month_breaks(
    clinic: Clinic, ben: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    pay(clinic, 90000, patient=ben)
    let_use(clinic, ben, mode="monthly", cap_minor=5000)
    bills = [invoice(clinic, 9000).invoice_id for _n in range(RIVALS)]
    without_locks(monkeypatch)
    assert race(RIVALS, lambda n: spend(clinic, ben, bills[n], 2500)) == {"ok": RIVALS}


def test_a_transfer_against_a_spend(clinic: Clinic, ben: Patient) -> None:
    pay(clinic, 9000)
    bill = invoice(clinic, 9000).invoice_id
    acts = by_turns(
        lambda: send(clinic, clinic.patient, ben, 9000), lambda: use_credit(clinic, (bill, 9000))
    )
    ended = race(RIVALS, acts)
    assert ended["ok"] == 1
    assert ended.keys() <= {"ok", "Invalid", "DoesNotAddUp"}
    assert standing(clinic).credit_minor == 0
    assert_books_straight(clinic.practice)


def test_twin_without_lock_and_floor_it_is_transferred_and_spent(
    clinic: Clinic, ben: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have seen the same credit before either takes it."""
    pay(clinic, 9000)
    bill = invoice(clinic, 9000).invoice_id
    without_locks(monkeypatch, rivals=2)
    monkeypatch.setattr(transfer_credit_module, "open_lots", wallets.open_lots)
    monkeypatch.setattr(
        transfer_credit_module, "lock_several", lambda **w: practice_facts(w["practice_id"])
    )
    acts = by_turns(
        lambda: send(clinic, clinic.patient, ben, 9000), lambda: use_credit(clinic, (bill, 9000))
    )
    with without_floor():
        assert race(2, acts) == {"ok": 2}
        assert standing(clinic).credit_minor == -9000


def test_undoing_a_transfer_against_a_spend(clinic: Clinic, ben: Patient) -> None:
    pay(clinic, 9000)
    sent = send(clinic, clinic.patient, ben, 9000)
    bill = invoice(clinic, 9000, patient=ben).invoice_id
    undo = UndoTransfer(**base(clinic), transfer_id=sent)
    acts = by_turns(
        lambda: undo_transfer(undo, NOW),
        lambda: use_credit(clinic, (bill, 9000), payer_id=ben.payer_id),
    )
    ended = race(RIVALS, acts)
    assert ended["ok"] == 1
    assert ended.keys() <= {"ok", "CreditSpent", "AlreadyReversed", "DoesNotAddUp"}
    assert standing(clinic, ben).credit_minor == 0
    assert_books_straight(clinic.practice)


def test_twin_without_lock_and_floor_it_is_moved_and_spent(
    clinic: Clinic, ben: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spent by four who have all seen it; the transfer back comes in between."""
    pay(clinic, 9000)
    sent = send(clinic, clinic.patient, ben, 9000)
    bills = [invoice(clinic, 9000, patient=ben).invoice_id for _n in range(2)]
    without_locks(monkeypatch, rivals=2)
    undo = UndoTransfer(**base(clinic), transfer_id=sent)
    acts = by_turns(
        lambda: undo_transfer(undo, NOW),
        lambda: use_credit(clinic, (bills[0], 9000), payer_id=ben.payer_id),
        lambda: use_credit(clinic, (bills[1], 9000), payer_id=ben.payer_id),
    )
    with without_floor():
        ended = race(3, acts)
        assert ended["ok"] >= 2
        assert standing(clinic, ben).credit_minor < 0


def test_after_the_end_of_a_permission_nobody_spends(clinic: Clinic, ben: Patient) -> None:
    """Whoever had begun is finished first; whoever comes later is refused."""
    pay(clinic, 90000, patient=ben)
    share = let_use(clinic, ben)
    bills = [invoice(clinic, 9000).invoice_id for _n in range(RIVALS)]

    def act(n: int) -> object:
        if n:
            return spend(clinic, ben, bills[n], 1000)
        stop_sharing(StopSharing(practice_id=clinic.practice.pk, by=SYSTEM, share_id=share.pk), NOW)
        return spent.append(Allocation.objects.count())

    spent: list[int] = []
    ended = race(RIVALS, act)
    assert ended.keys() <= {"ok", "DoesNotAddUp"}
    assert Allocation.objects.count() == spent[0], "spent after it was ended"
    assert ended["ok"] == 1 + spent[0]
    assert_books_straight(clinic.practice)


def test_twin_without_the_lock_it_is_spent_after_the_end(
    clinic: Clinic, ben: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    pay(clinic, 90000, patient=ben)
    share = let_use(clinic, ben)
    bill = invoice(clinic, 9000).invoice_id
    ended_now = StopSharing(practice_id=clinic.practice.pk, by=SYSTEM, share_id=share.pk)
    both, plain = Barrier(2, timeout=PATIENCE), wallets.open_lots

    def slowly(**where: Any) -> object:
        found = plain(**where)
        both.wait()  # the permission was read
        both.wait()  # and is ended by now
        return found

    def stop() -> None:
        both.wait()
        stop_sharing(ended_now, NOW)
        both.wait()

    monkeypatch.setattr(wallets, "open_lots", slowly)
    monkeypatch.setattr(operations, "lock_several", lambda **w: practice_facts(w["practice_id"]))
    assert race(2, by_turns(stop, lambda: spend(clinic, ben, bill, 1000))) == {"ok": 2}
    allocation = Allocation.objects.get()
    assert allocation.share_id == share.pk


def test_a_refund_is_approved_once_and_not_besides_a_spend(clinic: Clinic) -> None:
    part = PaymentPart.objects.get(payment_id=pay(clinic, 9000).payment_id)
    asker = Actor(user_id=make_member(practice=clinic.practice, role="owner").pk)
    request = RequestRefund(
        **{**base(clinic), "by": asker},
        payer_id=clinic.patient.payer_id,
        parts=((part.pk, 9000),),
        reason="moves away",
    )
    command = ApproveRefund(**base(clinic), request_id=request_refund(request, NOW).request_id)
    bill = invoice(clinic, 9000).invoice_id
    acts = by_turns(lambda: approve_refund(command, NOW), lambda: use_credit(clinic, (bill, 9000)))
    ended = race(RIVALS, acts)
    assert ended["ok"] == 1
    assert ended.keys() <= {"ok", "RequestDecided", "CreditGone", "DoesNotAddUp"}
    assert Refund.objects.count() + Allocation.objects.count() == 1
    assert_books_straight(clinic.practice)


def test_it_expires_once_and_is_not_spent_besides(clinic: Clinic) -> None:
    lot = pay(clinic, 9000).lot_id
    _expired(lot)
    bill = invoice(clinic, 9000).invoice_id
    command = ExpireCredit(practice_id=clinic.practice.pk, payer_id=clinic.patient.payer_id)
    acts = by_turns(lambda: expire_credit(command, NOW), lambda: use_credit(clinic, (bill, 9000)))
    ended = race(RIVALS, acts)
    assert ended == {"ok": RIVALS // 2, "DoesNotAddUp": RIVALS // 2}
    assert LotExpiry.objects.count() == 1
    assert standing(clinic).credit_minor == 0
    assert_books_straight(clinic.practice)


def _expired(lot_id: int) -> None:
    from datetime import timedelta

    from creditwell.credit.models import Lot

    Lot.objects.filter(pk=lot_id).update(expires_on=NOW.date() - timedelta(days=1))


def test_a_dishonour_against_spends_and_transfers(clinic: Clinic, ben: Patient) -> None:
    """Whatever comes first, the money is gone, and somebody owes it."""
    part = PaymentPart.objects.get(payment_id=pay(clinic, 9000).payment_id)
    bill = invoice(clinic, 9000).invoice_id
    command = DishonourPayment(**base(clinic), part_id=part.pk, reason="Bounced")
    acts = by_turns(
        lambda: use_credit(clinic, (bill, 3000)),
        lambda: dishonour_payment(command, NOW),
        lambda: send(clinic, clinic.patient, ben, 3000),
    )
    ended = race(6, acts)
    assert ended.keys() <= {"ok", "DoesNotAddUp", "Invalid", "OverDishonoured", "PaymentMoving"}
    part.refresh_from_db()
    assert part.dishonoured_minor == 9000
    assert standing(clinic).credit_minor == standing(clinic, ben).credit_minor == 0
    assert standing(clinic).owing_minor == 9000
    assert_books_straight(clinic.practice)


def test_in_opposite_directions_nobody_waits_in_a_ring(clinic: Clinic, ben: Patient) -> None:
    """Transfers there and back, permissions there and back, credit used there and back."""
    liam = clinic.patient
    for one, other in ((liam, ben), (ben, liam)):
        pay(clinic, 90000, patient=one)
        let_use(clinic, one, user=other)
    bills = {p.pk: invoice(clinic, 50000, patient=p).invoice_id for p in (liam, ben)}

    def act(n: int) -> None:
        one, other = (liam, ben) if n % 2 else (ben, liam)
        for _n in range(3):
            send(clinic, one, other, 100)
            spend(clinic, other, bills[one.pk], 100, payer_id=one.payer_id)
            terms = Terms(mode="total", cap_minor=1000000 + n)
            ends = {"owner_id": one.payer_id, "user_id": other.payer_id}
            share_credit(ShareCredit(**base(clinic), **ends, terms=terms), NOW)

    assert race(RIVALS, act) == {"ok": RIVALS}
    assert_books_straight(clinic.practice)
