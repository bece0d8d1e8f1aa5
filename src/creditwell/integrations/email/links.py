"""Links in messages that open a door: made when they are sent, never kept."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from creditwell.integrations.email.models import Message
from creditwell.integrations.email.words import LINK
from creditwell.outbox.deliver import told
from creditwell.tenancy.models import Invitation
from creditwell.tenancy.tokens import invitation_token


def full_text(message: Message) -> str:
    """The text as the one who is written to reads it, links included."""
    if message.kind != "invitation" or message.event_id is None:
        return message.text
    event = told(practice_id=message.practice_id, event_id=message.event_id)
    invitation = Invitation.objects.get(
        practice_id=message.practice_id, pk=int(event.body["invitation_id"])
    )
    token = invitation_token(
        practice_id=invitation.practice_id,
        email=invitation.email,
        created_at=invitation.created_at,
    )
    return message.text.replace(LINK, settings.BASE_URL + reverse("invitation", args=[token]))
