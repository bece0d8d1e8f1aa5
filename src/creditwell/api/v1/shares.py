"""Shares: permissions of one payer to use the credit of another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, cast

from ninja import Query
from pydantic import Field
from typing_extensions import TypedDict

from creditwell.api.auth import Call
from creditwell.api.pagination import Listed, Page, Row, page_of
from creditwell.api.routes import Routes
from creditwell.api.shapes import Currency, Done, Id, In, Minor, QueryId, Reason
from creditwell.api.v1.payers import require_currency
from creditwell.credit.models import Share
from creditwell.credit.sharing import (
    CapMissing,
    CapNotMeant,
    NoSuchShare,
    NotAMode,
    OnlyPatientsUse,
    PutAway,
    SharedWithSelf,
    Terms,
)
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.people.operations import MergedAway
from creditwell.usecases.share_credit import ShareCredit, share_credit
from creditwell.usecases.stop_sharing import StopSharing, stop_sharing

shares = Routes("Shares")

NAMES = {"owner": "owner_payer_id", "user": "user_payer_id", "cap": "cap_minor"}
REFUSALS = (
    Invalid,
    NotFound,
    SharedWithSelf,
    MergedAway,
    OnlyPatientsUse,
    PutAway,
    NotAMode,
    CapMissing,
    CapNotMeant,
)
Mode = Annotated[str, Field(pattern="^(always|monthly|total|ask)$")]


class ShareIn(In):
    """The owner's credit may pay the user's invoices, own credit first.

    `mode` is `always`, `monthly` (up to `cap_minor` each month), `total` (up to `cap_minor` in all)
    or `ask` (the owner is asked each time). `cap_minor` belongs to `monthly` and `total` alone.
    """

    owner_payer_id: Id
    user_payer_id: Id
    mode: Mode
    cap_minor: Minor | None = None
    currency: Currency | None = None
    note: Reason = Field("", description="How the owner agreed.")


class ShareFilters(Page):
    """Which permissions."""

    owner_payer_id: QueryId | None = Field(None, description="Only those given by this payer.")
    user_payer_id: QueryId | None = Field(None, description="Only those given to this payer.")
    ended: bool = Field(False, description="Those that were ended, instead of those that stand.")


class ShareOut(TypedDict):
    """A permission; it is never changed, but ended and another given."""

    id: int
    owner_payer_id: int
    user_payer_id: int
    mode: str
    cap_minor: int | None
    currency: str
    note: str
    given_at: datetime
    ended_at: datetime | None


class ShareMade(TypedDict):
    """The permission that stands now; `ended_id` is the one that it replaces, if one stood."""

    id: int
    ended_id: int | None


@shares.get("/shares", needs="patients.view")
def list_shares(call: Call, filters: Query[ShareFilters]) -> Listed[ShareOut]:
    """List permissions to use somebody else's credit."""
    rows = Share.objects.filter(practice_id=call.practice_id, ended_at__isnull=not filters.ended)
    if filters.owner_payer_id is not None:
        rows = rows.filter(owner_id=filters.owner_payer_id)
    if filters.user_payer_id is not None:
        rows = rows.filter(user_id=filters.user_payer_id)

    def shown(found: Sequence[Row]) -> list[ShareOut]:
        return [_shown(row, call.currency) for row in found]

    return page_of(rows.values(*COLUMNS), filters, shown)


@shares.post("/shares", needs="credit.share", refuses=REFUSALS, names=NAMES)
def new_share(call: Call, body: ShareIn) -> ShareMade:
    """Let a payer use another's credit.

    A permission that stands between the two, in this direction, is ended in the same act; saying
    the same again changes nothing. It counts at once.
    """
    require_currency(call, body.currency)
    given = share_credit(
        ShareCredit(
            practice_id=call.practice_id,
            by=call.by,
            key=call.key,
            owner_id=body.owner_payer_id,
            user_id=body.user_payer_id,
            terms=Terms(mode=body.mode, cap_minor=body.cap_minor, note=body.note),
        ),
        call.now,
    )
    return {"id": given.share_id, "ended_id": given.ended_id}


@shares.post("/shares/{share_id}/end", needs="credit.share", status=200, refuses=(NoSuchShare,))
def end_share(call: Call, share_id: QueryId) -> Done:
    """End a permission. It counts at once; what was paid stays paid."""
    if not Share.objects.filter(practice_id=call.practice_id, pk=share_id).exists():
        raise NotFound
    stop_sharing(
        StopSharing(practice_id=call.practice_id, by=call.by, key=call.key, share_id=share_id),
        call.now,
    )
    return {"id": share_id}


COLUMNS = ("id", "owner_id", "user_id", "mode", "cap_minor", "note", "given_at", "ended_at")


def _shown(row: Row, currency: str) -> ShareOut:
    whole = {
        **row,
        "owner_payer_id": row["owner_id"],
        "user_payer_id": row["user_id"],
        "currency": currency,
    }
    return cast(ShareOut, {name: whole[name] for name in ShareOut.__annotations__})
