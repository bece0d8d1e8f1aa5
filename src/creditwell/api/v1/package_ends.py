"""What is left of a package is given back. Units are those that it measures in."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from creditwell.api.auth import Call
from creditwell.api.routes import Routes
from creditwell.api.shapes import Flag, In, MinorOrNone, QueryId, Reason
from creditwell.api.v1.package_acts import CHANGES, PartUnits, units_of
from creditwell.packages import ending
from creditwell.payments.refunding import OverRefunded, TooSmallForCash
from creditwell.usecases._giving_back import FiguresChanged
from creditwell.usecases.convert_package import convert_package
from creditwell.usecases.refund_package import GiveBack, GivenBack, refund_package

package_ends = Routes("Packages")


class EndIn(In):
    """
    What is given back: `parts` null is all that is left. `method` is pro_rata, or used_at_list:
    what was paid less what was used at its list price. `fee_minor` null: the package's own.
    """

    parts: Annotated[list[PartUnits], Field(min_length=1, max_length=50)] | None = None
    method: Literal["pro_rata", "used_at_list"] = "pro_rata"
    fee_minor: MinorOrNone | None = None
    release: Flag = Field(False, description="Booked visits give their sessions back.")
    reason: Reason


class EndDone(TypedDict):
    """
    What came of it: `off_owing_minor` is asked no more, `credit_minor` is account credit again,
    `refunded_minor` went back to its sources; `request_ids` wait for approval.
    """

    id: int
    back_minor: int
    kept_minor: int
    off_owing_minor: int
    credit_minor: int
    refunded_minor: int
    currency: str
    credit_note_ids: list[int]
    refund_ids: list[int]
    request_ids: list[int]
    over: bool


ENDS = (
    *CHANGES,
    FiguresChanged,
    ending.VisitsBooked,
    ending.NothingLeft,
    ending.TooManySessions,
    ending.FeeTooLarge,
    ending.NoSuchMethod,
)


@package_ends.post("/packages/{package_id}/convert", needs="packages.refund", refuses=ENDS)
def turn_package_into_credit(call: Call, package_id: QueryId, body: EndIn) -> EndDone:
    """Turn what is left into account credit of whoever paid."""
    return _ended(call, convert_package(_give_back(call, package_id, body), call.now))


@package_ends.post(
    "/packages/{package_id}/refund",
    needs="packages.refund",
    refuses=(*ENDS, OverRefunded, TooSmallForCash),
)
def refund_rest_of_package(call: Call, package_id: QueryId, body: EndIn) -> EndDone:
    """Give what is left back, by the sources that it was paid with."""
    return _ended(call, refund_package(_give_back(call, package_id, body), call.now))


def _give_back(call: Call, package_id: int, body: EndIn) -> GiveBack:
    return GiveBack(
        practice_id=call.practice_id,
        key=call.key,
        by=call.by,
        package_id=package_id,
        reason=body.reason,
        ask=ending.Ask(
            units=units_of(body.parts),
            method=body.method,
            fee_minor=body.fee_minor,
            release=body.release,
        ),
    )


def _ended(call: Call, done: GivenBack) -> EndDone:
    return {
        "id": done.package_id,
        "back_minor": done.back_minor,
        "kept_minor": done.kept_minor,
        "off_owing_minor": done.off_owing_minor,
        "credit_minor": done.credit_minor,
        "refunded_minor": done.refunded_minor,
        "currency": call.currency,
        "credit_note_ids": done.credit_note_ids,
        "refund_ids": done.refund_ids,
        "request_ids": done.request_ids,
        "over": done.over,
    }
