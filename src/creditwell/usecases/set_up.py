"""The first thing that happens in an installation: its first user opens its first practice."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext as _

from creditwell.kernel.errors import Refusal
from creditwell.kernel.usecase import usecase
from creditwell.tenancy.queries import is_set_up
from creditwell.tenancy.staff import create_user
from creditwell.usecases.create_practice import CreatePractice, open_practice

SET_UP_LOCK = 7_301_733  # any number of our own: only one set-up at a time


class AlreadySetUp(Refusal):
    """Somebody was here before."""

    code = "already_set_up"

    def __init__(self) -> None:
        super().__init__(
            _("Creditwell is already set up here. Sign in, or ask the owner to invite you.")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUp:
    """`practice.owner_id` is not read: the owner is made here."""

    user_name: str
    email: str
    password: str = field(repr=False)
    practice: CreatePractice
    key: str = ""  # no key: a set-up happens once, and a password must not be part of a claim
    practice_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUpDone:
    user_id: int
    practice_id: int


@usecase(SetUpDone)
def set_up(command: SetUp, now: datetime) -> SetUpDone:
    """
    Make the first user and their practice.

    :raises AlreadySetUp: if there is a practice or a user
    :raises UnknownCountry, UnknownCurrency, UnknownTimeZone, Required:
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SET_UP_LOCK])
    if is_set_up():
        raise AlreadySetUp
    user = create_user(
        email=command.email, name=command.user_name, password=command.password, at=now
    )
    opened = open_practice(replace(command.practice, owner_id=user.pk), now)
    return SetUpDone(user_id=user.pk, practice_id=opened.practice_id)
