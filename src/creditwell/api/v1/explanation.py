"""A balance explained, and the reports on account credit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from django.utils.translation import gettext as _
from ninja import Query
from pydantic import Field
from typing_extensions import TypedDict

from creditwell.api.auth import Call
from creditwell.api.routes import Routes
from creditwell.api.shapes import Day, Filters, QueryId
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.payments.queries_credit import (
    Explanation,
    InvoiceStory,
    LotStory,
    Move,
    explanations,
)
from creditwell.payments.queries_in_credit import Wanted, patients_in_credit
from creditwell.payments.queries_liability import BY, Roll, roll_forward
from creditwell.people.queries import contact_facts, patient_facts
from creditwell.people.queries_families import family_facts, payer_places

explained = Routes("Account credit")
MOST_IN_CREDIT = 1000


class WhoseFilters(Filters):
    """Whose balance: exactly one of the ids."""

    patient_id: QueryId | None = None
    contact_id: QueryId | None = None
    family_id: QueryId | None = Field(None, description="All members, each with their part.")
    payer_id: QueryId | None = None
    as_of: Day | None = Field(None, description="At the end of this day; now unless sent.")


class MoveOut(TypedDict):
    """One movement: positive raises what is held (or owed); `rest_minor` is what then stood."""

    on: date
    text: str
    detail: str
    amount_minor: int
    rest_minor: int


class StoryOut(TypedDict):
    """A lot of credit, or an invoice: what it began with, what is left of it, and why."""

    id: int
    title: str
    on: date
    expires_on: date | None
    original_minor: int
    left_minor: int
    moves: list[MoveOut]


class PersonOut(TypedDict):
    """One payer's part. Lots and invoices with nothing left come last."""

    payer_id: int
    name: str
    credit_minor: int
    owing_minor: int
    balance_minor: int
    lots: list[StoryOut]
    invoices: list[StoryOut]


class ExplanationOut(TypedDict):
    """Everything behind a balance: parts add up to it, movements to the parts."""

    currency: str
    as_of: date | None
    credit_minor: int
    owing_minor: int
    balance_minor: int
    people: list[PersonOut]


@explained.get("/credit/explanation", needs="payments.view", refuses=[Invalid, NotFound])
def explain_credit(call: Call, whose: Query[WhoseFilters]) -> ExplanationOut:
    """Explain a balance.

    Of a patient, a contact, any payer or a whole family, now or at the end of a day. Send exactly
    one of the ids.
    """
    payers = _payers(call, whose)
    told = explanations(call.practice, list(payers), as_of=whose.as_of)
    people = [_person(payer_id, name, told[payer_id]) for payer_id, name in payers.items()]
    credit = sum(person["credit_minor"] for person in people)
    owing = sum(person["owing_minor"] for person in people)
    return {
        "currency": call.currency,
        "as_of": whose.as_of,
        "credit_minor": credit,
        "owing_minor": owing,
        "balance_minor": owing - credit,
        "people": people,
    }


def _payers(call: Call, whose: WhoseFilters) -> dict[int, str]:
    ids = (whose.patient_id, whose.contact_id, whose.family_id, whose.payer_id)
    if sum(pk is not None for pk in ids) != 1:
        raise Invalid(_("Send exactly one of patient_id, contact_id, family_id and payer_id."))
    practice_id = call.practice_id
    if whose.patient_id is not None:
        patient = patient_facts(practice_id=practice_id, patient_id=whose.patient_id)
        return {patient.payer_id: patient.name}
    if whose.contact_id is not None:
        contact = contact_facts(practice_id=practice_id, contact_id=whose.contact_id)
        return {contact.payer_id: contact.name}
    if whose.family_id is not None:
        family = family_facts(practice_id=practice_id, family_id=whose.family_id)
        return {member.payer_id: member.name for member in family.members}
    found = payer_places(practice_id=practice_id, payer_ids=[whose.payer_id or 0])
    if not found:
        raise NotFound
    return {payer_id: place.name for payer_id, place in found.items()}


def _person(payer_id: int, name: str, told: Explanation) -> PersonOut:
    return {
        "payer_id": payer_id,
        "name": name,
        "credit_minor": told.credit.minor,
        "owing_minor": told.owing.minor,
        "balance_minor": told.balance.minor,
        "lots": [_lot(story) for story in (*told.open_lots, *told.used_lots)],
        "invoices": [_invoice(story) for story in (*told.open_invoices, *told.settled_invoices)],
    }


def _lot(story: LotStory) -> StoryOut:
    return {
        "id": story.id,
        "title": story.title,
        "on": story.on,
        "expires_on": story.expires_on,
        "original_minor": story.came.minor,
        "left_minor": story.left.minor,
        "moves": _moves(story.moves),
    }


def _invoice(story: InvoiceStory) -> StoryOut:
    return {
        "id": story.id,
        "title": story.title,
        "on": story.on,
        "expires_on": None,
        "original_minor": story.asked.minor,
        "left_minor": story.owing.minor,
        "moves": _moves(story.moves),
    }


def _moves(moves: Sequence[Move]) -> list[MoveOut]:
    return [
        {
            "on": move.on,
            "text": move.cause.text,
            "detail": move.cause.detail,
            "amount_minor": move.amount.minor,
            "rest_minor": move.rest.minor,
        }
        for move in moves
    ]


class PeriodFilters(Filters):
    """Which days, both included, and in which groups."""

    since: Day
    until: Day
    by: Annotated[str, Field(pattern=f"^({'|'.join(BY)})$")] = "location"


class RollOut(TypedDict):
    """
    Opening and all that moved come to closing; what lowered the credit is negative.

    `group` is the id of a location ("0": none), a number of days, or a kind; "" for all.
    """

    group: str
    opening_minor: int
    received_minor: int
    given_minor: int
    used_minor: int
    refunded_minor: int
    expired_minor: int
    dishonoured_minor: int
    transferred_in_minor: int
    transferred_out_minor: int
    corrected_minor: int
    closing_minor: int


class RollForwardOut(TypedDict):
    """`books_…` are the ledger's own totals, `ties` whether the report comes to the same."""

    currency: str
    since: date
    until: date
    by: str
    total: RollOut
    groups: list[RollOut]
    books_opening_minor: int
    books_closing_minor: int
    ties: bool


@explained.get("/reports/credit", needs="reports.view", refuses=[Invalid])
def get_credit_roll_forward(call: Call, period: Query[PeriodFilters]) -> RollForwardOut:
    """Roll account credit forward.

    From one day to another, by location, by age of the money, by last visit or by kind of credit.
    """
    if period.since > period.until:
        raise Invalid(_("The first day comes after the last. Swap them."), param="since")
    found = roll_forward(call.practice, period.since, period.until, by=period.by)
    return {
        "currency": call.currency,
        "since": found.since,
        "until": found.until,
        "by": found.by,
        "total": _roll(found.total),
        "groups": [_roll(row) for row in found.rows],
        "books_opening_minor": found.books_opening.minor,
        "books_closing_minor": found.books_closing.minor,
        "ties": found.ties,
    }


def _roll(roll: Roll) -> RollOut:
    return {
        "group": roll.key,
        "opening_minor": roll.opening.minor,
        "received_minor": roll.received.minor,
        "given_minor": roll.given.minor,
        "used_minor": roll.used.minor,
        "refunded_minor": roll.refunded.minor,
        "expired_minor": roll.expired.minor,
        "dishonoured_minor": roll.dishonoured.minor,
        "transferred_in_minor": roll.transferred_in.minor,
        "transferred_out_minor": roll.transferred_out.minor,
        "corrected_minor": roll.corrected.minor,
        "closing_minor": roll.closing.minor,
    }


class InCreditFilters(Filters):
    """Who, and in which order; `offset` begins so many patients later."""

    as_of: Day | None = Field(None, description="At the end of this day; now unless sent.")
    minimum_minor: Annotated[int, Field(ge=1, le=10**14)] = 1
    sort: Annotated[str, Field(pattern="^(credit|name|owing|net|oldest|expires|visit)$")] = "credit"
    offset: Annotated[int, Field(ge=0, le=10**7)] = 0
    limit: Annotated[int, Field(ge=1, le=MOST_IN_CREDIT)] = 100


class InCreditOut(TypedDict):
    """A patient for whom money is held; `net_minor` is credit less owing."""

    patient_id: int
    name: str
    credit_minor: int
    owing_minor: int
    net_minor: int
    oldest_on: date
    expires_on: date | None
    last_visit_on: date | None


class InCreditListOut(TypedDict):
    """`count` and the sums are of all patients, not only of those in `data`."""

    currency: str
    count: int
    credit_minor: int
    owing_minor: int
    data: list[InCreditOut]


@explained.get("/reports/in-credit", needs="reports.view")
def list_patients_in_credit(call: Call, filters: Query[InCreditFilters]) -> InCreditListOut:
    """List patients in credit."""
    wanted = Wanted(as_of=filters.as_of, minimum_minor=filters.minimum_minor, sort=filters.sort)
    found = patients_in_credit(
        call.practice,
        wanted,
        call.practice.day_of(call.now),
        after=filters.offset,
        limit=filters.limit,
    )
    return {
        "currency": call.currency,
        "count": found.count,
        "credit_minor": found.credit.minor,
        "owing_minor": found.owing.minor,
        "data": [
            {
                "patient_id": row.patient_id,
                "name": row.name,
                "credit_minor": row.credit.minor,
                "owing_minor": row.owing.minor,
                "net_minor": row.net.minor,
                "oldest_on": row.oldest_on,
                "expires_on": row.expires_on,
                "last_visit_on": row.last_visit_on,
            }
            for row in found.patients
        ],
    }
