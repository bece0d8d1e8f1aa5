"""The list of patients in credit as a page shows it, and as CSV."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from creditwell.money.money import Money
from creditwell.payments.queries_in_credit import (
    SORTS,
    InCredit,
    InCreditList,
    Wanted,
    patients_in_credit,
)
from creditwell.tenancy.access import PracticeFacts
from creditwell.web.components.fields import MoneyField
from creditwell.web.components.spreadsheet import csv_answer
from creditwell.web.reports.asked import Asked, address, day_of, page_number

SIZE = 50


@dataclass(frozen=True, slots=True)
class Column:
    """A heading that sorts; `here` when the list is sorted by it."""

    name: str
    word: str
    url: str
    here: bool
    figure: bool
    wide: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditList:
    """The list as shown."""

    wanted: Wanted
    minimum: str  # as typed
    day_error: str
    minimum_error: str
    found: InCreditList
    columns: tuple[Column, ...]
    patients: tuple[InCredit, ...]
    first: int
    last: int
    previous: str
    next: str
    csv_url: str

    @property
    def net(self) -> Money:
        return self.found.credit - self.found.owing


def credit_list(practice: PracticeFacts, asked: Asked, today: date) -> CreditList:
    """Put the page together; one query."""
    wanted, day_error, minimum_error = read_wanted(practice, asked)
    number = page_number(asked)
    after = (number - 1) * SIZE
    found = patients_in_credit(practice, wanted, today, after=after, limit=SIZE)
    minimum = asked.get("minimum", "")[:20]
    here = {"as_of": wanted.as_of, "minimum": "" if minimum_error else minimum}
    sort = "" if wanted.sort == "credit" else wanted.sort
    return CreditList(
        wanted=wanted,
        minimum=minimum,
        day_error=day_error,
        minimum_error=minimum_error,
        found=found,
        columns=_columns(wanted.sort, here),
        patients=found.patients,
        first=after + 1,
        last=after + len(found.patients),
        previous=address(**here, sort=sort, page=number - 1) if number > 1 else "",
        next=address(**here, sort=sort, page=number + 1) if after + SIZE < found.count else "",
        csv_url=reverse("in_credit_csv") + address(**here, sort=sort),
    )


def read_wanted(practice: PracticeFacts, asked: Asked) -> tuple[Wanted, str, str]:
    """What is asked for, and what is wrong with the day and with the amount."""
    day, day_error = day_of(asked, "as_of")
    minimum: Money | None = None
    minimum_error = ""
    try:
        field = MoneyField(currency=practice.currency, required=False)
        minimum = field.clean(asked.get("minimum", "")[:20])
    except ValidationError as wrong:
        minimum_error = str(wrong.messages[0])
    sort = asked.get("sort", "")
    wanted = Wanted(
        as_of=day,
        minimum_minor=max(minimum.minor, 1) if minimum else 1,
        sort=sort if sort in SORTS else "credit",
    )
    return wanted, day_error, minimum_error


def _columns(sort: str, here: Mapping[str, object]) -> tuple[Column, ...]:
    words = {
        "name": (_("Patient"), False, False),
        "credit": (_("Credit"), True, False),
        "owing": (_("Owing"), True, True),
        "net": (_("Net"), True, False),
        "oldest": (_("Oldest money"), False, True),
        "expires": (_("Next expiry"), False, True),
        "visit": (_("Last visit"), False, True),
    }
    return tuple(
        Column(
            name=name,
            word=word,
            url=address(**here, sort="" if name == "credit" else name) or "?",
            here=name == sort,
            figure=figure,
            wide=wide,
        )
        for name, (word, figure, wide) in words.items()
    )


def credit_list_csv(practice: PracticeFacts, asked: Asked, today: date) -> HttpResponse:
    """All pages of it."""
    wanted, *_errors = read_wanted(practice, asked)
    found = patients_in_credit(practice, wanted, today, limit=None)
    head = [
        _("Patient"),
        _("Credit"),
        _("Owing"),
        _("Net"),
        _("Currency"),
        _("Oldest money"),
        _("Next expiry"),
        _("Last visit"),
    ]
    return csv_answer(
        f"in-credit-{wanted.as_of or today}.csv",
        head,
        (
            [
                row.name,
                row.credit,
                row.owing,
                row.net,
                practice.currency,
                row.oldest_on,
                row.expires_on,
                row.last_visit_on,
            ]
            for row in found.patients
        ),
    )
