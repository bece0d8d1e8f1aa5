"""What the list of patients shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from creditwell.ledger.queries import holders_with
from creditwell.payments.queries_covered import asked_invoices
from creditwell.people.queries import PatientLine, list_patients, patients_of_payers
from creditwell.tenancy.access import Member, PracticeFacts
from creditwell.web.door.links import link_to
from creditwell.web.patients.finding import PatientRow, found_patients, patient_rows

PAGE_SIZE = 50

TABS: tuple[tuple[str, str | Promise], ...] = (
    ("", _("All")),
    ("credit", _("With credit")),
    ("owing", _("Owing")),
    ("archived", _("Archived")),
)
ACCOUNTS = {"credit": "lot", "owing": "invoice"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    show: str
    word: str | Promise
    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """One page of patients; a link that leads nowhere is ""."""

    show: str
    text: str
    tabs: tuple[Tab, ...]
    rows: list[PatientRow]
    first: int
    last: int
    previous_url: str
    next_url: str
    new_url: str
    contacts_url: str


def list_page(member: Member, *, show: str, text: str, number: str, now: datetime) -> ListPage:
    """Read one page: six queries at most, whatever the number of patients."""
    show = show if show in {name for name, _word in TABS} else ""
    page = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1
    after = max(0, page - 1) * PAGE_SIZE
    if text:
        rows = found_patients(member, text, now, limit=PAGE_SIZE + 1, archived=show == "archived")
    else:
        rows = patient_rows(member, _lines(member.practice, show, after, now), now)
    shown = rows[:PAGE_SIZE]
    return ListPage(
        show=show,
        text=text,
        tabs=tuple(Tab(show=name, word=word, here=name == show) for name, word in TABS),
        rows=shown,
        first=after + 1 if shown else 0,
        last=after + len(shown),
        previous_url=_address(show, page - 1) if page > 1 and not text else "",
        next_url=_address(show, page + 1) if len(rows) > PAGE_SIZE and not text else "",
        new_url=link_to("patient_new") if member.may("patients.edit") else "",
        contacts_url=link_to("contacts"),
    )


def _address(show: str, page: int) -> str:
    return "?" + urlencode({"show": show, "page": page} if show else {"page": page})


def _lines(practice: PracticeFacts, show: str, after: int, now: datetime) -> list[PatientLine]:
    if show in ACCOUNTS:
        holders = holders_with(practice_id=practice.id, kind=ACCOUNTS[show])
        if show == "owing":
            holders = _to_be_asked(practice, holders, now)
        return patients_of_payers(
            practice_id=practice.id, payer_ids=holders, after=after, limit=PAGE_SIZE + 1
        )
    return list_patients(
        practice_id=practice.id, archived=show == "archived", after=after, limit=PAGE_SIZE + 1
    )


def _to_be_asked(practice: PracticeFacts, holders: list[int], now: datetime) -> list[int]:
    """Those who owe more than credit could pay: nobody is asked for money that is held already."""
    asked = asked_invoices(practice, holders, on=practice.day_of(now))
    return sorted({one.invoice.payer_id for one in asked if one.rest_minor})
