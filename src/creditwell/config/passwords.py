"""`creditwell set-password`: a new password without a mail."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone

from creditwell.kernel.errors import Refusal
from creditwell.tenancy.models import User
from creditwell.usecases.set_password import SetPassword, set_password


class NotSet(Exception):
    """The password was not changed; the message says why."""


def change(email: str, password: str) -> None:
    """:raises NotSet: if the password is too weak, or nobody signs in with this address"""
    try:
        validate_password(password, User.objects.filter(email__iexact=email.strip()).first())
        set_password(SetPassword(email=email, password=password), timezone.now())
    except ValidationError as error:
        raise NotSet(" ".join(error.messages)) from None
    except Refusal as refusal:
        raise NotSet(refusal.sentence) from None
