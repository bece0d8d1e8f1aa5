"""Read what was written to whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from creditwell.integrations.email.documents import Paper, paper_of
from creditwell.integrations.email.links import full_text
from creditwell.integrations.email.models import Message
from creditwell.integrations.email.words import LINK
from creditwell.kernel.errors import NotFound

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLine:
    """One line of the list; `who` is the payer's name, '' when it went to no payer."""

    id: int
    status: str
    kind: str
    to: str
    who: str
    subject: str
    error: str
    created_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePage:
    """One page of the list: at most `PAGE` lines, and whether more follow."""

    lines: list[MessageLine]
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeMessage:
    """A message to be read: with its text, and whether a document goes with it."""

    line: MessageLine
    text: str
    has_document: bool


def list_messages(*, practice_id: int, status: str = "", page: int = 1) -> MessagePage:
    """Messages of a status ('' is any), newest first; one query."""
    found = Message.objects.filter(practice_id=practice_id)
    if status:
        found = found.filter(status=status)
    first = (page - 1) * PAGE
    rows = found.select_related("payer").order_by("-created_at", "-id")[first : first + PAGE + 1]
    lines = [_line(row) for row in rows]
    return MessagePage(lines=lines[:PAGE], more=len(lines) > PAGE)


def count_messages(practice_id: int) -> dict[str, int]:
    """How many there are of each status; one query."""
    counts = Message.objects.filter(practice_id=practice_id).values_list("status")
    found = dict(counts.annotate(n=Count("pk")).order_by("status"))
    return {status: found.get(status, 0) for status in Message.Status.values}


def whole_message(*, practice_id: int, message_id: int, with_links: bool) -> WholeMessage:
    """
    One message; links that open a door are shown only `with_links`. At most four queries.

    :raises NotFound: if this practice has no such message
    """
    row = _one(practice_id, message_id)
    text = full_text(row) if with_links else row.text.replace(LINK, "…")
    return WholeMessage(line=_line(row), text=text, has_document=bool(row.document))


def paper_of_message(*, practice_id: int, message_id: int) -> Paper:
    """
    The document that goes with a message, as the books have it now.

    :raises NotFound: if there is no such message, or no document with it
    """
    paper = paper_of(_one(practice_id, message_id))
    if paper is None:
        raise NotFound
    return paper


def _one(practice_id: int, message_id: int) -> Message:
    found = Message.objects.filter(practice_id=practice_id, pk=message_id)
    row = found.select_related("payer").first()
    if row is None:
        raise NotFound
    return row


def _line(row: Message) -> MessageLine:
    return MessageLine(
        id=row.pk,
        status=row.status,
        kind=row.kind,
        to=row.to,
        who=row.payer.name if row.payer else "",
        subject=row.subject,
        error=row.error,
        created_at=row.created_at,
        sent_at=row.sent_at,
    )
