"""Where a package stands, in words and figures: 2 of 5 used, 1 booked, 2 free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from babel.numbers import format_decimal
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from creditwell.money.money import Money
from creditwell.packages.queries import PackageStanding, PartStanding, packages_of
from creditwell.tenancy.access import Member, PracticeFacts
from creditwell.web.components.formats import amount_text, day_text, money_text
from creditwell.web.components.locale import current
from creditwell.web.door.links import page_link

MOST_PIPS = 24
"""Up to so many sessions each is drawn by itself; more are a bar."""

OPEN = ("active", "unpaid", "paused")
"""States in which something of a package can still be used, now or later."""

SHOWN = ("used", "forfeited", "booked", "free", "expired", "refunded")
"""What became of units, in the order in which it is drawn."""


def figure(units: int, measure: str, practice: PracticeFacts) -> str:
    """Units as a bare figure: 5, 120, 90.00."""
    if measure == "money":
        return amount_text(practice.money(units))
    return format_decimal(units, locale=current())


def units_text(units: int, measure: str, practice: PracticeFacts) -> str:
    """Units with what they are: 1 session, 45 minutes, $90.00."""
    text = figure(units, measure, practice)
    if measure == "money":
        return money_text(practice.money(units))
    if measure == "minutes":
        return ngettext("%(count)s minute", "%(count)s minutes", units) % {"count": text}
    return ngettext("%(count)s session", "%(count)s sessions", units) % {"count": text}


def part_choices(
    standing: PackageStanding, practice: PracticeFacts, *, free: bool
) -> list[tuple[str, str]]:
    """The parts of a package to choose from; `free`: those of which something is free."""
    return [
        (
            str(part.part_id),
            _("%(name)s (%(units)s free)")
            % {"name": part.name, "units": figure(part.free, standing.measure, practice)},
        )
        for part in standing.parts
        if part.free or not free
    ]


def counts_text(counts: PartStanding | PackageStanding, measure: str, facts: PracticeFacts) -> str:
    """2 of 5 used, 1 booked, 2 free; what is nothing is left out, except what is free."""
    spent = counts.used
    if isinstance(counts, PartStanding):
        spent += counts.forfeited
    gaps = {
        "used": figure(spent, measure, facts),
        "total": figure(counts.total, measure, facts),
        "booked": figure(counts.booked, measure, facts),
        "free": figure(counts.free, measure, facts),
    }
    if measure == "minutes":
        if counts.booked:
            return _("%(used)s of %(total)s min used, %(booked)s booked, %(free)s free") % gaps
        return _("%(used)s of %(total)s min used, %(free)s free") % gaps
    if counts.booked:
        return _("%(used)s of %(total)s used, %(booked)s booked, %(free)s free") % gaps
    return _("%(used)s of %(total)s used, %(free)s free") % gaps


def until_text(standing: PackageStanding) -> str:
    """Good until 3 Mar 2027; was good until …; no end."""
    if standing.begins_with_use:
        return _("Begins with the first visit")
    if standing.expires_on is None:
        return _("No end")
    day = day_text(standing.expires_on)
    if standing.state == "expired":
        return _("Was good until %(day)s") % {"day": day}
    return _("Good until %(day)s") % {"day": day}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A piece of the bar of a part: `kind` as in SHOWN, from and for how many percent of it."""

    kind: str
    start: str
    width: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartView:
    """One part of a package: counts in words, and drawn as pips or as a bar."""

    id: int
    name: str
    text: str
    spoken: str
    pips: tuple[str, ...]
    bar: tuple[Stretch, ...]
    free: str


def part_view(part: PartStanding, measure: str, facts: PracticeFacts) -> PartView:
    """Make a part ready to be shown."""
    counts = {name: getattr(part, name) for name in SHOWN}
    few = measure == "sessions" and part.total <= MOST_PIPS
    text = counts_text(part, measure, facts)
    return PartView(
        id=part.part_id,
        name=part.name,
        text=text,
        spoken=f"{part.name}: {text}",
        pips=tuple(name for name in SHOWN for _n in range(counts[name])) if few else (),
        bar=() if few else _bar(counts, part.total),
        free=figure(part.free, measure, facts),
    )


def _bar(counts: dict[str, int], total: int) -> tuple[Stretch, ...]:
    found, at = [], 0
    for name in SHOWN:
        if counts[name] and total:
            start, width = at * 100 / total, counts[name] * 100 / total
            found.append(Stretch(kind=name, start=f"{start:.2f}", width=f"{width:.2f}"))
        at += counts[name]
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingCard:
    """A package in short, for lists and for the patient's page."""

    id: int
    name: str
    url: str
    owner: str
    owner_id: int
    shared: bool
    state: str
    text: str
    until: str
    expires_on: date | None
    parts: tuple[PartView, ...]
    several: bool
    unearned: Money
    price: Money
    price_without_tax: Money | None  # where the tax is not in what is unearned
    owing: Money


def standing_card(member: Member, standing: PackageStanding) -> StandingCard:
    """Make a package ready to be shown in short."""
    practice = member.practice
    parts = tuple(part_view(part, standing.measure, practice) for part in standing.parts)
    return StandingCard(
        id=standing.id,
        name=standing.name,
        url=page_link("package", standing.id) if member.may("packages.view") else "",
        owner=standing.owner_name,
        owner_id=standing.patient_id,
        shared=standing.shared,
        state=standing.state,
        text=counts_text(standing, standing.measure, practice),
        until=until_text(standing),
        expires_on=standing.expires_on,
        parts=parts,
        several=len(parts) > 1,
        unearned=practice.money(standing.unearned_minor),
        price=practice.money(standing.gross_minor),
        price_without_tax=practice.money(standing.net_minor)
        if standing.tax_minor and not standing.tax_at_use
        else None,
        owing=practice.money(max(0, standing.owing_minor)),
    )


def open_cards(member: Member, patient_id: int, now: datetime) -> list[StandingCard]:
    """What a patient has, or may use of others, that is not used up yet; two queries."""
    today = member.practice.day_of(now)
    found = packages_of(practice_id=member.practice_id, patient_id=patient_id, today=today)
    return [standing_card(member, one) for one in found if one.state in OPEN]


def standing_cards(member: Member, standings: Sequence[PackageStanding]) -> list[StandingCard]:
    """The same for several."""
    return [standing_card(member, one) for one in standings]
