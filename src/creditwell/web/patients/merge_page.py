"""Two records side by side, before they are made one."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.utils.functional import Promise

from creditwell.invoicing.queries_patient import count_invoices
from creditwell.ledger.queries import Standing, standings_of
from creditwell.money.money import Money
from creditwell.payments.queries_patient import count_payments
from creditwell.people.queries import PatientFacts, likely_duplicates, patient_facts
from creditwell.scheduling.queries_patient import count_visits
from creditwell.tenancy.access import Member
from creditwell.web.components.formats import day_text
from creditwell.web.patients.finding import PatientRow, found_patients
from creditwell.web.patients.forms import PatientForm

SHOWN = (
    "first_name",
    "last_name",
    "preferred_name",
    "date_of_birth",
    "phone",
    "other_phone",
    "email",
    "address",
    "concession",
    "alert",
    "bill_to",
    "referred_by",
    "notes",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A record that may be the same person; `reason` is "" when it was only searched for."""

    id: int
    name: str
    born_on: date | None
    phone: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two records."""

    id: int
    name: str
    since: datetime
    owing: Money
    credit: Money
    invoices: int
    payments: int
    visits: int
    archived: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One detail of both. `differs` when both say something and not the same."""

    word: str | Promise
    one: str
    other: str
    differs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    one: Side
    other: Side
    rows: list[Row]
    owing: Money
    credit: Money
    suggested: int  # the record with more behind it


def candidates(member: Member, patient: PatientFacts, text: str, now: datetime) -> list[Candidate]:
    """Whom the text finds, or without one, who looks like the same person."""
    if text:
        return [
            _found(row)
            for row in found_patients(member, text, now, limit=20, archived=True)
            if row.id != patient.id
        ]
    return [
        Candidate(
            id=one.id,
            name=one.name,
            born_on=one.date_of_birth,
            phone=one.phone,
            reason=one.reason,
        )
        for one in likely_duplicates(
            practice_id=member.practice_id, details=patient.details, besides=patient.id
        )
    ]


def _found(row: PatientRow) -> Candidate:
    return Candidate(id=row.id, name=row.name, born_on=row.born_on, phone=row.phone, reason="")


def comparison(member: Member, pk: int, other: int) -> Comparison:
    """
    Both records with what stands behind them.

    :raises NotFound: if one of them is not of this practice
    """
    facts = [patient_facts(practice_id=member.practice_id, patient_id=one) for one in (pk, other)]
    standings = standings_of(
        practice_id=member.practice_id, holder_ids=[one.payer_id for one in facts]
    )
    one, two = (_side(member, fact, standings[fact.payer_id]) for fact in facts)
    return Comparison(
        one=one,
        other=two,
        rows=_rows(*facts),
        owing=one.owing + two.owing,
        credit=one.credit + two.credit,
        suggested=two.id if _weight(two) > _weight(one) else one.id,
    )


def _weight(side: Side) -> tuple[bool, int, float]:
    behind = side.invoices + side.payments + side.visits
    return not side.archived, behind, -side.since.timestamp()


def _side(member: Member, facts: PatientFacts, standing: Standing) -> Side:
    practice_id, pk = member.practice_id, facts.id
    return Side(
        id=pk,
        name=facts.name,
        since=facts.created_at,
        owing=member.practice.money(standing.owing_minor),
        credit=member.practice.money(standing.credit_minor),
        invoices=count_invoices(practice_id=practice_id, patient_id=pk),
        payments=count_payments(practice_id=practice_id, payer_id=facts.payer_id),
        visits=count_visits(practice_id=practice_id, patient_id=pk),
        archived=facts.archived_at is not None,
    )


def _rows(one: PatientFacts, other: PatientFacts) -> list[Row]:
    rows = []
    for name in SHOWN:
        pair = [_value(facts, name) for facts in (one, other)]
        if any(pair):
            word = PatientForm.base_fields[name].label or name
            differs = all(pair) and pair[0] != pair[1]
            rows.append(Row(word=word, one=pair[0], other=pair[1], differs=differs))
    return rows


def _value(facts: PatientFacts, name: str) -> str:
    if name in ("concession", "bill_to", "referred_by"):
        return str(getattr(facts, name))
    value = asdict(facts.details)[name]
    return day_text(value) if isinstance(value, date) else str(value or "")
