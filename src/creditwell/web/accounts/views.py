"""The start page and one's own profile."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from creditwell.kernel.errors import Refusal
from creditwell.tenancy.queries import is_set_up
from creditwell.usecases.update_profile import UpdateProfile, update_profile
from creditwell.web.accounts.adapter import home
from creditwell.web.accounts.forms import ProfileForm
from creditwell.web.door.guard import door
from creditwell.web.door.requests import PracticeRequest, member_behind


def start(request: HttpRequest) -> HttpResponse:
    """Send everybody where they belong: to work, to set-up or to sign-in."""
    if request.user.is_authenticated:
        return redirect(home() if member_behind(request) else "set_up")
    return redirect("account_login" if is_set_up() else "set_up")


@door(None)
def profile(request: PracticeRequest) -> HttpResponse:
    """Name, email and shortcuts of whoever is signed in; the way to password and sessions."""
    user = request.user
    initial = {
        "name": user.name,
        "email": user.email,
        "shortcuts_enabled": user.shortcuts_enabled,
    }
    form = ProfileForm(request.POST or None, initial=initial, user=user)
    if request.method == "POST" and form.is_valid():
        command = UpdateProfile(
            practice_id=request.member.practice_id,
            user_id=user.pk,
            name=form.cleaned_data["name"],
            email=form.cleaned_data["email"],
            shortcuts_enabled=form.cleaned_data["shortcuts_enabled"],
        )
        try:
            update_profile(command, timezone.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Profile saved."))
            return redirect("profile")
    status = 422 if form.is_bound else 200
    return render(request, "accounts/profile.html", {"form": form}, status=status)
