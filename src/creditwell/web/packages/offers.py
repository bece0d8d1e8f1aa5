"""Which package a visit will use, could use, and why not: said before it is booked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from creditwell.packages import wording
from creditwell.packages.booking import FIRST, NONE, Choice, NoSuchSession
from creditwell.packages.queries import packages_by_id
from creditwell.packages.queries_offers import Offers, Wanted, ahead_of, offers_for
from creditwell.packages.rules import Offer
from creditwell.scheduling.queries import AppointmentBrief
from creditwell.tenancy.access import Member
from creditwell.web.components.formats import day_text, money_text
from creditwell.web.invoices.links import address_of, with_query

NONE_VALUE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferShown:
    """One package to choose: `value` is what a form sends."""

    value: str
    words: str
    name: str
    nth: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hindered:
    """A package that is there and cannot be used, and where to go about it."""

    sentence: str
    pay_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OffersShown:
    usable: tuple[OfferShown, ...] = ()
    hindered: tuple[Hindered, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.usable or self.hindered)


def offers_shown(
    member: Member, wanted: Wanted, starts_at: datetime, *, but_part: int | None = None
) -> OffersShown:
    """
    What a visit at that moment could use, the first in the written order first; without the part
    of a package that it uses already. A few queries.
    """
    offers = offers_for(member.practice, wanted)
    usable = [offer for offer in offers.usable if offer.part_id != but_part]
    ahead = {}
    if usable:
        part_ids = [offer.part_id for offer in usable]
        ahead = ahead_of(practice_id=member.practice_id, part_ids=part_ids, starts_at=starts_at)
    return OffersShown(
        usable=tuple(_shown(member, offer, ahead.get(offer.part_id, 0)) for offer in usable),
        hindered=_hindered(member, offers, wanted),
    )


def offers_for_visit(
    member: Member, one: AppointmentBrief, patient_id: int, *, but_part: int | None = None
) -> OffersShown:
    """The same for a visit that is booked already."""
    wanted = Wanted(
        patient_id=patient_id,
        type_id=one.type_id,
        on=member.practice.day_of(one.starts_at),
        minutes=int((one.ends_at - one.starts_at).total_seconds() // 60),
    )
    return offers_shown(member, wanted, one.starts_at, but_part=but_part)


def choice_of(value: str) -> Choice:
    """
    Read what was chosen; nothing is the first by the rule.

    :raises NoSuchSession: if that can be none of those offered
    """
    if value in ("", NONE_VALUE):
        return NONE if value else FIRST
    package, _colon, part = value.partition("-")
    if not (package.isdecimal() and part.isdecimal() and len(value) < 40):
        raise NoSuchSession
    return Choice(package_id=int(package), part_id=int(part))


def _shown(member: Member, offer: Offer, ahead: int) -> OfferShown:
    practice = member.practice
    nth = wording.nth_of(ahead + offer.units, offer.total_units, offer.measure, practice)
    words = (
        _("session %(nth)s of %(name)s") if offer.measure == "sessions" else _("%(nth)s, %(name)s")
    )
    parts = [words % {"nth": nth, "name": offer.name}]
    if offer.expires_on is not None:
        parts.append(_("good until %(day)s") % {"day": day_text(offer.expires_on)})
    if not offer.own:
        parts.append(_("package of %(name)s") % {"name": offer.owner_name})
    return OfferShown(
        value=f"{offer.package_id}-{offer.part_id}",
        words=", ".join(parts),
        name=offer.name,
        nth=nth,
    )


def _hindered(member: Member, offers: Offers, wanted: Wanted) -> tuple[Hindered, ...]:
    unpaid = _unpaid(member, offers.unpaid, wanted) if offers.unpaid else ()
    short = tuple(Hindered(sentence=_short(member, offer)) for offer in offers.short)
    return (*unpaid, *short)


def _unpaid(member: Member, offers: Sequence[Offer], wanted: Wanted) -> tuple[Hindered, ...]:
    found = packages_by_id(
        practice_id=member.practice_id,
        package_ids=sorted({offer.package_id for offer in offers}),
        today=wanted.on,
    )
    may_pay = member.may("payments.take")
    return tuple(
        Hindered(
            sentence=_("%(name)s can be used once it is paid: %(sum)s is owing.")
            % {
                "name": package.name,
                "sum": money_text(member.practice.money(package.owing_minor)),
            },
            pay_url=with_query(
                address_of("payment_new"),
                patient=package.patient_id,
                invoice=package.invoice_id,
            )
            if may_pay
            else "",
        )
        for package in found.values()
    )


def _short(member: Member, offer: Offer) -> str:
    practice = member.practice
    room = offer.free_units if offer.room_units is None else min(offer.free_units, offer.room_units)
    gaps = {
        "name": offer.name,
        "left": wording.in_words(room, offer.measure, practice),
        "takes": wording.in_words(offer.units, offer.measure, practice),
    }
    if room < offer.free_units:
        return _("Of %(name)s, %(left)s may be used; this visit takes %(takes)s.") % gaps
    return _("%(name)s has %(left)s left; this visit takes %(takes)s.") % gaps
