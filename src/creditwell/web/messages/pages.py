"""What the pages of messages show: plain data."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from creditwell.integrations.email import queries
from creditwell.integrations.email.kinds import KINDS
from creditwell.integrations.email.queries import MessageLine
from creditwell.tenancy.access import Member
from creditwell.web.door.links import link_to

TABS: dict[str, str | Promise] = {
    "": _("All"),
    "waiting": _("Waiting"),
    "sent": _("Sent"),
    "kept": _("Kept"),
    "failed": _("Failed"),
}
STATES = {"waiting": "queued", "sent": "sent", "kept": "kept", "failed": "failed"}
"""Status of a message -> its state in `components.statuses`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    word: str | Promise
    url: str
    count: int
    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A message in the list."""

    line: MessageLine
    state: str
    kind: str | Promise
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """`can_send` is False while no mail server is set up."""

    tabs: list[Tab]
    status: str
    rows: list[Row]
    any_message: bool
    can_send: bool
    previous_url: str
    next_url: str
    page: int
    settings_url: str
    words_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePage:
    """A message to be read. `hidden_link`: who reads may not have the link that is in it."""

    line: MessageLine
    state: str
    kind: str | Promise
    text: str
    document_url: str
    again_url: str
    may_change_address: bool
    hidden_link: bool
    can_send: bool


def list_page(member: Member, *, status: str, page: int) -> ListPage:
    """Two queries, whatever the number of messages."""
    counts = queries.count_messages(member.practice_id)
    found = queries.list_messages(practice_id=member.practice_id, status=status, page=page)
    counts[""] = sum(counts.values())
    return ListPage(
        tabs=[
            Tab(word=word, url=_url(name), count=counts[name], here=name == status)
            for name, word in TABS.items()
        ],
        status=status,
        rows=[
            Row(
                line=line,
                state=STATES[line.status],
                kind=kind_word(line.kind),
                url=reverse("message", args=[line.id]),
            )
            for line in found.lines
        ],
        any_message=counts[""] > 0,
        can_send=settings.EMAIL_CONFIGURED,
        previous_url=_url(status, page - 1) if page > 1 else "",
        next_url=_url(status, page + 1) if found.more else "",
        page=page,
        settings_url=link_to("settings"),
        words_url=reverse("message_words") if member.may("messages.edit") else "",
    )


def message_page(member: Member, pk: int) -> MessagePage:
    """
    One message; the link of an invitation is only for those who may invite.

    :raises NotFound: if this practice has no such message
    """
    may_invite = member.may("staff.manage")
    found = queries.whole_message(
        practice_id=member.practice_id, message_id=pk, with_links=may_invite
    )
    line = found.line
    return MessagePage(
        line=line,
        state=STATES[line.status],
        kind=kind_word(line.kind),
        text=found.text,
        document_url=reverse("message_document", args=[pk]) if found.has_document else "",
        again_url=reverse("message_again", args=[pk]) if line.status != "waiting" else "",
        may_change_address=line.kind != "invitation",
        hidden_link=line.kind == "invitation" and not may_invite,
        can_send=settings.EMAIL_CONFIGURED,
    )


def kind_word(name: str) -> str | Promise:
    """What a kind is called; the name itself of one that is no more."""
    return KINDS[name].word if name in KINDS else name


def _url(status: str, page: int = 1) -> str:
    asked = {"show": status, "page": str(page) if page > 1 else ""}
    text = urlencode({name: value for name, value in asked.items() if value})
    return reverse("messages") + (f"?{text}" if text else "")
