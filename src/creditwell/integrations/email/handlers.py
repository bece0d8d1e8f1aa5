"""From an event that asks for an email to the message. Told twice, written once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from django.utils import translation

from creditwell.integrations.email import (
    drafts_attendance,
    drafts_credit,
    drafts_package,
    drafts_voucher,
    facts,
    words,
)
from creditwell.integrations.email.facts import Addressee
from creditwell.integrations.email.kinds import KINDS
from creditwell.integrations.email.models import Message
from creditwell.integrations.email.operations import Draft, Worded, write_message
from creditwell.integrations.email.templates import Template, template_of, templates_of
from creditwell.outbox.deliver import Told
from creditwell.tenancy.access import PracticeFacts, practice_facts

Drafting = Callable[[PracticeFacts, Told, datetime], list[Draft]]


def write(event: Told, now: datetime) -> None:
    """
    Write the messages that an event asks for, in the practice's language and wording.

    `to` in the event's body, where somebody typed another address, goes before the one on record.
    What nobody asked for is not written to those without an address, nor of a kind that the
    practice switched off.
    """
    practice = practice_facts(event.practice_id)
    with translation.override(practice.locale.replace("_", "-").lower()):
        drafts = DRAFTS[event.topic](practice, event, now)
        own = templates_of(practice.id) if drafts else {}
        for draft in drafts:
            template = template_of(KINDS[draft.kind], own)
            by_itself = KINDS[draft.kind].by_itself and event.topic not in ASKED
            if by_itself and not (template.is_enabled and draft.to.email):
                continue
            _write(practice, event, draft, template, now)


def copy(event: Told, now: datetime) -> None:
    """Write a message of before once more, word by word, to the address in the event."""
    first = Message.objects.select_related("payer").get(
        practice_id=event.practice_id, pk=int(event.body["message_id"])
    )
    to = Addressee(
        payer_id=first.payer_id,
        name=first.payer.name if first.payer else "",
        email=str(event.body["to"]),
    )
    write_message(
        practice_id=event.practice_id,
        event_id=event.id,
        draft=Draft(
            kind=first.kind,
            to=to,
            values={},
            document=first.document,
            document_id=first.document_id,
        ),
        worded=Worded(words.Letter(first.subject, first.text), first.worded_at),
        at=now,
    )


def _write(
    practice: PracticeFacts, event: Told, draft: Draft, template: Template, now: datetime
) -> None:
    if other := str(event.body.get("to") or "").strip():
        draft = replace(draft, to=replace(draft.to, email=other))
    letter = words.letter(practice, draft.kind, draft.values, template.own)
    worded = Worded(letter, template.changed_at if template.own else None)
    write_message(practice_id=practice.id, event_id=event.id, draft=draft, worded=worded, at=now)


def _receipt(practice: PracticeFacts, event: Told, now: datetime) -> list[Draft]:
    payment_id = int(event.body["payment_id"])
    found = facts.receipt_facts(practice, payment_id)
    values = words.receipt_values(practice, found)
    return [
        Draft(
            kind="receipt", to=found.to, values=values, document="receipt", document_id=payment_id
        )
    ]


def _if_asked(drafting: Drafting) -> Drafting:
    """For events of another kind: whoever did it ticked "send it by email", or did not."""
    return lambda practice, event, now: (
        drafting(practice, event, now) if event.body.get("email") else []
    )


def _invoice(practice: PracticeFacts, event: Told, now: datetime) -> list[Draft]:
    invoice_id = int(event.body["invoice_id"])
    found = facts.invoice_facts(practice, invoice_id, on=practice.day_of(now))
    values = words.invoice_values(practice, found)
    return [
        Draft(
            kind="invoice", to=found.to, values=values, document="invoice", document_id=invoice_id
        )
    ]


def _credit_note(practice: PracticeFacts, event: Told, now: datetime) -> list[Draft]:
    note_id = int(event.body["credit_note_id"])
    found = facts.credit_note_facts(practice, note_id)
    values = words.credit_note_values(practice, found)
    return [
        Draft(
            kind="credit_note",
            to=found.to,
            values=values,
            document="credit_note",
            document_id=note_id,
        )
    ]


def _statement(practice: PracticeFacts, event: Told, now: datetime) -> list[Draft]:
    since, until = (date.fromisoformat(event.body[name]) for name in ("since", "until"))
    document, document_id = "statement", None
    if "family_id" in event.body:
        document, document_id = "family_statement", int(event.body["family_id"])
        found = facts.family_statement_facts(practice, document_id, since, until)
    elif "contact_id" in event.body:
        document, document_id = "funder_statement", int(event.body["contact_id"])
        found = facts.contact_statement_facts(practice, document_id, since, until)
    else:
        found = facts.statement_facts(practice, int(event.body["patient_id"]), since, until)
        document_id = found.to.payer_id
    return [
        Draft(
            kind="statement",
            to=found.to,
            values=words.statement_values(practice, found),
            document=document,
            document_id=document_id,
        )
    ]


def _invitation(practice: PracticeFacts, event: Told, now: datetime) -> list[Draft]:
    invitation_id = int(event.body["invitation_id"])
    found = facts.invitation_facts(practice, invitation_id)
    values = words.invitation_values(practice, found)
    return [Draft(kind="invitation", to=found.to, values=values)]


DRAFTS: dict[str, Drafting] = {
    "payment.taken": _if_asked(_receipt),
    "invoice.issued": _if_asked(_invoice),
    "credit_note.issued": _if_asked(_credit_note),
    "receipt.email_requested": _receipt,
    "invoice.email_requested": _invoice,
    "credit_note.email_requested": _credit_note,
    "statement.email_requested": _statement,
    "transfer.email_requested": drafts_credit.transfer_requested,
    "attendance.email_requested": drafts_attendance.requested,
    "voucher.sold": drafts_voucher.sold,
    "voucher.email_requested": drafts_voucher.requested,
    "member.invited": _invitation,
    "invitation.email_requested": _invitation,
    "transfer.made": drafts_credit.transfer_made,
    "transfer.undone": drafts_credit.transfer_undone,
    "share.given": drafts_credit.share_given,
    "share.ended": drafts_credit.share_ended,
    "credit.low": drafts_credit.credit_low,
    "credit.expiring": drafts_credit.credit_expiring,
    "credit.expired": drafts_credit.credit_expired,
    "credit.refunded": drafts_credit.refunded,
    "package.expiring": drafts_package.expiring,
    "package.one_left": drafts_package.one_left,
    "package.expired": drafts_package.expired,
    "membership.renewed": drafts_package.renewed,
    "membership.cancelled": drafts_package.cancelled,
}

ASKED = frozenset(topic for topic in DRAFTS if topic.endswith(".email_requested"))
"""Somebody waits for these."""

COPY = "message.email_requested"
"""Asks for a message of before, as it was."""

IF_ASKED = frozenset({"payment.taken", "invoice.issued", "credit_note.issued", "voucher.sold"})
"""Of these only what was ticked "send it by email" is wanted."""
