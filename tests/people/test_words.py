"""How names, numbers and days become words that can be found."""

from __future__ import annotations

from datetime import date

import pytest

from creditwell.people.words import (
    Findable,
    Term,
    name_words,
    phone_words,
    plain,
    search_terms,
    search_words,
)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Szymańska", "szymanska"),
        ("Łukasz", "lukasz"),
        ("STRAUSS", "strauss"),
        ("Strauß", "strauss"),
        ("Søren", "soren"),
        ("Nguyễn", "nguyen"),
        ("Æsa", "aesa"),
        ("İbrahim", "ibrahim"),
        ("Zoë", "zoe"),
        ("王芳", "王芳"),
        ("Ιωάννης", "ιωαννησ"),
    ],
)
def test_accents_and_case_do_not_matter(written: str, kept: str) -> None:
    assert plain(written) == kept


def test_a_name_is_found_by_its_parts_and_as_a_whole() -> None:
    assert name_words("Anne-Marie O’Brien") == [
        "annemarie",
        "anne",
        "marie",
        "obrien",
        "o",
        "brien",
    ]


def test_any_run_of_three_digits_begins_a_word() -> None:
    words = phone_words("0491 570 156")
    assert words[0] == "0491570156"
    assert words[-1] == "156"
    digits = "0491570156"
    for at in range(len(digits) - 2):
        assert any(word.startswith(digits[at : at + 3]) for word in words)


def test_words_fit_the_table_and_stand_once() -> None:
    person = Findable(names=("Ann " * 30, "x" * 200), email="a" * 60 + "@" + "b" * 60 + ".example")
    words = search_words(person)
    assert max(len(word) for word in words) == 80
    assert len(words) == len(set(words)) == 3


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("", []),
        ("  Szy ", [Term(("szy",))]),
        ("ilo szy", [Term(("ilo",)), Term(("szy",))]),
        ("O'Br", [Term(("obr",))]),
        ("anne-ma", [Term(("anne",)), Term(("ma",))]),
        ("491 570", [Term(("491570",))]),
        ("0491570", [Term(("0491570", "491570"))]),
        ("+61 491 570 156", [Term(("61491570156", "91570156"))]),
        ("szy (04) 91", [Term(("szy",)), Term(("0491", "491"))]),
        ("1984-03-09", [Term(("1984-03-09",))]),
        ("9/3/1984", [Term(("1984-03-09", "1984-09-03"))]),
        ("31.12.1984", [Term(("1984-12-31",))]),
        ("Ilona.S@Mail", [Term(("ilona.s@mail",))]),
        ("%_ '", []),
    ],
)
def test_what_is_typed_is_read_as_terms(typed: str, terms: list[Term]) -> None:
    assert search_terms(typed) == terms


def test_a_day_of_birth_is_a_word() -> None:
    person = Findable(names=("Ilona",), born_on=date(1984, 3, 9))
    assert search_words(person) == ["ilona", "1984-03-09"]
