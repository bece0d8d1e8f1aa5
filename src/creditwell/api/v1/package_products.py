"""Package products: what is offered. Sold packages keep the content and rules of their sale."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Query
from pydantic import Field
from typing_extensions import TypedDict

from creditwell.api.auth import Call
from creditwell.api.routes import Routes
from creditwell.api.shapes import Filters as AnyFilters
from creditwell.api.shapes import Flag, Id, In, Long, MinorOrNone, QueryId, Remark, Short, Title
from creditwell.catalog.operations import CodeTaken
from creditwell.catalog.rules import NameMissing, NameTooLong, NegativePrice
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.packages.queries_products import (
    PartFacts,
    ProductFacts,
    list_products,
    product_facts,
)
from creditwell.packages.rules_products import (
    CoversNothing,
    FeeTooLarge,
    NoContent,
    PartInput,
    PercentOutOfBounds,
    TermsInput,
    TooFewUnits,
    TooManyUnits,
    WorthLess,
    WrongTerm,
)
from creditwell.usecases.save_package_product import SavePackageProduct, save_package_product

package_products = Routes("Package products")

Measured = Literal["sessions", "minutes", "money"]
Unit = Literal["day", "week", "month", "year"]
Few = Annotated[int, Field(ge=1, le=10_000, strict=True)]
NAMES = {"price": "price_minor", "category": "category_id", "tax_rate": "tax_rate_id"}
REFUSALS = (
    Invalid,
    NotFound,
    NameMissing,
    NameTooLong,
    NegativePrice,
    CodeTaken,
    NoContent,
    CoversNothing,
    TooFewUnits,
    TooManyUnits,
    PercentOutOfBounds,
    FeeTooLarge,
    WorthLess,
    WrongTerm,
)


class PartIn(In):
    """So many units (sessions, minutes, or minor units of money) for any of what it covers."""

    units: Annotated[int, Field(ge=1, le=1_000_000_000, strict=True)]
    appointment_type_ids: Annotated[list[Id], Field(max_length=50)] = []
    item_ids: Annotated[list[Id], Field(max_length=50)] = []
    name: Title = ""
    weight_minor: MinorOrNone = 0


class TermsIn(In):
    """The rules. Percentages are what the practice keeps of a session."""

    measure: Measured = "sessions"
    usable_when: Literal["at_once", "paid"] = "at_once"
    sharing: Literal["nobody", "family", "anybody"] = "family"
    valid_count: Few | None = None
    valid_unit: Unit = "month"
    valid_from: Literal["sale", "first_use"] = "sale"
    notice_hours: Annotated[int, Field(ge=0, le=8760, strict=True)] = 24
    late_cancel_percent: Annotated[int, Field(ge=0, le=100, strict=True)] = 0
    no_show_percent: Annotated[int, Field(ge=0, le=100, strict=True)] = 100
    refund_fee_minor: MinorOrNone = 0
    renews_count: Few | None = None
    renews_unit: Unit = "month"
    rollover_most: Annotated[int, Field(ge=0, le=1_000_000_000, strict=True)] = 0


class ProductIn(In):
    """A package as it shall be offered; `tax_at_use` null: as is usual in the country."""

    name: Long
    code: Short = ""
    price_minor: MinorOrNone
    tax_rate_id: Id | None = None
    tax_at_use: Flag | None = None
    category_id: Id
    description: Remark = ""
    sold_online: Flag = False
    parts: Annotated[list[PartIn], Field(min_length=1, max_length=20)]
    terms: TermsIn = TermsIn()


class ProductFilters(AnyFilters):
    """Which products."""

    archived: bool = Field(False, description="Those that were put away instead.")


class PartOut(TypedDict):
    """One kind of session of a product."""

    units: int
    name: str
    appointment_type_ids: list[int]
    item_ids: list[int]
    weight_minor: int


class TermsOut(TypedDict):
    """The rules of a product."""

    measure: str
    usable_when: str
    sharing: str
    valid_count: int | None
    valid_unit: str
    valid_from: str
    notice_hours: int
    late_cancel_percent: int
    no_show_percent: int
    refund_fee_minor: int
    renews_count: int | None
    renews_unit: str
    rollover_most: int


class ProductOut(TypedDict):
    """A package product; invoice lines name its `item_id`."""

    id: int
    item_id: int
    name: str
    code: str
    description: str
    price_minor: int
    currency: str
    tax_rate_id: int | None
    tax_at_use: bool
    category_id: int
    sold_online: bool
    archived: bool
    parts: list[PartOut]
    terms: TermsOut


class ProductKept(TypedDict):
    """The product and its item."""

    id: int
    item_id: int


class Products(TypedDict):
    """All of them: a clinic offers few."""

    data: list[ProductOut]


@package_products.get("/package_products", needs="packages.view")
def list_package_products(call: Call, filters: Query[ProductFilters]) -> Products:
    """List package products, by name."""
    found = list_products(call.practice, archived=filters.archived)
    return {"data": [_shown(one) for one in found]}


@package_products.get("/package_products/{package_product_id}", needs="packages.view")
def get_package_product(call: Call, package_product_id: QueryId) -> ProductOut:
    """Look a package product up."""
    return _shown(product_facts(call.practice, package_product_id))


@package_products.post("/package_products", needs="packages.edit", refuses=REFUSALS, names=NAMES)
def new_package_product(call: Call, body: ProductIn) -> ProductKept:
    """Offer a new package."""
    return _save(call, body, None)


@package_products.put(
    "/package_products/{package_product_id}",
    needs="packages.edit",
    refuses=REFUSALS,
    names=NAMES,
)
def change_package_product(call: Call, package_product_id: QueryId, body: ProductIn) -> ProductKept:
    """Change a package product. Packages that were sold stay as they were sold."""
    return _save(call, body, package_product_id)


def _save(call: Call, body: ProductIn, product_id: int | None) -> ProductKept:
    saved = save_package_product(
        SavePackageProduct(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            product_id=product_id,
            name=body.name,
            code=body.code,
            price=call.practice.money(body.price_minor),
            tax_rate_id=body.tax_rate_id,
            tax_at_use=body.tax_at_use,
            category_id=body.category_id,
            terms=TermsInput(**body.terms.model_dump()),
            parts=tuple(
                PartInput(
                    units=part.units,
                    type_ids=tuple(part.appointment_type_ids),
                    item_ids=tuple(part.item_ids),
                    name=part.name,
                    weight_minor=part.weight_minor,
                )
                for part in body.parts
            ),
            description=body.description,
            sold_online=body.sold_online,
        ),
        call.now,
    )
    return {"id": saved.product_id, "item_id": saved.item_id}


def _shown(one: ProductFacts) -> ProductOut:
    terms = one.terms
    return {
        "id": one.id,
        "item_id": one.item_id,
        "name": one.name,
        "code": one.code,
        "description": one.description,
        "price_minor": one.usual_price.minor,
        "currency": one.usual_price.currency,
        "tax_rate_id": one.tax_rate_id,
        "tax_at_use": one.tax_at_use,
        "category_id": one.category_id,
        "sold_online": one.sold_online,
        "archived": one.archived,
        "parts": [_part(part) for part in one.parts],
        "terms": {
            "measure": terms.measure,
            "usable_when": terms.usable_when,
            "sharing": terms.sharing,
            "valid_count": terms.valid_count,
            "valid_unit": terms.valid_unit,
            "valid_from": terms.valid_from,
            "notice_hours": terms.notice_hours,
            "late_cancel_percent": terms.late_cancel_percent,
            "no_show_percent": terms.no_show_percent,
            "refund_fee_minor": terms.refund_fee_minor,
            "renews_count": terms.renews_count,
            "renews_unit": terms.renews_unit,
            "rollover_most": terms.rollover_most,
        },
    }


def _part(part: PartFacts) -> PartOut:
    return {
        "units": part.units,
        "name": part.name,
        "appointment_type_ids": list(part.type_ids),
        "item_ids": list(part.item_ids),
        "weight_minor": part.weight_minor,
    }
