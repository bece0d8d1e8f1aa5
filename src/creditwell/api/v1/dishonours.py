"""Payments that the bank took back."""

from __future__ import annotations

from pydantic import Field
from typing_extensions import TypedDict

from creditwell.api.auth import Call
from creditwell.api.routes import Routes
from creditwell.api.shapes import Day, Id, In, Minor, QueryId, Reason
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.ledger.post import BooksClosed
from creditwell.payments.dishonouring import OverDishonoured, PaymentMoving
from creditwell.payments.models import PaymentPart
from creditwell.payments.voiding import PaymentNotStanding
from creditwell.people.operations import MergedAway
from creditwell.usecases.dishonour_payment import DishonourPayment, dishonour_payment

dishonours = Routes("Payments")


class DishonourIn(In):
    """What the bank took back of one part of the payment; without an amount all that is left."""

    payment_part_id: Id
    amount_minor: Minor | None = None
    reason: Reason
    dishonoured_on: Day | None = Field(None, description="Today in the practice unless sent.")


class DishonourMade(TypedDict):
    """`loss_minor` had been refunded before; `invoice_ids` are owing again."""

    id: int
    payment_id: int
    amount_minor: int
    loss_minor: int
    dishonoured_on: str
    invoice_ids: list[int]
    currency: str


@dishonours.post(
    "/payments/{payment_id}/dishonour",
    needs="payments.dishonour",
    refuses=(
        Invalid,
        OverDishonoured,
        PaymentNotStanding,
        PaymentMoving,
        BooksClosed,
        MergedAway,
    ),
    names={"amount": "amount_minor", "date": "dishonoured_on"},
)
def create_dishonour(call: Call, payment_id: QueryId, body: DishonourIn) -> DishonourMade:
    """
    Write down that the bank took money back (a chargeback, a bounced cheque).

    It comes off what is left of the payment's credit, then off what that paid: those invoices are
    owing again. A task tells the staff. `dishonoured_on` of the answer is the day it stands in the
    books: today, if the credit was elsewhere on the day that was sent.
    """
    parts = PaymentPart.objects.filter(practice_id=call.practice_id, payment_id=payment_id)
    if not parts.filter(pk=body.payment_part_id).exists():
        raise NotFound
    made = dishonour_payment(
        DishonourPayment(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            part_id=body.payment_part_id,
            amount_minor=body.amount_minor,
            reason=body.reason,
            on=body.dishonoured_on,
        ),
        call.now,
    )
    return {
        "id": made.dishonour_id,
        "payment_id": made.payment_id,
        "amount_minor": made.amount_minor,
        "loss_minor": made.loss_minor,
        "dishonoured_on": made.on,
        "invoice_ids": made.invoice_ids,
        "currency": call.currency,
    }
