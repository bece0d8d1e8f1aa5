"""Creating, changing, archiving and restoring people."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from creditwell.audit.models import Note
from creditwell.kernel.errors import NotFound, Refusal
from creditwell.people.models import Contact, Patient, Payer, SearchWord
from creditwell.people.operations import NoSuchChoice
from creditwell.people.queries import contact_facts, find_patients, patient_facts
from creditwell.people.rules import ContactDetails, Nameless, NotAnAddress, NotBornYet
from creditwell.people.rules import PatientDetails as Details
from creditwell.tenancy.access import SYSTEM, Actor
from creditwell.tenancy.models import Concession
from creditwell.usecases.archive_contact import ArchiveContact, archive_contact
from creditwell.usecases.archive_patient import ArchivePatient, archive_patient
from creditwell.usecases.create_contact import CreateContact, create_contact
from creditwell.usecases.create_patient import CreatePatient, LikelyDuplicate, create_patient
from creditwell.usecases.restore_patient import RestorePatient, restore_patient
from creditwell.usecases.update_contact import UpdateContact, update_contact
from creditwell.usecases.update_patient import UpdatePatient, update_patient
from tests.factories import NOW, make_member, make_patient, make_practice
from tests.refusing import refuses

pytestmark = pytest.mark.django_db
TABLES = (Patient, Payer, SearchWord, Contact)
ILONA = Details(
    first_name="Ilona",
    last_name="Szymańska",
    phone="0491 570 156",
    email="ilona.s@mail.example",
    date_of_birth=date(1984, 3, 9),
)


@pytest.fixture
def practice():
    return make_practice()


def create(practice, details=ILONA, **fields):
    command = CreatePatient(practice_id=practice.pk, by=SYSTEM, details=details, **fields)
    return create_patient(command, NOW)


def update(practice, patient_id, details):
    command = UpdatePatient(
        practice_id=practice.pk, by=SYSTEM, patient_id=patient_id, details=details
    )
    return update_patient(command, NOW)


def test_a_patient_comes_with_a_payer_words_and_a_note(practice):
    user = make_member(practice=practice, role="receptionist")
    created = create_patient(
        CreatePatient(practice_id=practice.pk, by=Actor(user_id=user.pk), details=ILONA), NOW
    )
    facts = patient_facts(practice_id=practice.pk, patient_id=created.patient_id)
    assert facts.details == ILONA
    assert Payer.objects.get(pk=created.payer_id).name == "Ilona Szymańska"
    assert [p.id for p in find_patients(practice_id=practice.pk, text="szym 0156")] == [facts.id]
    note = Note.objects.get(practice=practice)
    assert (note.action, note.subject, note.subject_id) == ("create_patient", "patient", facts.id)
    assert note.user_id == user.pk


def test_the_same_request_creates_one_patient(practice):
    assert create(practice, key="k") == create(practice, key="k")
    assert Patient.objects.count() == 1


def test_a_likely_duplicate_is_refused_until_it_is_said_to_be_somebody_else(practice):
    first = create(practice)
    twin = Details(first_name="Ilona", last_name="Szymanska")
    with refuses(LikelyDuplicate, *TABLES) as caught:
        create(practice, twin)
    assert [d.id for d in caught.value.duplicates] == [first.patient_id]
    assert create(practice, twin, somebody_else=True).patient_id != first.patient_id
    create(make_practice(), twin)


@pytest.mark.parametrize(
    ("details", "error"),
    [
        (replace(ILONA, first_name=" ", last_name=""), Nameless),
        (replace(ILONA, email="nowhere"), NotAnAddress),
        (replace(ILONA, date_of_birth=date(2026, 11, 25)), NotBornYet),
    ],
)
def test_what_cannot_be_meant_is_not_created(
    practice, details: Details, error: type[Refusal]
) -> None:
    with refuses(error, *TABLES):
        create(practice, details)


def test_links_of_another_practice_are_refused(practice):
    other = make_practice()
    concession = Concession.objects.create(practice=other, name="Pensioner")
    contact = create_contact(
        CreateContact(
            practice_id=other.pk, by=SYSTEM, details=ContactDetails(kind="doctor", name="Dr Who")
        ),
        NOW,
    )
    for field, value in (
        ("concession_id", concession.pk),
        ("bill_to_id", contact.contact_id),
        ("referred_by_id", contact.contact_id),
    ):
        with refuses(NoSuchChoice, *TABLES) as caught:
            create(practice, replace(ILONA, **{field: value}))
        assert caught.value.param == field.removesuffix("_id")


def test_a_change_keeps_what_was_there_in_the_trail(practice):
    created = create(practice)
    changed = update(practice, created.patient_id, replace(ILONA, last_name="Nowak", phone=""))
    assert changed.changed == ["last_name", "phone"]
    assert Payer.objects.get(pk=created.payer_id).name == "Ilona Nowak"
    assert find_patients(practice_id=practice.pk, text="szy") == []
    assert find_patients(practice_id=practice.pk, text="0156") == []
    assert len(find_patients(practice_id=practice.pk, text="now")) == 1
    note = Note.objects.get(action="update_patient")
    assert note.details == {"last_name": ["Szymańska", "Nowak"], "phone": ["0491 570 156", ""]}


def test_saving_without_a_change_writes_nothing(practice):
    created = create(practice)
    assert update(practice, created.patient_id, ILONA).changed == []
    assert Note.objects.filter(action="update_patient").count() == 0


def test_a_refused_change_leaves_everything_as_it_was(practice):
    created = create(practice)
    with refuses(Nameless, *TABLES):
        update(practice, created.patient_id, replace(ILONA, first_name="", last_name=""))
    with refuses(NotFound, *TABLES):
        update(make_practice(), created.patient_id, ILONA)


def test_archived_patients_are_hidden_and_come_back(practice):
    pk = create(practice).patient_id
    for _again in range(2):
        archive_patient(ArchivePatient(practice_id=practice.pk, by=SYSTEM, patient_id=pk), NOW)
    assert find_patients(practice_id=practice.pk, text="szy") == []
    for _again in range(2):
        restore_patient(RestorePatient(practice_id=practice.pk, by=SYSTEM, patient_id=pk), NOW)
    assert len(find_patients(practice_id=practice.pk, text="szy")) == 1
    actions = list(Note.objects.order_by("pk").values_list("action", flat=True))
    assert actions == ["create_patient", "archive_patient", "restore_patient"]


def test_another_practice_cannot_archive_or_restore(practice):
    pk = make_patient(practice=practice).pk
    other = make_practice()
    with refuses(NotFound, *TABLES):
        archive_patient(ArchivePatient(practice_id=other.pk, by=SYSTEM, patient_id=pk), NOW)
    with refuses(NotFound, *TABLES):
        restore_patient(RestorePatient(practice_id=other.pk, by=SYSTEM, patient_id=pk), NOW)


def test_contacts_are_created_changed_and_put_away(practice):
    details = ContactDetails(kind="insurer", name="Meridian Mutual", phone="1300 555 111")
    command = CreateContact(practice_id=practice.pk, by=SYSTEM, details=details)
    pk = create_contact(command, NOW).contact_id
    change = replace(details, name="Meridian Health", email="claims@meridian.example")
    changed = update_contact(
        UpdateContact(practice_id=practice.pk, by=SYSTEM, contact_id=pk, details=change), NOW
    )
    assert changed.changed == ["name", "email"]
    facts = contact_facts(practice_id=practice.pk, contact_id=pk)
    assert (facts.name, facts.email, facts.archived) == (
        "Meridian Health",
        "claims@meridian.example",
        False,
    )
    assert Payer.objects.get(pk=facts.payer_id).name == "Meridian Health"
    for archived in (True, True, False):
        archive_contact(
            ArchiveContact(practice_id=practice.pk, by=SYSTEM, contact_id=pk, archived=archived),
            NOW,
        )
    actions = list(Note.objects.order_by("pk").values_list("action", flat=True))
    assert actions == ["create_contact", "update_contact", "archive_contact", "restore_contact"]


def test_what_cannot_be_meant_of_a_contact_is_refused(practice):
    with refuses(Nameless, *TABLES):
        create_contact(
            CreateContact(
                practice_id=practice.pk, by=SYSTEM, details=ContactDetails(kind="other", name="")
            ),
            NOW,
        )
    other = make_practice()
    made = create_contact(
        CreateContact(
            practice_id=practice.pk, by=SYSTEM, details=ContactDetails(kind="other", name="X Ltd")
        ),
        NOW,
    )
    with refuses(NotFound, *TABLES):
        update_contact(
            UpdateContact(
                practice_id=other.pk,
                by=SYSTEM,
                contact_id=made.contact_id,
                details=ContactDetails(kind="other", name="Y"),
            ),
            NOW,
        )
    with refuses(NotFound, *TABLES):
        archive_contact(
            ArchiveContact(practice_id=other.pk, by=SYSTEM, contact_id=made.contact_id), NOW
        )
