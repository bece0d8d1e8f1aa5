"""
Hand a waiting message to the mail server.

The network is never inside a transaction. A mail server that says no for good ends it; one that is
away is asked again later. When the line breaks after the server took the message we cannot know it,
and send once more: the same Message-ID on each attempt lets mail programs show one letter, and a
receipt twice is better than none.
"""

from __future__ import annotations

import smtplib
from dataclasses import dataclass
from datetime import datetime
from email.utils import formataddr, parseaddr

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from creditwell.integrations.email.documents import paper_of
from creditwell.integrations.email.facts import reply_address
from creditwell.integrations.email.links import full_text
from creditwell.integrations.email.models import Message
from creditwell.integrations.email.operations import mark_delayed, mark_failed, mark_sent
from creditwell.tenancy.access import PracticeFacts, practice_facts

log = structlog.get_logger("creditwell.email")


class NotSentYet(Exception):
    """The message waits still; try again later."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why it was not sent, and whether another attempt can help."""

    sentence: str
    permanent: bool


def send(*, practice_id: int, message_id: int, last: bool, now: datetime) -> None:
    """
    Send a message that waits; one that does not wait is left alone.

    :raises NotSentYet: if it is worth another attempt (never when this is the `last`)
    """
    message = Message.objects.get(practice_id=practice_id, pk=message_id)
    if message.status != Message.Status.WAITING:
        return
    practice = practice_facts(practice_id)
    with translation.override(practice.locale.replace("_", "-").lower()):
        try:
            _compose(practice, message).send()
        except Exception as error:
            _not_sent(message, error, last=last)
            return
    mark_sent(practice_id=practice_id, message_id=message_id, at=now)


def message_id_of(message: Message) -> str:
    """The same for every attempt, so that one letter is shown however often it was sent."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<creditwell-{message.practice_id}-{message.pk}@{domain or 'localhost'}>"


def _compose(practice: PracticeFacts, message: Message) -> EmailMessage:
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    receipt_id = message.document_id if message.document == "receipt" else None
    answers = reply_address(practice.id, receipt_id=receipt_id)
    email = EmailMessage(
        subject=message.subject,
        body=full_text(message),
        from_email=formataddr((" ".join(practice.name.split()), sender)),
        to=[message.to],
        reply_to=[answers] if answers else None,
        headers={"Message-ID": message_id_of(message), "Auto-Submitted": "auto-generated"},
    )
    paper = paper_of(message)
    if paper is not None:
        email.attach(paper.name, paper.content, "application/pdf")
    return email


def _not_sent(message: Message, error: Exception, *, last: bool) -> None:
    fault = fault_of(error)
    known = {"practice_id": message.practice_id, "message_id": message.pk}
    # What mail servers say may name the patient; our own defects are told in full.
    outside = isinstance(error, OSError | smtplib.SMTPException)
    log.warning(
        "message not sent", fault=type(error).__name__, last=last, exc_info=not outside, **known
    )
    if fault.permanent or last:
        mark_failed(**known, error=fault.sentence)
        return
    mark_delayed(**known, error=fault.sentence)
    raise NotSentYet from error


def fault_of(error: Exception) -> Fault:
    """
    What to say of an error. The mail server's own words are left out: they may name the patient.

    A reply of 5xx is a refusal for good, 4xx and silence are not (RFC 5321, 4.2.1).
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _words in error.recipients.values()]
        return _refused(_("The mail server does not accept this address."), max(codes, default=550))
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Fault(_("The mail server did not accept our user name or password."), False)
    if isinstance(error, smtplib.SMTPResponseException):
        return _refused(_("The mail server refused the message."), error.smtp_code)
    if isinstance(error, TimeoutError):
        return Fault(_("The mail server did not answer in time."), False)
    if isinstance(error, OSError | smtplib.SMTPException):
        return Fault(_("The mail server could not be reached."), False)
    return Fault(_("The message could not be put together."), False)


def _refused(sentence: str, code: int) -> Fault:
    text = _("%(sentence)s (Reply %(code)s.)") % {"sentence": sentence, "code": code}
    return Fault(text, permanent=code >= 500)
