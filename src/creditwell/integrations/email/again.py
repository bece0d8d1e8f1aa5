"""Send a message again, perhaps to another address: a new message, asked for by a new event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.integrations.email.models import Message
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.kernel.usecase import usecase
from creditwell.outbox.deliver import told
from creditwell.outbox.emit import emit
from creditwell.tenancy.access import Actor

REQUESTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "receipt": ("receipt.email_requested", ("payment_id",)),
    "invoice": ("invoice.email_requested", ("invoice_id",)),
    "credit_note": ("credit_note.email_requested", ("credit_note_id",)),
    "statement": (
        "statement.email_requested",
        ("patient_id", "family_id", "contact_id", "since", "until"),
    ),
    "invitation": ("invitation.email_requested", ("invitation_id",)),
}
"""
Kind of message -> the topic that asks for it, and what of the first event's body it needs.

The first event itself is not told again: others may have heard of it for other reasons.
"""


class NoAddress(Invalid):
    """What was typed is no email address."""

    code = "no_email_address"

    def __init__(self) -> None:
        super().__init__(
            _("This is not an email address. Write it like name@mail.example."), param="to"
        )


class OnlyToTheInvited(Invalid):
    """An invitation lets in whoever opens it: it goes to the address that was invited."""

    code = "invitation_address"

    def __init__(self) -> None:
        super().__init__(
            _("An invitation goes only to the address that was invited. Invite the other address."),
            param="to",
        )


@dataclass(frozen=True, kw_only=True)
class SendMessageAgain:
    practice_id: int
    key: str = ""
    by: Actor
    message_id: int
    to: str


@dataclass(frozen=True, kw_only=True)
class MessageAskedFor:
    event_id: int


@usecase(MessageAskedFor)
def send_message_again(command: SendMessageAgain, now: datetime) -> MessageAskedFor:
    """
    Ask anew for what the message was about; the figures in it are those of today.

    :raises NotFound: if this practice has no such message
    :raises NoAddress: if `to` is no email address
    :raises OnlyToTheInvited: if an invitation shall go to somebody else
    """
    message = Message.objects.filter(
        practice_id=command.practice_id, pk=command.message_id, event_id__isnull=False
    ).first()
    if message is None or message.event_id is None:
        raise NotFound
    to = command.to.strip()
    _check(message, to)
    first = told(practice_id=command.practice_id, event_id=message.event_id)
    topic, names = REQUESTS[message.kind]
    body = {name: first.body[name] for name in names if name in first.body}
    event_id = emit(topic, {**body, "to": to}, practice_id=command.practice_id, at=now)
    note(
        "send_message_again",
        ("message", message.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
    )
    return MessageAskedFor(event_id=event_id)


def _check(message: Message, to: str) -> None:
    try:
        validate_email(to)
    except ValidationError as error:
        raise NoAddress from error
    if message.kind == "invitation" and to.lower() != message.to.lower():
        raise OnlyToTheInvited
