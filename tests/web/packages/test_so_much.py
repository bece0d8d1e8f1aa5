"""What is typed or picked beside another choice: refused, never dropped silently."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from creditwell.packages.models import Package, PackageAct, PackageShare, Session
from creditwell.people.models import Family, FamilyMember, Patient
from creditwell.scheduling.models import AppointmentType
from tests.books import assert_books_straight
from tests.cast import Cast
from tests.factories import NOW, Clinic, make_patient
from tests.sold import make_product, sell, unearned
from tests.web.test_two_tabs import opened

pytestmark = pytest.mark.django_db
ALL = "You typed how much, but chose all. Choose “Only so much”, or clear the number."
BOTH = "You chose one of the family, and somebody else as well."


@pytest.fixture
def clinic(cast: Cast) -> Clinic:
    return cast.clinic


@pytest.fixture
def package(clinic: Clinic, massage: AppointmentType) -> Package:
    return sell(clinic, make_product(clinic, massage, name="Five", sharing="anybody"))


@pytest.fixture
def ben(clinic: Clinic) -> Patient:
    """Of the owner's family."""
    found = make_patient(practice=clinic.practice, first_name="Ben")
    home = Family.objects.create(practice=clinic.practice, name="Home", created_at=NOW)
    for one in (clinic.patient, found):
        FamilyMember.objects.create(
            practice=clinic.practice, family=home, patient=one, joined_at=NOW
        )
    return found


@pytest.fixture
def alice(cast: Cast, client: Client) -> Client:
    client.force_login(cast.alice)
    return client


def rows() -> list[Any]:
    tables = (Package, PackageShare, Session, PackageAct)
    return [list(table._default_manager.order_by("pk").values()) for table in tables]


def test_a_number_beside_all_is_refused(
    alice: Client, clinic: Clinic, package: Package, ben: Patient
) -> None:
    url = f"/packages/{package.pk}/transfer/"
    name = f"part-{package.parts.get().pk}"
    assert "How many: Massage" in alice.get(url).content.decode()
    sent = {**opened(alice, url), "relative": ben.pk, "reason": "For Ben", name: "2"}
    assert sent["how"] == "all"
    before = rows()
    answer = alice.post(url, sent)
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"how": [ALL]}
    assert f'name="{name}" value="2"' in answer.content.decode()
    assert rows() == before
    assert alice.post(url, {**sent, "how": "some"}).status_code == 302
    assert (unearned(package), unearned(Package.objects.get(patient=ben))) == (27000, 18000)
    assert_books_straight(clinic.practice)


@pytest.mark.parametrize("page", ["share", "transfer"])
def test_a_relative_and_somebody_else_is_refused(
    alice: Client, clinic: Clinic, package: Package, ben: Patient, page: str
) -> None:
    mia = make_patient(practice=clinic.practice, first_name="Mia", last_name="Moss")
    url = f"/packages/{package.pk}/{page}/"
    sent = {**opened(alice, url), "relative": ben.pk, "reason": "Agreed"}
    before = rows()
    for named in (
        {"patient": mia.pk, "patient-q": "Mia Moss"},
        {"patient-q": "Mia Moss"},
    ):
        answer = alice.post(url, {**sent, **named})
        assert answer.status_code == 422
        assert BOTH in answer.context["picked"].error
        assert "Mia Moss" in answer.content.decode()
    # To look for somebody without script is not to take the relative.
    assert alice.post(url, {**sent, "patient-q": "Mia", "find-patient": "1"}).status_code == 422
    assert rows() == before
    assert alice.post(url, {**sent, "patient": ben.pk, "patient-q": "Ben"}).status_code == 302
    assert_books_straight(clinic.practice)


def test_somebody_else_is_offered_to_those_who_may(
    client: Client, cast: Cast, package: Package, ben: Patient
) -> None:
    url = f"/packages/{package.pk}/transfer/"
    for user, may in ((cast.alice, True), (cast.bob, False)):
        client.force_login(user)
        page = client.get(url).content.decode()
        assert ("Somebody else" in page) is may
        assert ('name="patient"' in page) is may
        assert ("To anybody else a bookkeeper or the owner transfers." in page) is not may
    FamilyMember.objects.all().delete()
    before = rows()
    assert "has no family written down." in client.get(url).content.decode()
    answer = client.post(url, {**opened(client, url), "reason": "Moves away"})
    assert answer.status_code == 422
    assert "These two are not in one family." in answer.content.decode()
    assert rows() == before
