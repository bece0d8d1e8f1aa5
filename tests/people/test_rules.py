"""Decisions about people, without the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from creditwell.kernel.errors import Refusal
from creditwell.people.rules import (
    ContactDetails,
    Nameless,
    NotAKind,
    NotAnAddress,
    NotBornYet,
    PatientDetails,
    age_on,
    likely_same,
    split_name,
    tidy_contact,
    tidy_patient,
)

TODAY = date(2026, 11, 24)
ILONA = PatientDetails(
    first_name="Ilona",
    last_name="Szymańska",
    date_of_birth=date(1984, 3, 9),
    phone="0491 570 156",
    email="ilona.s@mail.example",
)


def test_stray_spaces_go_and_lines_stay() -> None:
    tidy = tidy_patient(
        replace(ILONA, first_name="  Ilona  Maria ", address=" 1 Lane \nSydney "), TODAY
    )
    assert tidy.first_name == "Ilona Maria"
    assert tidy.address == "1 Lane \nSydney"


def test_a_single_name_is_the_first() -> None:
    tidy = tidy_patient(PatientDetails(first_name="", last_name="Prince"), TODAY)
    assert (tidy.first_name, tidy.last_name) == ("Prince", "")


@pytest.mark.parametrize(
    ("change", "refusal", "param"),
    [
        ({"first_name": " ", "last_name": "--"}, Nameless, "first_name"),
        ({"date_of_birth": date(2026, 11, 25)}, NotBornYet, "date_of_birth"),
        ({"date_of_birth": date(1884, 3, 9)}, NotBornYet, "date_of_birth"),
        ({"email": "ilona"}, NotAnAddress, "email"),
        ({"invoice_email": "a@b@c"}, NotAnAddress, "invoice_email"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    change: dict[str, object], refusal: type[Refusal], param: str
) -> None:
    with pytest.raises(refusal) as caught:
        tidy_patient(replace(ILONA, **change), TODAY)  # type: ignore[arg-type]
    assert caught.value.param == param


def test_a_child_born_today_is_welcome() -> None:
    assert tidy_patient(replace(ILONA, date_of_birth=TODAY), TODAY).date_of_birth == TODAY


def test_a_contact_needs_a_name_and_a_kind() -> None:
    with pytest.raises(Nameless) as caught:
        tidy_contact(ContactDetails(kind="doctor", name=" "))
    assert caught.value.param == "name"
    with pytest.raises(NotAKind):
        tidy_contact(ContactDetails(kind="wizard", name="Merlin"))


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (ILONA, "Same name and date of birth"),
        (PatientDetails(first_name="ilona", last_name="SZYMANSKA"), "Same name"),
        (PatientDetails(first_name="Szymanska", last_name="Ilona"), "Same name"),
        (replace(ILONA, date_of_birth=date(1951, 7, 2)), ""),
        (
            PatientDetails(first_name="Ilona", last_name="Kowalska", phone="+61 491 570 156"),
            "Same first name and phone number",
        ),
        (
            PatientDetails(first_name="Ilona", last_name="K", email="Ilona.S@mail.example"),
            "Same first name and email address",
        ),
        (
            PatientDetails(first_name="Ilona", last_name="K", date_of_birth=date(1984, 3, 9)),
            "Same first name and date of birth",
        ),
        # A child with the parent's phone is somebody else.
        (PatientDetails(first_name="Ola", last_name="Szymańska", phone="0491570156"), ""),
        (PatientDetails(first_name="Ilona", last_name="Szymczak"), ""),
    ],
)
def test_who_is_likely_to_be_the_same_person(other: PatientDetails, reason: str) -> None:
    assert likely_same(ILONA, other) == reason
    assert likely_same(other, ILONA) == reason


def test_ages_count_full_years() -> None:
    assert age_on(date(1984, 11, 24), TODAY) == 42
    assert age_on(date(1984, 11, 25), TODAY) == 41
    assert age_on(date(2024, 2, 29), date(2026, 2, 28)) == 1


def test_a_typed_name_is_split_at_its_last_word() -> None:
    assert split_name(" Anna Maria  Silva ") == ("Anna Maria", "Silva")
    assert split_name("Prince") == ("Prince", "")
