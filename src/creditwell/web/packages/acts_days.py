"""How long a package lasts: extend it, pause it, resume it; and sessions for nothing."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from creditwell.packages.queries import PackageStanding
from creditwell.packages.rules import later_by
from creditwell.usecases.add_bonus_sessions import AddBonusSessions, add_bonus_sessions
from creditwell.usecases.extend_package import ExtendPackage, extend_package
from creditwell.usecases.pause_package import (
    PausePackage,
    ResumePackage,
    pause_package,
    resume_package,
)
from creditwell.web.components.formats import day_text
from creditwell.web.door.guard import door
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.packages.act_page import Screen, asked_of, run
from creditwell.web.packages.forms import BonusForm, ExtendForm, PauseForm, ResumeForm, as_units
from creditwell.web.packages.standings import until_text

FORM = require_http_methods(["GET", "HEAD", "POST"])
USUAL_MONTHS = 3
"""What the form suggests: so much later than the last day, or than today."""


@FORM
@door("packages.change")
def package_extend(request: PracticeRequest, pk: int) -> HttpResponse:
    """Give a package a later last day."""
    asked = asked_of(request, pk)
    standing, today = asked.standing, asked.standing.today
    usual = later_by(max(today, standing.expires_on or today), USUAL_MONTHS, "month")
    form = ExtendForm(
        request.POST if asked.posted else None,
        standing=standing,
        practice=request.practice,
        initial={"until": usual},
    )

    def act() -> tuple[str | Promise, str]:
        until: date | None = form.cleaned_data["until"]
        command = ExtendPackage(
            practice_id=request.practice.id,
            key=asked.key,
            by=request.member.actor,
            package_id=pk,
            until=None if form.cleaned_data["endless"] else until,
            reason=form.cleaned_data["reason"],
        )
        extend_package(command, timezone.now())
        if command.until is None:
            return _("The package has no end any more."), ""
        return _("The package is good until %(day)s.") % {"day": day_text(command.until)}, ""

    screen = Screen(
        title=_("Extend the package"),
        lead=_("It can be used for longer. Nothing else changes, and it can be undone."),
        word=_("Extend"),
        notes=(until_text(standing) + ".",),
    )
    return run(asked, form, screen, act)


@FORM
@door("packages.change")
def package_pause(request: PracticeRequest, pk: int) -> HttpResponse:
    """Let a package rest for a while."""
    asked = asked_of(request, pk)
    form = PauseForm(
        request.POST if asked.posted else None,
        standing=asked.standing,
        practice=request.practice,
        initial={"from_on": asked.standing.today},
    )

    def act() -> tuple[str | Promise, str]:
        command = PausePackage(
            practice_id=request.practice.id,
            key=asked.key,
            by=request.member.actor,
            package_id=pk,
            reason=form.cleaned_data["reason"],
            from_on=form.cleaned_data["from_on"],
            resumes_on=form.cleaned_data["resumes_on"],
            release=form.cleaned_data["release"],
        )
        pause_package(command, timezone.now())
        if command.resumes_on is None:
            return _("The package is paused until somebody resumes it."), ""
        return _("Paused; it can be used again on %(day)s.") % {
            "day": day_text(command.resumes_on)
        }, ""

    screen = Screen(
        title=_("Pause the package"),
        lead=_("No visit uses it in the meantime, and it lasts longer by the days of the pause."),
        word=_("Pause"),
    )
    return run(asked, form, screen, act)


@FORM
@door("packages.change")
def package_resume(request: PracticeRequest, pk: int) -> HttpResponse:
    """End a pause today, or take one back that has not begun."""
    asked = asked_of(request, pk)
    form = ResumeForm(
        request.POST if asked.posted else None, standing=asked.standing, practice=request.practice
    )

    def act() -> tuple[str | Promise, str]:
        command = ResumePackage(
            practice_id=request.practice.id,
            key=asked.key,
            by=request.member.actor,
            package_id=pk,
            reason=form.cleaned_data["reason"],
        )
        resume_package(command, timezone.now())
        return _("The package can be used again."), ""

    screen = Screen(
        title=_("Resume the package"),
        lead=_("It can be used again from today. Its last day moves by the days it rested."),
        word=_("Resume"),
        notes=_resumed(asked.standing),
    )
    return run(asked, form, screen, act)


def _resumed(standing: PackageStanding) -> tuple[str, ...]:
    """Since when it rests, and how long it will be good."""
    if standing.paused_on is None:
        return ()
    gaps = {"start": day_text(standing.paused_on)}
    rested = max(0, (standing.today - standing.paused_on).days)
    if not rested:
        return (_("The pause would begin on %(start)s; it is taken back.") % gaps,)
    said = _("It rests since %(start)s.") % gaps
    if standing.expires_on is None:
        return (said,)
    planned = standing.resumes_on - standing.paused_on if standing.resumes_on else timedelta(0)
    until = standing.expires_on - planned + timedelta(days=rested)
    return (said, _("It will be good until %(day)s.") % {"day": day_text(until)})


@FORM
@door("packages.change")
def package_bonus(request: PracticeRequest, pk: int) -> HttpResponse:
    """Add sessions that nothing is paid for."""
    asked = asked_of(request, pk)
    form = BonusForm(
        request.POST if asked.posted else None,
        standing=asked.standing,
        practice=request.practice,
        initial={"units": 1} if asked.standing.measure == "sessions" else {},
    )

    def act() -> tuple[str | Promise, str]:
        command = AddBonusSessions(
            practice_id=request.practice.id,
            key=asked.key,
            by=request.member.actor,
            package_id=pk,
            part_id=int(form.cleaned_data["part"]),
            units=as_units(form.cleaned_data["units"]) or 0,
            reason=form.cleaned_data["reason"],
        )
        add_bonus_sessions(command, timezone.now())
        return _("Added. It is used after everything that was paid for."), ""

    screen = Screen(
        title=_("Add for nothing"),
        lead=_("What is added is worth nothing in the books, and is never refunded."),
        word=_("Add"),
    )
    return run(asked, form, screen, act)
