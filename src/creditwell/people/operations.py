"""Write patients and contacts. Each function is one change of one record; use cases join them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from django.db import connection
from django.db.models import Model
from django.utils.translation import gettext as _

from creditwell.kernel.errors import NotFound, Refusal
from creditwell.kernel.rows import insert_row, insert_rows
from creditwell.people.models import Contact, Patient, Payer, SearchWord
from creditwell.people.rules import ContactDetails, PatientDetails
from creditwell.people.words import Findable, search_words
from creditwell.tenancy.access import FACTS, FACTS_SQL, PracticeFacts, facts_from
from creditwell.tenancy.models import Concession, PracticeRow


class NoSuchChoice(NotFound):
    """A patient was to be linked to a concession or contact that this practice does not have."""

    code = "no_such_choice"
    status = 422

    def __init__(self, param: str) -> None:
        super().__init__(
            _("Choose one of the list: this one is not there (any more)."), param=param
        )


class MergedAway(Refusal):
    """The record was merged into another: things are done with that one now."""

    code = "merged_away"

    def __init__(self) -> None:
        super().__init__(
            _(
                "This record was merged into another. Use the record that was kept, or undo the "
                "merge on its page."
            )
        )


def lock_patient(*, practice_id: int, patient_id: int) -> Patient:
    """
    Hold a patient's payer for the rest of the transaction (a person is locked by their payer).

    :raises NotFound: if this practice has no such patient
    """
    patient = Patient.objects.filter(practice_id=practice_id, pk=patient_id).first()
    if patient is None:
        raise NotFound
    lock_payers(practice_id=practice_id, payer_ids=[patient.payer_id])
    patient.refresh_from_db()
    return patient


_PATIENT_FIELDS = [field.attname for field in Patient._meta.concrete_fields]
_PATIENT_COLUMNS = ", ".join(f't."{field.column}"' for field in Patient._meta.concrete_fields)
_HOLD_SQL = f"""
SELECT y.merged_into_id, {FACTS_SQL}, {_PATIENT_COLUMNS}
  FROM people_patient t
  JOIN people_payer y ON y.practice_id = t.practice_id AND y.id = t.payer_id
  JOIN tenancy_practice p ON p.id = t.practice_id
 WHERE t.practice_id = %s AND t.id = %s FOR SHARE OF y
"""  # noqa: S608  # names of our own columns; prepared, for every invoice begins with it


def hold_patient(*, practice_id: int, patient_id: int) -> tuple[Patient, PracticeFacts] | None:
    """
    Keep a patient from being merged away until the commit, with the facts of the practice; None
    if this practice has no such one. One query.

    Others may hold the same patient at the same time: invoices are written beside each other.

    :raises MergedAway: if the record was merged into another
    """
    with connection.cursor() as cursor:
        cursor.execute(_HOLD_SQL, [practice_id, patient_id])
        row = cursor.fetchone()
    if row is None:
        return None
    if row[0] is not None:
        raise MergedAway
    facts = facts_from(row[1 : 1 + len(FACTS)])
    return Patient.from_db("default", _PATIENT_FIELDS, row[1 + len(FACTS) :]), facts


def lock_contact(*, practice_id: int, contact_id: int) -> Contact:
    """
    The same for a contact.

    :raises NotFound: if this practice has no such contact
    """
    contact = Contact.objects.filter(practice_id=practice_id, pk=contact_id).first()
    if contact is None:
        raise NotFound
    lock_payers(practice_id=practice_id, payer_ids=[contact.payer_id])
    contact.refresh_from_db()
    return contact


def lock_payers(*, practice_id: int, payer_ids: Iterable[int]) -> None:
    """Hold payers, always in the order of their ids, so that two acts never wait in a ring."""
    locked = Payer.objects.select_for_update(no_key=True).filter(
        practice_id=practice_id, pk__in=sorted(payer_ids)
    )
    list(locked.order_by("pk").values_list("pk"))


def create_patient_row(*, practice_id: int, details: PatientDetails, now: datetime) -> Patient:
    """
    Write a patient with their payer and search words. `details` are tidy (rules.tidy_patient).

    :raises NoSuchChoice: if the concession or a contact is not of this practice
    """
    _check_choices(practice_id, details)
    payer_id = insert_row(Payer, {"practice_id": practice_id, "name": details.name})
    patient = Patient(practice_id=practice_id, payer_id=payer_id, created_at=now, **asdict(details))
    patient.save(force_insert=True)
    write_words(practice_id=practice_id, payer_id=payer_id, person=details.findable)
    return patient


def update_patient_row(*, patient: Patient, details: PatientDetails) -> dict[str, list[str]]:
    """
    Write what changed; returns {field: [before, after]} for the trail, empty if nothing did.

    :raises NoSuchChoice: if the concession or a contact is not of this practice
    """
    _check_choices(patient.practice_id, details)
    changes = _change(patient, asdict(details))
    if changes:
        patient.save(update_fields=list(changes))
        _rename(patient.practice_id, patient.payer_id, details.name, details.findable)
    return _as_text(changes)


def set_patient_archived(*, patient: Patient, at: datetime | None) -> None:
    """Archive a patient, or restore them (None)."""
    patient.archived_at = at
    patient.save(update_fields=["archived_at"])


def create_contact_row(*, practice_id: int, details: ContactDetails, now: datetime) -> Contact:
    """Write a contact with their payer and search words. `details` are tidy."""
    payer_id = insert_row(Payer, {"practice_id": practice_id, "name": details.name})
    contact = Contact(practice_id=practice_id, payer_id=payer_id, created_at=now, **asdict(details))
    contact.save(force_insert=True)
    write_words(practice_id=practice_id, payer_id=payer_id, person=details.findable)
    return contact


def update_contact_row(*, contact: Contact, details: ContactDetails) -> dict[str, list[str]]:
    """Write what changed; returns {field: [before, after]} for the trail."""
    changes = _change(contact, asdict(details))
    if changes:
        contact.save(update_fields=list(changes))
        _rename(contact.practice_id, contact.payer_id, details.name, details.findable)
    return _as_text(changes)


def set_contact_archived(*, contact: Contact, at: datetime | None) -> None:
    """Archive a contact, or restore it (None)."""
    contact.archived_at = at
    contact.save(update_fields=["archived_at"])


def write_words(*, practice_id: int, payer_id: int, person: Findable) -> None:
    """Make a payer findable by what is known of them now; words of before go."""
    SearchWord.objects.filter(practice_id=practice_id, payer_id=payer_id).delete()
    insert_rows(
        SearchWord,
        [
            {"practice_id": practice_id, "payer_id": payer_id, "word": word}
            for word in search_words(person)
        ],
    )


def _rename(practice_id: int, payer_id: int, name: str, person: Findable) -> None:
    Payer.objects.filter(practice_id=practice_id, pk=payer_id).update(name=name)
    write_words(practice_id=practice_id, payer_id=payer_id, person=person)


def _check_choices(practice_id: int, details: PatientDetails) -> None:
    choices: tuple[tuple[str, type[PracticeRow], int | None], ...] = (
        ("concession", Concession, details.concession_id),
        ("bill_to", Contact, details.bill_to_id),
        ("referred_by", Contact, details.referred_by_id),
    )
    for param, model, pk in choices:
        if pk is not None and not _exists(model, practice_id, pk):
            raise NoSuchChoice(param)


def _exists(model: type[PracticeRow], practice_id: int, pk: int) -> bool:
    return model._default_manager.filter(practice_id=practice_id, pk=pk).exists()


def _change(row: Model, values: dict[str, object]) -> dict[str, tuple[object, object]]:
    changes = {}
    for name, value in values.items():
        before = getattr(row, name)
        if before != value:
            changes[name] = (before, value)
            setattr(row, name, value)
    return changes


def _as_text(changes: dict[str, tuple[object, object]]) -> dict[str, list[str]]:
    return {
        name: ["" if one is None else str(one) for one in pair] for name, pair in changes.items()
    }
