"""Memberships: a package that a patient has anew each period, with an invoice for each."""

from __future__ import annotations

from datetime import date
from typing import Literal

from ninja import Query
from pydantic import Field
from typing_extensions import TypedDict

from creditwell.api.auth import Call
from creditwell.api.pagination import Listed, Page, Row, page_of
from creditwell.api.routes import Routes
from creditwell.api.shapes import Day, Flag, Id, In, QueryId, Reason
from creditwell.kernel.errors import NotFound
from creditwell.ledger.post import BooksClosed
from creditwell.packages.memberships import DoesNotRenew, MembershipEnded, ProductArchived
from creditwell.packages.models import Membership
from creditwell.packages.queries_memberships import (
    MembershipLine,
    PeriodLine,
    membership_facts,
    memberships_by_id,
)
from creditwell.packages.selling import NotAProduct
from creditwell.people.operations import MergedAway
from creditwell.usecases.cancel_membership import (
    CancelMembership,
    CancelReasonMissing,
    cancel_membership,
)
from creditwell.usecases.keep_membership import (
    KeepMembership,
    NotCancelled,
    PeriodOver,
    keep_membership,
)
from creditwell.usecases.pause_membership import (
    PauseEndsFirst,
    PauseInThePast,
    PauseMembership,
    pause_membership,
)
from creditwell.usecases.resume_membership import (
    NextInThePast,
    NotPaused,
    ResumeMembership,
    resume_membership,
)
from creditwell.usecases.start_membership import (
    PatientArchived,
    StartMembership,
    StartsTooEarly,
    StartsTooLate,
    start_membership,
)

memberships = Routes("Memberships")

NAMES = {"product": "package_product_id", "patient": "patient_id"}


class MembershipFilters(Page):
    """Which memberships."""

    patient_id: QueryId | None = None
    status: Literal["active", "paused", "cancelled"] | None = None


class MembershipIn(In):
    """
    From `starts_on` (today unless sent) on; on a day to come it begins by itself. `use_credit`:
    account credit pays the first invoice if there is enough for all of it.
    """

    patient_id: Id
    package_product_id: Id
    starts_on: Day | None = None
    use_credit: Flag = True
    email: Flag = Field(False, description="Email the first invoice.")


class MembershipPause(In):
    """From a day (today unless sent) up to, but without, another (null: until it is resumed)."""

    paused_on: Day | None = None
    resumes_on: Day | None = None
    reason: Reason = ""


class MembershipResume(In):
    """When the next period begins (null: as planned, or today if that was missed)."""

    next_on: Day | None = None


class MembershipCancel(In):
    """Why it ends with its period."""

    reason: Reason


class MembershipOut(TypedDict):
    """
    A membership. `renews_on` is when the next period begins, null once it is cancelled;
    `cancelled_on` its last day. `owing_minor` is what its invoices still ask for.
    """

    id: int
    patient_id: int
    payer_id: int
    package_product_id: int
    name: str
    status: str
    started_on: date
    renews_on: date | None
    periods_count: int
    paused_on: date | None
    resumes_on: date | None
    cancelled_on: date | None
    cancel_reason: str
    owing_minor: int
    currency: str


class PeriodOut(TypedDict):
    """A period; `rolled_in` came from the one before, `rolled_out` went into the next."""

    number: int
    starts_on: date
    ends_on: date
    package_id: int
    invoice_id: int
    owing_minor: int
    total: int
    used: int
    booked: int
    free: int
    rolled_in: int
    rolled_out: int


class MembershipWhole(MembershipOut):
    """A membership with its periods, the latest first."""

    periods: list[PeriodOut]


class MembershipMade(TypedDict):
    """Without invoice and package where it begins on a day to come."""

    id: int
    invoice_id: int | None
    package_id: int | None
    owing_minor: int
    currency: str


@memberships.get("/memberships", needs="packages.view")
def list_memberships(call: Call, filters: Query[MembershipFilters]) -> Listed[MembershipOut]:
    """List memberships."""
    rows = Membership.objects.filter(practice_id=call.practice_id)
    if filters.patient_id is not None:
        rows = rows.filter(patient_id=filters.patient_id)
    if filters.status is not None:
        rows = rows.filter(status=filters.status)

    def shown(found: list[Row]) -> list[MembershipOut]:
        ids = [int(row["id"]) for row in found]
        lines = memberships_by_id(
            practice_id=call.practice_id, ids=ids, today=call.practice.day_of(call.now)
        )
        return [_shown(call, lines[pk]) for pk in ids]

    return page_of(rows.values("id"), filters, shown)


@memberships.get("/memberships/{membership_id}", needs="packages.view")
def get_membership(call: Call, membership_id: QueryId) -> MembershipWhole:
    """Look a membership up, with its periods."""
    today = call.practice.day_of(call.now)
    facts = membership_facts(practice_id=call.practice_id, membership_id=membership_id, today=today)
    return {**_shown(call, facts.line), "periods": [_period(one) for one in facts.periods]}


@memberships.post(
    "/memberships",
    needs="memberships.edit",
    refuses=(
        NotFound,
        MergedAway,
        PatientArchived,
        DoesNotRenew,
        ProductArchived,
        NotAProduct,
        StartsTooEarly,
        StartsTooLate,
        BooksClosed,
    ),
    names=NAMES,
)
def create_membership(call: Call, body: MembershipIn) -> MembershipMade:
    """Start a membership: its first period has an invoice and a package at once."""
    started = start_membership(
        StartMembership(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            product_id=body.package_product_id,
            **body.model_dump(exclude={"package_product_id"}),
        ),
        call.now,
    )
    return {
        "id": started.membership_id,
        "invoice_id": started.invoice_id,
        "package_id": started.package_id,
        "owing_minor": started.owing_minor,
        "currency": call.currency,
    }


@memberships.post(
    "/memberships/{membership_id}/pause",
    needs="memberships.edit",
    status=200,
    refuses=(NotFound, MergedAway, MembershipEnded, PauseInThePast, PauseEndsFirst),
)
def stop_membership_for_a_while(
    call: Call, membership_id: QueryId, body: MembershipPause
) -> MembershipOut:
    """Pause a membership, or change its pause: no period begins meanwhile."""
    pause_membership(
        PauseMembership(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            membership_id=membership_id,
            **body.model_dump(),
        ),
        call.now,
    )
    return _one(call, membership_id)


@memberships.post(
    "/memberships/{membership_id}/resume",
    needs="memberships.edit",
    status=200,
    refuses=(NotFound, MergedAway, NotPaused, DoesNotRenew, ProductArchived, NextInThePast),
    names=NAMES,
)
def let_membership_go_on(
    call: Call, membership_id: QueryId, body: MembershipResume
) -> MembershipOut:
    """End a pause. Periods that fell into it are not made up for."""
    resume_membership(
        ResumeMembership(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            membership_id=membership_id,
            next_on=body.next_on,
        ),
        call.now,
    )
    return _one(call, membership_id)


@memberships.post(
    "/memberships/{membership_id}/cancel",
    needs="memberships.edit",
    status=200,
    refuses=(NotFound, MergedAway, MembershipEnded, CancelReasonMissing),
)
def end_membership_with_period(
    call: Call, membership_id: QueryId, body: MembershipCancel
) -> MembershipOut:
    """Cancel a membership at the end of its period. What was sold can still be used."""
    cancel_membership(
        CancelMembership(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            membership_id=membership_id,
            reason=body.reason,
        ),
        call.now,
    )
    return _one(call, membership_id)


@memberships.post(
    "/memberships/{membership_id}/keep",
    needs="memberships.edit",
    status=200,
    refuses=(NotFound, MergedAway, NotCancelled, PeriodOver),
)
def take_cancelling_back(call: Call, membership_id: QueryId) -> MembershipOut:
    """Take the cancelling back while the membership lasts."""
    keep_membership(
        KeepMembership(
            practice_id=call.practice_id, key=call.key, by=call.by, membership_id=membership_id
        ),
        call.now,
    )
    return _one(call, membership_id)


def _one(call: Call, membership_id: int) -> MembershipOut:
    lines = memberships_by_id(
        practice_id=call.practice_id,
        ids=[membership_id],
        today=call.practice.day_of(call.now),
    )
    return _shown(call, lines[membership_id])


def _shown(call: Call, line: MembershipLine) -> MembershipOut:
    return {
        "id": line.id,
        "patient_id": line.patient_id,
        "payer_id": line.payer_id,
        "package_product_id": line.product_id,
        "name": line.name,
        "status": line.status,
        "started_on": line.started_on,
        "renews_on": None if line.status == "cancelled" else line.renews_on,
        "periods_count": line.periods_count,
        "paused_on": line.paused_on,
        "resumes_on": line.resumes_on,
        "cancelled_on": line.cancelled_on,
        "cancel_reason": line.cancel_reason,
        "owing_minor": line.owing_minor,
        "currency": call.currency,
    }


def _period(one: PeriodLine) -> PeriodOut:
    standing = one.standing
    return {
        "number": one.number,
        "starts_on": one.starts_on,
        "ends_on": one.ends_on,
        "package_id": standing.id,
        "invoice_id": standing.invoice_id,
        "owing_minor": standing.owing_minor,
        "total": standing.total,
        "used": standing.used,
        "booked": standing.booked,
        "free": standing.free,
        "rolled_in": one.rolled_in,
        "rolled_out": one.rolled_out,
    }
