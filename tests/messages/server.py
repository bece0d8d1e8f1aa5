"""A mail server for tests: takes letters, or fails in the ways that mail servers fail."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from typing import Any, ClassVar

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection

BACKEND = "tests.messages.server.Backend"


class Server:
    """`taken` are the letters that it accepted; `behave` says what happens next, one by one."""

    taken: ClassVar[list[EmailMessage]] = []
    behave: ClassVar[list[str]] = []
    in_transaction: ClassVar[list[bool]] = []

    @classmethod
    def reset(cls) -> None:
        cls.taken, cls.behave, cls.in_transaction = [], [], []

    @classmethod
    def message_ids(cls) -> list[str]:
        return [letter.message()["Message-ID"] for letter in cls.taken]


class Backend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for letter in email_messages:
            Server.in_transaction.append(connection.in_atomic_block)
            how = Server.behave.pop(0) if Server.behave else "take"
            address = letter.to[0]
            if how == "refuse":
                raise smtplib.SMTPRecipientsRefused({address: (550, b"no such person here")})
            if how == "busy":
                raise smtplib.SMTPRecipientsRefused({address: (451, b"try again later")})
            if how == "away":
                raise ConnectionRefusedError(111, "Connection refused")
            if how == "silent":
                raise TimeoutError("timed out")
            Server.taken.append(letter)
            if how == "take and fall silent":
                raise TimeoutError("timed out")
        return len(email_messages)


def use(settings: Any) -> None:
    """Set this server up as the one that is configured."""
    Server.reset()
    settings.EMAIL_BACKEND = BACKEND
    settings.EMAIL_CONFIGURED = True
    settings.DEFAULT_FROM_EMAIL = "Creditwell <books@clinic.example>"
