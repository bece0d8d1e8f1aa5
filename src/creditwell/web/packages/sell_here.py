"""Packages that a visit could use and that can be sold for it, right where the visit is shown."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from creditwell.money.money import Money
from creditwell.packages.queries_products import ProductFacts, products_covering
from creditwell.people.queries import concession_of
from creditwell.scheduling.queries import AppointmentBrief, AttendeeBrief
from creditwell.tenancy.access import Member
from creditwell.web.invoices.links import address_of, with_query
from creditwell.web.packages.words import content_text, validity_text

SHOWN = 4
"""So many packages are offered in the pop-up; the others are on the page of the sale."""

SELLS_IN = ("booked", "arrived", "completed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sellable:
    """A package that can be sold for a visit; `price` is what this patient pays."""

    id: int
    name: str
    content: str
    validity: str
    price: Money
    key: str  # what makes pressing the button twice one sale
    by_credit: bool  # the account credit is enough for all of it
    paid_first: bool  # it could not be used otherwise
    page_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SellHere:
    """What the pop-up offers; nothing of it for those who may not sell."""

    products: tuple[Sellable, ...] = ()
    act_url: str = ""
    page_url: str = ""


def sale_page(member: Member, who: AttendeeBrief) -> str:
    """The page where a package is sold for a visit; "" for those who may not."""
    if not member.may("packages.sell") or who.status not in SELLS_IN:
        return ""
    return with_query(address_of("package_sell", who.patient_id), attendee=who.id)


def sell_here(
    member: Member, one: AppointmentBrief, who: AttendeeBrief, credit: Money
) -> SellHere | None:
    """
    What could be sold for a visit that has neither invoice nor session; five queries.

    For somebody of a group only the page of the sale, so that the list of the group stays a list.
    """
    page_url = sale_page(member, who)
    if not page_url:
        return None
    if one.is_group:
        return SellHere(page_url=page_url)
    concession_id = concession_of(practice_id=member.practice_id, patient_id=who.patient_id)
    covering = products_covering(member.practice, type_id=one.type_id, concession_id=concession_id)
    found = [product for product in covering if product.terms.renews_count is None]
    products = tuple(_sellable(member, product, who, credit) for product in found[:SHOWN])
    return SellHere(
        products=products,
        act_url=address_of("visit_sell_package", who.id),
        page_url=page_url if len(found) > SHOWN else "",
    )


def _sellable(member: Member, product: ProductFacts, who: AttendeeBrief, credit: Money) -> Sellable:
    page = with_query(
        address_of("package_sell", who.patient_id), product=product.id, attendee=who.id
    )
    return Sellable(
        id=product.id,
        name=product.name,
        content=content_text(product, member.practice),
        validity=validity_text(product.terms),
        price=product.charged,
        key=uuid4().hex,
        by_credit=0 < product.charged.minor <= credit.minor,
        paid_first=product.terms.usable_when == "paid" and product.charged.minor > 0,
        page_url=page,
    )
