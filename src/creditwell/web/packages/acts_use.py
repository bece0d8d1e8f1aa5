"""Use a package by hand: without an appointment, or for a visit that has no session yet."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from creditwell.ledger.post import AlreadyReversed
from creditwell.packages.booking import Choice
from creditwell.packages.models import Session
from creditwell.packages.queries_page import CoverableVisit, coverable_visits, share_lines
from creditwell.tenancy.access import access
from creditwell.usecases.cover_visit import CoverVisit, cover_visit
from creditwell.usecases.uncover_visit import UncoverVisit, uncover_visit
from creditwell.usecases.use_session import (
    ReturnSession,
    UseSession,
    return_session,
    use_session,
)
from creditwell.web.components.formats import clock_text, day_short_text
from creditwell.web.door.guard import door
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.packages.act_page import Asked, Screen, asked_of, once, run
from creditwell.web.packages.forms import ActForm, CoverForm, UseForm, as_units

FORM = require_http_methods(["GET", "HEAD", "POST"])


@FORM
@door("packages.use")
def package_use(request: PracticeRequest, pk: int) -> HttpResponse:
    """Use a session that no appointment has."""
    asked = asked_of(request, pk)
    form = UseForm(
        request.POST if asked.posted else None,
        standing=asked.standing,
        practice=request.practice,
        people=_people(asked),
        initial={"on": asked.standing.today},
    )

    def act() -> tuple[str | Promise, str]:
        units = as_units(form.cleaned_data.get("units"))  # sessions are used one by one, unasked
        command = UseSession(
            practice_id=request.practice.id,
            key=asked.key,
            by=request.member.actor,
            package_id=pk,
            part_id=int(form.cleaned_data["part"]),
            patient_id=int(form.cleaned_data["patient"]),
            on=form.cleaned_data["on"],
            units=1 if units is None else units,
            reason=form.cleaned_data["reason"],
        )
        use_session(command, timezone.now())
        return _("Used. It can be taken back on this page."), ""

    screen = Screen(
        title=_("Use without an appointment"),
        lead=_("For somebody who came without one. A booked visit uses its session by itself."),
        word=_("Use it"),
    )
    return run(asked, form, screen, act)


def _people(asked: Asked) -> list[tuple[str, str]]:
    """The owner, and whom they let use it."""
    standing = asked.standing
    shares = share_lines(practice_id=asked.request.practice.id, package_id=standing.id)
    return [
        (str(standing.patient_id), standing.owner_name),
        *((str(one.patient_id), one.name) for one in shares),
    ]


@FORM
@door("packages.use")
def package_cover(request: PracticeRequest, pk: int) -> HttpResponse:
    """Use the package for a visit that has no session yet."""
    asked = asked_of(request, pk)
    visits = coverable_visits(
        practice_id=request.practice.id, package_id=pk, time_zone=request.practice.time_zone
    )
    form = CoverForm(
        request.POST if asked.posted else None,
        standing=asked.standing,
        practice=request.practice,
        visits=[(str(one.attendee_id), _visit_text(asked, one)) for one in visits],
    )

    def act() -> tuple[str | Promise, str]:
        command = CoverVisit(
            practice_id=request.practice.id,
            key=asked.key,
            by=request.member.actor,
            attendee_id=int(form.cleaned_data["visit"]),
            package=Choice(package_id=pk),
        )
        cover_visit(command, timezone.now())
        return _("The visit uses this package now."), ""

    none = _("No visit without a session is booked of a kind that this package covers.")
    screen = Screen(
        title=_("Use it for a visit"),
        lead=_("The visit is covered by the package then, and asks for no money."),
        word=_("Use it for this visit"),
        notes=() if visits else (none,),
    )
    return run(asked, form, screen, act)


def _visit_text(asked: Asked, visit: CoverableVisit) -> str:
    """Tue 24 Nov, 9:00 am, Massage; with whose it is where it is not the owner's."""
    gaps = {
        "day": day_short_text(visit.starts_at),
        "time": clock_text(visit.starts_at),
        "kind": visit.kind,
        "name": visit.patient,
    }
    if visit.patient_id == asked.standing.patient_id:
        return _("%(day)s, %(time)s, %(kind)s") % gaps
    return _("%(day)s, %(time)s, %(kind)s, for %(name)s") % gaps


@FORM
@door("packages.use")
@once
def session_return(request: PracticeRequest, pk: int) -> HttpResponse:
    """
    Give a booked session back, or take a use without an appointment back.

    :raises NotFound: if this practice has no such session
    :raises AlreadyReversed: if it is free, or gone
    """
    session = access(Session, request.member, pk, "packages.use")
    asked = asked_of(request, session.package_id, ended_too=True)
    by_hand = session.attendee_id is None
    if by_hand and session.status != "used":
        raise AlreadyReversed
    form = ActForm(
        request.POST if asked.posted else None, standing=asked.standing, practice=request.practice
    )

    def act() -> tuple[str | Promise, str]:
        practice_id, by = request.practice.id, request.member.actor
        if session.attendee_id is None:
            back = ReturnSession(practice_id=practice_id, key=asked.key, by=by, session_id=pk)
            return_session(back, timezone.now())
            return _("Taken back. The session is free again."), ""
        visit = UncoverVisit(
            practice_id=practice_id, key=asked.key, by=by, attendee_id=session.attendee_id
        )
        uncover_visit(visit, timezone.now())
        return _("Given back. The visit stays, without a package."), ""

    return run(asked, form, _taken_back(by_hand=by_hand), act)


def _taken_back(*, by_hand: bool) -> Screen:
    if by_hand:
        return Screen(
            title=_("Take the use back"),
            lead=_("The session is free again, and what it earned is taken off the books."),
            word=_("Take it back"),
            danger=True,
        )
    return Screen(
        title=_("Give the session back"),
        lead=_("The session is free again. The visit stays, and is invoiced like any other."),
        word=_("Give it back"),
        danger=True,
    )
