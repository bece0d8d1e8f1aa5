"""The first run, and another practice later."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from creditwell.kernel.errors import Refusal
from creditwell.tenancy.models import User
from creditwell.tenancy.queries import is_set_up
from creditwell.usecases.create_practice import create_practice
from creditwell.usecases.set_up import AlreadySetUp, SetUp, set_up
from creditwell.web.accounts.session import sign_in
from creditwell.web.door.guard import to_sign_in
from creditwell.web.door.requests import PRACTICE_KEY
from creditwell.web.setup.forms import FirstForm, PracticeForm


@never_cache
@sensitive_post_parameters("password")
def set_up_page(request: HttpRequest) -> HttpResponse:
    """
    Open a practice: with its owner while nothing is set up, else for whoever is signed in.

    Signed out and set up already: sign-in.
    """
    first = not is_set_up()
    if not first and not request.user.is_authenticated:
        return to_sign_in(request)
    kind = FirstForm if first else PracticeForm
    if request.method != "POST":
        form: PracticeForm = kind(country=request.GET.get("country", ""))
        return _page(request, form, first=first, key=uuid.uuid4().hex)
    key = request.POST.get("key", "")
    if "prefill" in request.POST:  # without script: the button beside the country
        typed = {
            name: str(value) for name, value in request.POST.items() if name in kind.base_fields
        }
        for suggested in ("currency", "time_zone", "password"):
            typed.pop(suggested, None)
        form = kind(initial=typed, country=typed.get("country", ""))
        return _page(request, form, first=first, key=key)
    form = kind(request.POST)
    if form.is_valid():
        try:
            return _open_first(request, form) if first else _open_another(request, form, key)
        except AlreadySetUp:
            return redirect("account_login")
        except Refusal as refusal:
            form.refuse(refusal)
    return _page(request, form, first=first, key=key)


def country_part(request: HttpRequest) -> HttpResponse:
    """What depends on the country, for htmx; tells nothing that is not public."""
    form = PracticeForm(country=request.GET.get("country", ""))
    return render(request, "setup/page.html#by_country", {"form": form})


def _open_first(request: HttpRequest, form: PracticeForm) -> HttpResponse:
    data = form.cleaned_data
    command = SetUp(
        user_name=data["user_name"],
        email=data["email"],
        password=data["password"],
        practice=form.command(owner_id=0, owner_name=data["user_name"]),
    )
    done = set_up(command, timezone.now())
    sign_in(request, done.user_id)
    request.session[PRACTICE_KEY] = done.practice_id
    messages.success(
        request,
        _("Your practice is open. Book somebody, or take a first payment, with “New” above."),
    )
    return redirect("start")


def _open_another(request: HttpRequest, form: PracticeForm, key: str) -> HttpResponse:
    assert isinstance(request.user, User)
    command = form.command(owner_id=request.user.pk, owner_name=request.user.name, key=key)
    request.session[PRACTICE_KEY] = create_practice(command, timezone.now()).practice_id
    return redirect("start")


def _page(request: HttpRequest, form: PracticeForm, *, first: bool, key: str) -> HttpResponse:
    context = {"form": form, "first": first, "key": key}
    status = 422 if form.is_bound else 200
    return render(request, "setup/page.html", context, status=status)
