"""What the list of contacts shows."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from creditwell.people.models import ContactKind
from creditwell.people.queries import ContactLine, find_contacts, list_contacts
from creditwell.tenancy.access import Member

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    show: str
    word: str | Promise
    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactsPage:
    """One page of contacts; a link that leads nowhere is ""."""

    show: str
    text: str
    tabs: tuple[Tab, ...]
    rows: list[ContactLine]
    previous_url: str
    next_url: str
    may_edit: bool


def list_page(member: Member, *, show: str, text: str, number: str) -> ContactsPage:
    """Read one page; two queries at most."""
    words: list[tuple[str, str | Promise]] = [
        ("", _("All")),
        *((kind.value, kind.label) for kind in ContactKind),
        ("archived", _("Archived")),
    ]
    show = show if show in dict(words) else ""
    page = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1
    rows = _rows(member.practice_id, show, text, after=max(0, page - 1) * PAGE_SIZE)
    more = len(rows) > PAGE_SIZE and not text
    return ContactsPage(
        show=show,
        text=text,
        tabs=tuple(Tab(show=name, word=word, here=name == show) for name, word in words),
        rows=rows[:PAGE_SIZE],
        previous_url=_address(show, page - 1) if page > 1 and not text else "",
        next_url=_address(show, page + 1) if more else "",
        may_edit=member.may("patients.edit"),
    )


def _rows(practice_id: int, show: str, text: str, *, after: int) -> list[ContactLine]:
    archived = show == "archived"
    if text:
        return find_contacts(practice_id=practice_id, text=text, limit=PAGE_SIZE, archived=archived)
    return list_contacts(
        practice_id=practice_id,
        kind="" if archived else show,
        archived=archived,
        after=after,
        limit=PAGE_SIZE + 1,
    )


def _address(show: str, page: int) -> str:
    return "?" + urlencode({"show": show, "page": page} if show else {"page": page})
