"""Appointment types: how long a visit is, how many come, what it bills."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from creditwell.catalog.queries import items_for_sale
from creditwell.kernel.errors import Refusal
from creditwell.money.money import Money
from creditwell.scheduling import queries
from creditwell.scheduling.queries import BilledItem, TypeBrief
from creditwell.tenancy.access import Member
from creditwell.usecases.save_appointment_type import SaveAppointmentType, save_appointment_type
from creditwell.web.components import formats
from creditwell.web.door.guard import door
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.schedule.type_forms import TypeForm


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeLine:
    """A type in the list; `price` is what a visit bills before concessions."""

    id: int
    name: str
    minutes: int
    hue: str
    places: int
    items: str
    price: Money | None
    archived: bool


@require_safe
@door("calendar.view")
def appointment_types(request: PracticeRequest) -> HttpResponse:
    """All types, the archived ones last; two queries."""
    practice_id = request.practice.id
    billed = queries.items_of_types(practice_id=practice_id)
    lines = [
        _line(request, one, billed.get(one.id, []))
        for one in queries.types_of(practice_id=practice_id, archived=True)
    ]
    lines.sort(key=lambda one: one.archived)
    context = {"lines": lines, "may_edit": request.member.may("schedule.edit")}
    return render(request, "schedule/types.html", context)


def _line(request: PracticeRequest, one: TypeBrief, billed: list[BilledItem]) -> TypeLine:
    return TypeLine(
        id=one.id,
        name=one.name,
        minutes=one.duration_minutes,
        hue=one.hue,
        places=one.max_attendees,
        items=", ".join(item.name for item in billed),
        price=_price(request, billed) if billed else None,
        archived=one.archived,
    )


def _price(request: PracticeRequest, billed: list[BilledItem]) -> Money:
    total = request.practice.money(0)
    for item in billed:
        whole = request.practice.money(item.price_minor).at_rate(item.quantity)
        total += whole - whole.at_rate(item.discount_percent / 100)
    return total


def _item_choices(member: Member) -> list[tuple[int, str]]:
    return [
        (one.id, f"{one.name}, {formats.money_text(one.price)}")
        for one in items_for_sale(member.practice_id)
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@door("schedule.edit")
def appointment_type_new(request: PracticeRequest) -> HttpResponse:
    """One more kind of visit."""
    form = TypeForm(request.POST or None, items=_item_choices(request.member))
    if request.method == "POST" and _save(request, form, None):
        messages.success(request, _("Appointment type added."))
        return redirect("appointment_types")
    context = {"form": form, "title": _("New appointment type"), "is_new": True}
    return render(request, "schedule/type.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@door("schedule.edit")
def appointment_type_edit(request: PracticeRequest, pk: int) -> HttpResponse:
    """Change a kind of visit; appointments made before keep their length."""
    practice_id = request.practice.id
    one = queries.type_brief(practice_id=practice_id, type_id=pk)
    billed = queries.items_of_types(practice_id=practice_id, type_ids=[pk]).get(pk, [])
    form = TypeForm(
        request.POST or None,
        items=_item_choices(request.member),
        billed=billed,
        initial={
            "name": one.name,
            "duration_minutes": one.duration_minutes,
            "max_attendees": one.max_attendees,
            "hue": one.hue,
            "archived": one.archived,
        },
    )
    if request.method == "POST" and _save(request, form, pk):
        messages.success(request, _("Saved."))
        return redirect("appointment_types")
    context = {"form": form, "title": one.name, "is_new": False}
    return render(request, "schedule/type.html", context, status=422 if form.is_bound else 200)


def _save(request: PracticeRequest, form: TypeForm, pk: int | None) -> bool:
    if not form.is_valid():
        return False
    values = form.cleaned_data
    command = SaveAppointmentType(
        practice_id=request.practice.id,
        by=request.member.actor,
        type_id=pk,
        name=values["name"],
        duration_minutes=values["duration_minutes"],
        max_attendees=values["max_attendees"],
        hue=values["hue"],
        items=form.billed(),
        archived=values["archived"],
    )
    try:
        save_appointment_type(command, timezone.now())
    except Refusal as refusal:
        if refusal.status == 404 and not refusal.param:
            raise
        form.refuse(refusal)
        return False
    return True
