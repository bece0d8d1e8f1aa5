"""Somebody cannot sign in, and no mail reaches them: the operator gives them a new password."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.tenancy.access import SYSTEM
from creditwell.tenancy.staff import change_password


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPassword:
    """`password` has been validated by the door."""

    email: str
    password: str = field(repr=False)
    key: str = ""  # no key: a password must not be part of a claim
    practice_id: int = 0  # a person may work in several


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordSet:
    user_id: int


@usecase(PasswordSet)
def set_password(command: SetPassword, now: datetime) -> PasswordSet:
    """
    Change the password; whoever is signed in with the old one is signed out. The trail of each
    practice that they work in tells that it happened, not by whom: the operator is no user.

    :raises NoSuchUser: if nobody signs in with this address
    """
    user_id, practice_ids = change_password(email=command.email, password=command.password)
    for practice_id in practice_ids:
        note("set_password", ("user", user_id), practice_id=practice_id, by=SYSTEM, at=now)
    return PasswordSet(user_id=user_id)
