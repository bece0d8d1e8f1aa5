"""Practitioners: who they are, when they work, when they are away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from creditwell.kernel.errors import NotFound, Refusal
from creditwell.scheduling import queries
from creditwell.scheduling.models import Block
from creditwell.scheduling.queries import BlockBrief, HoursBrief, PractitionerBrief
from creditwell.tenancy.access import Member, access
from creditwell.tenancy.queries import members
from creditwell.usecases.remove_block import RemoveBlock, remove_block
from creditwell.usecases.save_block import SaveBlock, save_block
from creditwell.usecases.save_practitioner import SavePractitioner, save_practitioner
from creditwell.usecases.save_working_hours import SaveWorkingHours, save_working_hours
from creditwell.web.components import formats
from creditwell.web.door.guard import door
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.schedule.forms import WEEKDAYS, BlockForm, HoursForm, PractitionerForm

FAR = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A practitioner in the list, with the week in words."""

    id: int
    name: str
    profession: str
    provider_number: str
    hue: str
    archived: bool
    week: tuple[str, ...]


@require_safe
@door("calendar.view")
def practitioners(request: PracticeRequest) -> HttpResponse:
    """Everybody who treats, the archived ones last; three queries."""
    practice_id = request.practice.id
    hours = queries.hours_of(practice_id=practice_id)
    found = queries.practitioners_of(practice_id=practice_id, archived=True)
    lines = [
        _line(one, [each for each in hours if each.practitioner_id == one.id]) for one in found
    ]
    lines.sort(key=lambda one: one.archived)
    context = {"lines": lines, "may_edit": request.member.may("schedule.edit")}
    return render(request, "schedule/practitioners.html", context)


def _line(one: PractitionerBrief, hours: Sequence[HoursBrief]) -> Line:
    return Line(
        id=one.id,
        name=one.name,
        profession=one.profession,
        provider_number=one.provider_number,
        hue=one.hue,
        archived=one.archived,
        week=_week(hours),
    )


def _week(hours: Sequence[HoursBrief]) -> tuple[str, ...]:
    """A line for days in a row that have the same hours: Monday – Friday 9:00 am – 5:00 pm."""
    days: dict[int, list[str]] = {}
    for each in hours:
        times = {
            "from": formats.clock_text(each.starts_at),
            "to": formats.clock_text(each.ends_at),
        }
        days.setdefault(each.weekday, []).append(_("%(from)s – %(to)s") % times)
    runs: list[tuple[int, int, list[str]]] = []
    for weekday, spans in sorted(days.items()):
        if runs and runs[-1][1] == weekday - 1 and runs[-1][2] == spans:
            runs[-1] = (runs[-1][0], weekday, spans)
        else:
            runs.append((weekday, weekday, spans))
    return tuple(
        f"{WEEKDAYS[first]} {', '.join(spans)}"
        if first == last
        else f"{WEEKDAYS[first]} – {WEEKDAYS[last]} {', '.join(spans)}"
        for first, last, spans in runs
    )


def staff_choices(member: Member) -> list[tuple[int, str]]:
    return [(one.user_id, one.name) for one in members(member.practice_id)]


@require_http_methods(["GET", "HEAD", "POST"])
@door("schedule.edit")
def practitioner_new(request: PracticeRequest) -> HttpResponse:
    """One more who treats; hours come on the next page."""
    form = PractitionerForm(request.POST or None, staff=staff_choices(request.member))
    if request.method == "POST" and (pk := _save(request, form, None)):
        messages.success(request, _("Practitioner added. Now say when they work."))
        return redirect("practitioner_edit", pk)
    status = 422 if form.is_bound else 200
    return render(request, "schedule/practitioner_new.html", {"form": form}, status=status)


def _save(request: PracticeRequest, form: PractitionerForm, pk: int | None) -> int | None:
    if not form.is_valid():
        return None
    values = form.cleaned_data
    command = SavePractitioner(
        practice_id=request.practice.id,
        by=request.member.actor,
        practitioner_id=pk,
        name=values["name"],
        profession=values["profession"],
        provider_number=values["provider_number"],
        hue=values["hue"],
        user_id=values["user"],
        archived=values["archived"],
    )
    try:
        return save_practitioner(command, timezone.now()).practitioner_id
    except NotFound as refusal:
        if refusal.param != "user":
            raise
        form.refuse(refusal)
        return None


@require_http_methods(["GET", "HEAD", "POST"])
@door("schedule.edit")
def practitioner_edit(request: PracticeRequest, pk: int) -> HttpResponse:
    """Who somebody is; below it when they work and when they are away."""
    shown = queries.practitioner_brief(practice_id=request.practice.id, practitioner_id=pk)
    if request.method != "POST":
        return _page(request, shown)
    form = _form(request, shown, request.POST)
    if _save(request, form, pk):
        messages.success(request, _("Saved."))
        return redirect("practitioner_edit", pk)
    return _page(request, shown, form=form)


def _form(request: PracticeRequest, shown: PractitionerBrief, data: Any = None) -> PractitionerForm:
    initial = {
        "name": shown.name,
        "profession": shown.profession,
        "provider_number": shown.provider_number,
        "user": shown.user_id,
        "hue": shown.hue,
        "archived": shown.archived,
    }
    return PractitionerForm(data, initial=initial, staff=staff_choices(request.member))


@require_POST
@door("schedule.edit")
def practitioner_hours(request: PracticeRequest, pk: int) -> HttpResponse:
    """The working week, written anew."""
    practice_id = request.practice.id
    shown = queries.practitioner_brief(practice_id=practice_id, practitioner_id=pk)
    form = _hours_form(practice_id, pk, request.POST)
    if form.is_valid():
        command = SaveWorkingHours(
            practice_id=practice_id,
            by=request.member.actor,
            practitioner_id=pk,
            hours=form.hours(),
        )
        try:
            save_working_hours(command, timezone.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Working hours saved."))
            return redirect("practitioner_edit", pk)
    return _page(request, shown, hours=form)


def _hours_form(practice_id: int, pk: int, data: Any = None) -> HoursForm:
    return HoursForm(
        data,
        hours=queries.hours_of(practice_id=practice_id, practitioner_id=pk),
        locations=queries.locations_of(practice_id=practice_id),
    )


@require_POST
@door("schedule.edit")
def block_new(request: PracticeRequest, pk: int) -> HttpResponse:
    """Time off for a practitioner."""
    practice_id = request.practice.id
    shown = queries.practitioner_brief(practice_id=practice_id, practitioner_id=pk)
    form = BlockForm(request.POST, practice=request.practice)
    if form.is_valid():
        command = SaveBlock(
            practice_id=practice_id,
            by=request.member.actor,
            key=request.POST.get("key", "")[:100],
            practitioner_id=pk,
            starts_at=form.starts_at,
            ends_at=form.ends_at,
            reason=form.cleaned_data["reason"],
        )
        save_block(command, timezone.now())
        messages.success(request, _("Time off added."))
        return redirect("practitioner_edit", pk)
    return _page(request, shown, block=form)


@require_POST
@door("schedule.edit")
def block_remove(request: PracticeRequest, pk: int) -> HttpResponse:
    """Give time off back to the calendar."""
    block = access(Block, request.member, pk, "schedule.edit")
    command = RemoveBlock(practice_id=request.practice.id, by=request.member.actor, block_id=pk)
    remove_block(command, timezone.now())
    messages.success(request, _("Time off removed."))
    return redirect("practitioner_edit", block.practitioner_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """Time off in words."""

    id: int
    when: str
    reason: str


def _away(request: PracticeRequest, block: BlockBrief) -> Away:
    first, last = (m.astimezone(request.practice.zone) for m in (block.starts_at, block.ends_at))
    same_day = first.date() == last.date()
    gaps = {
        "from": f"{formats.day_text(first)}, {formats.clock_text(first)}",
        "to": formats.clock_text(last)
        if same_day
        else f"{formats.day_text(last)}, {formats.clock_text(last)}",
    }
    return Away(id=block.id, when=_("%(from)s – %(to)s") % gaps, reason=block.reason)


def _page(
    request: PracticeRequest,
    shown: PractitionerBrief,
    *,
    form: PractitionerForm | None = None,
    hours: HoursForm | None = None,
    block: BlockForm | None = None,
) -> HttpResponse:
    practice_id = request.practice.id
    away = queries.blocks_between(
        practice_id=practice_id, since=timezone.now(), until=FAR, practitioner_id=shown.id
    )
    refused = form or hours or block
    context = {
        "shown": shown,
        "form": form or _form(request, shown),
        "hours": hours or _hours_form(practice_id, shown.id),
        "away_form": block or BlockForm(practice=request.practice),
        "away": [_away(request, one) for one in away],
    }
    return render(request, "schedule/practitioner.html", context, status=422 if refused else 200)
