"""Sessions for visits: taken from a package, given back to it. Whoever calls holds the payers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from creditwell.kernel.errors import REFUSED_BY, Invalid, Refusal
from creditwell.kernel.rows import insert_row
from creditwell.packages.acts import Line, write_act
from creditwell.packages.holding import LIVE
from creditwell.packages.models import ActKind, Session
from creditwell.packages.queries_offers import Offers, Wanted, covers, offers_for
from creditwell.packages.rules import Offer, Share, open_on, take_off
from creditwell.packages.selling import Place, session_row
from creditwell.packages.stretches import PAID_FIRST, columns_of, share_of_row
from creditwell.scheduling.models import Attendee
from creditwell.tenancy.access import PracticeFacts, Written


class SessionGone(Refusal):
    """The session was taken by another visit a moment ago."""

    code = "session_gone"

    def __init__(self) -> None:
        super().__init__(
            _("The session was taken by another visit a moment ago. Nothing was saved; look again.")
        )


class NoSuchSession(Invalid):
    """The package that was chosen cannot be used for this visit."""

    code = "no_such_session"

    def __init__(self) -> None:
        super().__init__(
            _(
                "This package has no session for this visit (any more). Choose another one, or "
                "book without a package."
            ),
            param="package",
        )


class LimitReached(NoSuchSession):
    """Somebody else's package was shared up to a limit, and the visit would go beyond it."""

    code = "limit_reached"

    def __init__(self) -> None:
        super().__init__()
        self.sentence = _(
            "The owner lets this patient use only so much of the package, and all of that is used "
            "or booked. Raise the limit on the package’s page, or book without a package."
        )


class VisitHasSession(Refusal):
    """A visit uses one session of one package."""

    code = "visit_has_session"

    def __init__(self) -> None:
        super().__init__(_("This visit has a session of a package already. Give that back first."))


REFUSED_BY["packages_session_taken"] = SessionGone
REFUSED_BY["packages_session_once_per_visit"] = VisitHasSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """
    Which package a visit uses: the first in the written order, or the one named; with `none`, none
    at all. The choice of a package that the visit cannot use is refused.
    """

    none: bool = False
    package_id: int | None = None
    part_id: int | None = None


FIRST = Choice()
NONE = Choice(none=True)


def wanted_by(practice: PracticeFacts, attendee: Attendee) -> Wanted:
    """What a visit asks of a package."""
    appointment = attendee.appointment
    length = appointment.ends_at - appointment.starts_at
    return Wanted(
        patient_id=attendee.patient_id,
        type_id=appointment.appointment_type_id,
        on=practice.day_of(appointment.starts_at),
        minutes=int(length.total_seconds() // 60),
    )


def book_session(
    practice: PracticeFacts, attendee: Attendee, *, choice: Choice = FIRST, written: Written
) -> int | None:
    """
    Give a visit its session; returns the session, or None if no package is good for it.

    :raises NoSuchSession: if the package that was named cannot be used
    :raises LimitReached: if it may not be used any further by this patient
    :raises SessionGone: if somebody else was faster
    """
    if choice.none:
        return None
    offer = _chosen(offers_for(practice, wanted_by(practice, attendee)), choice)
    if offer is None:
        return None
    session_id = _take(practice, offer, attendee, written)
    write_act(
        practice.id,
        Line(
            package_id=offer.package_id,
            kind=ActKind.BOOKED,
            on=practice.day_of(written.at),
            session_id=session_id,
            visit_id=attendee.pk,
            details={"visit_on": practice.day_of(attendee.appointment.starts_at).isoformat()},
        ),
        written,
    )
    return session_id


def _chosen(offers: Offers, choice: Choice) -> Offer | None:
    if choice.package_id is None:
        return offers.usable[0] if offers.usable else None
    for offer in offers.usable:
        if _is(offer, choice):
            return offer
    if any(_is(offer, choice) and not offer.has_room for offer in offers.short):
        raise LimitReached
    raise NoSuchSession


def _is(offer: Offer, choice: Choice) -> bool:
    return offer.package_id == choice.package_id and choice.part_id in (None, offer.part_id)


def _take(practice: PracticeFacts, offer: Offer, attendee: Attendee, written: Written) -> int:
    place = Place(
        practice_id=practice.id, package_id=offer.package_id, since_on=date.min, at=written.at
    )
    units = 1 if offer.measure == "sessions" else offer.units
    session_id = pick(practice, place, offer.part_id, units, measure=offer.measure)
    # Whoever was faster has it: the payer is held, and this asks all the same.
    one = Session.objects.filter(practice_id=practice.id, pk=session_id, status="free")
    whose = {"attendee_id": attendee.pk, "patient_id": attendee.patient_id}
    if one.update(status="booked", **whose) != 1:
        raise SessionGone
    return session_id


def pick(practice: PracticeFacts, place: Place, part_id: int, units: int, *, measure: str) -> int:
    """
    A free session of a part, or a row of its own for so many of its minutes (or so much money).

    :raises SessionGone: if there is none, or less
    """
    free = Session.objects.filter(
        practice_id=practice.id,
        package_id=place.package_id,
        part_id=part_id,
        status="free",
        units__gt=0,
    ).order_by(PAID_FIRST, "id")
    if measure == "sessions":
        session_id = free.values_list("pk", flat=True).first()
        if session_id is None:
            raise SessionGone
        return session_id
    taken = take_units(practice, list(free.select_for_update()), units)
    where = replace(place, since_on=taken.since_on)
    return insert_row(Session, session_row(where, part_id, taken.share))


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A stretch taken off free rows; its value stands in the account since a day."""

    share: Share
    since_on: date


def take_units(practice: PracticeFacts, rows: Sequence[Session], units: int) -> Taken:
    """
    Take so many units off free rows (minutes or money), the first ones first.

    :raises SessionGone: if there is less
    """
    if sum(row.units for row in rows) < units:
        raise SessionGone
    value = tax = bonus = 0
    since_on, rest = date.min, units
    for row in rows:
        part = min(rest, row.units)
        if part == 0:
            break
        goes, stays = take_off(share_of_row(practice, row), part)
        value, tax, bonus = value + goes.value.minor, tax + goes.tax.minor, bonus + goes.bonus
        since_on, rest = max(since_on, row.since_on), rest - part
        Session.objects.filter(practice_id=practice.id, pk=row.pk).update(**columns_of(stays))
    share = Share(units=units, value=practice.money(value), tax=practice.money(tax), bonus=bonus)
    return Taken(share=share, since_on=since_on)


def session_of(
    *, practice_id: int, attendee_id: int, states: Sequence[str] = LIVE
) -> Session | None:
    """The session of a visit, with its package, held; None if it has none in these states."""
    return (
        Session.objects.select_for_update(of=("self",))
        .select_related("package__tax_rate", "part")
        .filter(practice_id=practice_id, attendee_id=attendee_id, status__in=states)
        .first()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why a session goes back: what the rule said (percent kept), and the reason of a waiver."""

    reason: str = ""
    by_rule_percent: int = 0
    details: dict[str, Any] | None = None


def give_back(
    practice: PracticeFacts, session: Session, *, written: Written, why: Why | None = None
) -> None:
    """Make a booked session free again; the visit has none then."""
    assert session.status == "booked", session.status
    why = why or Why()
    visit_id = session.attendee_id
    assert visit_id is not None, session.pk
    changed = Session.objects.filter(
        practice_id=practice.id, pk=session.pk, status="booked", attendee_id=visit_id
    ).update(status="free", attendee_id=None, patient_id=None)
    assert changed == 1, session.pk
    details: dict[str, Any] = dict(why.details or {})
    if why.by_rule_percent:
        details["waived_percent"] = why.by_rule_percent
    write_act(
        practice.id,
        Line(
            package_id=session.package_id,
            kind=ActKind.GIVEN_BACK,
            on=practice.day_of(written.at),
            session_id=session.pk,
            visit_id=visit_id,
            reason=why.reason,
            details=details,
        ),
        written,
    )
    session.status, session.attendee_id, session.patient_id = "free", None, None


def rebook(
    practice: PracticeFacts, attendee: Attendee, *, written: Written, retyped: bool = False
) -> bool:
    """
    A visit went to another day, or became another kind of visit (`retyped`): it keeps its session
    if that is still good for it, else it gives it back and takes another, of the same package if
    that has one, for somebody may have chosen it. A visit without one stays without, for that was
    somebody's choice. Returns whether it has one.
    """
    session = session_of(practice_id=practice.id, attendee_id=attendee.pk, states=["booked"])
    if session is None:
        return False
    wanted = wanted_by(practice, attendee)
    if _still_good(practice, session, wanted) and not (
        retyped and session.package.measure == "money"
    ):
        return True
    give_back(practice, session, written=written)
    same = Choice(package_id=session.package_id)
    try:
        return book_session(practice, attendee, choice=same, written=written) is not None
    except NoSuchSession:
        return book_session(practice, attendee, written=written) is not None


def _still_good(practice: PracticeFacts, session: Session, wanted: Wanted) -> bool:
    package = session.package
    if package.measure == "minutes" and session.units != wanted.minutes:
        return False
    return open_on(
        wanted.on,
        expires_on=package.expires_on,
        paused_on=package.paused_on,
        resumes_on=package.resumes_on,
    ) and covers(practice_id=practice.id, part_id=session.part_id, type_id=wanted.type_id)
