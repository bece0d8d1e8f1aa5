"""
Ten thousand random acts in two clinics against a model of a few integers.

The model knows what each lot, invoice, package, transfer and permission has left; it never asks the
books.
After every act the books must say what it says, of every lot, every invoice and every package of
both clinics, and refuse what it says cannot be. Now and then, and at the end, every promise of the
books is proved.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from creditwell.kernel.errors import NotFound, Refusal
from creditwell.payments.rules_refund import FromLot
from creditwell.usecases.apply_credit import ApplyCredit, apply_credit
from creditwell.usecases.dishonour_payment import DishonourPayment, dishonour_payment
from creditwell.usecases.extend_credit import ExtendCredit, extend_credit
from creditwell.usecases.refund_credit import RefundCredit, refund_credit
from creditwell.usecases.stop_sharing import StopSharing, stop_sharing
from creditwell.usecases.take_back_allocation import TakeBackAllocation, take_back_allocation
from creditwell.usecases.transfer_credit import TransferCredit, transfer_credit
from creditwell.usecases.undo_transfer import UndoTransfer, undo_transfer
from creditwell.usecases.void_payment import VoidPayment, void_payment
from tests.machine.lasting import Lasting
from tests.machine.moving import Moving
from tests.machine.paying import Paying
from tests.machine.selling import Selling
from tests.machine.table import AT, PICK, World, act, pick
from tests.machine.visiting import Visiting

pytestmark = pytest.mark.machine

STEPS = int(os.environ.get("MACHINE_STEPS", "10000"))
FIRST = int(os.environ.get("MACHINE_SEED", "0"))  # another number: another ten thousand
A_RUN = 100
NOTHING = 10**9  # an id that nobody has


class Books(Paying, Moving, Selling, Visiting, Lasting):
    @act(at=AT, which=PICK, what=PICK)
    def reach_for_the_others(self, at: int, which: int, what: int) -> None:
        """With somebody else's ids: there is no such thing, and nothing moves over there."""
        here, there = self.worlds[at], self.worlds[1 - at]
        found = _foreign(here, there, which)
        with pytest.raises(Refusal) as told:
            pick(found, what)()
        assert isinstance(told.value, NotFound), repr(told.value)


def _foreign(here: World, there: World, which: int) -> list[Callable[[], Any]]:
    """Acts of this clinic upon the other one's people and money."""
    base, now, model = {**here.base, "reason": "mistake"}, here.now, there.model
    key = {name: base[name] for name in ("practice_id", "key", "by")}
    mine, theirs = here.payers[0], pick(there.payers, which)
    lot = getattr(pick(model.lots.values(), which), "id", NOTHING)
    paid, part = pick(model.paid, which), pick(model.passed, which)
    payment, came = (paid.id, paid.parts[0].id) if paid else (NOTHING, NOTHING)
    transfer = part.transfer if part else NOTHING
    share = getattr(pick(model.shares, which), "id", NOTHING)
    use = getattr(pick(model.uses, which), "id", NOTHING)
    move = {**base, "anywhere": True, "from_payer_id": mine, "to_payer_id": here.payers[1]}
    one = {**move, "amount_minor": 1}
    chosen = (FromLot(lot_id=lot, minor=1, source_id=here.clinic.card.pk),)
    refund = {**base, "payer_id": mine}
    return [
        lambda: apply_credit(ApplyCredit(**key, payer_id=theirs), now),
        lambda: transfer_credit(TransferCredit(**{**one, "to_payer_id": theirs}), now),
        lambda: transfer_credit(TransferCredit(**{**one, "from_payer_id": theirs}), now),
        lambda: transfer_credit(TransferCredit(**move, lots=((lot, 1),)), now),
        lambda: refund_credit(RefundCredit(**refund, chosen=chosen), now),
        lambda: refund_credit(RefundCredit(**refund, parts=((came, 1),)), now),
        lambda: extend_credit(ExtendCredit(**key, lot_id=lot, until=None), now),
        lambda: void_payment(VoidPayment(**base, payment_id=payment), now),
        lambda: dishonour_payment(DishonourPayment(**base, part_id=came), now),
        lambda: undo_transfer(UndoTransfer(**key, transfer_id=transfer), now),
        lambda: stop_sharing(StopSharing(**key, share_id=share), now),
        lambda: take_back_allocation(TakeBackAllocation(**key, allocation_id=use), now),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(FIRST, FIRST + STEPS // A_RUN))
def test_books(seed: int) -> None:
    Books(seed).run(seed, A_RUN)
