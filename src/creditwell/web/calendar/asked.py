"""What part of the calendar an address asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

from django.http import HttpRequest
from django.urls import reverse

from creditwell.tenancy.access import PracticeFacts

VIEWS = ("day", "week", "list")
EARLIEST, LATEST = date(1970, 1, 8), date(2200, 1, 1)
ALL = 0
"""All practitioners of a week; None: whoever the page chooses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A day and how to show it; ids may be of no row, which shows an empty calendar."""

    view: str
    day: date
    today: date
    location_id: int | None = None
    practitioner_id: int | None = None
    show_id: int | None = None
    """The appointment that somebody comes for; no address of the calendar keeps it."""

    @property
    def url(self) -> str:
        """The address that asks for just this; today and the day view go without saying."""
        asked = {
            "d": self.day.isoformat() if self.day != self.today else None,
            "view": self.view if self.view != "day" else None,
            "location": self.location_id,
            "practitioner": "all" if self.practitioner_id == ALL else self.practitioner_id,
        }
        query = urlencode({name: value for name, value in asked.items() if value})
        return reverse("calendar") + (f"?{query}" if query else "")

    def at(self, **changes: object) -> str:
        """The address of the same with something else about it."""
        return replace(self, **changes).url  # type: ignore[arg-type]  # names of our own fields

    def step(self, days: int) -> str:
        return self.at(day=min(max(self.day + timedelta(days=days), EARLIEST), LATEST))


def asked_for(values: Mapping[str, str], practice: PracticeFacts, now: datetime) -> Asked:
    """Read `d`, `view`, `location`, `practitioner`, `show`; what cannot be meant is left out."""
    today = practice.day_of(now)
    view = values.get("view", "day")
    practitioner = values.get("practitioner", "")
    return Asked(
        view=view if view in VIEWS else "day",
        day=_day(values.get("d", ""), today),
        today=today,
        location_id=as_id(values.get("location", "")),
        practitioner_id=ALL if practitioner == "all" else as_id(practitioner),
        show_id=as_id(values.get("show", "")),
    )


def day_url(day: date, show_id: int) -> str:
    """The address of a day's calendar, scrolled to one appointment."""
    return f"{reverse('calendar')}?{urlencode({'d': day.isoformat(), 'show': show_id})}"


def asked_behind(request: HttpRequest, practice: PracticeFacts, now: datetime) -> Asked | None:
    """What the calendar showed from which htmx asks; None when it was another page."""
    current = urlsplit(request.headers.get("HX-Current-URL", ""))
    if current.path != reverse("calendar"):
        return None
    values = {name: found[0] for name, found in parse_qs(current.query).items()}
    return asked_for(values, practice, now)


def _day(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today
    return day if EARLIEST <= day <= LATEST else today


def as_id(text: str) -> int | None:
    """A number that may be the id of a row."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
