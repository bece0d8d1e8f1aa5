"""What is done with a membership: pause, resume, cancel, and taking the cancelling back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from creditwell.kernel.errors import Refusal
from creditwell.packages.models import Membership
from creditwell.packages.queries_memberships import MembershipLine, membership_facts
from creditwell.packages.rules_periods import last_membership_day
from creditwell.tenancy.access import access
from creditwell.usecases.cancel_membership import CancelMembership, cancel_membership
from creditwell.usecases.keep_membership import KeepMembership, keep_membership
from creditwell.usecases.pause_membership import PauseMembership, pause_membership
from creditwell.usecases.resume_membership import ResumeMembership, resume_membership
from creditwell.web.components.fields import DayField, Form
from creditwell.web.components.formats import day_text
from creditwell.web.door.guard import door
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.payments.typed import new_key


class PauseForm(Form):
    paused_on = DayField(
        label=_("From"), help_text=_("From this day on no period begins and nothing is invoiced.")
    )
    resumes_on = DayField(
        label=_("It goes on on"),
        required=False,
        help_text=_("Left empty it is paused until somebody resumes it."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)
    key = forms.CharField(widget=forms.HiddenInput, max_length=80, required=False)


class ResumeForm(Form):
    next_on = DayField(
        label=_("The next period begins on"),
        help_text=_("Further periods begin on the same day of the month."),
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=80, required=False)


class CancelForm(Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("It stays with the membership: “Moved away”, “Asked by phone”."),
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=80, required=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """The words of a form: title, what happens, the button, whether it is a grave one."""

    title: str | Promise
    lead: str
    button: str | Promise
    danger: bool = False


@door("memberships.edit")
def membership_pause(request: PracticeRequest, pk: int) -> HttpResponse:
    """Pause it, or change its pause."""
    line, today = _line(request, pk)
    initial = {
        "paused_on": max(line.paused_on or today, today) if not _runs(line) else line.paused_on,
        "resumes_on": line.resumes_on,
    }
    form = PauseForm(request.POST or None, initial={**initial, "key": new_key()})

    def act(data: dict[str, Any]) -> str:
        days = {name: data[name] for name in ("paused_on", "resumes_on", "reason")}
        command = PauseMembership(**_common(request, pk, data), **days)
        pause_membership(command, timezone.now())
        return gettext("The pause is saved.")

    lead = gettext("What was sold stays as it is: sessions of this period can still be used.")
    words = Act(title=_("Pause membership"), lead=lead, button=_("Pause"))
    return _shown(request, line, form, words, act)


def _runs(line: MembershipLine) -> bool:
    return line.paused_on is not None and line.paused_on <= line.today


@door("memberships.edit")
def membership_resume(request: PracticeRequest, pk: int) -> HttpResponse:
    """Let it go on."""
    line, today = _line(request, pk)
    initial = {"next_on": max(line.renews_on, today) if _runs(line) else line.renews_on}
    form = ResumeForm(request.POST or None, initial={**initial, "key": new_key()})

    def act(data: dict[str, Any]) -> str:
        command = ResumeMembership(**_common(request, pk, data), next_on=data["next_on"])
        resume_membership(command, timezone.now())
        day = day_text(data["next_on"])
        return gettext("The membership goes on. Its next period begins on %(day)s.") % {"day": day}

    lead = gettext("Periods that fell into the pause are not made up for.")
    words = Act(title=_("Resume membership"), lead=lead, button=_("Resume"))
    return _shown(request, line, form, words, act)


@door("memberships.edit")
def membership_cancel(request: PracticeRequest, pk: int) -> HttpResponse:
    """End it with its period."""
    line, today = _line(request, pk)
    form = CancelForm(request.POST or None, initial={"key": new_key()})
    last = last_membership_day(line.renews_on, periods_count=line.periods_count, today=today)

    def act(data: dict[str, Any]) -> str:
        command = CancelMembership(**_common(request, pk, data), reason=data["reason"])
        cancel_membership(command, timezone.now())
        return gettext("The membership is cancelled. Its last day is %(day)s.") % {
            "day": day_text(last)
        }

    lead = gettext(
        "Its last day is %(day)s. Nothing is invoiced after it, and what was sold can still be "
        "used as long as it lasts. Until then the cancelling can be taken back."
    ) % {"day": day_text(last)}
    words = Act(title=_("Cancel membership"), lead=lead, button=_("Cancel membership"), danger=True)
    return _shown(request, line, form, words, act)


@require_POST
@door("memberships.edit")
def membership_keep(request: PracticeRequest, pk: int) -> HttpResponse:
    """Take the cancelling back."""
    access(Membership, request.member, pk, "memberships.edit")
    command = KeepMembership(
        practice_id=request.practice.id,
        key=request.POST.get("key", "")[:80],
        by=request.member.actor,
        membership_id=pk,
    )
    try:
        keep_membership(command, timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, gettext("The membership goes on as before."))
    return redirect("membership", pk)


def _line(request: PracticeRequest, pk: int) -> tuple[MembershipLine, date]:
    today = request.practice.day_of(timezone.now())
    facts = membership_facts(practice_id=request.practice.id, membership_id=pk, today=today)
    return facts.line, today


def _common(request: PracticeRequest, pk: int, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "practice_id": request.practice.id,
        "key": data["key"],
        "by": request.member.actor,
        "membership_id": pk,
    }


def _shown(
    request: PracticeRequest,
    line: MembershipLine,
    form: Form,
    words: Act,
    act: Callable[[dict[str, Any]], str],
) -> HttpResponse:
    if form.is_bound and form.is_valid():
        try:
            sentence = act(form.cleaned_data)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, sentence)
            return redirect("membership", line.id)
    context = {"form": form, "line": line, "act": words}
    return render(request, "memberships/act.html", context, status=422 if form.is_bound else 200)
