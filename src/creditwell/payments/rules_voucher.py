"""Codes and states of gift vouchers. Pure; amounts are minor units."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from creditwell.kernel.errors import Invalid

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""
No 0, O, 1, I and L, which are taken for each other. Their number, 31, is prime: so the check
character finds every single wrong character and every two that changed places.
"""
LENGTH = 12
GROUP = 4
STATES = ("open", "used", "expired", "disabled")


class WrongCode(Invalid):
    """This cannot be a code: its length, a character or the check character is wrong."""

    code = "wrong_voucher_code"

    def __init__(self) -> None:
        super().__init__(
            _(
                "This is not a voucher code. Look again: it has twelve characters in three groups, "
                "and never a 0, O, 1, I or L."
            ),
            param="code",
        )


def new_code() -> str:
    """A code that nobody can guess: eleven random characters (54 bits) and the check character."""
    body = "".join(secrets.choice(ALPHABET) for _place in range(LENGTH - 1))
    return body + check_character(body)


def check_character(body: str) -> str:
    """What makes the sum of all characters, each times its place, divisible by 31."""
    total = sum(place * ALPHABET.index(one) for place, one in enumerate(body, start=1))
    # The last place counts twelvefold: find the one that brings the sum to a multiple.
    return next(one for at, one in enumerate(ALPHABET) if (total + LENGTH * at) % 31 == 0)


def read_code(text: str) -> str:
    """
    A code as typed or scanned, in any case, with or without dashes and gaps, as it is kept.

    :raises WrongCode: if it cannot be one
    """
    typed = "".join(one for one in text.upper() if one not in " -\u2010\u2011\u2013\t\r\n")
    fits = len(typed) == LENGTH and all(one in ALPHABET for one in typed)
    if not fits or check_character(typed[:-1]) != typed[-1]:
        raise WrongCode
    return typed


def shown(code: str) -> str:
    """A code as people read it: ABCD-EFGH-JKMN."""
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def masked(code: str) -> str:
    """A code on papers that are not the voucher, as the code is the money: ••••-••••-JKMN."""
    return shown("\u2022" * (LENGTH - GROUP) + code[-GROUP:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What decides what a voucher is."""

    left_minor: int
    expired_minor: int
    expires_on: date | None
    disabled: bool


def state_of(life: Life, today: date) -> str:
    """One of STATES."""
    if life.disabled:
        return "disabled"
    if life.left_minor:
        return "expired" if life.expires_on and life.expires_on < today else "open"
    return "expired" if life.expired_minor else "used"
