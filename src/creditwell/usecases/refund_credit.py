"""Credit goes back to its payer, by the source it came in by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.kernel.errors import Invalid, NotFound, Refusal
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.payments import refunding
from creditwell.payments.operations import lock_payer
from creditwell.payments.refunding import NotRefundable, OverRefunded, TooSmallForCash
from creditwell.payments.rules_refund import FromLot, Need, approval_needed
from creditwell.tenancy.access import Actor, Written
from creditwell.tenancy.queries_limits import refund_limits

__all__ = [
    "ApprovalNeeded",
    "FromLot",
    "NotRefundable",
    "OverRefunded",
    "RefundCredit",
    "Refunded",
    "TooSmallForCash",
    "refund_credit",
]


class ApprovalNeeded(Refusal):
    """The sum is above what whoever asks may refund alone: a second person has to approve it."""

    code = "approval_needed"
    status = 403

    def __init__(self, need: Need) -> None:
        super().__init__(
            _("%(why)s Ask for approval: somebody else then refunds it.")
            % {"why": str(need.label)},
            param="parts",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundCredit:
    """
    What goes back: `parts` is (id of the part of a payment that the money came by, minor units),
    off that payment's own lot; `chosen` names the lots themselves, transferred ones too.
    """

    practice_id: int
    key: str
    by: Actor
    payer_id: int
    parts: tuple[tuple[int, int], ...] = ()
    reason: str
    on: date | None = None
    chosen: tuple[FromLot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refunded:
    refund_id: int
    number: int
    total_minor: int


@usecase(Refunded)
def refund_credit(command: RefundCredit, now: datetime) -> Refunded:
    """
    Give account credit back. Only unallocated credit: un-apply or credit an invoice first.

    :raises NotFound: if a part or lot is not this payer's
    :raises NotRefundable: if a lot may not go back (goodwill)
    :raises Invalid: without an amount above zero, without a reason, or for a day to come
    :raises ApprovalNeeded: above what this person may refund alone
    :raises OverRefunded: if more is asked for than came by that source
    :raises TooSmallForCash: if no coin is small enough for what would go back in cash
    :raises Overdrawn: if the credit has been used meanwhile
    """
    found = lock_payer(practice_id=command.practice_id, payer_id=command.payer_id)
    if found is None:
        raise NotFound(_("There is no such patient in this practice."), param="payer")
    practice = found[1]
    on = _checked_day(command, practice.day_of(now))
    wanted = wanted_of(command.practice_id, command.payer_id, command.parts, command.chosen)
    pieces = refunding.pieces_of(practice_id=practice.id, payer_id=command.payer_id, wanted=wanted)
    _require_alone(command, sum(piece.minor for piece in pieces))
    refunding.require_there(practice, pieces, on)
    made = refunding.make_refund(
        practice,
        command.payer_id,
        pieces,
        on=on,
        reason=command.reason,
        written=Written(command.by, now),
    )
    note(
        "refund_credit",
        ("refund", made.refund_id),
        practice_id=practice.id,
        by=command.by,
        at=now,
        details={
            "payer_id": command.payer_id,
            "total_minor": made.total_minor,
            "reason": command.reason,
        },
    )
    emit("credit.refunded", {"refund_id": made.refund_id}, practice_id=practice.id, at=now)
    return Refunded(refund_id=made.refund_id, number=made.number, total_minor=made.total_minor)


def wanted_of(
    practice_id: int,
    payer_id: int,
    parts: Sequence[tuple[int, int]],
    chosen: Sequence[FromLot],
) -> list[FromLot]:
    """What is asked for, lot by lot; raises as `refunding.from_parts` does."""
    found = refunding.from_parts(practice_id=practice_id, payer_id=payer_id, parts=parts)
    return [*found, *chosen]


def _checked_day(command: RefundCredit, today: date) -> date:
    if not command.parts and not command.chosen:
        raise Invalid(_("Enter how much goes back, above zero."), param="parts")
    must_say_why(command.reason)
    if command.on is not None and command.on > today:
        raise Invalid(_("Choose today or an earlier day."), param="date")
    return command.on or today


def must_say_why(reason: str) -> None:
    """:raises Invalid: without a reason"""
    if not reason.strip():
        raise Invalid(_("Say why the money goes back; it stands on the refund."), param="reason")


def _require_alone(command: RefundCredit, total_minor: int) -> None:
    limits = refund_limits(practice_id=command.practice_id, by=command.by)
    need = approval_needed(
        total_minor,
        alone_up_to_minor=limits.alone_up_to_minor,
        two_above_minor=limits.two_above_minor,
    )
    if need:
        raise ApprovalNeeded(need)
