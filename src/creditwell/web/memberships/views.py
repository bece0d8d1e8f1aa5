"""The list of memberships, and the page of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from creditwell.money.money import Money
from creditwell.packages.queries_memberships import (
    SHOWN,
    MembershipFacts,
    MembershipLine,
    PeriodLine,
    count_memberships,
    list_memberships,
    membership_facts,
    memberships_of,
)
from creditwell.packages.queries_products import ProductFacts, product_facts, worth_of
from creditwell.packages.rules_periods import last_of_period
from creditwell.people.queries import patient_facts
from creditwell.tenancy.access import Member, PracticeFacts
from creditwell.web.door.guard import door
from creditwell.web.door.links import page_link
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.memberships.words import lapsed_text, next_text, pause_text
from creditwell.web.packages.standings import counts_text, units_text
from creditwell.web.packages.words import every_text, rollover_text
from creditwell.web.payments.typed import new_key

SIZE = 50
TABS: dict[str, str | Promise] = {
    "": _("All"),
    "active": _("Active"),
    "soon": _("Due within a week"),
    "owing": _("Owing"),
    "paused": _("Paused"),
    "cancelled": _("Cancelled"),
}


@dataclass(frozen=True, slots=True)
class Tab:
    url: str
    word: str | Promise
    count: int
    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A membership of a list, with what comes next in words."""

    line: MembershipLine
    next: str
    owing: Money
    url: str
    patient_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A period of the page, in words; `status` is its invoice's chip."""

    line: PeriodLine
    status: str
    invoice: str
    invoice_url: str
    package_url: str
    owing: Money
    used: str
    lapsed: str
    rolled: tuple[str, ...]
    is_now: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """The period to come, at the price and terms of today; `until` is its last day."""

    starts_on: date
    until: date
    price: Money
    every: str
    rollover: str
    archived: bool
    product_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipPage:
    """A membership, and what may be done with it; what may not be done has the address ""."""

    line: MembershipLine
    patient_url: str
    owing: Money
    pay_url: str
    pause: str
    periods: tuple[Period, ...]
    next: Next | None
    pause_url: str
    change_pause_url: str
    resume_url: str
    cancel_url: str
    keep_url: str
    pause_package_url: str
    key: str


@require_GET
@door("packages.view")
def memberships(request: PracticeRequest) -> HttpResponse:
    """Those that renew first on top; two queries."""
    practice_id = request.practice.id
    show = request.GET.get("show", "")
    show = show if show in SHOWN else ""
    page = request.GET.get("page", "")
    number = max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 6 else 1
    today = request.practice.day_of(timezone.now())
    lines = list_memberships(
        practice_id=practice_id, show=show, today=today, after=(number - 1) * SIZE, limit=SIZE + 1
    )
    counts = count_memberships(practice_id=practice_id, today=today)
    context = {
        "rows": rows_of(request.practice, lines[:SIZE]),
        "tabs": [Tab(_address(key), word, counts[key], key == show) for key, word in TABS.items()],
        "show": show,
        "number": number,
        "previous": _address(show, number - 1) if number > 1 else "",
        "next": _address(show, number + 1) if len(lines) > SIZE else "",
    }
    return render(request, "memberships/list.html", context)


def _address(show: str, page: int = 0) -> str:
    asked = {"show": show, "page": str(page or "")}
    return "?" + urlencode({name: value for name, value in asked.items() if value})


def rows_of(practice: PracticeFacts, lines: list[MembershipLine]) -> list[Row]:
    """Memberships as a list shows them."""
    return [
        Row(
            line=line,
            next=next_text(line),
            owing=practice.money(line.owing_minor),
            url=page_link("membership", line.id),
            patient_url=page_link("patient", line.patient_id),
        )
        for line in lines
    ]


def rows_of_patient(member: Member, patient_id: int, today: date) -> list[Row]:
    """The memberships on a patient's page, those that are over left out; one query."""
    if not member.may("packages.view"):
        return []
    lines = memberships_of(practice_id=member.practice_id, patient_id=patient_id, today=today)
    return rows_of(member.practice, [line for line in lines if not line.is_over])


@require_GET
@door("packages.view")
def membership(request: PracticeRequest, pk: int) -> HttpResponse:
    """The page of a membership."""
    today = request.practice.day_of(timezone.now())
    facts = membership_facts(practice_id=request.practice.id, membership_id=pk, today=today)
    return render(
        request, "memberships/membership.html", {"page": _page(request.member, facts, today)}
    )


def _page(member: Member, facts: MembershipFacts, today: date) -> MembershipPage:
    line, practice = facts.line, member.practice
    paused, cancelled = line.status == "paused", line.status == "cancelled"

    def if_may(name: str, *, when: bool) -> str:
        return page_link(name, line.id) if when and member.may("memberships.edit") else ""

    pay = page_link("payment_new")
    latest = facts.periods[0].standing if facts.periods else None
    return MembershipPage(
        line=line,
        patient_url=page_link("patient", line.patient_id),
        owing=practice.money(line.owing_minor),
        pay_url=f"{pay}?patient={line.patient_id}"
        if line.owing_minor and member.may("payments.take")
        else "",
        pause=pause_text(line, today),
        periods=tuple(_period(practice, one, today) for one in facts.periods),
        next=_next(practice, line),
        pause_url=if_may("membership_pause", when=not paused and not cancelled),
        change_pause_url=if_may("membership_pause", when=paused),
        resume_url=if_may("membership_resume", when=paused),
        cancel_url=if_may("membership_cancel", when=not cancelled),
        keep_url=if_may("membership_keep", when=cancelled and not line.is_over),
        pause_package_url=page_link("package_pause", latest.id)
        if latest and paused and latest.state == "active" and member.may("packages.change")
        else "",
        key=new_key(),
    )


def _period(practice: PracticeFacts, line: PeriodLine, today: date) -> Period:
    standing, rolled = line.standing, []
    if line.rolled_in:
        units = units_text(line.rolled_in, standing.measure, practice)
        rolled.append(gettext("%(units)s came over from before") % {"units": units})
    if line.rolled_out:
        units = units_text(line.rolled_out, standing.measure, practice)
        rolled.append(gettext("%(units)s went on into the next") % {"units": units})
    status = "paid"
    if standing.owing_minor:
        status = "part" if standing.owing_minor < standing.gross_minor else "unpaid"
    elif standing.ended_at is not None and not standing.total - _refunded(line):
        status = "void"
    return Period(
        line=line,
        status=status,
        invoice=practice.invoice_number(standing.invoice_number),
        invoice_url=page_link("invoice", standing.invoice_id),
        package_url=page_link("package", standing.id),
        owing=practice.money(standing.owing_minor),
        used=counts_text(standing, standing.measure, practice),
        lapsed=lapsed_text(standing, practice),
        rolled=tuple(rolled),
        is_now=line.starts_on <= today <= line.ends_on,
    )


def _refunded(line: PeriodLine) -> int:
    return sum(part.refunded for part in line.standing.parts)


def _next(practice: PracticeFacts, line: MembershipLine) -> Next | None:
    """The period to come at today's price and terms; None where none is."""
    if line.status == "cancelled":
        return None
    details = patient_facts(practice_id=practice.id, patient_id=line.patient_id).details
    product = product_facts(practice, line.product_id, concession_id=details.concession_id)
    return next_period(practice, product, line.renews_on, anchor_on=line.anchor_on)


def next_period(
    practice: PracticeFacts, product: ProductFacts, starts_on: date, *, anchor_on: date
) -> Next | None:
    """What a period from a day on would be; None if the product does not renew (any more)."""
    terms = product.terms
    if terms.renews_count is None:
        return None
    worth = worth_of(
        practice,
        price=product.price,
        tax_percent=product.tax_percent,
        measure=terms.measure,
        parts=[part.input for part in product.parts],
    )
    until = last_of_period(starts_on, terms.renews_count, terms.renews_unit, anchor_on=anchor_on)
    return Next(
        starts_on=starts_on,
        until=until,
        price=worth.charged,
        every=every_text(terms.renews_count, terms.renews_unit),
        rollover=rollover_text(terms, practice),
        archived=product.archived,
        product_url=page_link("package_product", product.id),
    )
