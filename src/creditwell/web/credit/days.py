"""Which days a page is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from creditwell.payments.queries_statement import usual_days
from creditwell.web.components.fields import DayField
from creditwell.web.door.requests import PracticeRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """The days asked for; `error` says what could not be read, then the usual ones are used."""

    since: date
    until: date
    error: str = ""


def days_of(request: PracticeRequest, asked: QueryDict) -> Days:
    """The days of a statement; the usual ones unless others are asked for."""
    since, until = usual_days(request.practice.day_of(timezone.now()))
    wanted_since, wanted_until = day_of(asked, "since"), day_of(asked, "until")
    if wanted_until is not None:
        until = wanted_until
        since = min(since, until.replace(day=1))
    if wanted_since is not None:
        if wanted_since > until:
            return Days(
                since=since, until=until, error=_("The first day comes after the last. Swap them.")
            )
        since = wanted_since
    return Days(since=since, until=until)


def day_of(asked: QueryDict, name: str) -> date | None:
    """A day of an address or a form; None when there is none that can be read."""
    try:
        day: date | None = DayField(required=False).clean(asked.get(name, "")[:20])
    except ValidationError:
        return None
    return day
