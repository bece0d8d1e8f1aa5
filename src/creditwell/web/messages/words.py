"""The practice's own words for its messages: a list, and a form with a preview."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from creditwell.integrations.email.kinds import KINDS, Kind, Wording, built_in
from creditwell.integrations.email.templates import (
    LONGEST_BODY,
    LONGEST_SUBJECT,
    SetMessageTemplate,
    Template,
    check,
    set_message_template,
    template_of,
    templates_of,
    tidy,
)
from creditwell.integrations.email.words import Letter, amount, day, letter, limit_words
from creditwell.kernel.errors import NotFound, Refusal
from creditwell.tenancy.access import PracticeFacts
from creditwell.web.components.fields import Form
from creditwell.web.door.guard import door
from creditwell.web.door.requests import PracticeRequest


class WordsForm(Form):
    """Subject and text with gaps; the switch is for messages that go out by themselves."""

    is_enabled = forms.BooleanField(label=gettext_lazy("Send these messages"), required=False)
    subject = forms.CharField(
        label=gettext_lazy("Subject"), max_length=LONGEST_SUBJECT, required=False
    )
    body = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=LONGEST_BODY,
        required=False,
        widget=forms.Textarea({"rows": 14}),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class KindLine:
    name: str
    word: str | Promise
    when: str | Promise
    by_itself: bool
    template: Template


@dataclass(frozen=True, slots=True, kw_only=True)
class GapLine:
    """`text` is what to write; `late`: it cannot stand in the subject."""

    text: str
    meaning: str | Promise
    late: bool


@require_GET
@door("messages.edit")
def words_list(request: PracticeRequest) -> HttpResponse:
    """Every kind of message, with whose words it has; one query."""
    own = templates_of(request.member.practice_id)
    lines = [_kind_line(kind, template_of(kind, own)) for kind in KINDS.values()]
    return render(request, "messages/words.html", {"lines": lines})


@door("messages.edit")
def words_edit(request: PracticeRequest, kind: str) -> HttpResponse:
    """Write the words of a kind, see them filled in, or go back to the built-in ones."""
    if kind not in KINDS:
        raise NotFound
    found, do = KINDS[kind], request.POST.get("do", "save")
    template = template_of(found, templates_of(request.member.practice_id))
    with translation.override(request.practice.locale.replace("_", "-").lower()):
        built = built_in(found, amounts=request.practice.amounts_in_email)
    now_said = template.own or built
    initial = {
        "is_enabled": template.is_enabled,
        "subject": now_said.subject,
        "body": now_said.body,
    }
    form = WordsForm(request.POST or None, initial=initial)
    wording, problem = now_said, ""
    if form.is_bound and form.is_valid():
        wording = tidy(Wording(form.cleaned_data["subject"], form.cleaned_data["body"]))
        if do != "preview":
            answer = _save(request, found, form, reset=do == "reset")
            if answer is not None:
                return answer
    try:
        check(found, wording)
    except Refusal as refusal:
        problem = refusal.sentence
    context = {
        "form": form,
        "line": _kind_line(found, template),
        "gaps": [
            GapLine(text=f"{{{g.name}}}", meaning=g.meaning, late=not g.in_subject)
            for g in found.gaps
        ],
        "preview": None if problem else example(request.practice, found, wording),
        "problem": problem,
        "amounts": request.practice.amounts_in_email,
    }
    if request.htmx:
        return render(request, "messages/words_edit.html#preview", context)
    status = 422 if form.is_bound and do != "preview" else 200
    return render(request, "messages/words_edit.html", context, status=status)


def _save(
    request: PracticeRequest, kind: Kind, form: WordsForm, *, reset: bool
) -> HttpResponse | None:
    """Redirect to the list; None if it was refused, which stands in the form then."""
    data = form.cleaned_data
    command = SetMessageTemplate(
        practice_id=request.member.practice_id,
        by=request.member.actor,
        kind=kind.name,
        subject="" if reset else data["subject"],
        body="" if reset else data["body"],
        is_enabled=data["is_enabled"] or not kind.by_itself,
    )
    try:
        set_message_template(command, timezone.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return None
    messages.success(request, _("The message was saved."))
    return redirect("message_words")


def _kind_line(kind: Kind, template: Template) -> KindLine:
    return KindLine(
        name=kind.name,
        word=kind.word,
        when=kind.when,
        by_itself=kind.by_itself,
        template=template,
    )


def example(practice: PracticeFacts, kind: Kind, wording: Wording) -> Letter:
    """The message as somebody would get it, about people and sums that are made up."""
    with translation.override(practice.locale.replace("_", "-").lower()):
        values = _made_up(practice, timezone.localdate())
        return letter(
            practice, kind.name, {name: values.get(name, "") for name in kind.names}, wording
        )


def _made_up(practice: PracticeFacts, today: date) -> dict[str, str]:
    def money(units: int) -> str:
        whole = practice.money(0)
        return amount(practice, practice.money(units * 10**whole.exponent))

    later = day(practice, today + timedelta(days=14))
    return {
        "name": _("Alex Example"),
        "user": _("Sam Example"),
        "left": _("3 sessions"),
        "first": day(practice, today),
        "last": day(practice, today + timedelta(days=30)),
        "person": _("Kim Example"),
        "role": _("Receptionist"),
        "number": "1042",
        "invoice": "1038",
        "amount": money(120),
        "kept": money(30),
        "owing": money(90),
        "credit": money(30),
        "credit_left": money(45),
        "limit": limit_words(practice, "always", None),
        "day": day(practice, today),
        "since": day(practice, today - timedelta(days=90)),
        "until": day(practice, today),
        "due_on": later,
        "expires_on": later,
        "link": "https://…",
    }
