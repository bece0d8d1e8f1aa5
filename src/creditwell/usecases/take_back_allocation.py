"""An allocation is taken back: the credit is there again, the invoice asks again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.kernel.usecase import usecase
from creditwell.ledger.post import AlreadyReversed, Journal
from creditwell.outbox.emit import emit
from creditwell.payments import returns
from creditwell.payments.models import Allocation
from creditwell.payments.operations import lock_payer, require_still
from creditwell.tenancy.access import Actor, Written


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBackAllocation:
    """`amount_minor` None: all that still stands."""

    practice_id: int
    key: str
    by: Actor
    allocation_id: int
    amount_minor: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    invoice_id: int
    lot_id: int
    amount_minor: int


@usecase(TakenBack)
def take_back_allocation(command: TakeBackAllocation, now: datetime) -> TakenBack:
    """
    Un-apply: nothing is deleted, both acts stay in the history; dated today.

    :raises NotFound: if the allocation is not of this practice
    :raises AlreadyReversed: if nothing of it stands any more
    :raises Invalid: if more is asked for than still stands
    """
    row = (
        Allocation.objects.filter(practice_id=command.practice_id, pk=command.allocation_id)
        .values_list("lot__payer_id", flat=True)
        .first()
    )
    found = lock_payer(practice_id=command.practice_id, payer_id=row) if row else None
    if found is None:
        raise NotFound
    practice = found[1]
    active = returns.active_allocations(practice_id=practice.id, ids=[command.allocation_id])
    if not active:
        raise AlreadyReversed
    require_still(active[0].payer_id, found[0])
    wanted = active[0].amount_minor if command.amount_minor is None else command.amount_minor
    if not 0 < wanted <= active[0].amount_minor:
        raise Invalid(_("Enter an amount up to what is still applied."), param="amount")
    backs = returns.some(active, need_minor=wanted, on=practice.day_of(now))
    journal = Journal(practice.id)
    entries = returns.post_returns(journal, backs)
    returns.write_returns(
        backs,
        entries,
        journal.post(),
        practice_id=practice.id,
        reason=command.reason,
        written=Written(command.by, now),
    )
    note(
        "take_back_allocation",
        ("invoice", active[0].invoice_id),
        practice_id=practice.id,
        by=command.by,
        at=now,
        details={"allocation_id": command.allocation_id, "amount_minor": wanted},
    )
    emit(
        "allocation.returned",
        {"allocation_id": command.allocation_id},
        practice_id=practice.id,
        at=now,
    )
    return TakenBack(invoice_id=active[0].invoice_id, lot_id=active[0].lot_id, amount_minor=wanted)
