"""Open a practice for somebody who is not known here yet: an operator's way, by command line."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from creditwell.kernel.usecase import usecase
from creditwell.tenancy.staff import create_user
from creditwell.usecases.create_practice import CreatePractice, open_practice


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePracticeAndOwner:
    """`practice.owner_id` is not read: the owner is made here."""

    user_name: str
    email: str
    password: str = field(repr=False)
    practice: CreatePractice
    key: str = ""  # no key: a password must not be part of a claim
    practice_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeAndOwner:
    user_id: int
    practice_id: int


@usecase(PracticeAndOwner)
def create_practice_and_owner(command: CreatePracticeAndOwner, now: datetime) -> PracticeAndOwner:
    """
    Make a user and their practice, or neither.

    :raises UnknownCountry, UnknownCurrency, UnknownTimeZone, Required:
    """
    user = create_user(
        email=command.email, name=command.user_name, password=command.password, at=now
    )
    opened = open_practice(replace(command.practice, owner_id=user.pk), now)
    return PracticeAndOwner(user_id=user.pk, practice_id=opened.practice_id)
