"""The practice's own words for its messages: read, and changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.integrations.email.gaps import names_in, not_gaps
from creditwell.integrations.email.kinds import KINDS, Kind, Wording, built_in
from creditwell.integrations.email.models import MessageTemplate
from creditwell.kernel.errors import REFUSED_BY, Invalid, NotFound, Refusal
from creditwell.kernel.usecase import usecase
from creditwell.tenancy.access import Actor, practice_facts

LONGEST_SUBJECT, LONGEST_BODY = 200, 5000


class UnknownGap(Invalid):
    """Something stands in braces that is no gap of this kind of message."""

    code = "unknown_gap"

    def __init__(self, found: Iterable[str], param: str) -> None:
        super().__init__(
            _(
                "%(gaps)s cannot be filled in this message. Use only the gaps in the list, "
                "written as there."
            )
            % {"gaps": ", ".join(found)},
            param=param,
        )


class GapNotInSubject(Invalid):
    """Amounts, and what may be empty, do not stand in a subject."""

    code = "gap_not_in_subject"

    def __init__(self, found: Iterable[str]) -> None:
        super().__init__(
            _("%(gaps)s cannot stand in the subject, only in the text.")
            % {"gaps": ", ".join(found)},
            param="subject",
        )


class GapMissing(Invalid):
    """The message would be of no use without it."""

    code = "gap_missing"

    def __init__(self, missing: Iterable[str]) -> None:
        super().__init__(
            _("The text needs %(gaps)s: without it the message is of no use.")
            % {"gaps": ", ".join(missing)},
            param="body",
        )


class WordsMissing(Invalid):
    """A subject without a text, or a text without a subject."""

    code = "words_missing"

    def __init__(self, param: str) -> None:
        sentence = (
            _("Write a subject, or go back to the built-in text.")
            if param == "subject"
            else _("Write a text, or go back to the built-in text.")
        )
        super().__init__(sentence, param=param)


class WordsTooLong(Invalid):
    """Longer than anybody reads."""

    code = "words_too_long"

    def __init__(self, param: str, longest: int) -> None:
        super().__init__(
            _("This is too long. Write at most %(count)s characters.") % {"count": longest},
            param=param,
        )


class ChangedMeanwhile(Refusal):
    """Two people wrote the first words of their own at the same moment."""

    code = "changed_meanwhile"

    def __init__(self) -> None:
        super().__init__(
            _("Somebody else changed this message at the same moment. Look at it, and save again.")
        )


REFUSED_BY["email_template_once"] = ChangedMeanwhile


class AlwaysSent(Invalid):
    """Messages that somebody asks for cannot be switched off: whoever asks would wait in vain."""

    code = "always_sent"

    def __init__(self) -> None:
        super().__init__(
            _("This message is sent only when somebody asks for it. It cannot be switched off."),
            param="is_enabled",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """What holds for a kind of message: `own` None means the built-in words."""

    own: Wording | None = None
    is_enabled: bool = True
    changed_at: datetime | None = None
    changed_by: str = ""


def template_of(kind: Kind, changed: Mapping[str, Template]) -> Template:
    """What holds for a kind: what the practice changed, else what holds at first."""
    return changed.get(kind.name) or Template(is_enabled=not kind.off_at_first)


def templates_of(practice_id: int) -> dict[str, Template]:
    """What the practice changed, by kind; one query."""
    rows = MessageTemplate.objects.filter(practice_id=practice_id).select_related("changed_by")
    return {
        row.kind: Template(
            own=Wording(row.subject, row.body) if row.body else None,
            is_enabled=row.is_enabled,
            changed_at=row.changed_at,
            changed_by=row.changed_by.name if row.changed_by else "",
        )
        for row in rows
    }


def tidy(wording: Wording) -> Wording:
    """One line of subject; line ends of one kind, and none around the text."""
    body = "\n".join(line.rstrip() for line in wording.body.splitlines())
    return Wording(" ".join(wording.subject.split()), body.strip())


def check(kind: Kind, wording: Wording) -> None:
    """
    Refuse words that could not be sent.

    :raises WordsMissing: without a subject or a text
    :raises WordsTooLong: if either is longer than `LONGEST_SUBJECT`, `LONGEST_BODY`
    :raises UnknownGap: naming what stands in braces and is no gap of this kind
    :raises GapNotInSubject: for an amount, or what may be empty, in the subject
    :raises GapMissing: without a gap that the kind needs
    """
    for param, text, longest in (
        ("subject", wording.subject, LONGEST_SUBJECT),
        ("body", wording.body, LONGEST_BODY),
    ):
        if not text:
            raise WordsMissing(param)
        if len(text) > longest:
            raise WordsTooLong(param, longest)
        if unknown := not_gaps(text, kind.names):
            raise UnknownGap(unknown, param)
    early = {gap.name for gap in kind.gaps if not gap.in_subject} & names_in(wording.subject)
    if early:
        raise GapNotInSubject(f"{{{name}}}" for name in sorted(early))
    if missing := [f"{{{name}}}" for name in kind.needs if name not in names_in(wording.body)]:
        raise GapMissing(missing)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetMessageTemplate:
    """
    The words of a kind of message, and whether it is sent. Both texts empty, or as the built-in
    ones are: the built-in words.
    """

    practice_id: int
    by: Actor
    key: str = ""
    kind: str
    subject: str
    body: str
    is_enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageTemplateSet:
    kind: str
    changed: bool


@usecase(MessageTemplateSet)
def set_message_template(command: SetMessageTemplate, now: datetime) -> MessageTemplateSet:
    """
    Change the words or the switch; saying what holds already changes nothing.

    :raises NotFound: if there is no such kind of message
    :raises ChangedMeanwhile: if somebody else did the same at the same moment
    :raises AlwaysSent: if a message that is only sent on request is switched off
    :raises WordsMissing, WordsTooLong, UnknownGap, GapNotInSubject, GapMissing: see `check`
    """
    kind = KINDS.get(command.kind)
    if kind is None:
        raise NotFound
    if not command.is_enabled and not kind.by_itself:
        raise AlwaysSent
    wanted = _wanted(command, kind)
    rows = MessageTemplate.objects.filter(practice_id=command.practice_id, kind=kind.name)
    row = rows.select_for_update().first() or MessageTemplate(
        practice_id=command.practice_id, kind=kind.name, is_enabled=not kind.off_at_first
    )
    new = {"subject": wanted.subject, "body": wanted.body, "is_enabled": command.is_enabled}
    changes = {
        name: [getattr(row, name), value]
        for name, value in new.items()
        if getattr(row, name) != value
    }
    if not changes:
        return MessageTemplateSet(kind=kind.name, changed=False)
    for name, value in new.items():
        setattr(row, name, value)
    row.changed_at, row.changed_by_id = now, command.by.user_id
    row.save()
    note(
        "set_message_template",
        ("message_template", row.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"kind": kind.name, **changes},
    )
    return MessageTemplateSet(kind=kind.name, changed=True)


def _wanted(command: SetMessageTemplate, kind: Kind) -> Wording:
    wording, nothing = tidy(Wording(command.subject, command.body)), Wording("", "")
    amounts = practice_facts(command.practice_id).amounts_in_email
    if wording in (nothing, tidy(built_in(kind, amounts=amounts))):
        return nothing
    check(kind, wording)
    return wording
