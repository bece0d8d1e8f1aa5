"""
Words by which people are found: how a name, a number, an address is made comparable.

Pure. `search_words` says what is kept for a person, `search_terms` what a typed text asks for; a
person is found when every term is the beginning of one of their words.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

LONGEST = 80
"""Of a kept word, as in the table."""

SHORTEST_RUN = 3
"""Of the digits of a phone number that are worth looking for."""

MOST_TERMS = 6
"""More words than these are not read: nobody types them, and each costs a scan."""

# Letters that Unicode does not take apart into a plain letter and a mark.
LETTERS = str.maketrans(
    {
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ħ": "h",
        "ı": "i",
        "ŋ": "n",
        "ŧ": "t",
        "ĸ": "k",
        "ſ": "s",
    }
)
APOSTROPHES = re.compile(r"['\u2019\u2018\u02bc`\u00b4]")
NOT_A_LETTER = re.compile(r"[^\w]+|_+")
PHONE_PIECE = re.compile(r"^[+(]?[\d()./+-]+$")
ISO_DAY = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})$")
TYPED_DAY = re.compile(r"^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Findable:
    """What a person may be found by; empty where it is not known."""

    names: tuple[str, ...]
    phones: tuple[str, ...] = ()
    email: str = ""
    born_on: date | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that is asked for: a word that begins in any of these ways."""

    beginnings: tuple[str, ...]


def plain(text: str) -> str:
    """Lower case without accents: "Szymańska" is "szymanska", "Strauß" is "strauss"."""
    lowered = text.casefold().translate(LETTERS)
    apart = unicodedata.normalize("NFKD", lowered)
    bare = "".join(mark for mark in apart if not unicodedata.combining(mark))
    return unicodedata.normalize("NFKC", bare).translate(LETTERS)


def name_words(name: str) -> list[str]:
    """
    The words of a name, in order, each once.

    A name with an apostrophe or a hyphen is found by its parts and as a whole: O'Brien by "brien",
    "obrien"; Anne-Marie by "marie", "annemarie".
    """
    words: list[str] = []
    for piece in plain(name).split():
        closed = NOT_A_LETTER.sub("", APOSTROPHES.sub("", piece))
        parts = NOT_A_LETTER.split(APOSTROPHES.sub(" ", piece))
        words += [closed, *parts]
    return _each_once(words)


def digits_of(text: str) -> str:
    """The digits of a phone number, as 0 to 9 whatever they are written in."""
    return "".join(str(unicodedata.digit(one)) for one in text if one.isdigit())


def phone_words(phone: str) -> list[str]:
    """Each ending of the number, so that any run of its digits begins one of them."""
    digits = digits_of(phone)[:LONGEST]
    return [digits[at:] for at in range(len(digits) - SHORTEST_RUN + 1)]


def search_words(person: Findable) -> list[str]:
    """Everything that is kept for a person, each word once, none longer than the table's."""
    words = [word for name in person.names for word in name_words(name)]
    words += [word for phone in person.phones for word in phone_words(phone)]
    if person.email:
        words.append(plain(person.email.strip()))
    if person.born_on:
        words.append(person.born_on.isoformat())
    return _each_once([word[:LONGEST] for word in words])


def search_terms(text: str) -> list[Term]:
    """
    What a typed text asks for, each term at once: "szym 0491 570" is a name and a phone number.

    Pieces of digits that stand together are one number. A day of birth may be typed as 1984-03-09
    or 9/3/1984; where day and month could be meant either way, both are looked for.
    """
    terms: list[Term] = []
    number = ""
    for piece in text.split():
        if days := _days(piece):
            terms.append(Term(days))
        elif PHONE_PIECE.match(piece):
            number += digits_of(piece)
        else:
            terms += _word_terms(piece)
    if number:
        terms.append(Term(_number_beginnings(number)))
    return terms[:MOST_TERMS]


def _word_terms(piece: str) -> list[Term]:
    if "@" in piece:
        return [Term((plain(piece)[:LONGEST],))]
    closed = NOT_A_LETTER.sub("", APOSTROPHES.sub("", plain(piece)))
    if closed and APOSTROPHES.search(piece):
        return [Term((closed[:LONGEST],))]
    return [Term((word[:LONGEST],)) for word in NOT_A_LETTER.split(plain(piece)) if word]


def _number_beginnings(digits: str) -> tuple[str, ...]:
    """
    Numbers are kept as they were written: 0491 570 156 here, +61 491 570 156 there.

    So a leading 0 may be absent, and of a long number the last eight digits are enough.
    """
    ways = [digits[:LONGEST]]
    if digits.startswith("0") and len(digits) > SHORTEST_RUN:
        ways.append(digits.lstrip("0")[:LONGEST])
    if len(digits) > 9:
        ways.append(digits[-8:])
    return tuple(way for way in _each_once(ways))


def _days(piece: str) -> tuple[str, ...]:
    if found := ISO_DAY.match(piece):
        year, month, day = (int(part) for part in found.groups())
        return _existing([(year, month, day)])
    if found := TYPED_DAY.match(piece):
        one, other, year = (int(part) for part in found.groups())
        return _existing([(year, other, one), (year, one, other)])
    return ()


def _existing(candidates: list[tuple[int, int, int]]) -> tuple[str, ...]:
    days = []
    for year, month, day in candidates:
        try:
            days.append(date(year, month, day).isoformat())
        except ValueError:
            continue
    return tuple(_each_once(days))


def _each_once(words: list[str]) -> list[str]:
    return list(dict.fromkeys(word for word in words if word))
