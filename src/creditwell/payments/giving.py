"""Write credit that no payment brought: goodwill and opening balances. Amounts are minor units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from creditwell.credit.models import LotKind
from creditwell.credit.operations import NewLot, write_lot
from creditwell.kernel.rows import insert_row
from creditwell.ledger.post import Journal, NewAccount, Posted
from creditwell.payments.models import Gift
from creditwell.tenancy.access import Written

KINDS = (LotKind.GOODWILL, LotKind.OPENING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Giving:
    """
    Credit about to be given. `kind` is goodwill, which is never paid out, or opening: money that
    was paid before the practice kept its books here.
    """

    practice_id: int
    payer_id: int
    kind: LotKind
    amount_minor: int
    on: date
    reason: str
    expires_on: date | None
    category_id: int | None = None


@dataclass(frozen=True, slots=True)
class GivingEntry:
    """A gift on its way into the books: the account of its lot, and its entry."""

    account: NewAccount
    entry: int


def post_giving(journal: Journal, giving: Giving) -> GivingEntry:
    """Add the entry: off the practice's goodwill (or opening balances), onto a new lot."""
    account = journal.open_lot(giving.payer_id)
    entry = journal.move(
        giving.kind.value,
        giving.on,
        source=journal.clinic_wide(giving.kind.value),
        target=account,
        minor=giving.amount_minor,
    )
    return GivingEntry(account, entry)


def write_giving(
    giving: Giving, entered: GivingEntry, posted: Posted, written: Written
) -> tuple[int, int]:
    """Insert lot and gift; returns (gift id, lot id)."""
    lot_id = write_lot(
        NewLot(
            practice_id=giving.practice_id,
            payer_id=giving.payer_id,
            account_id=posted.id_of(entered.account),
            kind=giving.kind.value,
            original_minor=giving.amount_minor,
            received_on=giving.on,
            created_at=written.at,
            expires_on=giving.expires_on,
            refundable=giving.kind is LotKind.OPENING,
            note=giving.reason,
            category_id=giving.category_id,
        )
    )
    gift_id = insert_row(
        Gift,
        {
            "practice_id": giving.practice_id,
            "lot_id": lot_id,
            "reason": giving.reason,
            "given_on": giving.on,
            "taken_back_reason": "",
            "entry_id": posted.entry_ids[entered.entry],
            **written.columns,
        },
    )
    return gift_id, lot_id
