"""Two patients, and the letters that come of what happens to their credit."""

from __future__ import annotations

import pytest

from creditwell.integrations.email.models import Message
from creditwell.outbox.deliver import Told, told
from creditwell.outbox.models import Event
from creditwell.people.models import Patient
from creditwell.tenancy.models import Practice
from tests.factories import NOW, Clinic, make_clinic, make_patient

TREATMENT = ("Standard consultation", "consultation", "Physio", "They share", "Knee")
"""Of items, practitioners and reasons no letter says anything."""


@pytest.fixture
def clinic() -> Clinic:
    clinic = make_clinic(name="Harbour Lane")
    name_patient(clinic.patient, "Liam", "Brennan", "liam@mail.example")
    return clinic


@pytest.fixture
def ben(clinic: Clinic) -> Patient:
    ben = make_patient(practice=clinic.practice)
    name_patient(ben, "Ben", "Ng", "ben@mail.example")
    return ben


def name_patient(patient: Patient, first: str, last: str, email: str) -> None:
    Patient.objects.filter(pk=patient.pk).update(first_name=first, last_name=last, email=email)
    patient.payer.name = f"{first} {last}"
    patient.payer.save()
    patient.refresh_from_db()


def keep_amounts_out(clinic: Clinic) -> None:
    Practice.objects.filter(pk=clinic.practice.pk).update(amounts_in_email=False)


def last_event() -> int:
    newest = Event.objects.order_by("pk").last()
    return newest.pk if newest else 0


def letters(clinic: Clinic, since: int = 0) -> dict[tuple[str, str], Message]:
    """
    What comes of all events (after `since`), each told twice: by kind and address. No letter tells
    of treatment, and without amounts none is told.
    """
    clinic.practice.refresh_from_db()
    for event in Event.objects.filter(practice=clinic.practice, pk__gt=since).order_by("pk"):
        for _time in range(2):
            tell(told(practice_id=clinic.practice.pk, event_id=event.pk))
    found = list(Message.objects.filter(practice=clinic.practice, event_id__gt=since))
    for message in found:
        words = message.subject + message.text
        assert not [word for word in TREATMENT if word.lower() in words.lower()], words
        assert "{" not in words, words
        assert clinic.practice.amounts_in_email or "$" not in words, words
    by_kind = {(message.kind, message.to): message for message in found}
    assert len(by_kind) == len(found), "each is written once"
    return by_kind


def tell(event: Told) -> None:
    from creditwell.worker.subscribers import SUBSCRIBERS

    for handle in SUBSCRIBERS.get(event.topic, ()):
        handle(event, NOW)
