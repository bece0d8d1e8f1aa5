"""Credit that no payment brought, and the expiry of credit."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal, cast

from django.db.models import F
from ninja import Query
from pydantic import Field
from typing_extensions import TypedDict

from creditwell.api.auth import Call
from creditwell.api.pagination import Listed, Page, Row, page_of
from creditwell.api.routes import Routes
from creditwell.api.shapes import Day, Flag, Id, In, Minor, QueryId, Reason
from creditwell.api.v1.payers import NoPayer, PayerFilters, PayerIn, payer_filter, payer_of
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.ledger.post import AlreadyReversed, BooksClosed, Overdrawn
from creditwell.payments.models import Gift
from creditwell.payments.transferring import CreditSpent
from creditwell.people.operations import MergedAway
from creditwell.usecases.extend_credit import ExtendCredit, NothingToExtend, extend_credit
from creditwell.usecases.give_credit import GiveCredit, give_credit
from creditwell.usecases.take_back_gift import TakeBackGift, take_back_gift

gifts = Routes("Given credit")

NAMES = {
    "payer": "payer_id",
    "amount": "amount_minor",
    "date": "given_on",
    "expires": "expires_on",
    "category": "category_id",
}


class GiftIn(PayerIn):
    """
    Credit to give. Goodwill is never paid out; an opening balance was paid before, and can be
    refunded. Without `expires_on` it lasts as long as the practice lets credit of its kind last.
    """

    kind: Literal["goodwill", "opening"]
    amount_minor: Minor
    reason: Reason
    given_on: Day | None = Field(None, description="Today in the practice unless sent.")
    expires_on: Day | None = None
    never_expires: Flag = False
    category_id: Id | None = Field(None, description="Pays only for items of this category.")


class TakeBackIn(In):
    """Why it is taken back."""

    reason: Reason


class ExtendIn(In):
    """The new last day; none: the credit never expires."""

    expires_on: Day | None
    reason: Reason = ""


class GiftFilters(Page, PayerFilters):
    """Which given credit."""


class GiftOut(TypedDict):
    """Given credit; `left_minor` of it can still be used."""

    id: int
    lot_id: int
    payer_id: int
    kind: str
    given_on: date
    total_minor: int
    left_minor: int
    currency: str
    reason: str
    expires_on: date | None
    category_id: int | None
    taken_back_on: date | None
    created_at: datetime


class GiftMade(TypedDict):
    """The credit that was given, and its lot."""

    id: int
    lot_id: int


class GiftBack(TypedDict):
    """What was taken back."""

    id: int
    total_minor: int
    currency: str


class LotExtended(TypedDict):
    """`returned_minor` had expired and is there again."""

    lot_id: int
    expires_on: date | None
    returned_minor: int
    currency: str


@gifts.get("/gifts", needs="payments.view", refuses=(NoPayer,))
def list_gifts(call: Call, filters: Query[GiftFilters]) -> Listed[GiftOut]:
    """List given credit: goodwill and opening balances."""
    rows = Gift.objects.filter(practice_id=call.practice_id)
    payer_id = payer_filter(call, filters)
    if payer_id is not None:
        rows = rows.filter(lot__payer_id=payer_id)
    return page_of(
        rows.values(*COLUMNS, **OF_THE_LOT), filters, lambda found: [_shown(call, r) for r in found]
    )


@gifts.get("/gifts/{gift_id}", needs="payments.view")
def get_gift(call: Call, gift_id: QueryId) -> GiftOut:
    """Look given credit up."""
    row: Any = (
        Gift.objects.filter(practice_id=call.practice_id, pk=gift_id)
        .values(*COLUMNS, **OF_THE_LOT)
        .first()
    )
    if row is None:
        raise NotFound
    return _shown(call, row)


@gifts.post(
    "/gifts",
    needs="credit.give",
    refuses=(NoPayer, NotFound, Invalid, BooksClosed, MergedAway),
    names=NAMES,
)
def create_gift(call: Call, body: GiftIn) -> GiftMade:
    """Give credit that no payment brings."""
    made = give_credit(
        GiveCredit(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            payer_id=payer_of(call, body),
            kind=body.kind,
            amount_minor=body.amount_minor,
            reason=body.reason,
            on=body.given_on,
            expires_on=body.expires_on,
            never_expires=body.never_expires,
            category_id=body.category_id,
        ),
        call.now,
    )
    return {"id": made.gift_id, "lot_id": made.lot_id}


@gifts.post(
    "/gifts/{gift_id}/take_back",
    needs="credit.give",
    status=200,
    refuses=(NotFound, Invalid, AlreadyReversed, CreditSpent, BooksClosed, Overdrawn, MergedAway),
)
def take_back(call: Call, gift_id: QueryId, body: TakeBackIn) -> GiftBack:
    """Take given credit back, as long as nothing of it was used."""
    done = take_back_gift(
        TakeBackGift(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            gift_id=gift_id,
            reason=body.reason,
        ),
        call.now,
    )
    return {"id": gift_id, "total_minor": done.total_minor, "currency": call.currency}


@gifts.post(
    "/lots/{lot_id}/extend",
    needs="credit.extend",
    status=200,
    refuses=(NotFound, Invalid, NothingToExtend, BooksClosed, AlreadyReversed, MergedAway),
    names={"until": "expires_on"},
)
def extend(call: Call, lot_id: QueryId, body: ExtendIn) -> LotExtended:
    """Give grace: a lot of credit lasts longer, and what expired of it is there again."""
    done = extend_credit(
        ExtendCredit(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            lot_id=lot_id,
            until=body.expires_on,
            reason=body.reason,
        ),
        call.now,
    )
    return {
        "lot_id": done.lot_id,
        "expires_on": body.expires_on,
        "returned_minor": done.returned_minor,
        "currency": call.currency,
    }


COLUMNS = ("id", "lot_id", "given_on", "reason", "taken_back_on", "created_at")
OF_THE_LOT = {
    "payer_id": F("lot__payer_id"),
    "kind": F("lot__kind"),
    "total_minor": F("lot__original_minor"),
    "left_minor": F("lot__account__balance_minor"),
    "expires_on": F("lot__expires_on"),
    "category_id": F("lot__category_id"),
}


def _shown(call: Call, row: Row) -> GiftOut:
    return cast(GiftOut, {**row, "currency": call.currency, "left_minor": row["left_minor"] or 0})
