"""The audit trail: who did what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from creditwell.audit.queries import NoteLine, trail
from creditwell.money.money import Money
from creditwell.people.queries import patient_names, payer_names
from creditwell.tenancy.queries import members
from creditwell.web.components.formats import clock_text, day_text, money_text
from creditwell.web.door.guard import door
from creditwell.web.door.requests import PracticeRequest

SUBJECTS: dict[str, str | Promise] = {
    "patient": _("Patient"),
    "appointment": _("Appointment"),
    "invoice": _("Invoice"),
    "credit_note": _("Credit note"),
    "payment": _("Payment"),
    "refund": _("Refund"),
    "refund_request": _("Request for a refund"),
    "task": _("Task"),
    "transfer": _("Transfer of credit"),
    "gift": _("Given credit"),
    "lot": _("Credit"),
    "voucher": _("Gift voucher"),
    "package": _("Package"),
    "package_product": _("Package on offer"),
    "membership": _("Membership"),
    "item": _("Item"),
    "practice": _("Practice"),
    "location": _("Location"),
    "user": _("Person of the staff"),
    "invitation": _("Invitation"),
    "api_key": _("API key"),
}

PAGES = {
    "appointment": "appointment",
    "patient": "patient",
    "invoice": "invoice",
    "credit_note": "credit_note",
    "payment": "payment",
    "refund": "refund",
    "refund_request": "refund_request",
    "transfer": "transfer",
    "gift": "gift",
    "voucher": "voucher",
    "package": "package",
    "item": "item",
    "package_product": "package_product",
    "membership": "membership",
    "location": "settings_location",
}
"""URL of a thing's page, by what the trail calls it; those that are there are linked."""


PEOPLE: dict[str, tuple[str, str | Promise]] = {
    "payer_id": ("payer", _("Payer")),
    "from_payer_id": ("payer", _("From")),
    "to_payer_id": ("payer", _("To")),
    "owner_id": ("payer", _("Whose credit")),
    "user_id": ("payer", _("Who may use it")),
    "patient_id": ("patient", _("Patient")),
    "kept_id": ("patient", _("Kept")),
    "other_id": ("patient", _("Other")),
}
"""Details that point at somebody, and in what words the trail says who."""

ACTS_OF_SHARES = ("share_credit", "stop_sharing")
"""Acts whose user is somebody's payer; elsewhere a user is a person of the staff."""

ROWS = ("vouchers", "lots", "allocations", "parts")
"""Details that list rows by their ids: how many they are tells more."""


@dataclass(frozen=True, slots=True)
class Around:
    """What a line is written with: the books' currency, and names by kind of person and id."""

    currency: str
    names: dict[tuple[str, int], str]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the page; `details` are pairs of a name and what is to be read."""

    at: datetime
    who: str
    action: str
    subject: str | Promise
    url: str
    details: list[tuple[str, str]]


@door("audit.view")
def trail_page(request: PracticeRequest) -> HttpResponse:
    """Newest first, filtered by kind of thing and person, fifty a page; four queries."""
    practice_id = request.member.practice_id
    subject = request.GET.get("subject", "")
    subject = subject if subject in SUBJECTS else ""
    who, before = _id(request, "who"), _id(request, "before")
    page = trail(practice_id=practice_id, subject=subject, user_id=who, before=before)
    around = Around(request.practice.currency, _names(practice_id, page.lines))
    asked = {"subject": subject, "who": who or ""}
    following = {**asked, "before": page.next_before or ""}
    context = {
        "lines": [_line(note, around) for note in page.lines],
        "subjects": list(SUBJECTS.items()),
        "people": [(member.user_id, member.name) for member in members(practice_id)],
        "asked": asked,
        "filtered": any(asked.values()),
        "newest": "?" + urlencode(asked) if before else "",
        "older": "?" + urlencode(following) if page.next_before else "",
    }
    return render(request, "practice/trail.html", context)


def _id(request: PracticeRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _names(practice_id: int, notes: Iterable[NoteLine]) -> dict[tuple[str, int], str]:
    """Of all the people that the details point at; two queries."""
    wanted: dict[str, set[int]] = {"payer": set(), "patient": set()}
    for note in notes:
        for name, value in note.details.items():
            if name in PEOPLE and type(value) is int:
                wanted[PEOPLE[name][0]].add(value)
    payers = payer_names(practice_id=practice_id, payer_ids=wanted["payer"])
    patients = patient_names(practice_id=practice_id, patient_ids=wanted["patient"])
    return {
        **{("payer", pk): name for pk, name in payers.items()},
        **{("patient", pk): name for pk, name in patients.items()},
    }


def _line(note: NoteLine, around: Around) -> Line:
    return Line(
        at=note.at,
        who=note.who,
        action=words(note.action),
        subject=SUBJECTS.get(note.subject, words(note.subject)),
        url=_url(note.subject, note.subject_id),
        details=[
            detail
            for name, value in sorted(note.details.items(), key=_people_first)
            if value not in (None, "", [], {})
            and (detail := _detail(note.action, name, value, around)) is not None
        ],
    )


def _people_first(detail: tuple[str, Any]) -> int:
    order = list(PEOPLE)
    return order.index(detail[0]) if detail[0] in PEOPLE else len(order)


def _detail(action: str, name: str, value: Any, around: Around) -> tuple[str, str] | None:
    """Name and value in words; None for the number of a row, which says nothing to a reader."""
    if name.endswith("_id"):
        return _person(action, name, value, around)
    if name in ("invoices", *ROWS) and isinstance(value, list):
        return words(name), str(len(value))  # ids and sums: the things themselves tell more
    if not name.endswith("_minor"):
        return words(name), said(value)
    parts = value if isinstance(value, list) else [value]
    texts = [
        money_text(Money(part, around.currency)) if type(part) is int else said(part)
        for part in parts
    ]
    return words(name.removesuffix("_minor")), said(texts if len(texts) > 1 else texts[0])


def _person(action: str, name: str, value: Any, around: Around) -> tuple[str, str] | None:
    if name not in PEOPLE or (name == "user_id" and action not in ACTS_OF_SHARES):
        return None
    kind, word = PEOPLE[name]
    who = around.names.get((kind, value)) if type(value) is int else None
    return (str(word), who) if who else None


def words(name: str) -> str:
    """take_payment becomes Take payment."""
    return name.replace("_", " ").capitalize()


def said(value: Any) -> str:
    """A detail as a person reads it; old and new value with an arrow between."""
    if isinstance(value, list) and len(value) == 2 and not any(isinstance(v, list) for v in value):
        return f"{said(value[0])} → {said(value[1])}"
    if isinstance(value, list):
        return ", ".join(said(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{words(str(name))}: {said(one)}" for name, one in value.items())
    if isinstance(value, str) and (moment := _moment(value)):
        return f"{day_text(moment)}, {clock_text(moment)}"
    if isinstance(value, str) and (day := _day(value)):
        return day_text(day)
    return "–" if value in (None, "") else str(value)


def _moment(text: str) -> datetime | None:
    """A moment as use cases note it, on the practice's clock; None for any other text."""
    try:
        moment = datetime.fromisoformat(text) if "T" in text else None
    except ValueError:
        return None
    return timezone.localtime(moment) if moment and timezone.is_aware(moment) else None


def _day(text: str) -> date | None:
    """A day as use cases note it; None for any other text."""
    try:
        return date.fromisoformat(text) if len(text) == 10 and text[4] == "-" else None
    except ValueError:
        return None


def _url(subject: str, subject_id: int) -> str:
    try:
        return reverse(PAGES[subject], args=[subject_id])
    except (KeyError, NoReverseMatch):
        return ""
