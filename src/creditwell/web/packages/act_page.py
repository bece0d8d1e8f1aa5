"""
One act on a package as a page: a form, what it does in a sentence, and refusals at their fields.

Every act has the same page (`packages/act.html`): GET shows the form, POST does it and goes back to
the package; refused, the page is shown again with all that was typed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise

from creditwell.kernel.errors import NotFound, Refusal
from creditwell.packages.holding import PackageEnded
from creditwell.packages.queries import PackageStanding
from creditwell.web.calendar.picking import Picked
from creditwell.web.components.fields import Form
from creditwell.web.door.links import page_link
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.packages.forms import ActForm
from creditwell.web.packages.page import standing_of_package
from creditwell.web.packages.standings import StandingCard, standing_card
from creditwell.web.payments.once import recall, remember

P = ParamSpec("P")
View = Callable[Concatenate[PracticeRequest, P], HttpResponse]


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """
    What a page of an act says. `title` names the act, `lead` what it does, `word` is on the button;
    `notes` are sentences that stand above the form. `danger` for what takes something away.
    """

    title: str | Promise
    lead: str | Promise
    word: str | Promise
    notes: tuple[str, ...] = ()
    danger: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ActPage:
    """The page, ready to show."""

    card: StandingCard
    screen: Screen
    back_url: str
    key: str


@dataclass(slots=True)
class Asked:
    """One request for one act: the package as it stands, and the key that makes it one act."""

    request: PracticeRequest
    standing: PackageStanding
    key: str
    picked: Picked | None = None  # whom the act is for, where a picker asks
    ended_too: bool = False  # whether it is also done with a package that is over

    @property
    def posted(self) -> bool:
        return self.request.method == "POST"

    @property
    def too_late(self) -> bool:
        """The package ended, perhaps since the page was opened."""
        return self.standing.ended_at is not None and not self.ended_too


def asked_of(request: PracticeRequest, pk: int, *, ended_too: bool = False) -> Asked:
    """
    Read what is the same for every act; two queries. `ended_too`: it is done with a package that
    is over as well.

    :raises NotFound: if this practice has no such package
    """
    standing = standing_of_package(request.member, pk, timezone.now())
    key = request.POST.get("key", "")[:90] or uuid4().hex
    return Asked(request=request, standing=standing, key=key, ended_too=ended_too)


def once(view: View[P]) -> View[P]:
    """
    Answer a second press of the same button with where the first one led, before the view looks at
    what the first one changed. Also if the first one was saved while the view looked.
    """

    @wraps(view)
    def asked_once(request: PracticeRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if answer := again(request):
            return answer
        try:
            return view(request, *args, **kwargs)
        except Refusal:
            if answer := again(request, anew=True):
                return answer
            raise

    return asked_once


def again(request: PracticeRequest, *, anew: bool = False) -> HttpResponse | None:
    """Where this very form led before; None if it was not sent, or says not which one it is."""
    if request.method != "POST" or not request.POST.get("key"):
        return None
    return recall(request, anew=anew)


def save_once(
    request: PracticeRequest, form: Form, save: Callable[[], str], *, too_late: bool = False
) -> HttpResponse | None:
    """
    Save a page with a preview. `save` makes one call of a use case and answers where to go. None:
    the form says why not. `too_late`: the package is over, so that nothing of it is saved.
    """
    if too_late:
        form.refuse_alone(PackageEnded())
    elif form.is_valid():
        try:
            return remember(request, save())
        except NotFound:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
    return recall(request, anew=True)


def run(
    asked: Asked, form: ActForm, screen: Screen, act: Callable[[], tuple[str | Promise, str]]
) -> HttpResponse:
    """
    Show the form, or do the act. `act` makes one call of a use case and answers the sentence that
    says it is done and the address to go to ("": the package's page). Sent a second time, the form
    leads there again: what it asks for may be impossible by now, for it was done.
    """
    if answer := again(asked.request):
        return answer
    ready = asked.posted and form.is_valid() and (asked.picked is None or not asked.picked.error)
    if ready:
        try:
            done, url = act()
        except NotFound as refusal:
            if not form.knows(refusal):
                raise
            _refuse(asked, form, refusal)
        except Refusal as refusal:
            _refuse(asked, form, refusal)
        else:
            messages.success(asked.request, str(done))
            return remember(asked.request, url or page_link("package", asked.standing.id))
    if asked.posted and asked.too_late:
        form.refuse_alone(PackageEnded())
        asked.picked = asked.picked.with_error("") if asked.picked else None
    return again(asked.request, anew=True) or show(asked, form, screen)


def _refuse(asked: Asked, form: ActForm, refusal: Refusal) -> None:
    """Say it at the picker if it is about whom that found, else where the form says it."""
    if asked.picked and asked.picked.id is not None and refusal.param in form.whom:
        asked.picked = asked.picked.with_error(refusal.sentence)
    else:
        form.refuse(refusal)


def show(asked: Asked, form: ActForm, screen: Screen) -> HttpResponse:
    """The page of the act, with what was typed and what is wrong with it."""
    member = asked.request.member
    context = {
        "page": ActPage(
            card=standing_card(member, asked.standing),
            screen=screen,
            back_url=page_link("package", asked.standing.id),
            key=asked.key,
        ),
        "form": form,
        "picked": asked.picked,
    }
    status = 422 if asked.posted else 200
    return render(asked.request, "packages/act.html", context, status=status)
