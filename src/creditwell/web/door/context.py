"""
What the frame of every page shows: navigation, menus, theme, toasts.

The practice and the member come with the request; one query counts what is to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.messages import constants
from django.http import HttpRequest
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from creditwell.tasks.queries import open_task_count
from creditwell.tenancy.access import Member, PracticeFacts
from creditwell.tenancy.permissions import Role
from creditwell.web.components.locale import current
from creditwell.web.door.links import link_to
from creditwell.web.door.requests import member_behind

THEMES = ("light", "dark")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A destination: name of its URL, word, icon, the key after G or N, who may go there."""

    name: str
    word: str | Promise
    icon: str
    key: str
    permission: str


PLACES = (
    Place(
        name="calendar",
        word=_("Appointments"),
        icon="calendar",
        key="a",
        permission="calendar.view",
    ),
    Place(name="patients", word=_("Patients"), icon="users", key="t", permission="patients.view"),
    Place(
        name="invoices",
        word=_("Invoices"),
        icon="receipt-text",
        key="i",
        permission="invoices.view",
    ),
    Place(
        name="payments",
        word=_("Payments"),
        icon="banknote",
        key="p",
        permission="payments.view",
    ),
    Place(
        name="packages",
        word=_("Packages"),
        icon="package-check",
        key="k",
        permission="packages.view",
    ),
    Place(name="tasks", word=_("To do"), icon="list-checks", key="d", permission="tasks.view"),
    Place(name="items", word=_("Items"), icon="package", key="m", permission="catalog.view"),
    Place(
        name="reports",
        word=_("Reports"),
        icon="chart-column",
        key="r",
        permission="reports.view",
    ),
    Place(
        name="settings", word=_("Settings"), icon="settings", key="s", permission="practice.view"
    ),
)

BESIDE = {
    "/families/": "patients",
    "/shares/": "patients",
    "/contacts/": "patients",
    "/memberships/": "packages",
    "/transfers/": "payments",
    "/credit/": "payments",
}
"""Addresses that do not begin as their place in the navigation does."""

NEW = (
    Place(
        name="appointment_new",
        word=_("Appointment"),
        icon="calendar-plus",
        key="a",
        permission="appointments.edit",
    ),
    Place(
        name="patient_new",
        word=_("Patient"),
        icon="user-plus",
        key="t",
        permission="patients.edit",
    ),
    Place(
        name="invoice_new",
        word=_("Invoice"),
        icon="receipt-text",
        key="i",
        permission="invoices.edit",
    ),
    Place(
        name="payment_new",
        word=_("Payment"),
        icon="banknote",
        key="p",
        permission="payments.take",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NavItem:
    """One link of the navigation or of the New menu."""

    name: str
    word: str | Promise
    icon: str
    key: str
    url: str
    here: bool
    count: int = 0  # of what waits there


@dataclass(frozen=True, slots=True)
class Toast:
    """A short message after something was done; `tone` is ok, bad, warn or ""."""

    text: str
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherPractice:
    """A practice that the person may switch to."""

    id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """The frame of a page."""

    practice: PracticeFacts | None
    member: Member | None
    role: str | Promise
    nav: tuple[NavItem, ...]
    new: tuple[NavItem, ...]
    others: tuple[OtherPractice, ...]
    search_url: str
    profile_url: str
    sign_out_url: str
    switch_url: str
    patient_search_url: str
    shortcuts: bool


TONES = {
    constants.SUCCESS: "ok",
    constants.WARNING: "warn",
    constants.ERROR: "bad",
}


def shell(request: HttpRequest) -> dict[str, Any]:
    """
    Context processor: `shell`, `member`, `practice`, `theme`, `locale`, `language`, `toasts`.

    The frame is made when a template first asks for it, so fragments do not pay for it; `toasts`
    is read (and thereby used up) only where a template shows it.
    """
    member = member_behind(request)
    theme = request.COOKIES.get("theme", "")
    return {
        "member": member,
        "practice": member.practice if member else None,
        "theme": theme if theme in THEMES else "",
        "locale": current(),
        "language": get_language() or "en",
        "shell": SimpleLazyObject(lambda: make_shell(request, member)),
        "toasts": lambda: toasts_of(request),
    }


def make_shell(request: HttpRequest, member: Member | None) -> Shell:
    """Put the frame together for whoever is asking."""
    here = page_of(request)
    return Shell(
        practice=member.practice if member else None,
        member=member,
        role=Role(member.role).label if member and member.role else "",
        nav=_items(PLACES, member, here),
        new=_items(NEW, member, here),
        others=tuple(
            OtherPractice(id=pk, name=name)
            for pk, name in (member.other_practices if member else ())
        ),
        search_url=link_to("search"),
        profile_url=link_to("profile"),
        sign_out_url=link_to("account_logout"),
        switch_url=link_to("practice_switch"),
        patient_search_url=link_to("patient_search"),
        shortcuts=member.shortcuts_enabled if member else False,
    )


def page_of(request: HttpRequest) -> str:
    """
    Name of the place in the navigation that the page belongs to.

    A page belongs to the place that its address begins with: /patients/7/ is under Patients.
    What is about patients without standing under their address is named in BESIDE.
    """
    for beginning, name in BESIDE.items():
        if request.path.startswith(beginning):
            return name
    best = ""
    longest = 0
    for place in PLACES:
        url = link_to(place.name)
        root = url if url.endswith("/") else url + "/"
        if url and len(root) > longest and (request.path + "/").startswith(root):
            best, longest = place.name, len(root)
    return best


def toasts_of(request: HttpRequest) -> tuple[Toast, ...]:
    """The messages that wait for this person; each is shown once."""
    return tuple(
        Toast(str(message), TONES.get(message.level, ""))
        for message in messages.get_messages(request)
    )


def _items(places: tuple[Place, ...], member: Member | None, here: str) -> tuple[NavItem, ...]:
    if member is None:
        return ()
    return tuple(
        NavItem(
            name=place.name,
            word=place.word,
            icon=place.icon,
            key=place.key,
            url=url,
            here=place.name == here,
            count=open_task_count(practice_id=member.practice_id) if place.name == "tasks" else 0,
        )
        for place in places
        if member.may(place.permission) and (url := link_to(place.name))
    )
