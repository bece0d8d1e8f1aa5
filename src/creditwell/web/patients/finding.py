"""Find patients as a receptionist does: a few letters, the ones seen lately first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from creditwell.ledger.queries import Standing, standings_of
from creditwell.money.money import Money
from creditwell.people.queries import PatientLine, find_patients
from creditwell.people.rules import age_on
from creditwell.scheduling.queries_patient import last_seen
from creditwell.tenancy.access import Member

NEVER = datetime(1, 1, 1, tzinfo=UTC)
CANDIDATES = 120
"""How many of those found are looked at for when they were last here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientRow:
    """A patient in a list, with what they owe and what we hold for them."""

    id: int
    name: str
    preferred_name: str
    born_on: date | None
    age: int | None
    phone: str
    email: str
    alert: str
    archived: bool
    owing: Money
    credit: Money


def found_patients(
    member: Member, text: str, now: datetime, *, limit: int = 8, archived: bool = False
) -> list[PatientRow]:
    """
    Patients whom the text means, best first: a word exactly as typed, then seen lately.

    Four queries, however many there are.
    """
    practice_id = member.practice_id
    lines = find_patients(practice_id=practice_id, text=text, limit=CANDIDATES, archived=archived)
    if len(lines) > 1:
        seen = last_seen(practice_id=practice_id, patient_ids=[line.id for line in lines], now=now)
        lines.sort(
            key=lambda line: (
                line.archived,
                -line.exact,
                -seen.get(line.id, NEVER).timestamp() if line.id in seen else 0.0,
            )
        )
    return patient_rows(member, lines[:limit], now)


def patient_rows(member: Member, lines: list[PatientLine], now: datetime) -> list[PatientRow]:
    """Put what they owe and have beside each patient; one query."""
    standings = standings_of(
        practice_id=member.practice_id, holder_ids=[line.payer_id for line in lines]
    )
    today = member.practice.day_of(now)
    return [_row(member, line, standings[line.payer_id], today) for line in lines]


def _row(member: Member, line: PatientLine, standing: Standing, today: date) -> PatientRow:
    return PatientRow(
        id=line.id,
        name=line.name,
        preferred_name=line.preferred_name,
        born_on=line.date_of_birth,
        age=age_on(line.date_of_birth, today) if line.date_of_birth else None,
        phone=line.phone,
        email=line.email,
        alert=line.alert,
        archived=line.archived,
        owing=member.practice.money(standing.owing_minor),
        credit=member.practice.money(standing.credit_minor),
    )
