"""What was written to whom, and the practice's own words for it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, cast

from ninja import Query
from pydantic import AfterValidator, Field
from typing_extensions import TypedDict

from creditwell.api.auth import Call
from creditwell.api.pagination import Listed, Page, page_of
from creditwell.api.routes import Routes
from creditwell.api.shapes import Flag, In, QueryId, Text
from creditwell.integrations.email.kinds import KINDS, Kind, built_in
from creditwell.integrations.email.models import Message
from creditwell.integrations.email.queries import whole_message
from creditwell.integrations.email.templates import (
    AlwaysSent,
    ChangedMeanwhile,
    GapMissing,
    GapNotInSubject,
    SetMessageTemplate,
    Template,
    UnknownGap,
    WordsMissing,
    WordsTooLong,
    set_message_template,
    template_of,
    templates_of,
)
from creditwell.kernel.errors import Invalid, NotFound

messages = Routes("Messages")


def _one_line(value: str) -> str:
    if "\x00" in value or "\n" in value or "\r" in value:
        raise ValueError("A subject is one line")
    return value


class MessageFilters(Page):
    """Which messages."""

    kind: Annotated[str, Field(max_length=20)] | None = None
    status: Annotated[str, Field(pattern="^(waiting|sent|kept|failed)$")] | None = None
    payer_id: QueryId | None = None


class MessageOut(TypedDict):
    """
    An e-mail. `status` is waiting, sent, kept (no mail server is set up) or failed. `document` and
    `document_id` name what goes with it. `worded_at` is when the practice last changed the words
    that it was written with; none: they were the built-in ones.
    """

    id: int
    status: str
    kind: str
    payer_id: int | None
    to: str
    subject: str
    document: str
    document_id: int | None
    error: str
    worded_at: datetime | None
    created_at: datetime
    sent_at: datetime | None


class MessageWhole(MessageOut):
    """The same with its text. Links that open a door are left out."""

    text: str


class GapOut(TypedDict):
    """What may stand in braces in the text of a kind; those with an amount not in its subject."""

    name: str
    meaning: str
    amount: bool


class TemplateOut(TypedDict):
    """The words of a kind of message: `own` says whether the practice wrote them."""

    kind: str
    when: str
    own: bool
    subject: str
    body: str
    is_enabled: bool
    may_be_disabled: bool
    gaps: list[GapOut]
    changed_at: datetime | None


class TemplatesOut(TypedDict):
    """Every kind of message."""

    data: list[TemplateOut]


class TemplateIn(In):
    """New words; both empty: the built-in ones again."""

    kind: Annotated[str, Field(max_length=20)]
    subject: Annotated[str, Field(max_length=1000), AfterValidator(_one_line)] = ""
    body: Text = ""
    is_enabled: Flag = True


COLUMNS = tuple(MessageOut.__annotations__)


@messages.get("/messages", needs="messages.view")
def list_messages(call: Call, filters: Query[MessageFilters]) -> Listed[MessageOut]:
    """List what was written, whether or not it could be sent."""
    wanted: dict[str, Any] = {
        "kind": filters.kind,
        "status": filters.status,
        "payer_id": filters.payer_id,
    }
    chosen = {name: value for name, value in wanted.items() if value is not None}
    rows = Message.objects.filter(practice_id=call.practice_id, **chosen).values(*COLUMNS)
    return page_of(rows, filters, lambda found: [cast(MessageOut, dict(row)) for row in found])


@messages.get("/messages/{message_id}", needs="messages.view")
def get_message(call: Call, message_id: QueryId) -> MessageWhole:
    """Look a message up, with its text."""
    row = (
        Message.objects.filter(practice_id=call.practice_id, pk=message_id).values(*COLUMNS).first()
    )
    if row is None:
        raise NotFound
    whole = whole_message(practice_id=call.practice_id, message_id=message_id, with_links=False)
    return cast(MessageWhole, {**row, "text": whole.text})


@messages.get("/message_templates", needs="messages.edit")
def list_message_templates(call: Call) -> TemplatesOut:
    """List the words of every kind of message."""
    own = templates_of(call.practice_id)
    return {"data": [_shown(call, kind, template_of(kind, own)) for kind in KINDS.values()]}


@messages.put(
    "/message_templates",
    needs="messages.edit",
    refuses=(
        NotFound,
        Invalid,
        WordsMissing,
        WordsTooLong,
        UnknownGap,
        GapNotInSubject,
        GapMissing,
        AlwaysSent,
        ChangedMeanwhile,
    ),
)
def put_message_template(call: Call, body: TemplateIn) -> TemplateOut:
    """Change the words of a kind of message, or switch it off."""
    command = SetMessageTemplate(
        practice_id=call.practice_id,
        by=call.by,
        key=call.key,
        kind=body.kind,
        subject=body.subject,
        body=body.body,
        is_enabled=body.is_enabled,
    )
    set_message_template(command, call.now)
    kind = KINDS[body.kind]
    return _shown(call, kind, template_of(kind, templates_of(call.practice_id)))


def _shown(call: Call, kind: Kind, template: Template) -> TemplateOut:
    words = template.own or built_in(kind, amounts=call.practice.amounts_in_email)
    return {
        "kind": kind.name,
        "when": str(kind.when),
        "own": template.own is not None,
        "subject": words.subject,
        "body": words.body,
        "is_enabled": template.is_enabled,
        "may_be_disabled": kind.by_itself,
        "gaps": [
            {"name": gap.name, "meaning": str(gap.meaning), "amount": gap.amount}
            for gap in kind.gaps
        ],
        "changed_at": template.changed_at,
    }
