"""What the address of a report asks for; what cannot be read is said and left out of account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from creditwell.payments.queries_liability import AGES, BY, KINDS, VISITS, usual_period
from creditwell.web.components.fields import DayField
from creditwell.web.door.requests import PracticeRequest

HIGHEST_PAGE = 100_000
Asked = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Some days, both included; `error` says why others are shown than were asked for."""

    since: date
    until: date
    error: str = ""


def day_of(asked: Asked, name: str) -> tuple[date | None, str]:
    """A day and "", or None and what is wrong with it (nothing where none was typed)."""
    try:
        found: date | None = DayField(required=False).clean(asked.get(name, "")[:20])
    except ValidationError as wrong:
        return None, str(wrong.messages[0])
    return found, ""


def period_of(asked: Asked, today: date) -> Period:
    """The days of a report: this month so far, unless others are asked for."""
    since, until = usual_period(today)
    wanted_since, wrong_since = day_of(asked, "since")
    wanted_until, wrong_until = day_of(asked, "until")
    if wanted_until is not None:
        until = wanted_until
        since = min(since, until.replace(day=1))
    if wanted_since is not None and wanted_since > until:
        wrong_since = _("The first day comes after the last. Swap them.")
    elif wanted_since is not None:
        since = wanted_since
    return Period(since=since, until=until, error=wrong_since or wrong_until)


def today_of(request: PracticeRequest) -> date:
    """Today in the practice."""
    return request.practice.day_of(timezone.now())


def until_of(request: PracticeRequest) -> date:
    """The day that a list is asked for, today unless another is."""
    day, _error = day_of(request.GET.dict(), "until")
    return day or today_of(request)


def by_of(asked: Asked) -> str:
    """In which groups; by location unless asked otherwise."""
    by = asked.get("by", "")
    return by if by in BY else BY[0]


def group_of(asked: Asked) -> tuple[str, str] | None:
    """One group of a report: by what, and which. None is all of them."""
    by, key = asked.get("by", ""), asked.get("of", "")
    keys = {"age": AGES, "visit": VISITS, "kind": KINDS}.get(by)
    if by == "location" and key.isascii() and key.isdecimal() and len(key) < 19:
        return by, str(int(key))
    return (by, key) if keys and key in keys else None


def page_number(asked: Asked) -> int:
    """Which page of a list, the first unless asked otherwise."""
    text = asked.get("page", "")
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else 1
    return min(max(number, 1), HIGHEST_PAGE)


def address(**asked: object) -> str:
    """A query; what is empty is left out."""
    return "?" + urlencode(
        {name: value for name, value in asked.items() if value not in (None, "")}
    )
