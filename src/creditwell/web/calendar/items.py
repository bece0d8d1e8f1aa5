"""An appointment as the grid and the lists show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from creditwell.invoicing.queries import InvoiceBrief, invoices_of_attendees
from creditwell.money.money import Money
from creditwell.scheduling.queries import AppointmentBrief
from creditwell.scheduling.rules import OVER
from creditwell.tenancy.access import Member, PracticeFacts
from creditwell.web.calendar import grid
from creditwell.web.packages.marks import Mark, marks_of

STATUS_KEYS = {"completed": "done"}
"""States of an attendee whose chip has another name (components/statuses.py)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """
    An appointment in the grid or in a list. `money` is a status key or ""; `mark` is of the package
    that covers the visit of its one patient.
    """

    id: int
    url: str
    place: grid.Place
    name: str
    kind: str
    hue: str
    state: str
    money: str
    mark: Mark | None
    group: str
    movable: bool
    small: bool
    starts_at: datetime
    ends_at: datetime
    local_start: str
    minutes: int
    practitioner_id: int
    practitioner_name: str
    location_name: str
    phone: str
    owing: Money | None


def invoices_of(
    member: Member, appointments: Sequence[AppointmentBrief], now: datetime
) -> dict[int, InvoiceBrief]:
    """Invoices of everybody in these appointments, by attendee; one query, or none."""
    ids = [attendee.id for one in appointments for attendee in one.attendees]
    if not ids or not member.may("invoices.view"):
        return {}
    return invoices_of_attendees(
        practice_id=member.practice_id, attendee_ids=ids, today=member.practice.day_of(now)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """How visits are settled, by attendee: their invoices, and the packages that cover them."""

    invoices: dict[int, InvoiceBrief]
    marks: dict[int, Mark]


def settled_by(member: Member, appointments: Sequence[AppointmentBrief], now: datetime) -> Settled:
    """Of everybody in these appointments; two queries at most."""
    ids = [attendee.id for one in appointments for attendee in one.attendees]
    return Settled(invoices=invoices_of(member, appointments, now), marks=marks_of(member, ids))


def make_item(
    practice: PracticeFacts, one: AppointmentBrief, placed: grid.Place, settled: Settled
) -> Item:
    """What a list or the grid shows of an appointment."""
    state, invoices = state_of(one), settled.invoices
    single = one.attendees[0] if len(one.attendees) == 1 and not one.is_group else None
    invoice = invoices.get(single.id) if single else None
    owing = sum(invoices[who.id].owing_minor for who in one.attendees if who.id in invoices)
    local = one.starts_at.astimezone(practice.zone)
    return Item(
        id=one.id,
        url=reverse("appointment", args=[one.id]),
        place=placed,
        name=name_of(one),
        kind="" if one.is_group else one.type_name,
        hue=one.hue,
        state=state,
        money=invoice.state if invoice else "",
        mark=settled.marks.get(single.id) if single else None,
        group=f"{len(one.coming)}/{one.max_attendees}" if one.is_group else "",
        movable=state in ("booked", "arrived"),
        small=placed.span <= 4,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        local_start=f"{local:%Y-%m-%dT%H:%M}",
        minutes=int((one.ends_at - one.starts_at).total_seconds() // 60),
        practitioner_id=one.practitioner_id,
        practitioner_name=one.practitioner_name,
        location_name=one.location_name,
        phone=single.phone if single else "",
        owing=practice.money(owing) if owing else None,
    )


def name_of(one: AppointmentBrief) -> str:
    """Who an appointment is about: its patient, or the group."""
    if one.is_group:
        return one.type_name
    return one.attendees[0].name if one.attendees else one.type_name


def state_of(one: AppointmentBrief) -> str:
    """A status key for the whole appointment: how far those who come are."""
    if one.cancelled:
        return "cancelled"
    states = {who.status for who in one.coming}
    if len(states) == 1:
        state = states.pop()
        return STATUS_KEYS.get(state, state)
    if not states or not states & {"arrived", "completed"}:
        return "booked"
    return "done" if states <= OVER else "arrived"
