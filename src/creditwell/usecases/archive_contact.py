"""Put a contact away, or bring it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.people.operations import lock_contact, set_contact_archived
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveContact:
    """`archived` False brings it back."""

    practice_id: int
    by: Actor
    key: str = ""
    contact_id: int
    archived: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactArchived:
    contact_id: int


@usecase(ContactArchived)
def archive_contact(command: ArchiveContact, now: datetime) -> ContactArchived:
    """
    Offer a contact no more, or again. Patients who are billed to it stay billed to it.

    :raises NotFound: if this practice has no such contact
    """
    contact = lock_contact(practice_id=command.practice_id, contact_id=command.contact_id)
    if (contact.archived_at is not None) != command.archived:
        set_contact_archived(contact=contact, at=now if command.archived else None)
        note(
            "archive_contact" if command.archived else "restore_contact",
            ("contact", contact.pk),
            practice_id=command.practice_id,
            by=command.by,
            at=now,
        )
    return ContactArchived(contact_id=contact.pk)
