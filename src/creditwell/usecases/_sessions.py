"""What becomes of a visit's session when something becomes of the visit."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from creditwell.invoicing.queries import billed_visits
from creditwell.kernel.errors import Refusal
from creditwell.outbox.emit import emit
from creditwell.packages import booking, forfeiting, using
from creditwell.packages.forfeiting import BY_RULE, Keeping
from creditwell.packages.holding import hold_for_visits, require_held
from creditwell.packages.models import PackageAct, Session
from creditwell.scheduling import operations
from creditwell.scheduling.models import Appointment, Attendee, CancelReason
from creditwell.tenancy.access import Actor, PracticeFacts, Written
from creditwell.usecases._last_session import tell_last_session

WHOLE = 100


class VisitBilled(Refusal):
    """A visit is paid for once: by its invoice, or by a package."""

    code = "visit_billed"

    def __init__(self) -> None:
        super().__init__(
            _(
                "This visit has an invoice already, so it uses no session. Void or credit that "
                "invoice first, then use the package."
            ),
            param="attendee",
        )


def refuse_billed(practice: PracticeFacts, attendee: Attendee) -> None:
    """
    Let a visit have a session only if no invoice asks for it.

    :raises VisitBilled: if one does
    """
    if billed_visits(practice_id=practice.id, attendee_ids=[attendee.pk]):
        raise VisitBilled


def lock_with_people(*, practice_id: int, appointment_id: int) -> tuple[PracticeFacts, Appointment]:
    """
    Hold an appointment, and before it everybody whose sessions its visits have or could have.

    :raises NotFound: if this practice has no such appointment
    :raises ChangedMeanwhile: if it was changed by somebody else at that moment
    """
    visits = Attendee.objects.filter(practice_id=practice_id, appointment_id=appointment_id)
    ids = list(visits.values_list("pk", flat=True))
    facts = hold_for_visits(practice_id=practice_id, attendee_ids=ids)
    appointment = operations.lock_appointment(
        practice_id=practice_id, appointment_id=appointment_id
    )
    require_held(practice_id=practice_id, attendee_ids=ids, appointment_ids=[appointment_id])
    return facts, appointment


def book(
    practice: PracticeFacts, attendee: Attendee, choice: booking.Choice, *, written: Written
) -> int | None:
    """Give a visit its session; returns the package's id, or None. Raises as `book_session`."""
    session_id = booking.book_session(practice, attendee, choice=choice, written=written)
    if session_id is None:
        return None
    return Session.objects.values_list("package_id", flat=True).get(
        practice_id=practice.id, pk=session_id
    )


def came(practice: PracticeFacts, attendee: Attendee, *, by: Actor, now: datetime) -> None:
    """The patient is here (or was): the booked session is used."""
    session = booking.session_of(practice_id=practice.id, attendee_id=attendee.pk)
    written = Written(by, now)
    if session is None or session.status == "used":
        return
    if session.status == "forfeited":
        if session.kept_percent < WHOLE:
            return  # its rest was given back already
        using.take_back(practice, session, written=written)
    visit_on = practice.day_of(attendee.appointment.starts_at)
    using.earn(practice, session, using.USE, visit_on=visit_on, written=written)
    emit(
        "session.used",
        {"session_id": session.pk, "package_id": session.package_id},
        practice_id=practice.id,
        at=now,
    )
    tell_last_session(practice, session.package, now)


def did_not_come(
    practice: PracticeFacts,
    attendee: Attendee,
    keeping: Keeping,
    *,
    by: Actor,
    now: datetime,
) -> int | None:
    """
    Nobody came: keep of the session what the package's rule says. Returns the percentage, or None
    if the visit has no session.
    """
    session = booking.session_of(practice_id=practice.id, attendee_id=attendee.pk)
    written = Written(by, now)
    if session is None or session.status == "forfeited":
        return None
    if session.status == "used":
        using.take_back(practice, session, written=written)
    return forfeiting.keep(
        practice,
        session,
        keeping,
        by_rule_percent=session.package.no_show_percent,
        visit_on=practice.day_of(attendee.appointment.starts_at),
        written=written,
    )


def cancelled(
    practice: PracticeFacts,
    attendee: Attendee,
    keeping: Keeping = BY_RULE,
    *,
    by: Actor,
    now: datetime,
) -> int | None:
    """
    The visit is cancelled: keep of the session what the rule of notice says; nothing when it was
    the practice that cancelled. Returns the percentage, or None if the visit has no session.
    """
    session = booking.session_of(practice_id=practice.id, attendee_id=attendee.pk)
    if session is None or session.status == "forfeited":
        return None
    written = Written(by, now)
    if session.status == "used":
        using.take_back(practice, session, written=written)
    starts_at = attendee.appointment.starts_at
    by_rule = forfeiting.rule_for_cancel(session.package, starts_at=starts_at, now=now)
    if attendee.cancel_reason == CancelReason.PRACTICE:
        by_rule = 0
    return forfeiting.keep(
        practice,
        session,
        keeping,
        by_rule_percent=by_rule,
        visit_on=practice.day_of(starts_at),
        written=written,
    )


def came_back(
    practice: PracticeFacts, attendee: Attendee, *, was: str, by: Actor, now: datetime
) -> None:
    """
    The visit is booked again. What it used or forfeited is booked for it again; of a cancelled
    visit that gave its session back, the next one is.
    """
    written = Written(by, now)
    session = booking.session_of(practice_id=practice.id, attendee_id=attendee.pk)
    if session is None:
        if was == Attendee.Status.CANCELLED and _had_one(practice.id, attendee.pk):
            booking.book_session(practice, attendee, written=written)
    elif session.status in {"used", "forfeited"} and session.kept_percent == WHOLE:
        using.take_back(practice, session, written=written)


def _had_one(practice_id: int, attendee_id: int) -> bool:
    return PackageAct.objects.filter(practice_id=practice_id, visit_id=attendee_id).exists()


def removed(practice: PracticeFacts, attendee: Attendee, *, by: Actor, now: datetime) -> None:
    """
    The visit is taken off the record: its booked session is free.

    :raises NotAllowedNow: if part of a session was kept for it, which is history
    """
    session = booking.session_of(practice_id=practice.id, attendee_id=attendee.pk)
    if session is not None and session.status != "booked":
        raise operations.NotAllowedNow(
            _("Part of a session was kept for this visit, so it stays. Cancel it instead.")
        )
    if session is not None:
        booking.give_back(practice, session, written=Written(by, now))


def moved(
    practice: PracticeFacts,
    appointment: Appointment,
    *,
    by: Actor,
    now: datetime,
    retyped: bool = False,
) -> None:
    """An appointment went to another day, or became one of another length or kind (`retyped`)."""
    for attendee in appointment.attendees.filter(status="booked").order_by("id"):
        attendee.appointment = appointment
        booking.rebook(practice, attendee, written=Written(by, now), retyped=retyped)


def taken_off(
    practice: PracticeFacts, attendee: Attendee, *, by: Actor, now: datetime
) -> int | None:
    """
    Free the booked or used session of a visit; returns its package, or None without one. A session
    of which part was kept stays forfeited, for its rest was given back: the visit has none then.
    """
    session = booking.session_of(practice_id=practice.id, attendee_id=attendee.pk)
    if session is None:
        return None
    if session.status == "forfeited":
        Session.objects.filter(practice_id=practice.id, pk=session.pk).update(attendee_id=None)
        return session.package_id
    written = Written(by, now)
    if session.status == "used":
        using.take_back(practice, session, written=written)
    booking.give_back(practice, session, written=written)
    return session.package_id
