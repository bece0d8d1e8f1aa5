"""Finding people in the database."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.utils import timezone

from creditwell.people.models import Patient, Payer, SearchWord
from creditwell.people.operations import create_contact_row, create_patient_row
from creditwell.people.queries import (
    _PATIENTS,
    find_contacts,
    find_patients,
    likely_duplicates,
    list_patients,
    search_sql,
)
from creditwell.people.rules import ContactDetails, PatientDetails
from creditwell.people.words import search_terms
from creditwell.tenancy.models import Practice
from tests.factories import NOW, make_practice

pytestmark = pytest.mark.django_db


def add(practice: Practice, first: str, last: str = "", **details: object) -> Patient:
    return create_patient_row(
        practice_id=practice.pk,
        details=PatientDetails(first_name=first, last_name=last, **details),  # type: ignore[arg-type]
        now=NOW,
    )


def found(practice: Practice, text: str, **options: object) -> list[str]:
    lines = find_patients(practice_id=practice.pk, text=text, **options)  # type: ignore[arg-type]
    return [line.name for line in lines]


@pytest.fixture
def practice() -> Practice:
    practice = make_practice()
    add(
        practice,
        "Ilona",
        "Szymańska",
        phone="0491 570 156",
        other_phone="(02) 5550 1234",
        email="ilona.s@mail.example",
        date_of_birth=date(1984, 3, 9),
        preferred_name="Ila",
    )
    add(practice, "Ilona", "Szymczak", phone="0491 570 110")
    add(practice, "Seán", "O’Brien", phone="+61 491 571 266")
    return practice


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("szy", ["Ilona Szymańska", "Ilona Szymczak"]),
        ("SZYMANSKA", ["Ilona Szymańska"]),
        ("szymań", ["Ilona Szymańska"]),
        ("ilo szymc", ["Ilona Szymczak"]),
        ("szymc ilo", ["Ilona Szymczak"]),
        ("ila", ["Ilona Szymańska"]),
        ("570 1", ["Ilona Szymańska", "Ilona Szymczak"]),
        ("0156", ["Ilona Szymańska"]),
        ("0491570110", ["Ilona Szymczak"]),
        ("1234", ["Ilona Szymańska"]),
        ("0491 571 266", ["Seán O’Brien"]),
        ("obrien", ["Seán O’Brien"]),
        ("o'brien", ["Seán O’Brien"]),
        ("brien sean", ["Seán O’Brien"]),
        ("ilona.s@ma", ["Ilona Szymańska"]),
        ("9/3/1984", ["Ilona Szymańska"]),
        ("1984-03-09", ["Ilona Szymańska"]),
        ("szy 110", ["Ilona Szymczak"]),
        ("%", []),
        ("", []),
        ("nobody", []),
    ],
)
def test_people_are_found(practice: Practice, text: str, names: list[str]) -> None:
    assert found(practice, text) == names


def test_a_word_exactly_like_it_comes_first(practice: Practice) -> None:
    add(practice, "Adam", "Leeson")
    add(practice, "Zoe", "Lee")
    assert found(practice, "lee") == ["Zoe Lee", "Adam Leeson"]


def test_archived_and_merged_records_are_hidden(practice: Practice) -> None:
    patient = add(practice, "Gone", "Away")
    patient.archived_at = timezone.now()
    patient.save()
    assert found(practice, "gone") == []
    assert found(practice, "gone", archived=True) == ["Gone Away"]
    patient.merged_into = Patient.objects.filter(practice=practice).earliest("pk")
    patient.save()
    assert found(practice, "gone", archived=True) == []


def test_another_practice_finds_nobody_here(practice: Practice) -> None:
    assert found(make_practice(), "szy") == []


def test_contacts_are_found_and_are_no_patients(practice: Practice) -> None:
    create_contact_row(
        practice_id=practice.pk,
        details=ContactDetails(kind="insurer", name="Szent Mutual", phone="1300 555 111"),
        now=NOW,
    )
    assert [c.name for c in find_contacts(practice_id=practice.pk, text="sze")] == ["Szent Mutual"]
    assert [c.name for c in find_contacts(practice_id=practice.pk, text="5551")] == ["Szent Mutual"]
    assert found(practice, "sze") == []


def test_duplicates_are_noticed(practice: Practice) -> None:
    def reasons(**details: object) -> list[tuple[str, str]]:
        wanted = PatientDetails(**details)  # type: ignore[arg-type]
        duplicates = likely_duplicates(practice_id=practice.pk, details=wanted)
        return [(one.name, one.reason) for one in duplicates]

    assert reasons(first_name="ilona", last_name="szymanska") == [("Ilona Szymańska", "Same name")]
    assert reasons(first_name="Ila", last_name="X", phone="+61491570156") == [
        ("Ilona Szymańska", "Same first name and phone number")
    ]
    assert reasons(first_name="Ola", last_name="Szymańska", phone="0491570156") == []
    assert reasons(first_name="Ilona", last_name="Nowak") == []
    elsewhere = PatientDetails(first_name="Ilona", last_name="Szymańska")
    assert likely_duplicates(practice_id=make_practice().pk, details=elsewhere) == []


@pytest.mark.parametrize("text", ["szy", "ilo szy", "0491 57", "9/3/1984"])
def test_the_index_is_used_at_twenty_thousand_words(practice: Practice, text: str) -> None:
    payers = Payer.objects.bulk_create(
        Payer(practice=practice, name=f"Filler {n}") for n in range(2000)
    )
    Patient.objects.bulk_create(
        Patient(practice=practice, payer=payer, first_name="Filler", last_name=str(n))
        for n, payer in enumerate(payers)
    )
    SearchWord.objects.bulk_create(
        SearchWord(practice=practice, payer=payer, word=f"{chr(97 + n)}filler{at}")
        for at, payer in enumerate(payers)
        for n in range(10)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE people_searchword, people_patient, people_payer")
        sql, parameters = search_sql(_PATIENTS, practice.pk, search_terms(text), 20, False)
        cursor.execute(f"EXPLAIN {sql}", parameters)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "people_word_prefix" in plan
    assert "Seq Scan on people_searchword" not in plan


def test_lists_are_sorted_as_people_read_names(practice: Practice) -> None:
    for first, last in (
        ("Diego", "Álvarez"),
        ("Łucja", "Łapińska"),
        ("Ana", "de Silva"),
        ("Bo", "Zed"),
        ("Aad", "Zed"),
        ("Østen", "Ødegård"),
    ):
        add(practice, first, last)
    names = [line.name for line in list_patients(practice_id=practice.pk)]
    assert names == [
        "Diego Álvarez",
        "Ana de Silva",
        "Łucja Łapińska",
        "Seán O’Brien",
        "Østen Ødegård",
        "Ilona Szymańska",
        "Ilona Szymczak",
        "Aad Zed",
        "Bo Zed",
    ]
