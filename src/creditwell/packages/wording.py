"""How a visit's place in a package is said: "2 of 5", "45 of 120 min", "90.00 of 500.00"."""

from __future__ import annotations

from babel.numbers import format_currency, format_decimal
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from creditwell.packages.queries import Place
from creditwell.packages.rules import HUNDRED
from creditwell.tenancy.access import PracticeFacts


def figure(units: int, measure: str, facts: PracticeFacts) -> str:
    """Units as a bare figure: sessions and minutes counted, money with all its decimals."""
    if measure != "money":
        return format_decimal(units, locale=facts.locale)
    money = facts.money(units)
    pattern = "#,##0" + ("." + "0" * money.exponent if money.exponent else "")
    return format_decimal(money.decimal, format=pattern, locale=facts.locale)


def amount(units: int, measure: str, facts: PracticeFacts) -> str:
    """Units with what they are: "1 session", "45 min", "90.00"."""
    text = figure(units, measure, facts)
    if measure == "sessions":
        return ngettext("%(count)s session", "%(count)s sessions", units) % {"count": text}
    return _("%(count)s min") % {"count": text} if measure == "minutes" else text


def in_words(units: int, measure: str, facts: PracticeFacts) -> str:
    """Units as a sentence names them: 1 session, 45 min, $90.00."""
    if measure != "money":
        return amount(units, measure, facts)
    money = facts.money(units)
    return format_currency(money.decimal, money.currency, locale=facts.locale)


def ordinal(place: Place, facts: PracticeFacts) -> str:
    """2 of 5; 45 of 120 min; 90.00 of 500.00."""
    return nth_of(place.ordinal, place.total, place.measure, facts)


def nth_of(nth: int, total: int, measure: str, facts: PracticeFacts) -> str:
    """How far into how many units."""
    gaps = {"nth": figure(nth, measure, facts), "total": figure(total, measure, facts)}
    if measure == "minutes":
        return _("%(nth)s of %(total)s min") % gaps
    return _("%(nth)s of %(total)s") % gaps


def short(place: Place, facts: PracticeFacts) -> str:
    """2/5; 45/120 min: where there is little room."""
    nth, total = (figure(n, place.measure, facts) for n in (place.ordinal, place.total))
    return f"{nth}/{total}" if place.measure != "minutes" else f"{nth}/{total} min"


def name_of(place: Place) -> str:
    """The package, and which part of it where it has several."""
    if place.parts_count == 1:
        return place.package_name
    return f"{place.package_name} ({place.part_name})"


def sentence(place: Place, facts: PracticeFacts) -> str:
    """Session 2 of 5, Five massages; 45 of 120 min, Massage by the minute."""
    gaps = {"nth": ordinal(place, facts), "name": name_of(place)}
    if place.measure == "sessions":
        return _("Session %(nth)s, %(name)s") % gaps
    return _("%(nth)s, %(name)s") % gaps


def state(place: Place) -> str:
    """A key of the states that screens show: of the session, or that it is not paid for."""
    if place.status == "forfeited":
        return "session_forfeited"
    if place.owing_minor > 0:
        return "session_unpaid"
    return "session_used" if place.status == "used" else "session_booked"


def kept(place: Place) -> str:
    """What was kept of a session that nobody came to, if not the whole of it; else ""."""
    if place.status != "forfeited" or place.kept_percent == HUNDRED:
        return ""
    return _("%(percent)s%% kept") % {"percent": place.kept_percent}
