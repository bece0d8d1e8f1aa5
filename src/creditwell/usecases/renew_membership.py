"""What is due of a membership is done: its pause ends, or its next period begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.packages.memberships import (
    DoesNotRenew,
    Held,
    ProductArchived,
    change_membership,
    hold_membership,
    product_that_renews,
)
from creditwell.packages.models import Membership
from creditwell.people.models import Patient
from creditwell.tasks.operations import add_task
from creditwell.tenancy.access import SYSTEM, Actor
from creditwell.usecases._periods import Begun, Wish, begin_period
from creditwell.usecases.resume_membership import wake


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewMembership:
    practice_id: int
    membership_id: int
    by: Actor = SYSTEM
    key: str = ""  # done twice it finds nothing due, so no key is needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """`did`: renewed, resumed, stopped (nothing to renew into), or nothing was due."""

    did: str
    invoice_id: int | None = None
    package_id: int | None = None
    rolled_units: int = 0
    owing_minor: int = 0


@usecase(Renewed)
def renew_membership(command: RenewMembership, now: datetime) -> Renewed:
    """
    Do the next thing that is due, one period at most; of several that were missed, the oldest.

    :raises NotFound: if this practice has no such membership
    :raises MergedAway: if its payer was merged into another this moment
    :raises BooksClosed: if today's books are closed
    """
    held = hold_membership(practice_id=command.practice_id, membership_id=command.membership_id)
    today = held.practice.day_of(now)
    if held.standing.is_due(today):
        stopped = _what_stops(held)
        if stopped:
            return _stop(held, stopped, command.by, now)
        return _renew(held, command.by, now)
    if held.standing.wakes(today):
        wake(held, next_on=None, by=command.by, now=now)
        return Renewed(did="resumed")
    return Renewed(did="nothing")


def _what_stops(held: Held) -> str:
    """Why no further period can begin; "" if one can."""
    row = held.row
    try:
        product_that_renews(practice_id=row.practice_id, product_id=row.product_id)
    except (ProductArchived, DoesNotRenew):
        return "product"
    patient = Patient.objects.filter(practice_id=row.practice_id, pk=row.patient_id)
    return "patient" if patient.filter(archived_at__isnull=False).exists() else ""


def _stop(held: Held, why: str, by: Actor, now: datetime) -> Renewed:
    """It is paused until somebody decides, who finds a task."""
    row = held.row
    change_membership(
        row, status=Membership.Status.PAUSED, paused_on=row.renews_on, resumes_on=None
    )
    add_task(
        "membership_stopped",
        ("membership", row.pk),
        practice_id=row.practice_id,
        at=now,
        body={"payer_id": row.payer_id, "why": why},
    )
    note(
        "stop_membership",
        ("membership", row.pk),
        practice_id=row.practice_id,
        by=by,
        at=now,
        details={"why": why, "paused_on": row.renews_on.isoformat()},
    )
    return Renewed(did="stopped")


def _renew(held: Held, by: Actor, now: datetime) -> Renewed:
    begun = begin_period(held, Wish(by=by), now)
    row, practice_id = held.row, held.practice.id
    if begun.owing_minor:
        add_task(
            "membership_owing",
            ("membership", row.pk),
            practice_id=practice_id,
            at=now,
            body={
                "payer_id": row.payer_id,
                "amount_minor": begun.owing_minor,
                "invoice_ids": str(begun.invoice_id),
            },
        )
    _tell(row, begun, by, now)
    return Renewed(
        did="renewed",
        invoice_id=begun.invoice_id,
        package_id=begun.package_id,
        rolled_units=begun.rolled_units,
        owing_minor=begun.owing_minor,
    )


def _tell(row: Membership, begun: Begun, by: Actor, now: datetime) -> None:
    note(
        "renew_membership",
        ("membership", row.pk),
        practice_id=row.practice_id,
        by=by,
        at=now,
        details={
            "number": begun.number,
            "invoice_id": begun.invoice_id,
            "package_id": begun.package_id,
            "rolled_units": begun.rolled_units,
            "owing_minor": begun.owing_minor,
        },
    )
    emit(
        "membership.renewed",
        {
            "membership_id": row.pk,
            "package_id": begun.package_id,
            "invoice_id": begun.invoice_id,
            "from_credit": begun.total_minor > 0 and begun.owing_minor == 0,
        },
        practice_id=row.practice_id,
        at=now,
    )
