"""Times and days as the sentences of this floor say them: the practice's clock and locale."""

from __future__ import annotations

from datetime import date, datetime

from babel.dates import format_date, format_time

from creditwell.scheduling.rules import Stretch
from creditwell.tenancy.access import PracticeFacts

NO_BREAK = "\N{NARROW NO-BREAK SPACE}"


def clock(moment: datetime, facts: PracticeFacts) -> str:
    """9:00 am."""
    local = moment.astimezone(facts.zone).time()
    return format_time(local, "short", locale=facts.locale).replace(NO_BREAK, " ")


def day(moment: datetime | date, facts: PracticeFacts) -> str:
    """24 Nov 2026."""
    local = moment.astimezone(facts.zone).date() if isinstance(moment, datetime) else moment
    return format_date(local, "d MMM y", locale=facts.locale)


def span(stretch: Stretch, facts: PracticeFacts) -> dict[str, str]:
    """The named gaps `day`, `from` and `to` of a sentence."""
    return {
        "day": day(stretch.starts_at, facts),
        "from": clock(stretch.starts_at, facts),
        "to": clock(stretch.ends_at, facts),
    }
