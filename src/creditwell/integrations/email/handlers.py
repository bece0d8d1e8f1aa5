"""From an event that asks for an email to the message. Told twice, written once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from django.utils import translation

from creditwell.integrations.email import facts, words
from creditwell.integrations.email.operations import Draft, write_message
from creditwell.outbox.deliver import Told
from creditwell.tenancy.access import PracticeFacts, practice_facts

Drafting = Callable[[PracticeFacts, Told], Draft | None]


def write(event: Told, now: datetime) -> None:
    """
    Write the message that an event asks for, in the practice's language.

    `to` in the event's body, where somebody typed another address, goes before the one on record.
    """
    practice = practice_facts(event.practice_id)
    with translation.override(practice.locale.replace("_", "-").lower()):
        draft = DRAFTS[event.topic](practice, event)
        if draft is None:
            return
        if other := str(event.body.get("to") or "").strip():
            draft = replace(draft, to=replace(draft.to, email=other))
        write_message(practice_id=practice.id, event_id=event.id, draft=draft, at=now)


def _receipt(practice: PracticeFacts, event: Told) -> Draft:
    payment_id = int(event.body["payment_id"])
    found = facts.receipt_facts(practice, payment_id)
    letter = words.receipt_letter(practice, found)
    return Draft(
        kind="receipt", to=found.to, letter=letter, document="receipt", document_id=payment_id
    )


def _if_asked(drafting: Drafting) -> Drafting:
    """For events of another kind: whoever did it ticked "send it by email", or did not."""
    return lambda practice, event: drafting(practice, event) if event.body.get("email") else None


def _invoice(practice: PracticeFacts, event: Told) -> Draft:
    invoice_id = int(event.body["invoice_id"])
    found = facts.invoice_facts(practice, invoice_id)
    letter = words.invoice_letter(practice, found)
    return Draft(
        kind="invoice", to=found.to, letter=letter, document="invoice", document_id=invoice_id
    )


def _credit_note(practice: PracticeFacts, event: Told) -> Draft:
    note_id = int(event.body["credit_note_id"])
    found = facts.credit_note_facts(practice, note_id)
    letter = words.credit_note_letter(practice, found)
    return Draft(
        kind="credit_note", to=found.to, letter=letter, document="credit_note", document_id=note_id
    )


def _statement(practice: PracticeFacts, event: Told) -> Draft:
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
    return Draft(
        kind="statement",
        to=found.to,
        letter=words.statement_letter(practice, found),
        document=document,
        document_id=document_id,
    )


def _transfer(practice: PracticeFacts, event: Told) -> Draft:
    transfer_id, gave = int(event.body["transfer_id"]), event.body["side"] == "giver"
    found = facts.transfer_facts(practice, transfer_id, gave=gave)
    return Draft(
        kind="transfer",
        to=found.to,
        letter=words.transfer_letter(practice, found),
        document="transfer_giver" if gave else "transfer_receiver",
        document_id=transfer_id,
    )


def _invitation(practice: PracticeFacts, event: Told) -> Draft:
    invitation_id = int(event.body["invitation_id"])
    found = facts.invitation_facts(practice, invitation_id)
    letter = words.invitation_letter(practice, found)
    return Draft(kind="invitation", to=found.to, letter=letter)


DRAFTS: dict[str, Drafting] = {
    "payment.taken": _if_asked(_receipt),
    "invoice.issued": _if_asked(_invoice),
    "credit_note.issued": _if_asked(_credit_note),
    "receipt.email_requested": _receipt,
    "invoice.email_requested": _invoice,
    "credit_note.email_requested": _credit_note,
    "statement.email_requested": _statement,
    "transfer.email_requested": _transfer,
    "member.invited": _invitation,
    "invitation.email_requested": _invitation,
}

IF_ASKED = frozenset({"payment.taken", "invoice.issued", "credit_note.issued"})
"""Of these only what was ticked "send it by email" is wanted."""
