"""
Packages that were sold: where they stand, their sessions, what a visit could use, and selling one.

Units are sessions, minutes, or minor units of money, as the package measures.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from django.db.models import Q
from ninja import Query
from pydantic import Field
from typing_extensions import TypedDict

from creditwell.api.auth import Call
from creditwell.api.pagination import Listed, Page, Row, page_of
from creditwell.api.routes import Routes
from creditwell.api.shapes import Day, Id, In, MinorOrNone, Percent, QueryId, Text
from creditwell.invoicing.rules import DiscountTooLarge
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.ledger.post import BooksClosed
from creditwell.packages.booking import SessionGone, VisitHasSession
from creditwell.packages.holding import ChangedMeanwhile
from creditwell.packages.models import Package, PackageAct, PackageShare, Session
from creditwell.packages.queries import PackageStanding, packages_by_id
from creditwell.packages.selling import NotAProduct, SoldAsMembership
from creditwell.people.operations import MergedAway
from creditwell.usecases._sessions import VisitBilled
from creditwell.usecases.apply_credit import NothingToApply
from creditwell.usecases.sell_package import (
    NotForThisVisit,
    NotOnOffer,
    PaidFirst,
    SellPackage,
    VisitOver,
    sell_package,
)
from creditwell.usecases.take_payment import DoesNotAddUp

packages = Routes("Packages")

NAMES = {"product": "package_product_id", "attendee": "attendee_id", "patient": "patient_id"}


class PackageFilters(Page):
    """Which packages."""

    patient_id: QueryId | None = Field(
        None, description="Those of this patient, and those that others let them use."
    )
    open: bool = Field(False, description="Only those that are not over.")


class SaleIn(In):
    """
    A package for a patient, on an invoice of its own. `attendee_id`: the visit that uses it at
    once. `credit_minor`: what of the price the patient's account credit pays.
    """

    patient_id: Id
    package_product_id: Id
    attendee_id: Id | None = None
    credit_minor: MinorOrNone = 0
    discount_percent: Percent = Decimal(0)
    discount_minor: MinorOrNone = 0
    practitioner_id: Id | None = None
    location_id: Id | None = None
    issued_on: Day | None = None
    due_on: Day | None = None
    notes: Text = ""


class PartOut(TypedDict):
    """One kind of session: what became of its units."""

    id: int
    name: str
    total: int
    free: int
    booked: int
    used: int
    forfeited: int
    refunded: int
    expired: int


class PackageOut(TypedDict):
    """A package. `state` is active, unpaid, paused, used_up, expired or ended."""

    id: int
    name: str
    package_product_id: int
    patient_id: int
    payer_id: int
    state: str
    measure: str
    sold_on: date
    expires_on: date | None
    paused_on: date | None
    resumes_on: date | None
    invoice_id: int
    owing_minor: int
    net_minor: int
    tax_minor: int
    unearned_minor: int
    currency: str
    total: int
    used: int
    booked: int
    free: int
    membership_id: int | None
    origin_id: int | None
    parts: list[PartOut]


class SessionOut(TypedDict):
    """A session, or a stretch of minutes or money; `attendee_id` is its visit."""

    id: int
    part_id: int
    status: str
    units: int
    value_minor: int
    tax_minor: int
    bonus: bool
    attendee_id: int | None
    patient_id: int | None
    used_on: date | None
    kept_percent: int


class ShareOut(TypedDict):
    """Somebody who may use it, too; `most_units` null: as much as there is."""

    id: int
    patient_id: int
    most_units: int | None
    given_at: datetime


class ActOut(TypedDict):
    """One line of its history; `value_minor` is what moved in its account."""

    id: int
    kind: str
    occurred_on: date
    value_minor: int
    session_id: int | None
    attendee_id: int | None
    reason: str
    undoes_id: int | None
    created_at: datetime


class PackageWhole(PackageOut):
    """A package with its sessions, who may use it, and its history."""

    sessions: list[SessionOut]
    shares: list[ShareOut]
    history: list[ActOut]


class SoldOut(TypedDict):
    """The package, its invoice, and whether the visit has a session of it."""

    id: int
    invoice_id: int
    number: int | None
    total_minor: int
    owing_minor: int
    currency: str
    covered: bool


@packages.get("/packages", needs="packages.view")
def list_packages(call: Call, filters: Query[PackageFilters]) -> Listed[PackageOut]:
    """List packages that were sold."""
    rows = Package.objects.filter(practice_id=call.practice_id)
    if filters.patient_id is not None:
        shared = PackageShare.objects.filter(
            practice_id=call.practice_id,
            patient_id=filters.patient_id,
            ended_at__isnull=True,
        )
        rows = rows.filter(Q(patient_id=filters.patient_id) | Q(pk__in=shared.values("package_id")))
    if filters.open:
        rows = rows.filter(ended_at__isnull=True)

    def shown(found: list[Row]) -> list[PackageOut]:
        ids = [int(row["id"]) for row in found]
        standing = packages_by_id(
            practice_id=call.practice_id,
            package_ids=ids,
            today=call.practice.day_of(call.now),
        )
        return [_shown(call, standing[pk]) for pk in ids]

    return page_of(rows.values("id"), filters, shown)


@packages.get("/packages/{package_id}", needs="packages.view")
def get_package(call: Call, package_id: QueryId) -> PackageWhole:
    """Look a package up, with its sessions and its history."""
    today = call.practice.day_of(call.now)
    found = packages_by_id(practice_id=call.practice_id, package_ids=[package_id], today=today)
    if package_id not in found:
        raise NotFound
    of_it: dict[str, Any] = {"practice_id": call.practice_id, "package_id": package_id}
    sessions = Session.objects.filter(**of_it, units__gt=0).order_by("pk")
    shares = PackageShare.objects.filter(**of_it, ended_at__isnull=True).order_by("pk")
    acts = PackageAct.objects.filter(**of_it).order_by("pk")
    lines = [
        {**{name: row[name] for name in ACT}, "attendee_id": row["visit_id"]}
        for row in acts.values(*ACT, "visit_id")
    ]
    return {
        **_shown(call, found[package_id]),
        "sessions": cast(list[SessionOut], [_session(one) for one in sessions]),
        "shares": cast(list[ShareOut], list(shares.values(*SHARE))),
        "history": cast(list[ActOut], lines),
    }


@packages.post(
    "/packages",
    needs="packages.sell",
    refuses=(
        NotFound,
        NotOnOffer,
        SoldAsMembership,
        VisitOver,
        VisitBilled,
        VisitHasSession,
        NotForThisVisit,
        PaidFirst,
        Invalid,
        DiscountTooLarge,
        DoesNotAddUp,
        NothingToApply,
        NotAProduct,
        MergedAway,
        ChangedMeanwhile,
        SessionGone,
        BooksClosed,
    ),
    names=NAMES,
)
def create_package(call: Call, body: SaleIn) -> SoldOut:
    """Sell a package on an invoice of its own. On an invoice with more, name its item in a line."""
    sold = sell_package(
        SellPackage(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            product_id=body.package_product_id,
            **body.model_dump(exclude={"package_product_id"}),
        ),
        call.now,
    )
    return {
        "id": sold.package_id,
        "invoice_id": sold.invoice_id,
        "number": sold.number,
        "total_minor": sold.total_minor,
        "owing_minor": sold.owing_minor,
        "currency": call.currency,
        "covered": sold.covered,
    }


SESSION = (
    "id",
    "part_id",
    "status",
    "units",
    "value_minor",
    "tax_minor",
    "attendee_id",
    "patient_id",
    "used_on",
    "kept_percent",
)
SHARE = ("id", "patient_id", "most_units", "given_at")
ACT = (
    "id",
    "kind",
    "occurred_on",
    "value_minor",
    "session_id",
    "reason",
    "undoes_id",
    "created_at",
)


def _session(one: Session) -> dict[str, Any]:
    return {**{name: getattr(one, name) for name in SESSION}, "bonus": one.bonus}


def _shown(call: Call, one: PackageStanding) -> PackageOut:
    return {
        "id": one.id,
        "name": one.name,
        "package_product_id": one.product_id,
        "patient_id": one.patient_id,
        "payer_id": one.payer_id,
        "state": one.state,
        "measure": one.measure,
        "sold_on": one.sold_on,
        "expires_on": one.expires_on,
        "paused_on": one.paused_on,
        "resumes_on": one.resumes_on,
        "invoice_id": one.invoice_id,
        "owing_minor": one.owing_minor,
        "net_minor": one.net_minor,
        "tax_minor": one.tax_minor,
        "unearned_minor": one.unearned_minor,
        "currency": call.currency,
        "total": one.total,
        "used": one.used,
        "booked": one.booked,
        "free": one.free,
        "membership_id": one.membership_id,
        "origin_id": one.origin_id,
        "parts": [
            {
                "id": part.part_id,
                "name": part.name,
                "total": part.total,
                "free": part.free,
                "booked": part.booked,
                "used": part.used,
                "forfeited": part.forfeited,
                "refunded": part.refunded,
                "expired": part.expired,
            }
            for part in one.parts
        ],
    }
