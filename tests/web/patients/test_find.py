"""Finding and quickly creating patients through the doors."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse

from creditwell.people.models import Patient
from tests.acts import pay
from tests.cast import make_cast
from tests.factories import make_appointment, make_patient

HTMX = {"HX-Request": "true"}


@pytest.fixture
def cast(db):
    cast = make_cast()
    make_patient(
        practice=cast.clinic.practice,
        first_name="Ilona",
        last_name="Szymańska",
        phone="0491 570 156",
    )
    return cast


@pytest.fixture
def bob(cast, client: Client) -> Client:
    client.force_login(cast.bob)
    return client


def search(client: Client, text: str, **more: str) -> str:
    query = {"patient-q": text, "picker": "patient", "name": "patient", **more}
    answer = client.get(reverse("patient_search"), query, headers=HTMX)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_picker_is_answered_with_credit_beside_the_name(cast, bob):
    patient = Patient.objects.get(last_name="Szymańska")
    pay(cast.clinic, 14500, patient=patient)
    html = search(bob, "szym")
    assert f'id="patient-{patient.pk}"' in html
    assert 'data-name="Ilona Szymańska"' in html
    assert "$145.00 credit" in html
    assert "<html" not in html


def test_a_new_patient_is_offered_where_one_can_be_made(cast, bob, client):
    html = search(bob, "Ilona Szym", create=reverse("patient_new"))
    assert "Create “Ilona Szym” as a new patient" in html
    assert f'formaction="{reverse("patient_new")}"' in html
    assert "patient-create" not in search(bob, "Ilona Szym")
    assert "patient-create" not in search(bob, "Ilona Szym", create="//evil.example/")
    client.force_login(cast.staff["read_only"])
    assert "patient-create" not in search(client, "Ilona Szym", create=reverse("patient_new"))


def test_without_script_the_search_is_a_page(cast, bob):
    html = bob.get(reverse("patient_search"), {"q": "szym"}).content.decode()
    patient = Patient.objects.get(last_name="Szymańska")
    assert reverse("patient", args=[patient.pk]) in html
    assert "Create “szym” as a new patient" in html
    assert "<html" in html


def test_those_seen_lately_come_first(cast, bob):
    practice = cast.clinic.practice
    older = make_patient(practice=practice, first_name="Adam", last_name="Smithers")
    recent = make_patient(practice=practice, first_name="Zoe", last_name="Smithson")
    make_appointment(practice=practice, patient=recent)
    from datetime import timedelta

    from django.utils import timezone

    from creditwell.scheduling.models import Appointment

    Appointment.objects.update(
        starts_at=timezone.now() - timedelta(days=2), ends_at=timezone.now() - timedelta(days=1)
    )
    html = search(bob, "smi")
    assert html.index(f"patient-{recent.pk}") < html.index(f"patient-{older.pk}")


def test_other_practices_find_nobody_here(cast, client):
    client.force_login(cast.charlie)
    assert "Szymańska" not in search(client, "szym")


def test_quick_create_chooses_the_new_patient(cast, bob):
    form = {"new-name": "Grace Whitlock", "new-phone": "0491 570 006", "picker": "who"}
    answer = bob.post(reverse("patient_quick_create"), form, headers=HTMX)
    patient = Patient.objects.get(last_name="Whitlock")
    assert answer.status_code == 200
    assert json.loads(answer.headers["HX-Trigger"]) == {
        "picker:created": {"picker": "who", "id": str(patient.pk), "name": "Grace Whitlock"}
    }
    assert 'id="who-quick"' in answer.content.decode()
    assert " open" not in answer.content.decode().split(">")[0]


def test_quick_create_warns_of_a_likely_duplicate(cast, bob):
    form = {"new-name": "ilona szymanska", "picker": "patient"}
    answer = bob.post(reverse("patient_quick_create"), form, headers=HTMX)
    patient = Patient.objects.get(last_name="Szymańska")
    html = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="ilona szymanska"' in html
    assert f'name="new-same_as" value="{patient.pk}"' in html
    assert Patient.objects.filter(practice=cast.clinic.practice).count() == 2
    same = bob.post(
        reverse("patient_quick_create"), {**form, "new-same_as": patient.pk}, headers=HTMX
    )
    assert json.loads(same.headers["HX-Trigger"])["picker:created"]["id"] == str(patient.pk)
    other = bob.post(
        reverse("patient_quick_create"), {**form, "new-somebody_else": "on"}, headers=HTMX
    )
    assert other.status_code == 200
    assert Patient.objects.filter(practice=cast.clinic.practice).count() == 3


def test_quick_create_never_chooses_a_foreign_patient(cast, bob):
    form = {"new-name": "X", "new-same_as": str(cast.other.patient.pk)}
    assert bob.post(reverse("patient_quick_create"), form, headers=HTMX).status_code == 404


def test_quick_create_says_what_is_missing(cast, bob):
    answer = bob.post(reverse("patient_quick_create"), {"new-phone": "0491"}, headers=HTMX)
    assert answer.status_code == 422
    assert "Enter a name." in answer.content.decode()
    assert 'value="0491"' in answer.content.decode()


@pytest.mark.parametrize("page", ["patient_search", "patients"])
def test_the_number_of_queries_does_not_grow(
    page, cast, bob, django_assert_max_num_queries
) -> None:
    def count() -> int:
        with django_assert_max_num_queries(20) as caught:
            assert bob.get(reverse(page), {"q": "exa"}).status_code == 200
            assert bob.get(reverse(page)).status_code == 200
        return len(caught)

    for _n in range(3):
        make_patient(practice=cast.clinic.practice)
    few = count()
    for _n in range(60):
        make_patient(practice=cast.clinic.practice)
    assert count() == few
