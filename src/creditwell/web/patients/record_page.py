"""What the page of one patient shows, whichever tab is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creditwell.invoicing.queries_patient import count_invoices, past_due_minor
from creditwell.ledger.queries import standing_of
from creditwell.money.money import Money
from creditwell.packages.queries import count_packages
from creditwell.payments.queries_patient import count_payments
from creditwell.people.queries import PatientFacts, patient_facts
from creditwell.people.rules import age_on
from creditwell.scheduling.queries_patient import Visit, count_visits, next_visits, visits_of
from creditwell.tenancy.access import Member
from creditwell.web.packages.marks import Mark, marks_of
from creditwell.web.patients.credit_links import CreditWay, credit_ways
from creditwell.web.patients.links import link, link_for_patient
from creditwell.web.patients.money import credit_note


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordTab:
    """`count` is "" where nothing is counted."""

    name: str
    word: str | Promise
    url: str
    count: int | str
    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Head, figures and tabs of a patient's page; a link that may not be followed is ""."""

    id: int
    facts: PatientFacts
    name: str
    born_on: date | None
    age: int | None
    owing: Money
    credit: Money
    balance: Money
    past_due: Money
    credit_note: str
    balance_note: str
    merged_into: int
    tabs: tuple[RecordTab, ...]
    book_url: str
    invoice_url: str
    sell_url: str
    payment_url: str
    edit_url: str
    merge_url: str
    archive_url: str
    restore_url: str
    explain_url: str
    statement_url: str
    credit_ways: tuple[CreditWay, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NextVisit:
    """A visit to come; `state` is a status."""

    starts_at: datetime
    today: bool
    kind: str
    practitioner: str
    hue: str
    state: str
    mark: Mark | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownVisit:
    """A visit, and its place in the package that covers it."""

    visit: Visit
    mark: Mark | None


def shown_visits(member: Member, pk: int, *, after: int, limit: int) -> list[ShownVisit]:
    """One page of all visits, the latest first; two queries."""
    visits = visits_of(practice_id=member.practice_id, patient_id=pk, after=after, limit=limit)
    marks = marks_of(member, [visit.id for visit in visits])
    return [ShownVisit(visit=visit, mark=marks.get(visit.id)) for visit in visits]


def next_visits_of(member: Member, pk: int, now: datetime) -> list[NextVisit]:
    """The next visits, those of today marked; two queries."""
    today = member.practice.day_of(now)
    visits = next_visits(practice_id=member.practice_id, patient_id=pk, now=now)
    marks = marks_of(member, [visit.id for visit in visits])
    return [
        NextVisit(
            starts_at=visit.starts_at,
            today=member.practice.day_of(visit.starts_at) == today,
            kind=visit.kind,
            practitioner=visit.practitioner,
            hue=visit.hue,
            state=visit.state,
            mark=marks.get(visit.id),
        )
        for visit in visits
    ]


def record(member: Member, pk: int, now: datetime, *, tab: str) -> Record:
    """
    Read what is the same on all tabs.

    :raises NotFound: if this practice has no such patient
    """
    facts = patient_facts(practice_id=member.practice_id, patient_id=pk)
    standing = standing_of(practice_id=member.practice_id, holder_id=facts.payer_id)
    money = member.practice.money
    born = facts.details.date_of_birth
    merged = facts.merged_into_id is not None

    def if_may(permission: str, url: str) -> str:
        return url if url and member.may(permission) and not merged else ""

    return Record(
        id=pk,
        facts=facts,
        name=facts.name,
        born_on=born,
        age=age_on(born, member.practice.day_of(now)) if born else None,
        owing=money(standing.owing_minor),
        credit=money(standing.credit_minor),
        balance=money(standing.balance_minor),
        past_due=money(_past_due(member, facts.payer_id, now) if standing.owing_minor else 0),
        credit_note=credit_note(member, facts.payer_id) if standing.credit_minor else "",
        balance_note=_balance_note(facts, standing.balance_minor),
        merged_into=facts.merged_into_id or 0,
        tabs=_tabs(member, facts, tab),
        book_url=if_may("appointments.edit", link_for_patient("appointment_new", pk)),
        invoice_url=if_may("invoices.edit", link_for_patient("invoice_new", pk)),
        sell_url=if_may("packages.sell", link("package_sell", pk)),
        payment_url=if_may("payments.take", link_for_patient("payment_new", pk)),
        edit_url=if_may("patients.edit", link("patient_edit", pk)),
        merge_url=if_may("patients.merge", link("patient_merge", pk)),
        archive_url=if_may("patients.edit", link("patient_archive", pk)),
        restore_url=if_may("patients.edit", link("patient_restore", pk)),
        explain_url=link("credit_explain", pk),
        statement_url=link("statement", pk),
        credit_ways=()
        if merged
        else credit_ways(member, pk, has_credit=bool(standing.credit_minor)),
    )


def _balance_note(facts: PatientFacts, minor: int) -> str:
    name = facts.details.preferred_name or facts.details.first_name
    if minor > 0:
        return _("%(name)s owes this after credit is used") % {"name": name}
    if minor < 0:
        return _("In %(name)s’s favour") % {"name": name}
    return _("Nothing is owed either way")


def _past_due(member: Member, payer_id: int, now: datetime) -> int:
    today = member.practice.day_of(now)
    return past_due_minor(practice_id=member.practice_id, payer_id=payer_id, today=today)


def _tabs(member: Member, facts: PatientFacts, here: str) -> tuple[RecordTab, ...]:
    practice_id, pk = member.practice_id, facts.id
    invoices = count_invoices(practice_id=practice_id, patient_id=pk)
    payments = count_payments(practice_id=practice_id, payer_id=facts.payer_id)
    visits = count_visits(practice_id=practice_id, patient_id=pk)
    packages = count_packages(practice_id=practice_id, patient_id=pk)
    tabs: list[tuple[str, str | Promise, int | str, str]] = [
        ("patient", gettext_lazy("Account"), "", "patients.view"),
        ("patient_invoices", gettext_lazy("Invoices"), invoices, "invoices.view"),
        ("patient_payments", gettext_lazy("Payments"), payments, "payments.view"),
        ("patient_packages", gettext_lazy("Packages"), packages, "packages.view"),
        ("patient_appointments", gettext_lazy("Appointments"), visits, "calendar.view"),
        ("patient_details", gettext_lazy("Details"), "", "patients.view"),
        ("patient_history", gettext_lazy("History"), "", "audit.view"),
    ]
    return tuple(
        RecordTab(name=name, word=word, url=link(name, pk), count=count, here=name == here)
        for name, word, count, permission in tabs
        if member.may(permission)
    )
