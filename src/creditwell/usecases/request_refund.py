"""Somebody asks for a refund that another has to approve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.kernel.errors import NotFound
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.payments import refunding
from creditwell.payments.operations import lock_payer
from creditwell.payments.refund_requests import write_request
from creditwell.payments.rules_refund import FromLot
from creditwell.tasks.operations import add_task
from creditwell.tenancy.access import Actor, PracticeFacts, Written
from creditwell.usecases.refund_credit import must_say_why, wanted_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRefund:
    """`parts` and `chosen` as in RefundCredit. The refund is dated on the day it is approved."""

    practice_id: int
    key: str
    by: Actor
    payer_id: int
    parts: tuple[tuple[int, int], ...] = ()
    reason: str
    chosen: tuple[FromLot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequested:
    request_id: int
    task_id: int
    total_minor: int


@usecase(RefundRequested)
def request_refund(command: RequestRefund, now: datetime) -> RefundRequested:
    """
    Leave a request, and a task for whoever may approve it. The credit stays where it is, and can
    be used until then.

    :raises NotFound, NotRefundable, Invalid, OverRefunded, Overdrawn: as the refund itself would
    """
    found = lock_payer(practice_id=command.practice_id, payer_id=command.payer_id)
    if found is None:
        raise NotFound(_("There is no such patient in this practice."), param="payer")
    practice, written = found[1], Written(command.by, now)
    must_say_why(command.reason)
    wanted = wanted_of(practice.id, command.payer_id, command.parts, command.chosen)
    pieces = refunding.pieces_of(practice_id=practice.id, payer_id=command.payer_id, wanted=wanted)
    refunding.require_there(practice, pieces, practice.day_of(now))
    return leave_request(practice, command.payer_id, wanted, command.reason, written)


def leave_request(
    practice: PracticeFacts,
    payer_id: int,
    wanted: Sequence[FromLot],
    reason: str,
    written: Written,
) -> RefundRequested:
    """Write a request that was proven to be possible, and the task; its payer is locked."""
    total = sum(one.minor for one in wanted)
    request_id = write_request(
        practice_id=practice.id,
        payer_id=payer_id,
        wanted=wanted,
        reason=reason,
        written=written,
    )
    task_id = add_task(
        "refund_request",
        ("refund_request", request_id),
        practice_id=practice.id,
        at=written.at,
        body={"total_minor": total, "payer_id": payer_id},
    )
    note(
        "request_refund",
        ("refund_request", request_id),
        practice_id=practice.id,
        by=written.by,
        at=written.at,
        details={"payer_id": payer_id, "total_minor": total, "reason": reason},
    )
    emit("refund.requested", {"request_id": request_id}, practice_id=practice.id, at=written.at)
    return RefundRequested(request_id=request_id, task_id=task_id, total_minor=total)
