"""Move credit from one payer's lots to another's, and back. Amounts are minor units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F
from django.utils.translation import gettext as _

from creditwell.credit.models import Lot
from creditwell.credit.operations import NewLot, write_lot
from creditwell.credit.queries import OpenLot
from creditwell.kernel.errors import REFUSED_BY, Refusal
from creditwell.kernel.numbering import next_number
from creditwell.kernel.rows import insert_row, insert_rows, plus
from creditwell.ledger.post import AlreadyReversed, Journal, Leg, NewAccount, Posted
from creditwell.money.money import Money
from creditwell.payments.models import Transfer, TransferPart, TransferReturn
from creditwell.tenancy.access import Written

REFUSED_BY["payments_transfer_not_over_returned"] = AlreadyReversed


class CreditSpent(Refusal):
    """Of what would go back, something was used meanwhile."""

    code = "credit_spent"

    def __init__(self, missing: Money | None = None) -> None:
        super().__init__(
            _(
                "%(amount)s of this credit was used meanwhile, so it cannot go back. Take it back "
                "from what it paid first, or transfer what is left."
            )
            % {"amount": missing.decimal}
            if missing is not None
            else _("This credit was used meanwhile, so it cannot go back.")
        )


@dataclass(frozen=True, slots=True)
class Take:
    """So much of a lot."""

    lot: OpenLot
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """
    Credit about to go to a payer. The new lots keep kind, expiry, refundability and restriction
    of those that they come from, unless `kind` and `expires_on` say otherwise (vouchers do).
    """

    practice_id: int
    to_payer_id: int
    takes: Sequence[Take]
    on: date
    reason: str
    kind: str = ""
    expires_on: date | None = None

    @property
    def total_minor(self) -> int:
        return sum(take.amount_minor for take in self.takes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A transfer as written; the new lots in the order of the takes."""

    transfer_id: int
    number: int
    lot_ids: list[int]


def take_from(lots: Iterable[OpenLot], amount_minor: int) -> list[Take]:
    """So much of these lots, in the order given; what they cannot cover is left out."""
    takes = []
    for lot in lots:
        part = min(amount_minor, lot.left_minor)
        if part > 0:
            amount_minor -= part
            takes.append(Take(lot, part))
    return takes


def post_transfer(
    journal: Journal, sending: Sending, *, source: int | NewAccount | None = None
) -> tuple[list[NewAccount], int]:
    """
    Add the entry: off each lot, onto a new one of the receiver's; returns the new accounts and the
    entry's index. `source` is the account of a lot that the same act opens.
    """
    opened = [journal.open_lot(sending.to_payer_id) for _take in sending.takes]
    legs: list[Leg] = [(account, take.amount_minor) for account, take in _zip(opened, sending)]
    legs += [(source or take.lot.account_id, -take.amount_minor) for take in sending.takes]
    return opened, journal.entry("transfer", sending.on, legs)


def write_transfer(
    sending: Sending,
    opened: Sequence[NewAccount],
    entry: int,
    posted: Posted,
    *,
    written: Written,
) -> Sent:
    """Insert the transfer, its parts and the new lots."""
    lot_ids = [
        write_lot(_lot(sending, take.lot, take.amount_minor, posted.id_of(account), written))
        for account, take in _zip(opened, sending)
    ]
    number = next_number(practice_id=sending.practice_id, series="transfer")
    transfer_id = insert_row(
        Transfer,
        {
            "practice_id": sending.practice_id,
            "number": number,
            "transferred_on": sending.on,
            "total_minor": sending.total_minor,
            "reason": sending.reason,
            "entry_id": posted.entry_ids[entry],
            **written.columns,
        },
    )
    insert_rows(
        TransferPart,
        [
            {
                "practice_id": sending.practice_id,
                "transfer_id": transfer_id,
                "from_lot_id": take.lot.id,
                "to_lot_id": lot_id,
                "amount_minor": take.amount_minor,
                "returned_minor": 0,
            }
            for lot_id, take in zip(lot_ids, sending.takes, strict=True)
        ],
    )
    return Sent(transfer_id=transfer_id, number=number, lot_ids=lot_ids)


def _zip(opened: Sequence[NewAccount], sending: Sending) -> list[tuple[NewAccount, Take]]:
    return list(zip(opened, sending.takes, strict=True))


def _lot(
    sending: Sending, source: OpenLot, amount_minor: int, account_id: int, written: Written
) -> NewLot:
    return NewLot(
        practice_id=sending.practice_id,
        payer_id=sending.to_payer_id,
        account_id=account_id,
        kind=sending.kind or source.kind,
        original_minor=amount_minor,
        received_on=sending.on,
        created_at=written.at,
        expires_on=sending.expires_on or source.expires_on,
        refundable=source.refundable,
        note=sending.reason,
        origin_id=source.id,
        root_id=source.root_id or source.id,
        category_id=source.category_id,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A part of a transfer of which something has not gone back, and both its lots."""

    id: int
    transfer_id: int
    from_lot: Lot
    to_lot: Lot
    amount_minor: int  # that has not gone back
    left_minor: int  # of it, still on the receiver's lot


def standing_parts(
    *, practice_id: int, transfer_id: int | None = None, from_lot_ids: Iterable[int] | None = None
) -> list[Standing]:
    """Parts that stand, newest first, their rows locked; one query."""
    found = TransferPart.objects.filter(
        practice_id=practice_id, returned_minor__lt=F("amount_minor")
    ).select_related("from_lot", "to_lot__account")
    if transfer_id is not None:
        found = found.filter(transfer_id=transfer_id)
    if from_lot_ids is not None:
        found = found.filter(from_lot_id__in=list(from_lot_ids))
    return [
        Standing(
            id=row.pk,
            transfer_id=row.transfer_id,
            from_lot=row.from_lot,
            to_lot=row.to_lot,
            amount_minor=row.amount_minor - row.returned_minor,
            left_minor=row.to_lot.account.balance_minor or 0,
        )
        for row in found.select_for_update(of=("self",), no_key=True).order_by("-pk")
    ]


@dataclass(frozen=True, slots=True)
class Back:
    """So much of a part of a transfer goes back, on a day."""

    part: Standing
    amount_minor: int
    on: date


def post_backs(journal: Journal, backs: Sequence[Back]) -> list[int]:
    """Add an entry for each: off the receiver's lot, onto the one it came from."""
    return [
        journal.move(
            "transfer_return",
            back.on,
            source=back.part.to_lot.account_id,
            target=back.part.from_lot.account_id,
            minor=back.amount_minor,
        )
        for back in backs
    ]


def write_backs(
    backs: Sequence[Back],
    entries: Sequence[int],
    posted: Posted,
    *,
    reason: str,
    written: Written,
) -> None:
    """Insert the rows and mark the parts; the database refuses to return more than stood."""
    insert_rows(
        TransferReturn,
        [
            {
                "practice_id": back.part.from_lot.practice_id,
                "part_id": back.part.id,
                "amount_minor": back.amount_minor,
                "returned_on": back.on,
                "reason": reason,
                "entry_id": posted.entry_ids[entry],
                **written.columns,
            }
            for back, entry in zip(backs, entries, strict=True)
        ],
    )
    for back in backs:
        TransferPart.objects.filter(
            practice_id=back.part.from_lot.practice_id, pk=back.part.id
        ).update(returned_minor=plus("returned_minor", back.amount_minor))
