"""A payment was never made: it is voided, and its invoices are open again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.ledger.post import Journal
from creditwell.outbox.emit import emit
from creditwell.payments import voiding
from creditwell.tenancy.access import Actor, Written


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidPayment:
    practice_id: int
    key: str
    by: Actor
    payment_id: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Voided:
    payment_id: int
    invoice_ids: list[int]  # those that are open again


@usecase(Voided)
def void_payment(command: VoidPayment, now: datetime) -> Voided:
    """
    Reverse a payment, its allocations first. Its receipt keeps its number and says void.

    Dated on the payment's own day, so that no day's takings keep the mistake; today when the
    books of that day are closed.

    :raises NotFound, PaymentNotStanding, PaymentRefunded: see payments.voiding
    """
    payment, practice = voiding.standing_payment(
        practice_id=command.practice_id, payment_id=command.payment_id
    )
    journal = Journal(practice.id)
    undoing = voiding.post_undoing(journal, payment, practice, practice.day_of(now))
    voiding.write_undoing(
        undoing,
        journal.post(),
        status="void",
        reason=command.reason,
        written=Written(command.by, now),
    )
    note(
        "void_payment",
        ("payment", payment.pk),
        practice_id=practice.id,
        by=command.by,
        at=now,
        details={"reason": command.reason, "total_minor": payment.total_minor},
    )
    emit("payment.voided", {"payment_id": payment.pk}, practice_id=practice.id, at=now)
    return Voided(
        payment_id=payment.pk,
        invoice_ids=sorted({back.allocation.invoice_id for back in undoing.backs}),
    )
