"""The bank took money back: a cheque bounced, a card payment was charged back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.kernel.errors import Invalid
from creditwell.kernel.usecase import usecase
from creditwell.ledger.post import Journal
from creditwell.outbox.emit import emit
from creditwell.payments import dishonouring
from creditwell.tasks.operations import add_task
from creditwell.tenancy.access import Actor, Written


@dataclass(frozen=True, slots=True, kw_only=True)
class DishonourPayment:
    """`amount_minor` None: all that came by this part of the payment and was not taken back yet."""

    practice_id: int
    key: str
    by: Actor
    part_id: int
    amount_minor: int | None = None
    reason: str
    on: date | None = None  # the day the bank took it; None: today


@dataclass(frozen=True, slots=True, kw_only=True)
class Dishonoured:
    """`on` is the day it stands in the books; `loss_minor` had been refunded before."""

    dishonour_id: int
    payment_id: int
    amount_minor: int
    loss_minor: int
    on: str
    invoice_ids: list[int]  # that are owing again
    task_id: int


@usecase(Dishonoured)
def dishonour_payment(command: DishonourPayment, now: datetime) -> Dishonoured:
    """
    Take the money off the payment's credit: what is free of it, then what it paid (those invoices
    are owing again), then what was passed on to others, then what expired; what had been refunded
    is a loss of the practice. No lot ever falls below zero. A task tells the staff.

    :raises NotFound: if this practice has no such part of a payment
    :raises PaymentNotStanding: if the payment was voided or replaced
    :raises OverDishonoured: if more is taken than came by this part
    :raises Invalid: without a reason, for a day before the payment, or one to come
    :raises BooksClosed: if the books of that day are closed
    """
    if not command.reason.strip():
        raise Invalid(_("Say what the bank gave as the reason."), param="reason")
    practice, part = dishonouring.hold_part(
        practice_id=command.practice_id, part_id=command.part_id
    )
    today = practice.day_of(now)
    came = part.amount_minor + part.rounding_minor
    amount = command.amount_minor
    undoing = dishonouring.plan_dishonour(
        practice,
        part,
        came - part.dishonoured_minor if amount is None else amount,
        on=command.on or today,
        today=today,
    )
    journal = Journal(practice.id)
    entries = dishonouring.post_dishonour(journal, undoing)
    dishonour_id = dishonouring.write_dishonour(
        undoing,
        entries,
        journal.post(),
        reason=command.reason,
        written=Written(command.by, now),
    )
    owing = dishonouring.owing_again(undoing)
    return _tell(command, undoing, dishonour_id, owing, now)


def _tell(
    command: DishonourPayment,
    undoing: dishonouring.Undoing,
    dishonour_id: int,
    owing: Mapping[int, int],
    now: datetime,
) -> Dishonoured:
    payment_id, practice_id = undoing.part.payment_id, command.practice_id
    sums = {"amount_minor": undoing.amount_minor, "loss_minor": undoing.plan.loss_minor}
    task_id = add_task(
        "dishonour",
        ("payment", payment_id),
        practice_id=practice_id,
        at=now,
        body={
            **sums,
            "payer_id": undoing.part.payment.payer_id,
            "invoice_ids": ",".join(str(pk) for pk in sorted(owing)),
        },
    )
    note(
        "dishonour_payment",
        ("payment", payment_id),
        practice_id=practice_id,
        by=command.by,
        at=now,
        details={
            **sums,
            "on": undoing.on.isoformat(),
            "reason": command.reason,
            "invoices": sorted(owing.items()),
        },
    )
    emit(
        "payment.dishonoured",
        {"payment_id": payment_id, "dishonour_id": dishonour_id},
        practice_id=practice_id,
        at=now,
    )
    return Dishonoured(
        dishonour_id=dishonour_id,
        payment_id=payment_id,
        on=undoing.on.isoformat(),
        invoice_ids=sorted(owing),
        task_id=task_id,
        **sums,
    )
