"""Codes that cannot be mistyped unseen, and how long a voucher lasts."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditwell.payments.rules_voucher import (
    ALPHABET,
    Life,
    WrongCode,
    new_code,
    read_code,
    shown,
    state_of,
)


def test_a_code_is_read_as_people_write_it() -> None:
    code = new_code()
    assert len(code) == 12
    assert len(shown(code)) == 14
    for typed in (code, shown(code), shown(code).lower(), f" {code[:4]} {code[4:8]} {code[8:]}\n"):
        assert read_code(typed) == code


def test_codes_are_not_alike() -> None:
    assert len({new_code() for _turn in range(500)}) == 500


@given(st.integers(0, 11), st.integers(1, 30))
def test_every_single_wrong_character_is_seen(place: int, off: int) -> None:
    code = new_code()
    wrong = ALPHABET[(ALPHABET.index(code[place]) + off) % 31]
    with pytest.raises(WrongCode):
        read_code(code[:place] + wrong + code[place + 1 :])


@given(st.integers(0, 11), st.integers(0, 11))
def test_every_two_that_changed_places_are_seen(first: int, second: int) -> None:
    code = new_code()
    letters = list(code)
    letters[first], letters[second] = letters[second], letters[first]
    if "".join(letters) == code:
        assert read_code("".join(letters)) == code
    else:
        with pytest.raises(WrongCode):
            read_code("".join(letters))


@pytest.mark.parametrize(
    "text", ["", "0000-0000-0000", "ABCD", "\x00" * 12, "ÄBCD-EFGH-JKMN", "I" * 12]
)
def test_what_cannot_be_a_code_is_refused(text: str) -> None:
    with pytest.raises(WrongCode):
        read_code(text)


@pytest.mark.parametrize(
    ("left", "expired", "expires_on", "disabled", "state"),
    [
        (500, 0, None, False, "open"),
        (500, 0, date(2026, 11, 24), False, "open"),
        (500, 0, date(2026, 11, 23), False, "expired"),
        (0, 500, date(2026, 11, 23), False, "expired"),
        (0, 0, date(2026, 11, 23), False, "used"),
        (500, 0, None, True, "disabled"),
    ],
)
def test_what_it_is(
    left: int, expired: int, expires_on: date | None, disabled: bool, state: str
) -> None:
    life = Life(left_minor=left, expired_minor=expired, expires_on=expires_on, disabled=disabled)
    assert state_of(life, date(2026, 11, 24)) == state
