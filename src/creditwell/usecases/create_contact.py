"""Create a contact: an insurer, an employer, a doctor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.people.operations import create_contact_row
from creditwell.people.rules import ContactDetails, tidy_contact
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateContact:
    practice_id: int
    by: Actor
    key: str = ""
    details: ContactDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactCreated:
    contact_id: int
    payer_id: int


@usecase(ContactCreated)
def create_contact(command: CreateContact, now: datetime) -> ContactCreated:
    """
    Create a contact with the payer behind it.

    :raises Nameless, NotAnAddress, NotAKind: if a detail cannot be meant
    """
    contact = create_contact_row(
        practice_id=command.practice_id, details=tidy_contact(command.details), now=now
    )
    note(
        "create_contact",
        ("contact", contact.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
    )
    return ContactCreated(contact_id=contact.pk, payer_id=contact.payer_id)
