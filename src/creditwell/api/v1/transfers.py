"""Transfers: account credit goes from one payer to another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, cast

from django.db.models import F, Q
from ninja import Query
from pydantic import Field
from typing_extensions import TypedDict

from creditwell.api.auth import Call
from creditwell.api.pagination import Listed, Page, Row, page_of
from creditwell.api.routes import Routes
from creditwell.api.shapes import Day, Id, In, Minor, MinorOrNone, QueryId, Reason
from creditwell.api.v1.payers import NoPayer, PayerFilters, PayerIn, payer_filter, payer_of
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.ledger.post import AlreadyReversed, BooksClosed, Overdrawn
from creditwell.payments.models import Transfer, TransferPart
from creditwell.payments.transferring import CreditSpent
from creditwell.people.operations import MergedAway
from creditwell.usecases.transfer_credit import NotFamily, TransferCredit, transfer_credit
from creditwell.usecases.undo_transfer import UndoTransfer, undo_transfer

transfers = Routes("Transfers")

NAMES = {
    "payer": "payer_id",
    "to": "to_payer_id",
    "date": "transferred_on",
    "amount": "amount_minor",
}


class LotAmount(In):
    """So much of a lot."""

    lot_id: Id
    amount_minor: Minor


class TransferIn(PayerIn):
    """
    Whose credit, to whom, and how much: `lots` chosen one by one, or `amount_minor` in the written
    order of use. Each lot keeps its origin, expiry, refundability and what it may pay for.
    """

    to_payer_id: Id
    amount_minor: MinorOrNone = 0
    lots: Annotated[list[LotAmount], Field(max_length=100)] = []
    reason: Reason
    transferred_on: Day | None = Field(None, description="Today in the practice unless sent.")


class UndoIn(In):
    """Why it is taken back."""

    reason: Reason = ""


class TransferFilters(Page, PayerFilters):
    """Which transfers: from or to a payer."""


class TransferPartOut(TypedDict):
    """What came off one lot and the lot that it became; `returned_minor` of it went back since."""

    id: int
    from_lot_id: int
    to_lot_id: int
    from_payer_id: int
    to_payer_id: int
    amount_minor: int
    returned_minor: int


class TransferOut(TypedDict):
    """A transfer; neither takings nor a refund."""

    id: int
    number: int
    transferred_on: date
    total_minor: int
    currency: str
    reason: str
    created_at: datetime
    parts: list[TransferPartOut]


class TransferMade(TypedDict):
    """What transferring came to; the receiver's new lots."""

    id: int
    number: int
    total_minor: int
    currency: str
    lot_ids: list[int]


class TransferBack(TypedDict):
    """The credit is back on the lots that it came from."""

    id: int
    total_minor: int
    currency: str


@transfers.get("/transfers", needs="payments.view", refuses=(NoPayer,))
def list_transfers(call: Call, filters: Query[TransferFilters]) -> Listed[TransferOut]:
    """List transfers, from a payer or to them."""
    rows = Transfer.objects.filter(practice_id=call.practice_id)
    payer_id = payer_filter(call, filters)
    if payer_id is not None:
        parts = TransferPart.objects.filter(
            Q(from_lot__payer_id=payer_id) | Q(to_lot__payer_id=payer_id),
            practice_id=call.practice_id,
        )
        rows = rows.filter(pk__in=parts.values("transfer_id"))
    return page_of(rows.values(*COLUMNS), filters, lambda found: _shown(call, found))


@transfers.get("/transfers/{transfer_id}", needs="payments.view")
def get_transfer(call: Call, transfer_id: QueryId) -> TransferOut:
    """Look a transfer up."""
    rows = Transfer.objects.filter(practice_id=call.practice_id, pk=transfer_id)
    found = list(rows.values(*COLUMNS))
    if not found:
        raise NotFound
    return _shown(call, found)[0]


@transfers.post(
    "/transfers",
    needs="credit.transfer",
    refuses=(NoPayer, NotFound, NotFamily, Invalid, Overdrawn, BooksClosed, MergedAway),
    names=NAMES,
)
def create_transfer(call: Call, body: TransferIn) -> TransferMade:
    """Transfer account credit to another payer."""
    made = transfer_credit(
        TransferCredit(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            from_payer_id=payer_of(call, body),
            to_payer_id=body.to_payer_id,
            reason=body.reason,
            amount_minor=body.amount_minor,
            lots=tuple((lot.lot_id, lot.amount_minor) for lot in body.lots),
            on=body.transferred_on,
            anywhere=call.member.may("credit.transfer_anywhere"),
        ),
        call.now,
    )
    return {
        "id": made.transfer_id,
        "number": made.number,
        "total_minor": made.total_minor,
        "currency": call.currency,
        "lot_ids": made.lot_ids,
    }


@transfers.post(
    "/transfers/{transfer_id}/undo",
    needs="credit.transfer",
    status=200,
    refuses=(NotFound, AlreadyReversed, CreditSpent, BooksClosed, Overdrawn, MergedAway),
)
def undo(call: Call, transfer_id: QueryId, body: UndoIn) -> TransferBack:
    """Undo a transfer, as long as nothing of it was used; both acts stay in the history."""
    done = undo_transfer(
        UndoTransfer(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            transfer_id=transfer_id,
            reason=body.reason,
        ),
        call.now,
    )
    return {"id": transfer_id, "total_minor": done.total_minor, "currency": call.currency}


COLUMNS = ("id", "number", "transferred_on", "total_minor", "reason", "created_at")


def _shown(call: Call, rows: Sequence[Row]) -> list[TransferOut]:
    """Transfers with their parts; one query for any number of them."""
    parts: dict[int, list[Any]] = defaultdict(list)
    part: Any
    for part in (
        TransferPart.objects.filter(
            practice_id=call.practice_id, transfer_id__in=[row["id"] for row in rows]
        )
        .order_by("pk")
        .values(
            "id",
            "transfer_id",
            "from_lot_id",
            "to_lot_id",
            "amount_minor",
            "returned_minor",
            from_payer_id=F("from_lot__payer_id"),
            to_payer_id=F("to_lot__payer_id"),
        )
    ):
        parts[part.pop("transfer_id")].append(part)
    return [
        cast(TransferOut, {**row, "currency": call.currency, "parts": parts[row["id"]]})
        for row in rows
    ]
