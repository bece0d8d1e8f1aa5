"""Who owes something: what to ask for, once account credit is taken off."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Annotated

from ninja import Query
from pydantic import Field
from typing_extensions import TypedDict

from creditwell.api.auth import Call
from creditwell.api.routes import Routes
from creditwell.api.shapes import Filters
from creditwell.ledger.queries import holders_with
from creditwell.payments.queries_covered import AskedInvoice, asked_invoices
from creditwell.people.queries_families import PayerPlace, payer_places

owing = Routes("Account credit")
MOST_OWING = 1000


class OwingFilters(Filters):
    """Which payers; `offset` begins so many payers later."""

    covered: bool = Field(
        False, description="true: also those whose invoices account credit covers in full."
    )
    offset: Annotated[int, Field(ge=0, le=10**7)] = 0
    limit: Annotated[int, Field(ge=1, le=MOST_OWING)] = 100


class OwingInvoiceOut(TypedDict):
    """An open invoice; `to_ask_minor` is what it asks for less what credit covers of it."""

    invoice_id: int
    due_on: date
    owing_minor: int
    covered_minor: int
    to_ask_minor: int


class OwingPayerOut(TypedDict):
    """Somebody who owes: a patient or a contact. Invoices are the oldest first."""

    payer_id: int
    patient_id: int | None
    contact_id: int | None
    name: str
    owing_minor: int
    covered_minor: int
    to_ask_minor: int
    invoices: list[OwingInvoiceOut]


class OwingListOut(TypedDict):
    """`count` and the sums are of all who are asked for, not only of those in `data`."""

    currency: str
    count: int
    owing_minor: int
    covered_minor: int
    to_ask_minor: int
    data: list[OwingPayerOut]


@owing.get("/reports/owing", needs="reports.view")
def list_owing(call: Call, filters: Query[OwingFilters]) -> OwingListOut:
    """
    List who is to be asked for money, in the order of their ids.

    `covered_minor` is what credit could pay: their own, and what others let them use without being
    asked. Nobody is to be asked for money that the practice holds already. Credit that several may
    use counts for each of them.
    """
    holders = holders_with(practice_id=call.practice.id, kind="invoice")
    today = call.practice.day_of(call.now)
    asked = asked_invoices(call.practice, holders, on=today)
    ordered = sorted(asked, key=lambda one: one.invoice.payer_id)
    groups = [list(group) for _payer, group in groupby(ordered, lambda one: one.invoice.payer_id)]
    listed = [group for group in groups if filters.covered or any(one.rest_minor for one in group)]
    shown = listed[filters.offset : filters.offset + filters.limit]
    ids = [group[0].invoice.payer_id for group in shown]
    places = payer_places(practice_id=call.practice.id, payer_ids=ids)
    everybody = [one for group in listed for one in group]
    return {
        "currency": call.currency,
        "count": len(listed),
        "owing_minor": _owing(everybody),
        "covered_minor": _covered(everybody),
        "to_ask_minor": _owing(everybody) - _covered(everybody),
        "data": [_payer(places[group[0].invoice.payer_id], group) for group in shown],
    }


def _payer(place: PayerPlace, group: list[AskedInvoice]) -> OwingPayerOut:
    return {
        "payer_id": place.payer_id,
        "patient_id": place.patient_id,
        "contact_id": place.contact_id,
        "name": place.name,
        "owing_minor": _owing(group),
        "covered_minor": _covered(group),
        "to_ask_minor": _owing(group) - _covered(group),
        "invoices": [
            {
                "invoice_id": one.invoice.id,
                "due_on": one.invoice.due_on,
                "owing_minor": one.invoice.owing_minor,
                "covered_minor": one.covered_minor,
                "to_ask_minor": one.rest_minor,
            }
            for one in group
        ],
    }


def _owing(asked: Iterable[AskedInvoice]) -> int:
    return sum(one.invoice.owing_minor for one in asked)


def _covered(asked: Iterable[AskedInvoice]) -> int:
    return sum(one.covered_minor for one in asked)
