"""Settings: locations."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from creditwell.kernel.errors import NotFound, Refusal
from creditwell.tenancy.queries import locations as all_locations
from creditwell.usecases.add_location import AddLocation, add_location
from creditwell.usecases.archive_location import ArchiveLocation, archive_location
from creditwell.usecases.rename_location import RenameLocation, rename_location
from creditwell.web.door.guard import door
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.practice.forms import LocationForm


@door("settings.edit")
def locations(request: PracticeRequest) -> HttpResponse:
    """All locations, and a form for one more."""
    form = LocationForm(request.POST or None, initial={"key": uuid.uuid4().hex})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        command = AddLocation(
            practice_id=request.member.practice_id, by=request.member.actor, **data
        )
        try:
            add_location(command, timezone.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Location added."))
            return redirect("settings_locations")
    context = {"form": form, "locations": all_locations(request.member.practice_id)}
    status = 422 if form.is_bound else 200
    return render(request, "practice/locations.html", context, status=status)


@door("settings.edit")
def location(request: PracticeRequest, location_id: int) -> HttpResponse:
    """One location: its name and how it is reached."""
    practice_id = request.member.practice_id
    shown = next((one for one in all_locations(practice_id) if one.id == location_id), None)
    if shown is None:
        raise NotFound
    initial = {
        "name": shown.name,
        "address": shown.address,
        "phone": shown.phone,
        "email": shown.email,
    }
    form = LocationForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        command = RenameLocation(
            practice_id=practice_id,
            by=request.member.actor,
            location_id=location_id,
            **{**form.cleaned_data, "key": ""},
        )
        try:
            rename_location(command, timezone.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Location saved."))
            return redirect("settings_locations")
    context = {"form": form, "shown": shown}
    status = 422 if form.is_bound else 200
    return render(request, "practice/location.html", context, status=status)


@require_POST
@door("settings.edit")
def archive(request: PracticeRequest, location_id: int) -> HttpResponse:
    """Put a location away (archived=1), or bring it back."""
    archived = request.POST.get("archived", "1") == "1"
    command = ArchiveLocation(
        practice_id=request.member.practice_id,
        by=request.member.actor,
        location_id=location_id,
        archived=archived,
    )
    archive_location(command, timezone.now())
    messages.success(request, _("Location archived.") if archived else _("Location is back."))
    return redirect("settings_locations")
