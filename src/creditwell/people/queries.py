"""Read patients and contacts, as frozen dataclasses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from creditwell.kernel.errors import NotFound
from creditwell.people.models import Contact, ContactKind, Patient, Payer
from creditwell.people.rules import PatientDetails, likely_same
from creditwell.people.words import Term, digits_of, name_words, plain, search_terms
from creditwell.tenancy.models import Concession

HIGHEST = "\U0010ffff"
"""Sorts behind every letter: the end of all words that begin in a certain way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientLine:
    """A patient in a list."""

    id: int
    payer_id: int
    name: str
    preferred_name: str
    date_of_birth: date | None
    phone: str
    email: str
    alert: str
    archived: bool
    exact: int = 0  # how many of the words looked for are exactly words of theirs


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientFacts:
    """Everything that is known of a patient."""

    id: int
    payer_id: int
    details: PatientDetails
    concession: str
    bill_to: str
    bill_to_payer_id: int | None
    referred_by: str
    created_at: datetime
    archived_at: datetime | None
    merged_into_id: int | None

    @property
    def name(self) -> str:
        return self.details.name


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactLine:
    """A contact in a list, or all that is known of one."""

    id: int
    payer_id: int
    kind: str
    kind_name: str
    name: str
    email: str
    phone: str
    address: str
    notes: str
    archived: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """A patient who is probably the one that somebody is about to create, and why."""

    id: int
    name: str
    date_of_birth: date | None
    phone: str
    email: str
    reason: str


def find_patients(
    *, practice_id: int, text: str, limit: int = 20, archived: bool = False
) -> list[PatientLine]:
    """
    Patients found by what was typed, those with a word exactly like it first; two queries.

    Merged records are never found; archived ones only if asked for. Nothing typed finds nobody.
    """
    found = _found(_PATIENTS, practice_id, search_terms(text), limit, archived)
    lines = patient_lines(practice_id=practice_id, patient_ids=list(found))
    return [replace(line, exact=found[line.id]) for line in lines]


def find_contacts(
    *, practice_id: int, text: str, limit: int = 20, archived: bool = False
) -> list[ContactLine]:
    """The same for contacts."""
    ids = list(_found(_CONTACTS, practice_id, search_terms(text), limit, archived))
    rows = {
        row.pk: _contact_line(row)
        for row in Contact.objects.filter(practice_id=practice_id, pk__in=ids)
    }
    return [rows[pk] for pk in ids]


def patient_lines(*, practice_id: int, patient_ids: Sequence[int]) -> list[PatientLine]:
    """Patients of this practice in the order of the ids; unknown ids are left out. One query."""
    if not patient_ids:
        return []
    found = Patient.objects.filter(practice_id=practice_id, pk__in=patient_ids)
    rows = {row.pk: patient_line(row) for row in found}
    return [rows[pk] for pk in patient_ids if pk in rows]


def list_patients(
    *, practice_id: int, archived: bool = False, after: int = 0, limit: int = 50
) -> list[PatientLine]:
    """One page of all patients by last name; `after` is how many come before it."""
    rows = Patient.objects.filter(
        practice_id=practice_id, archived_at__isnull=not archived, merged_into__isnull=True
    ).order_by("sort_name", "id")
    return [patient_line(row) for row in rows[after : after + limit]]


def patients_of_payers(
    *, practice_id: int, payer_ids: Iterable[int], after: int = 0, limit: int = 50
) -> list[PatientLine]:
    """One page of the patients among these payers, by last name. Archived ones are there too."""
    rows = Patient.objects.filter(
        practice_id=practice_id, payer_id__in=list(payer_ids), merged_into__isnull=True
    ).order_by("sort_name", "id")
    return [patient_line(row) for row in rows[after : after + limit]]


def count_patients(*, practice_id: int, archived: bool = False) -> int:
    """How many patients there are, merged records left out."""
    return Patient.objects.filter(
        practice_id=practice_id, archived_at__isnull=not archived, merged_into__isnull=True
    ).count()


def patient_facts(*, practice_id: int, patient_id: int) -> PatientFacts:
    """
    Everything about one patient; one query.

    :raises NotFound: if this practice has no such patient
    """
    row = (
        Patient.objects.filter(practice_id=practice_id, pk=patient_id)
        .select_related("concession", "bill_to", "referred_by")
        .first()
    )
    if row is None:
        raise NotFound
    return PatientFacts(
        id=row.pk,
        payer_id=row.payer_id,
        details=details_of(row),
        concession=row.concession.name if row.concession else "",
        bill_to=row.bill_to.name if row.bill_to else "",
        bill_to_payer_id=row.bill_to.payer_id if row.bill_to else None,
        referred_by=row.referred_by.name if row.referred_by else "",
        created_at=row.created_at,
        archived_at=row.archived_at,
        merged_into_id=row.merged_into_id,
    )


def details_of(row: Patient) -> PatientDetails:
    """A row as plain details."""
    return PatientDetails(**{name: getattr(row, name) for name in PatientDetails.__slots__})


def patient_line(row: Patient) -> PatientLine:
    """A row as a line of a list."""
    return PatientLine(
        id=row.pk,
        payer_id=row.payer_id,
        name=f"{row.first_name} {row.last_name}".strip(),
        preferred_name=row.preferred_name,
        date_of_birth=row.date_of_birth,
        phone=row.phone or row.other_phone,
        email=row.email,
        alert=row.alert,
        archived=row.archived_at is not None,
    )


def likely_duplicates(
    *, practice_id: int, details: PatientDetails, besides: int | None = None, limit: int = 5
) -> list[Duplicate]:
    """Patients who are probably the same person (rules.likely_same); two queries."""
    candidates = Patient.objects.filter(
        Q(pk__in=_alike_ids(practice_id, details)),
        practice_id=practice_id,
        merged_into__isnull=True,
    ).exclude(pk=besides or 0)
    found = [
        Duplicate(
            id=row.pk,
            name=f"{row.first_name} {row.last_name}".strip(),
            date_of_birth=row.date_of_birth,
            phone=row.phone or row.other_phone,
            email=row.email,
            reason=reason,
        )
        for row in candidates.order_by("-id")
        if (reason := likely_same(details, details_of(row)))
    ]
    return found[:limit]


def contact_facts(*, practice_id: int, contact_id: int) -> ContactLine:
    """
    Everything about one contact; one query.

    :raises NotFound: if this practice has no such contact
    """
    row = Contact.objects.filter(practice_id=practice_id, pk=contact_id).first()
    if row is None:
        raise NotFound
    return _contact_line(row)


def list_contacts(
    *, practice_id: int, kind: str = "", archived: bool = False, after: int = 0, limit: int = 50
) -> list[ContactLine]:
    """One page of contacts by name, of one kind or of all."""
    rows = Contact.objects.filter(practice_id=practice_id, archived_at__isnull=not archived)
    if kind:
        rows = rows.filter(kind=kind)
    return [_contact_line(row) for row in rows.order_by("name", "id")[after : after + limit]]


def contact_choices(
    *, practice_id: int, kind: str = "", chosen: int | None = None
) -> list[tuple[int, str]]:
    """Contacts to choose from: those in use, and the one that is chosen already."""
    rows: QuerySet[Contact] = Contact.objects.filter(practice_id=practice_id)
    wanted = Q(archived_at__isnull=True) & (Q(kind=kind) if kind else Q())
    rows = rows.filter(wanted | Q(pk=chosen)).order_by("name", "id")
    return [(row.pk, row.name) for row in rows]


def concession_of(*, practice_id: int, patient_id: int) -> int | None:
    """The concession of a patient; one query. None, too, if there is no such patient."""
    rows = Patient.objects.filter(practice_id=practice_id, pk=patient_id)
    return rows.values_list("concession_id", flat=True).first()


def concession_choices(*, practice_id: int, chosen: int | None = None) -> list[tuple[int, str]]:
    """Concessions to choose from: those in use, and the one that is chosen already."""
    rows = Concession.objects.filter(
        Q(archived_at__isnull=True) | Q(pk=chosen), practice_id=practice_id
    )
    return [(row.pk, row.name) for row in rows.order_by("name")]


def _contact_line(row: Contact) -> ContactLine:
    return ContactLine(
        id=row.pk,
        payer_id=row.payer_id,
        kind=row.kind,
        kind_name=str(ContactKind(row.kind).label),
        name=row.name,
        email=row.email,
        phone=row.phone,
        address=row.address,
        notes=row.notes,
        archived=row.archived_at is not None,
    )


_PATIENTS = """
SELECT p.id, {exact} AS exact FROM people_patient p {joins}
 WHERE p.practice_id = %s AND p.merged_into_id IS NULL AND (p.archived_at IS NULL OR %s)
 ORDER BY exact DESC, (p.archived_at IS NULL) DESC, p.sort_name, p.id LIMIT %s
"""
_CONTACTS = """
SELECT p.id, {exact} AS exact FROM people_contact p {joins}
 WHERE p.practice_id = %s AND (p.archived_at IS NULL OR %s)
 ORDER BY exact DESC, (p.archived_at IS NULL) DESC, p.name, p.id LIMIT %s
"""
# Ranges, not LIKE: a prepared statement must know the ends of the range to use the index
# (people_word_prefix), and what is typed needs no escaping.
_WORDS = """
JOIN (SELECT payer_id, max((word = ANY(%s))::int) AS exact FROM people_searchword
       WHERE practice_id = %s AND ({ranges}) GROUP BY payer_id) w{at}
  ON w{at}.payer_id = p.payer_id
"""


def search_sql(
    statement: str, practice_id: int, terms: Sequence[Term], limit: int, archived: bool
) -> tuple[str, list[Any]]:
    """The statement that finds, with its parameters (apart, so that its plan can be tested)."""
    joins = ""
    parameters: list[Any] = []
    for at, term in enumerate(terms):
        ranges = " OR ".join(["(word ~>=~ %s AND word ~<~ %s)"] * len(term.beginnings))
        joins += _WORDS.format(ranges=ranges, at=at)
        parameters += [list(term.beginnings), practice_id]
        for beginning in term.beginnings:
            parameters += [beginning, beginning + HIGHEST]
    exact = " + ".join(f"w{at}.exact" for at in range(len(terms)))
    sql = statement.format(joins=joins, exact=exact)
    return sql, [*parameters, practice_id, archived, limit]


def _found(
    statement: str, practice_id: int, terms: Sequence[Term], limit: int, archived: bool
) -> dict[int, int]:
    """Ids in order, each with the number of words that are exactly as typed."""
    if not terms:
        return {}
    sql, parameters = search_sql(statement, practice_id, terms, limit, archived)
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return {int(row[0]): int(row[1]) for row in cursor.fetchall()}


def _alike_ids(practice_id: int, details: PatientDetails) -> list[int]:
    """Patients who share the whole name, or a number, address or day of birth and a first name."""
    ways: list[list[str]] = [name_words(details.name)]
    firsts = [
        words[0]
        for name in (details.first_name, details.preferred_name)
        if (words := name_words(name))
    ]
    marks = [
        digits[-8:]
        for phone in (details.phone, details.other_phone)
        if len(digits := digits_of(phone)) >= 8
    ]
    marks += [plain(details.email)] if details.email else []
    marks += [details.date_of_birth.isoformat()] if details.date_of_birth else []
    ways += [[first, mark] for first in firsts for mark in marks]
    parameters: list[Any] = []
    for words in ways:
        parameters += [practice_id, words, len(words)]
    with connection.cursor() as cursor:
        cursor.execute(
            _LIKE_ONE_OF.format(ways=" UNION ".join([_ALIKE] * len(ways))),
            [practice_id, *parameters],
        )
        return [int(row[0]) for row in cursor.fetchall()]


_LIKE_ONE_OF = """
SELECT id FROM people_patient WHERE practice_id = %s AND payer_id IN ({ways})
 ORDER BY id DESC LIMIT 50
"""
_ALIKE = """
(SELECT payer_id FROM people_searchword WHERE practice_id = %s AND word = ANY(%s)
  GROUP BY payer_id HAVING count(DISTINCT word) = %s)
"""


def payer_names(*, practice_id: int, payer_ids: Iterable[int]) -> dict[int, str]:
    """Names of these payers, unknown ids left out; one query."""
    rows = Payer.objects.filter(practice_id=practice_id, pk__in=list(payer_ids))
    return dict(rows.values_list("pk", "name"))


def patient_names(*, practice_id: int, patient_ids: Iterable[int]) -> dict[int, str]:
    """Names of these patients, unknown ids left out; one query."""
    rows = Patient.objects.filter(practice_id=practice_id, pk__in=list(patient_ids))
    return dict(rows.values_list("pk", "payer__name"))
