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
    "attendance": ("attendance.email_requested", ("attendee_id",)),
    "voucher": ("voucher.email_requested", ("voucher_id",)),
    "invitation": ("invitation.email_requested", ("invitation_id",)),
}
"""
Kind of message -> the topic that asks for it, and what of the first event's body it needs.

The first event itself is not told again: others may have heard of it for other reasons. Kinds that
are not here are copied.
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
    Ask anew for what the message was about. Documents have the figures of today; letters that went
    out by themselves tell what was true then, so they are sent again as they were.

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
    event_id = emit(*_request(message, to), practice_id=command.practice_id, at=now)
    assert event_id is not None, "somebody waits for what is asked for"
    note(
        "send_message_again",
        ("message", message.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
    )
    return MessageAskedFor(event_id=event_id)


def _request(message: Message, to: str) -> tuple[str, dict[str, int | str | bool | None]]:
    """The topic and the body of the event that asks for it anew."""
    if message.kind not in REQUESTS or message.event_id is None:
        return "message.email_requested", {"message_id": message.pk, "to": to}
    topic, names = REQUESTS[message.kind]
    first = told(practice_id=message.practice_id, event_id=message.event_id)
    return topic, {**{name: first.body[name] for name in names if name in first.body}, "to": to}


def _check(message: Message, to: str) -> None:
    try:
        validate_email(to)
    except ValidationError as error:
        raise NoAddress from error
    if message.kind == "invitation" and to.lower() != message.to.lower():
        raise OnlyToTheInvited
