"""Change what is known of a contact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.people.operations import lock_contact, update_contact_row
from creditwell.people.rules import ContactDetails, tidy_contact
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateContact:
    practice_id: int
    by: Actor
    key: str = ""
    contact_id: int
    details: ContactDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactUpdated:
    """`changed` names the fields that are different now."""

    contact_id: int
    changed: list[str]


@usecase(ContactUpdated)
def update_contact(command: UpdateContact, now: datetime) -> ContactUpdated:
    """
    Write all details anew; the trail keeps what was there before. Issued invoices stay as printed.

    :raises NotFound: if this practice has no such contact
    :raises Nameless, NotAnAddress, NotAKind: if a detail cannot be meant
    """
    contact = lock_contact(practice_id=command.practice_id, contact_id=command.contact_id)
    changes = update_contact_row(contact=contact, details=tidy_contact(command.details))
    if changes:
        note(
            "update_contact",
            ("contact", contact.pk),
            practice_id=command.practice_id,
            by=command.by,
            at=now,
            details=changes,
        )
    return ContactUpdated(contact_id=contact.pk, changed=list(changes))
