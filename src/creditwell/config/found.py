"""`creditwell create-practice`: what the set-up page does, from the command line."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone

from creditwell.kernel.errors import Refusal
from creditwell.tenancy.models import User
from creditwell.usecases.create_practice import CreatePractice, create_practice
from creditwell.usecases.create_practice_and_owner import (
    CreatePracticeAndOwner,
    create_practice_and_owner,
)


class NotFounded(Exception):
    """The practice was not made; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Who will own the practice. The password is read for somebody new only."""

    email: str
    name: str
    password: str


def found(practice: CreatePractice, owner: Owner) -> int:
    """Make the practice, and its owner unless the email is known; return the practice's id."""
    known = User.objects.filter(email__iexact=owner.email).first()
    now = timezone.now()
    try:
        if known is not None:
            return create_practice(replace(practice, owner_id=known.pk), now).practice_id
        validate_password(owner.password)
        command = CreatePracticeAndOwner(
            user_name=owner.name, email=owner.email, password=owner.password, practice=practice
        )
        return create_practice_and_owner(command, now).practice_id
    except ValidationError as error:
        raise NotFounded(" ".join(error.messages)) from None
    except Refusal as refusal:
        raise NotFounded(refusal.sentence) from None


def is_known(email: str) -> bool:
    """Whether somebody signs in with this email already."""
    return User.objects.filter(email__iexact=email).exists()
