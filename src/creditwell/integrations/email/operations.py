"""Write messages: once for each event, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from creditwell.integrations.email.facts import Addressee
from creditwell.integrations.email.models import Message
from creditwell.integrations.email.words import Letter, Values
from creditwell.kernel.errors import constraint_of
from creditwell.outbox.jobs import ask_for

SEND_TASK = "creditwell.send_message"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message to be kept and, where there is a mail server, sent."""

    kind: str
    to: Addressee
    values: Values
    document: str = ""
    document_id: int | None = None


@dataclass(frozen=True, slots=True)
class Worded:
    """A letter, and when the practice last changed its wording; None: the built-in words."""

    letter: Letter
    worded_at: datetime | None = None


def write_message(
    *, practice_id: int, event_id: int, draft: Draft, worded: Worded, at: datetime
) -> int | None:
    """
    Keep a message of an event, and ask for it to be sent; both or neither.

    The same event told again changes nothing (answers None): of each kind, each payer is written to
    once. Without a mail server the message is kept to be looked at; without an address it has
    failed from the start, and says so.
    """
    status, error = Message.Status.WAITING, ""
    if not draft.to.email:
        status, error = Message.Status.FAILED, _("There is no email address to send it to.")
    elif not settings.EMAIL_CONFIGURED:
        status = Message.Status.KEPT
    row = Message(
        practice_id=practice_id,
        event_id=event_id,
        status=status,
        payer_id=draft.to.payer_id,
        kind=draft.kind,
        to=draft.to.email,
        subject=worded.letter.subject,
        text=worded.letter.text,
        worded_at=worded.worded_at,
        document=draft.document,
        document_id=draft.document_id,
        error=error,
        created_at=at,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)  # a rival with the same event waits here
            if status == Message.Status.WAITING:
                ask_for(SEND_TASK, queue="email", practice_id=practice_id, message_id=row.pk)
    except IntegrityError as fault:
        if constraint_of(fault) == "email_message_once":
            return None
        raise
    return int(row.pk)


def mark_sent(*, practice_id: int, message_id: int, at: datetime) -> None:
    """The mail server has taken it."""
    _waiting(practice_id, message_id).update(status=Message.Status.SENT, sent_at=at, error="")


def mark_failed(*, practice_id: int, message_id: int, error: str) -> None:
    """It will not be tried again by itself."""
    _waiting(practice_id, message_id).update(status=Message.Status.FAILED, error=error[:300])


def mark_delayed(*, practice_id: int, message_id: int, error: str) -> None:
    """It could not be sent yet and will be tried again."""
    _waiting(practice_id, message_id).update(error=error[:300])


def _waiting(practice_id: int, message_id: int) -> QuerySet[Message]:
    return Message.objects.filter(
        practice_id=practice_id, pk=message_id, status=Message.Status.WAITING
    )
