"""The practice itself, its places and its people."""

from __future__ import annotations

from datetime import date, datetime

from ninja import Query
from typing_extensions import TypedDict

from creditwell.api.auth import Call
from creditwell.api.pagination import Listed, page_of, plain
from creditwell.api.routes import Routes
from creditwell.api.v1.catalog import ArchivedToo
from creditwell.scheduling.models import AppointmentType, Practitioner
from creditwell.tenancy.models import Location

practice = Routes("Practice")


class PracticeOut(TypedDict):
    """
    The practice that the API key belongs to. All amounts are in minor units of `currency`, all
    days in `time_zone`; nothing can be dated on or before `books_closed_on`.
    """

    id: int
    name: str
    country: str
    currency: str
    time_zone: str
    locale: str
    tax_name: str
    tax_number: str
    prices_include_tax: bool
    invoice_prefix: str
    receipt_prefix: str
    payment_terms_days: int
    allocation_order: str
    cash_rounding_minor: int
    books_closed_on: date | None


class LocationOut(TypedDict):
    """One place of the practice."""

    id: int
    name: str
    address: str
    phone: str
    email: str
    archived_at: datetime | None


class PractitionerOut(TypedDict):
    """Somebody who treats."""

    id: int
    name: str
    profession: str
    provider_number: str
    archived_at: datetime | None


class AppointmentTypeOut(TypedDict):
    """A kind of visit."""

    id: int
    name: str
    duration_minutes: int
    max_attendees: int
    archived_at: datetime | None


@practice.get("/practice", needs="practice.view")
def get_practice(call: Call) -> PracticeOut:
    """The practice that the API key belongs to."""
    facts = call.practice
    return {
        "id": facts.id,
        "name": facts.name,
        "country": facts.country,
        "currency": facts.currency,
        "time_zone": facts.time_zone,
        "locale": facts.locale,
        "tax_name": facts.tax_name,
        "tax_number": facts.tax_number,
        "prices_include_tax": facts.prices_include_tax,
        "invoice_prefix": facts.invoice_prefix,
        "receipt_prefix": facts.receipt_prefix,
        "payment_terms_days": facts.payment_terms_days,
        "allocation_order": facts.allocation_order,
        "cash_rounding_minor": facts.cash_rounding_minor,
        "books_closed_on": facts.books_closed_on,
    }


@practice.get("/locations", needs="calendar.view")
def list_locations(call: Call, filters: Query[ArchivedToo]) -> Listed[LocationOut]:
    """List locations."""
    rows = Location.objects.filter(practice_id=call.practice_id)
    if not filters.archived:
        rows = rows.filter(archived_at__isnull=True)
    return page_of(rows.values(*LocationOut.__annotations__), filters, plain)


@practice.get("/practitioners", needs="calendar.view")
def list_practitioners(call: Call, filters: Query[ArchivedToo]) -> Listed[PractitionerOut]:
    """List practitioners."""
    rows = Practitioner.objects.filter(practice_id=call.practice_id)
    if not filters.archived:
        rows = rows.filter(archived_at__isnull=True)
    return page_of(rows.values(*PractitionerOut.__annotations__), filters, plain)


@practice.get("/appointment_types", needs="calendar.view")
def list_appointment_types(call: Call, filters: Query[ArchivedToo]) -> Listed[AppointmentTypeOut]:
    """List appointment types."""
    rows = AppointmentType.objects.filter(practice_id=call.practice_id)
    if not filters.archived:
        rows = rows.filter(archived_at__isnull=True)
    return page_of(rows.values(*AppointmentTypeOut.__annotations__), filters, plain)
