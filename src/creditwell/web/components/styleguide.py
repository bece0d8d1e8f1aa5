"""
Views of the styleguide, with made-up figures and no database.

A developer looks here before making something new; the browser tests look here for faults.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from creditwell.money.money import Money
from creditwell.tenancy.access import Member, PracticeFacts
from creditwell.tenancy.permissions import PERMISSIONS
from creditwell.web.components.fields import DayField, Form, MoneyField, TimeField
from creditwell.web.components.picker import asked
from creditwell.web.components.statuses import STATUSES
from creditwell.web.door.context import NEW, PLACES, NavItem, Place, make_shell

PRACTICE = PracticeFacts(
    id=1,
    name="Harbour Lane Physiotherapy",
    country="AU",
    currency="AUD",
    time_zone="Australia/Sydney",
    locale="en_AU",
    tax_name="GST",
    tax_number_label="ABN",
    tax_number="51 824 753 556",
    prices_include_tax=True,
    invoice_prefix="",
    receipt_prefix="P-",
    payment_terms_days=14,
    allocation_order="oldest",
    cash_rounding_minor=5,
    books_closed_on=None,
    amounts_in_email=True,
)
MEMBER = Member(
    practice=PRACTICE,
    role="receptionist",
    permissions=frozenset(PERMISSIONS),
    user_name="Rosa Delgado",
    user_email="rosa@harbourlane.example",
    other_practices=((2, "Harbour Lane Pilates"),),
)


def aud(minor: int) -> Money:
    return Money(minor, "AUD")


@dataclass(frozen=True, slots=True)
class Row:
    number: str
    what: str
    patient: str
    on: date
    state: str
    total: Money
    owing: Money


@dataclass(frozen=True, slots=True)
class Found:
    """A patient in the list of a picker."""

    id: int
    name: str
    detail: str
    owing: Money
    credit: Money


ROWS = (
    Row(
        "0006893", "Extended consultation, 60 min + 2 more", "Ilona Szymańska",
        date(2026, 11, 24), "unpaid", aud(20395), aud(20395),
    ),
    Row(
        "0006851", "Standard consultation, 30 min", "Nguyễn Thị Hạnh",
        date(2026, 11, 17), "part", aud(9400), aud(5400),
    ),
    Row(
        "0006702", "Standard consultation, 30 min + 1 more", "Ilona Szymańska",
        date(2026, 10, 20), "overdue", aud(16890), aud(16890),
    ),
    Row(
        "0006640", "Standard consultation, 30 min", "Grace Whitlock",
        date(2026, 10, 6), "paid", aud(114000), aud(0),
    ),
)  # fmt: skip

PATIENTS = (
    Found(1, "Ilona Szymańska", "9 Mar 1984 · 0491 570 156", aud(42685), aud(14500)),
    Found(2, "Ilona Szymczak", "2 Jul 1951 · 0491 570 110", aud(0), aud(0)),
    Found(3, "Isaac Szeto", "30 Jan 2017 · 0491 571 266", aud(9400), aud(0)),
)


class Sample(Form):
    """One field of each kind."""

    bill_to = forms.CharField(
        label=_("Invoice to"), required=False, help_text=_("A person or a company that pays.")
    )
    amount = MoneyField("AUD", label=_("Amount"))
    received_on = DayField(label=_("Received on"))
    starts_at = TimeField(label=_("Starts at"), required=False)
    source = forms.ChoiceField(
        label=_("Paid by"), choices=[("card", _("Card")), ("cash", _("Cash"))]
    )
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea({"rows": 2}))
    order = forms.ChoiceField(
        label=_("Apply to invoices"),
        widget=forms.RadioSelect,
        choices=[("oldest", _("Oldest first")), ("none", _("None: keep it as account credit"))],
        initial="oldest",
    )
    email = forms.BooleanField(label=_("Email a receipt"), required=False, initial=True)


def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component, in every state that can be shown at rest."""
    context = {
        "form": Sample(initial={"received_on": date(2026, 11, 24), "starts_at": time(9, 0)}),
        "rows": ROWS,
        "total": aud(sum(row.total.minor for row in ROWS)),
        "owing": aud(42685),
        "credit": aud(14500),
        "balance": aud(28185),
        "negative": aud(-14500),
        "nil": aud(0),
        "yen": Money(1140, "JPY"),
        "dinar": Money(1140250, "KWD"),
        "now": datetime(2026, 11, 24, 9, 0),  # noqa: DTZ001  (a wall-clock sample)
        "statuses": STATUSES,
        "hues": ("sea", "clay", "heath", "moss", "dune", "dusk"),
    }
    return render(request, "styleguide/page.html", _framed(request, context))


def refused(request: HttpRequest) -> HttpResponse:
    """A form that came back: the summary has the focus, the fields say what is wrong."""
    form = Sample({"amount": "204.005", "source": "card", "order": "oldest", "email": "on"})
    return render(request, "styleguide/refused.html", _framed(request, {"form": form}), status=422)


def matches(request: HttpRequest) -> HttpResponse:
    """What the patient picker of the styleguide finds."""
    question = asked(request)
    wanted = question.query.lower()
    found = [one for one in PATIENTS if wanted and wanted in one.name.lower()]
    context = {"question": question, "matches": found}
    return render(request, "styleguide/_matches.html", context)


def paper(request: HttpRequest) -> HttpResponse:
    """A document page, as it is shown and printed."""
    context = {"rows": ROWS, "total": aud(41195), "owing": aud(0), "credit": aud(14500)}
    return render(request, "styleguide/paper.html", _framed(request, context))


def plain(request: HttpRequest) -> HttpResponse:
    """A page without the frame, like sign-in."""
    return render(request, "styleguide/plain.html", {"form": Sample()})


def _framed(request: HttpRequest, context: dict[str, object]) -> dict[str, object]:
    """Show the frame of a signed-in person without anybody being signed in."""
    shell = make_shell(request, MEMBER)
    return {
        **context,
        "member": MEMBER,
        "practice": PRACTICE,
        "shell": replace(shell, nav=_links(PLACES), new=_links(NEW), search_url="#"),
    }


def _links(places: tuple[Place, ...]) -> tuple[NavItem, ...]:
    return tuple(
        NavItem(
            name=place.name,
            word=place.word,
            icon=place.icon,
            key=place.key,
            url=f"#{place.name}",
            here=place.name == "patients",
        )
        for place in places
    )
