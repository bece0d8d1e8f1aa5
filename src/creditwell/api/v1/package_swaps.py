"""A session becomes one for something else, a package a larger one; the difference is settled."""

from __future__ import annotations

from typing import Annotated

from django.utils.translation import gettext as _
from pydantic import Field
from typing_extensions import TypedDict

from creditwell.api.auth import Call
from creditwell.api.routes import Routes
from creditwell.api.shapes import MOST_MINOR, Flag, Id, In, MinorOrNone, QueryId, Reason
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.ledger.post import BooksClosed
from creditwell.packages.holding import ChangedMeanwhile, PackageEnded
from creditwell.packages.swapping import CoveredAlready, NoFreeSession, NotCounted, WorthLess
from creditwell.packages.upgrading import NotAlike, NotLarger, RanOut
from creditwell.people.operations import MergedAway
from creditwell.usecases.swap_session import SwapSession, swap_session
from creditwell.usecases.upgrade_package import UpgradePackage, upgrade_package

package_swaps = Routes("Packages")

Difference = Annotated[
    int,
    Field(
        ge=-MOST_MINOR,
        le=MOST_MINOR,
        strict=True,
        description="In minor units, as prices are quoted; below zero it is given back.",
    ),
]


class SwapTarget(In):
    """What it becomes good for: one of the two."""

    appointment_type_id: Id | None = None
    item_id: Id | None = None


class SwapIn(In):
    """
    One free session of a part, and what it becomes. `difference_minor` null: the difference of
    today's list prices.
    """

    part_id: Id
    target: SwapTarget
    difference_minor: Difference | None = None
    reason: Reason = ""


class UpgradeIn(In):
    """
    What it becomes. `price_minor` (as prices are quoted) null: what the other package costs more.
    `renew`: its days begin anew today.
    """

    package_product_id: Id
    price_minor: MinorOrNone | None = None
    renew: Flag = True
    reason: Reason = ""


class SwapDone(TypedDict):
    """
    The package, the session, and the line of the history that can be undone. `invoice_id` charges
    the difference, `credit_note_ids` give it back.
    """

    id: int
    act_id: int
    session_id: int
    difference_minor: int
    currency: str
    invoice_id: int | None
    credit_note_ids: list[int]


class UpgradeDone(TypedDict):
    """The package, the line of its history, and the invoice over `price_minor`, if there is one."""

    id: int
    act_id: int
    price_minor: int
    currency: str
    invoice_id: int | None


HELD = (NotFound, PackageEnded, ChangedMeanwhile, MergedAway, Invalid, BooksClosed)
"""What both may refuse."""


@package_swaps.post(
    "/packages/{package_id}/swap",
    needs="packages.change",
    refuses=(*HELD, NotCounted, NoFreeSession, CoveredAlready, WorthLess),
    names={"part": "part_id", "difference": "difference_minor", "package": "package_id"},
)
def exchange_session(call: Call, package_id: QueryId, body: SwapIn) -> SwapDone:
    """Swap a free session for a kind of visit or an item, and settle the difference in price."""
    target = body.target
    if (target.appointment_type_id is None) == (target.item_id is None):
        raise Invalid(_("Send exactly one of appointment_type_id and item_id."), param="target")
    done = swap_session(
        SwapSession(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            package_id=package_id,
            part_id=body.part_id,
            type_id=target.appointment_type_id,
            item_id=target.item_id,
            difference_minor=body.difference_minor,
            reason=body.reason,
        ),
        call.now,
    )
    return {
        "id": done.package_id,
        "act_id": done.act_id,
        "session_id": done.session_id,
        "difference_minor": done.difference_minor,
        "currency": call.currency,
        "invoice_id": done.invoice_id,
        "credit_note_ids": done.credit_note_ids,
    }


@package_swaps.post(
    "/packages/{package_id}/upgrade",
    needs="packages.change",
    refuses=(*HELD, NotAlike, NotLarger, RanOut),
    names={
        "product": "package_product_id",
        "price": "price_minor",
        "package": "package_id",
    },
)
def enlarge_package(call: Call, package_id: QueryId, body: UpgradeIn) -> UpgradeDone:
    """Make a package a larger one, such as five sessions ten.

    What was used stays as it is; what is left of the value and what is charged now is shared out
    over what is not used.
    """
    done = upgrade_package(
        UpgradePackage(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            package_id=package_id,
            product_id=body.package_product_id,
            price_minor=body.price_minor,
            renew=body.renew,
            reason=body.reason,
        ),
        call.now,
    )
    return {
        "id": done.package_id,
        "act_id": done.act_id,
        "price_minor": done.price_minor,
        "currency": call.currency,
        "invoice_id": done.invoice_id,
    }
