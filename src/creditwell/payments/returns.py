"""Take allocations back. Amounts are minor units of the practice's currency."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F

from creditwell.kernel.errors import REFUSED_BY
from creditwell.kernel.rows import insert_rows, plus
from creditwell.ledger.post import AlreadyReversed, Journal, Posted
from creditwell.payments.models import (
    Allocation,
    AllocationReturn,
    LotExpiryReturn,
    TransferReturn,
)
from creditwell.payments.rules import day_of_correction
from creditwell.tenancy.access import PracticeFacts, Written

REFUSED_BY["payments_allocation_not_over_returned"] = AlreadyReversed


@dataclass(frozen=True, slots=True, kw_only=True)
class Active:
    """An allocation of which something still stands."""

    id: int
    lot_id: int
    lot_account_id: int
    invoice_id: int
    invoice_account_id: int
    payer_id: int  # whose lot it is
    amount_minor: int  # that still stands
    allocated_on: date
    share_id: int | None = None  # of somebody else's credit: by which permission
    agreed: str = ""


@dataclass(frozen=True, slots=True)
class Return:
    """Take so much of an allocation back, on a day."""

    allocation: Active
    amount_minor: int
    on: date


def active_allocations(
    *,
    practice_id: int,
    ids: Iterable[int] | None = None,
    lot_id: int | None = None,
    lot_ids: Iterable[int] | None = None,
    invoice_id: int | None = None,
    hold: bool = True,
) -> list[Active]:
    """Allocations that still stand, newest first, their rows locked (`hold`); one query."""
    found = Allocation.objects.filter(
        practice_id=practice_id, returned_minor__lt=F("amount_minor")
    ).select_related("lot", "invoice")
    if ids is not None:
        found = found.filter(pk__in=list(ids))
    if lot_id is not None:
        found = found.filter(lot_id=lot_id)
    if lot_ids is not None:
        found = found.filter(lot_id__in=list(lot_ids))
    if invoice_id is not None:
        found = found.filter(invoice_id=invoice_id)
    if hold:
        found = found.select_for_update(of=("self",), no_key=True)
    return [
        Active(
            id=row.pk,
            lot_id=row.lot_id,
            lot_account_id=row.lot.account_id,
            invoice_id=row.invoice_id,
            invoice_account_id=row.invoice.account_id or 0,
            payer_id=row.lot.payer_id,
            amount_minor=row.amount_minor - row.returned_minor,
            allocated_on=row.allocated_on,
            share_id=row.share_id,
            agreed=row.agreed,
        )
        for row in found.order_by("-allocated_on", "-pk")
    ]


def closed_for(
    practice: PracticeFacts,
    today: date,
    *,
    lot_id: int | None = None,
    invoice_id: int | None = None,
) -> date | None:
    """
    Up to which day a correction may not reach back.

    As a rule the closed books. Where something was taken back before, on a later day, a correction
    of earlier days would make the lot (or invoice) wrong in between: then everything up to today.
    """
    before = AllocationReturn.objects.filter(practice_id=practice.id)
    if lot_id is not None:
        before = before.filter(allocation__lot_id=lot_id)
    if invoice_id is not None:
        before = before.filter(allocation__invoice_id=invoice_id)
    moved = before.exists() or (lot_id is not None and _came_back(practice.id, lot_id))
    return today if moved else practice.books_closed_on


def _came_back(practice_id: int, lot_id: int) -> bool:
    """Whether a transfer or an expiry of the lot was taken back."""
    transfers = TransferReturn.objects.filter(practice_id=practice_id, part__from_lot_id=lot_id)
    expiries = LotExpiryReturn.objects.filter(practice_id=practice_id, expiry__lot_id=lot_id)
    return transfers.exists() or expiries.exists()


def whole(active: Sequence[Active], *, closed_on: date | None, today: date) -> list[Return]:
    """Take all of them back, each on its own day as far as `closed_on` lets that be."""
    return [
        Return(
            row,
            row.amount_minor,
            day_of_correction(original=row.allocated_on, today=today, books_closed_on=closed_on),
        )
        for row in active
    ]


def some(active: Sequence[Active], *, need_minor: int, on: date) -> list[Return]:
    """Take back as much as is needed, in the order given, on one day (not before each began)."""
    returns = []
    for row in active:
        part = min(need_minor, row.amount_minor)
        if part > 0:
            need_minor -= part
            returns.append(Return(row, part, max(on, row.allocated_on)))
    return returns


def post_returns(journal: Journal, returns: Sequence[Return]) -> list[int]:
    """Add an entry for each: invoice owed back onto the lot; returns their indexes."""
    return [
        journal.move(
            "allocation_return",
            back.on,
            source=back.allocation.invoice_account_id,
            target=back.allocation.lot_account_id,
            minor=back.amount_minor,
        )
        for back in returns
    ]


def write_returns(
    returns: Sequence[Return],
    entries: Sequence[int],
    posted: Posted,
    *,
    practice_id: int,
    reason: str,
    written: Written,
) -> None:
    """Insert the rows and mark the allocations; the database refuses to return more than stood."""
    insert_rows(
        AllocationReturn,
        [
            {
                "practice_id": practice_id,
                "allocation_id": back.allocation.id,
                "amount_minor": back.amount_minor,
                "returned_on": back.on,
                "reason": reason,
                "entry_id": posted.entry_ids[entry],
                **written.columns,
            }
            for back, entry in zip(returns, entries, strict=True)
        ],
    )
    for back in returns:
        Allocation.objects.filter(practice_id=practice_id, pk=back.allocation.id).update(
            returned_minor=plus("returned_minor", back.amount_minor)
        )
