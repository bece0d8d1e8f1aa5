"""Contacts: insurers, employers, doctors, funders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, cast

from ninja import Query
from pydantic import Field
from typing_extensions import TypedDict

from creditwell.api.auth import Call
from creditwell.api.pagination import Listed, Page, Row, page_of
from creditwell.api.routes import Routes
from creditwell.api.shapes import Done, Email, In, Long, QueryId, Short, Text
from creditwell.api.v1.patients import Changed
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.people.models import Contact
from creditwell.people.rules import ContactDetails, Nameless, NotAKind, NotAnAddress
from creditwell.usecases.archive_contact import ArchiveContact, archive_contact
from creditwell.usecases.create_contact import CreateContact, create_contact
from creditwell.usecases.update_contact import UpdateContact, update_contact

contacts = Routes("Contacts")

REFUSALS = (Invalid, Nameless, NotAnAddress, NotAKind)
Kind = Annotated[str, Field(pattern="^(insurer|employer|doctor|charity|other)$")]


class ContactWhole(In):
    """Everything that is known of a contact: nothing may be missing."""

    kind: Kind
    name: Long
    email: Email
    phone: Short
    address: Text
    notes: Text


class ContactIn(In):
    """A new contact."""

    kind: Kind
    name: Long
    email: Email = ""
    phone: Short = ""
    address: Text = ""
    notes: Text = ""


class ContactFilters(Page):
    """Which contacts."""

    kind: Kind | None = None
    archived: bool = Field(False, description="Only those put away.")


class ContactOut(TypedDict):
    """A contact; `payer_id` is who its money belongs to in the books."""

    id: int
    payer_id: int
    kind: str
    name: str
    email: str
    phone: str
    address: str
    notes: str
    archived_at: datetime | None
    created_at: datetime


class ContactCreated(TypedDict):
    """The new contact."""

    id: int
    payer_id: int


@contacts.get("/contacts", needs="patients.view")
def list_contacts(call: Call, filters: Query[ContactFilters]) -> Listed[ContactOut]:
    """List contacts."""
    rows = Contact.objects.filter(
        practice_id=call.practice_id, archived_at__isnull=not filters.archived
    )
    if filters.kind is not None:
        rows = rows.filter(kind=filters.kind)
    return page_of(rows.values(*COLUMNS), filters, _shown)


@contacts.get("/contacts/{contact_id}", needs="patients.view")
def get_contact(call: Call, contact_id: QueryId) -> ContactOut:
    """Look a contact up."""
    rows = Contact.objects.filter(practice_id=call.practice_id, pk=contact_id)
    found = list(rows.values(*COLUMNS))
    if not found:
        raise NotFound
    return _shown(found)[0]


@contacts.post("/contacts", needs="patients.edit", refuses=REFUSALS)
def new_contact(call: Call, body: ContactIn) -> ContactCreated:
    """Create a contact."""
    created = create_contact(
        CreateContact(
            practice_id=call.practice_id,
            by=call.by,
            key=call.key,
            details=ContactDetails(**body.model_dump()),
        ),
        call.now,
    )
    return {"id": created.contact_id, "payer_id": created.payer_id}


@contacts.put("/contacts/{contact_id}", needs="patients.edit", refuses=REFUSALS)
def change_contact(call: Call, contact_id: QueryId, body: ContactWhole) -> Changed:
    """Write a contact anew. The body is the whole record."""
    updated = update_contact(
        UpdateContact(
            practice_id=call.practice_id,
            by=call.by,
            key=call.key,
            contact_id=contact_id,
            details=ContactDetails(**body.model_dump()),
        ),
        call.now,
    )
    return {"id": contact_id, "changed": updated.changed}


@contacts.post("/contacts/{contact_id}/archive", needs="patients.edit", status=200)
def put_contact_away(call: Call, contact_id: QueryId) -> Done:
    """Offer a contact no more. Patients who are billed to it stay so."""
    return _archive(call, contact_id, archived=True)


@contacts.post("/contacts/{contact_id}/restore", needs="patients.edit", status=200)
def bring_contact_back(call: Call, contact_id: QueryId) -> Done:
    """Bring an archived contact back."""
    return _archive(call, contact_id, archived=False)


def _archive(call: Call, contact_id: int, *, archived: bool) -> Done:
    archive_contact(
        ArchiveContact(
            practice_id=call.practice_id,
            by=call.by,
            key=call.key,
            contact_id=contact_id,
            archived=archived,
        ),
        call.now,
    )
    return {"id": contact_id}


COLUMNS = tuple(ContactOut.__annotations__)


def _shown(rows: Sequence[Row]) -> list[ContactOut]:
    return [cast(ContactOut, row) for row in rows]
