"""How what is sold may be paid, taxed and counted, to read. Items are in `items`."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from ninja import Query
from pydantic import Field
from typing_extensions import TypedDict

from creditwell.api.auth import Call
from creditwell.api.pagination import Listed, Page, page_of, plain
from creditwell.api.routes import Routes
from creditwell.catalog.models import Category, PaymentSource, TaxRate
from creditwell.tenancy.models import Concession

catalog = Routes("Catalogue")


class ArchivedToo(Page):
    """Without those put away, unless asked for."""

    archived: bool = Field(False, description="Also those put away.")


class SourceOut(TypedDict):
    """A method by which money arrives: cash, card, bank, fund, online or other."""

    id: int
    name: str
    kind: str
    archived_at: datetime | None


class TaxRateOut(TypedDict):
    """A tax; `percent` is "10.000" for ten percent."""

    id: int
    name: str
    percent: Decimal
    archived_at: datetime | None


class ConcessionOut(TypedDict):
    """A kind of patient who may pay another price."""

    id: int
    name: str
    archived_at: datetime | None


class CategoryOut(TypedDict):
    """A kind of revenue."""

    id: int
    name: str


@catalog.get("/payment_sources", needs="catalog.view")
def list_payment_sources(call: Call, filters: Query[ArchivedToo]) -> Listed[SourceOut]:
    """List payment sources."""
    rows = offered(PaymentSource.objects.filter(practice_id=call.practice_id), filters)
    return page_of(rows.values(*SourceOut.__annotations__), filters, plain)


@catalog.get("/tax_rates", needs="catalog.view")
def list_tax_rates(call: Call, filters: Query[ArchivedToo]) -> Listed[TaxRateOut]:
    """List tax rates."""
    rows = offered(TaxRate.objects.filter(practice_id=call.practice_id), filters)
    return page_of(rows.values(*TaxRateOut.__annotations__), filters, plain)


@catalog.get("/concessions", needs="catalog.view")
def list_concessions(call: Call, filters: Query[ArchivedToo]) -> Listed[ConcessionOut]:
    """List concessions."""
    rows = offered(Concession.objects.filter(practice_id=call.practice_id), filters)
    return page_of(rows.values(*ConcessionOut.__annotations__), filters, plain)


@catalog.get("/categories", needs="catalog.view")
def list_categories(call: Call, filters: Query[Page]) -> Listed[CategoryOut]:
    """List categories of revenue."""
    rows = Category.objects.filter(practice_id=call.practice_id)
    return page_of(rows.values(*CategoryOut.__annotations__), filters, plain)


def offered(rows: QuerySet[Any], filters: ArchivedToo) -> QuerySet[Any]:
    """Without those put away, unless asked for."""
    return rows if filters.archived else rows.filter(archived_at__isnull=True)
