"""What the list of invoices shows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creditwell.invoicing.queries_document import number_text
from creditwell.invoicing.queries_list import (
    STATES,
    InvoiceRow,
    StateSum,
    Wanted,
    list_invoices,
    sums_by_state,
)
from creditwell.money.money import Money
from creditwell.payments.queries_covered import asked_invoices
from creditwell.people.queries import find_patients
from creditwell.scheduling.queries import locations_of, practitioners_of
from creditwell.tenancy.access import Member, PracticeFacts
from creditwell.web.components.fields import DayField, Form
from creditwell.web.components.statuses import STATUSES
from creditwell.web.invoices.forms import id_of

PAGE = 50
MOST_PATIENTS = 200
UNCOUNTED = ("draft", "void")
"""States whose sums are in no total: nothing is asked by them."""


class FilterForm(Form):
    """The filters above the list; what cannot be read is left out of account and said so."""

    q = forms.CharField(label=gettext_lazy("Number or patient"), required=False, max_length=80)
    since = DayField(label=gettext_lazy("Issued from"), required=False)
    until = DayField(label=gettext_lazy("Issued until"), required=False)
    practitioner = forms.ChoiceField(label=gettext_lazy("Practitioner"), required=False)
    location = forms.ChoiceField(label=gettext_lazy("Location"), required=False)

    def __init__(self, *args: Any, practice_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = practitioners_of(practice_id=practice_id, archived=True)
        places = locations_of(practice_id=practice_id)
        for name, rows in (("practitioner", people), ("location", places)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("All")), *((str(row.id), row.name) for row in rows)]
        self.fields["q"].widget.attrs["type"] = "search"


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: its address, its word, how many it holds."""

    url: str
    word: str
    count: int
    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLine:
    """One invoice of the list, ready to show."""

    id: int
    number: str
    what: str
    more: int
    patient_id: int
    patient: str
    bill_to: str
    issued_on: date | None
    state: str
    days_over: int
    total: Money
    owing: Money
    credit: Money | None  # what could pay of it: the payer's, and what others let them use

    @property
    def net_owing(self) -> Money | None:
        """What its payer would still owe of it once that credit is used."""
        return None if self.credit is None else self.owing - self.credit


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """The list of invoices."""

    filters: FilterForm
    show: str
    tabs: tuple[Tab, ...]
    lines: tuple[ListLine, ...]
    shown: StateSum
    total: Money
    owing: Money
    part_of_sum: bool  # drafts or void invoices are shown that the sums leave out
    first: int
    last: int
    previous: str
    next: str
    csv: str
    ever: bool  # whether the practice has any invoice
    filtered: bool


def wanted_of(member: Member, form: FilterForm, now: datetime) -> Wanted:
    """The question to the books that the filters ask."""
    practice = member.practice
    form.is_valid()  # what cannot be read is missing from cleaned_data
    data = form.cleaned_data
    text = data.get("q", "").strip()
    number, patients = searched(practice, text)
    return Wanted(
        practice_id=practice.id,
        today=practice.day_of(now),
        number=number,
        patient_ids=patients,
        since=data.get("since"),
        until=data.get("until"),
        practitioner_id=id_of(data.get("practitioner", "")),
        location_id=id_of(data.get("location", "")),
    )


def searched(practice: PracticeFacts, text: str) -> tuple[int | None, tuple[int, ...] | None]:
    """What was typed as a number (with or without the prefix) and as a patient; None: nothing."""
    if not text:
        return None, None
    bare = text.removeprefix(practice.invoice_prefix) if practice.invoice_prefix else text
    digits = re.fullmatch(r"#?\s*0*(\d{1,15})", bare.strip())
    found = find_patients(practice_id=practice.id, text=text, limit=MOST_PATIENTS, archived=True)
    return int(digits[1]) if digits else None, tuple(one.id for one in found)


def show_of(data: Mapping[str, str]) -> str:
    """The tab that is asked for; "" is all."""
    show = data.get("show", "")
    return show if show in STATES else ""


def list_page(member: Member, data: Mapping[str, str], now: datetime) -> ListPage:
    """One page of the list; twelve queries at most, whatever the practice's size."""
    practice = member.practice
    form = FilterForm(data, practice_id=practice.id)
    wanted = wanted_of(member, form, now)
    show = show_of(data)
    sums = sums_by_state(wanted)
    shown = sums[show] if show else _sum(sums.values())
    counted = sums[show] if show else _sum(sums[s] for s in STATES if s not in UNCOUNTED)
    page = max(id_of(data.get("page", "")) or 1, 1)
    after = min((page - 1) * PAGE, max(shown.count - 1, 0) // PAGE * PAGE)
    page = after // PAGE + 1
    rows = list_invoices(wanted, state=show, after=after, limit=PAGE)
    filters = {name: data[name] for name in form.fields if data.get(name)}
    return ListPage(
        filters=form,
        show=show,
        tabs=_tabs(sums, show, filters),
        lines=_lines(practice, rows, wanted.today),
        shown=shown,
        total=practice.money(counted.total_minor),
        owing=practice.money(counted.owing_minor),
        part_of_sum=not show and any(sums[state].count for state in UNCOUNTED),
        first=after + 1,
        last=after + len(rows),
        previous=_address(show, filters, page - 1) if page > 1 else "",
        next=_address(show, filters, page + 1) if after + PAGE < shown.count else "",
        csv="?" + urlencode({**({"show": show} if show else {}), **filters}),
        ever=bool(shown.count) or bool(filters) or any(one.count for one in sums.values()),
        filtered=bool(filters),
    )


def _sum(parts: Any) -> StateSum:
    result = StateSum()
    for part in parts:
        result = result + part
    return result


def _tabs(sums: dict[str, StateSum], show: str, filters: dict[str, str]) -> tuple[Tab, ...]:
    everything = Tab(_address("", filters), _("All"), _sum(sums.values()).count, not show)
    return (
        everything,
        *(
            Tab(
                _address(state, filters),
                str(STATUSES[state].word),
                sums[state].count,
                state == show,
            )
            for state in STATES
        ),
    )


def _address(show: str, filters: dict[str, str], page: int = 1) -> str:
    asked = {"show": show} if show else {}
    return "?" + urlencode({**asked, **filters, **({"page": str(page)} if page > 1 else {})})


def _lines(practice: PracticeFacts, rows: list[InvoiceRow], today: date) -> tuple[ListLine, ...]:
    owing = {row.payer_id for row in rows if row.owing_minor}
    covered = {
        asked.invoice.id: asked.covered_minor for asked in asked_invoices(practice, owing, on=today)
    }
    return tuple(_line(practice, row, covered.get(row.id, 0), today) for row in rows)


def _line(practice: PracticeFacts, row: InvoiceRow, credit: int, today: date) -> ListLine:
    late = (today - row.due_on).days if row.state == "overdue" and row.due_on else 0
    return ListLine(
        id=row.id,
        number=number_text(practice, row.number),
        what=row.what,
        more=row.more,
        patient_id=row.patient_id,
        patient=row.patient,
        bill_to=row.bill_to,
        issued_on=row.issued_on,
        state=row.state,
        days_over=late,
        total=practice.money(row.total_minor),
        owing=practice.money(row.owing_minor),
        credit=practice.money(credit) if credit else None,
    )
