"""What a visit could use of packages."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from ninja import Query
from pydantic import Field
from typing_extensions import TypedDict

from creditwell.api.auth import Call
from creditwell.api.routes import Routes
from creditwell.api.shapes import Day, Filters, QueryId
from creditwell.packages.queries_offers import Wanted, offers_for
from creditwell.packages.rules import Offer

package_offers = Routes("Packages")


class OfferFilters(Filters):
    """A visit to come."""

    patient_id: QueryId
    appointment_type_id: QueryId
    on: Day = Field(description="The day of the visit.")
    minutes: Annotated[int, Field(ge=1, le=1440)] = 30


class OfferOut(TypedDict):
    """A part of a package that the visit could use; it would take so many `units`."""

    package_id: int
    part_id: int
    package_name: str
    part_name: str
    owner_name: str
    own: bool
    measure: str
    units: int
    free: int
    total: int
    expires_on: date | None


class OffersOut(TypedDict):
    """In the order in which they are used; `unpaid` and `short` cannot be used as they are."""

    usable: list[OfferOut]
    unpaid: list[OfferOut]
    short: list[OfferOut]


@package_offers.get("/package_offers", needs="packages.view")
def list_package_offers(call: Call, filters: Query[OfferFilters]) -> OffersOut:
    """What a visit could use, in the order in which packages are used."""
    found = offers_for(
        call.practice,
        Wanted(
            patient_id=filters.patient_id,
            type_id=filters.appointment_type_id,
            on=filters.on,
            minutes=filters.minutes,
        ),
    )
    return {
        "usable": [_offer(one) for one in found.usable],
        "unpaid": [_offer(one) for one in found.unpaid],
        "short": [_offer(one) for one in found.short],
    }


def _offer(one: Offer) -> OfferOut:
    return {
        "package_id": one.package_id,
        "part_id": one.part_id,
        "package_name": one.name,
        "part_name": one.part_name,
        "owner_name": one.owner_name,
        "own": one.own,
        "measure": one.measure,
        "units": one.units,
        "free": one.free_units,
        "total": one.total_units,
        "expires_on": one.expires_on,
    }
