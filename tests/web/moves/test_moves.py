"""Pages of transfers, given credit, and credit that expires."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client

from creditwell.credit.models import Lot
from creditwell.integrations.documents.build_transfer import transfer_document
from creditwell.integrations.email.models import Message
from creditwell.outbox.models import Event
from creditwell.payments.models import Gift, Transfer
from creditwell.payments.queries_transfer import transfer_facts
from creditwell.people.models import Family, FamilyMember, Patient
from creditwell.tenancy.access import facts_of
from creditwell.tenancy.permissions import Role
from creditwell.worker.tasks import relay
from tests.acts import invoice, pay, standing, use_credit
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_member, make_patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def ben(clinic: Clinic) -> Patient:
    return make_patient(practice=clinic.practice, first_name="Ben", email="ben@mail.example")


def sign_in(client: Client, clinic: Clinic, role: Role) -> None:
    client.force_login(make_member(practice=clinic.practice, role=role))


def family(clinic: Clinic, *patients: Patient) -> None:
    made = Family.objects.create(practice=clinic.practice, name="Brennan", created_at=NOW)
    for patient in patients:
        FamilyMember.objects.create(
            practice=clinic.practice, family=made, patient=patient, joined_at=NOW, relation="son"
        )


def form(clinic: Clinic, ben: Patient, **fields: str) -> dict[str, str]:
    return {
        "from": str(clinic.patient.payer_id),
        "to": str(ben.pk),
        "amount": "20",
        "reason": "They share",
        "key": "k1",
        **fields,
    }


def test_a_transfer_and_its_undoing(client: Client, clinic: Clinic, ben: Patient) -> None:
    pay(clinic, 5000)
    sign_in(client, clinic, Role.BOOKKEEPER)
    page = client.get(f"/transfers/new/?patient={clinic.patient.pk}").content.decode()
    assert "Liam Brennan" in page
    sums = client.post("/transfers/sums/", form(clinic, ben)).content.decode()
    assert "30.00" in sums
    assert "$20.00" in sums
    saved = client.post("/transfers/new/", form(clinic, ben))
    made = Transfer.objects.get()
    assert saved.headers["Location"] == f"/transfers/{made.pk}/"
    # The same form again leads to the same page.
    assert (
        client.post("/transfers/new/", form(clinic, ben)).headers["Location"] == saved["Location"]
    )
    assert "Transferred" in client.get(f"/transfers/{made.pk}/").content.decode()
    assert "They share" in client.get("/transfers/").content.decode()
    assert client.post(f"/transfers/{made.pk}/undo/", {"reason": " "}).status_code == 422
    assert standing(clinic, ben).credit_minor == 2000
    client.post(f"/transfers/{made.pk}/undo/", {"reason": "Wrong person", "key": "u"})
    assert standing(clinic, ben).credit_minor == 0
    assert "Wrong person" in client.get(f"/transfers/{made.pk}/").content.decode()
    assert "transferred" in client.get(f"/patients/{ben.pk}/history/").content.decode()
    assert_books_straight(clinic.practice)


def test_at_the_desk_only_the_family_is_offered(
    client: Client, clinic: Clinic, ben: Patient
) -> None:
    lot = pay(clinic, 5000).lot_id
    sign_in(client, clinic, Role.RECEPTIONIST)
    warned = client.post("/transfers/sums/", form(clinic, ben)).content.decode()
    assert "not in one family" in warned
    refused = client.post("/transfers/new/", form(clinic, ben))
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "not in one family" in page
    assert 'value="They share"' in page
    assert 'value="20"' in page
    assert not Transfer.objects.exists()
    family(clinic, clinic.patient, ben)
    page = client.get(f"/transfers/new/?patient={clinic.patient.pk}").content.decode()
    assert f'name="relative" value="{ben.payer_id}"' in page
    fields = {"relative": str(ben.payer_id), "to": "", "amount": "", f"lot-{lot}": "12.50"}
    assert client.post("/transfers/new/", form(clinic, ben, **fields)).status_code == 302
    assert standing(clinic, ben).credit_minor == 1250
    assert_books_straight(clinic.practice)


def test_one_of_the_family_and_somebody_else_is_refused(
    client: Client, clinic: Clinic, ben: Patient
) -> None:
    mia = make_patient(practice=clinic.practice, first_name="Mia", last_name="Moss")
    family(clinic, clinic.patient, ben)
    pay(clinic, 5000)
    sign_in(client, clinic, Role.OWNER)
    events = Event.objects.count()
    for named in ({"to": str(mia.pk), "to-q": "Mia Moss"}, {"to": "", "to-q": "Mia Moss"}):
        both = form(clinic, ben, relative=str(ben.payer_id), **named)
        sums = client.post("/transfers/sums/", both).content.decode()
        assert "You chose one of the family, and somebody else as well." in sums
        answer = client.post("/transfers/new/", both)
        assert answer.status_code == 422
        page = answer.context["page"]
        assert page.errors["to"].startswith("You chose one of the family, and somebody else")
        assert 'value="Mia Moss"' in answer.content.decode()
        assert f'value="{ben.payer_id}" checked' in answer.content.decode()
    assert not Transfer.objects.exists()
    assert Event.objects.count() == events
    # The same person by both ways is one person.
    same = form(clinic, ben, relative=str(ben.payer_id))
    assert client.post("/transfers/new/", same).status_code == 302
    assert standing(clinic, ben).credit_minor == 2000
    assert_books_straight(clinic.practice)


@pytest.mark.parametrize("role", [Role.RECEPTIONIST, Role.BOOKKEEPER])
def test_somebody_else_is_offered_to_those_who_may(
    client: Client, clinic: Clinic, ben: Patient, role: Role
) -> None:
    pay(clinic, 5000)
    sign_in(client, clinic, role)
    url = f"/transfers/new/?patient={clinic.patient.pk}"
    alone = client.get(url).content.decode()
    family(clinic, clinic.patient, ben)
    page = client.get(url).content.decode()
    may = role == Role.BOOKKEEPER
    assert ("Somebody else" in page) is may
    assert ('name="to"' in page, 'name="to"' in alone) == (may, may)
    assert ("To anybody else a bookkeeper or the owner transfers." in page) is not may
    assert ("has no family written down." in alone) is not may
    chosen = client.get(f"{url}&to={ben.pk}").content.decode()
    assert f'value="{ben.payer_id}" checked' in chosen
    assert ('name="to"' in chosen) is may


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"to": ""}, "Choose who gets the credit"),
        ({"amount": ""}, "Enter how much"),
        ({"amount": "twenty"}, "is not an amount"),
        ({"amount": "50.01"}, "There is only"),
        ({"reason": ""}, "Say why"),
        ({"on": "2026-11-25"}, "Choose today or an earlier day"),
    ],
)
def test_what_is_refused(
    client: Client, clinic: Clinic, ben: Patient, fields: dict[str, str], sentence: str
) -> None:
    pay(clinic, 5000)
    sign_in(client, clinic, Role.OWNER)
    events = Event.objects.count()
    answer = client.post("/transfers/new/", form(clinic, ben, **fields))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Transfer.objects.exists()
    assert Event.objects.count() == events
    assert_books_straight(clinic.practice)


def test_each_side_reads_its_own_credit_alone(client: Client, clinic: Clinic, ben: Patient) -> None:
    pay(clinic, 5000)
    pay(clinic, 700, patient=ben)
    sign_in(client, clinic, Role.OWNER)
    client.post("/transfers/new/", form(clinic, ben))
    made = Transfer.objects.get()
    practice = facts_of(clinic.practice)
    facts = transfer_facts(practice, made.pk)
    gave = transfer_document(practice, facts, gave=True)
    got = transfer_document(practice, facts, gave=False)
    assert (gave.credit_after.minor, got.credit_after.minor) == (3000, 2700)
    assert "Payment" in gave.parts[0].text
    # The receiver is not told the number of a receipt that is somebody else's.
    assert got.parts[0].text == "Payment"
    for side in ("giver", "receiver"):
        answer = client.get(f"/transfers/{made.pk}/{side}/pdf/")
        assert answer.content.startswith(b"%PDF")
    path = f"/transfers/{made.pk}/email/"
    assert client.post(path, {"side": "receiver", "to": "nobody", "key": "a"}).status_code == 422
    client.post(path, {"side": "receiver", "to": "ben@mail.example", "key": "b"})
    event = Event.objects.get(topic="transfer.email_requested")
    relay(practice_id=clinic.practice.pk, event_id=event.pk, now=NOW)
    message = Message.objects.get(kind="transfer_received")
    assert (message.to, message.document) == ("ben@mail.example", "transfer_receiver")
    assert "$20.00" in message.text
    assert "Liam" not in message.text
    assert_books_straight(clinic.practice)


def test_what_was_used_cannot_be_undone(client: Client, clinic: Clinic, ben: Patient) -> None:
    pay(clinic, 5000)
    sign_in(client, clinic, Role.OWNER)
    client.post("/transfers/new/", form(clinic, ben))
    made = Transfer.objects.get()
    invoice(clinic, 500, patient=ben)
    use_credit(clinic, payer_id=ben.payer_id)
    assert "$5.00 of it was used" in client.get(f"/transfers/{made.pk}/").content.decode()
    answer = client.post(f"/transfers/{made.pk}/undo/", {"reason": "Wrong", "key": "u"})
    assert answer.status_code == 422
    assert standing(clinic, ben).credit_minor == 1500
    assert_books_straight(clinic.practice)


def test_credit_is_given_and_taken_back(client: Client, clinic: Clinic) -> None:
    sign_in(client, clinic, Role.OWNER)
    path = f"/credit/give/?patient={clinic.patient.pk}"
    typed = {
        "kind": "goodwill",
        "amount": "25",
        "reason": "We were late",
        "on": "2026-11-24",
        "lasts": "on",
        "expires_on": "",
        "category": str(clinic.item.category_id),
        "key": "g",
    }
    refused = client.post(path, typed)
    assert refused.status_code == 422
    assert "last day" in refused.content.decode()
    assert 'value="We were late"' in refused.content.decode()
    assert not Gift.objects.exists()
    client.post(path, {**typed, "expires_on": "2027-01-31"})
    made = Gift.objects.get()
    assert (made.lot.expires_on, made.lot.refundable) == (date(2027, 1, 31), False)
    assert "We were late" in client.get(f"/credit/gifts/{made.pk}/").content.decode()
    back = f"/credit/gifts/{made.pk}/take-back/"
    assert client.post(back, {"reason": ""}).status_code == 422
    client.post(back, {"reason": "The wrong person", "key": "b"})
    assert "Taken back." in client.get(f"/credit/gifts/{made.pk}/").content.decode()
    assert standing(clinic).credit_minor == 0
    assert_books_straight(clinic.practice)


def test_grace_with_one_click_and_by_a_day(client: Client, clinic: Clinic) -> None:
    today = NOW.date()
    soon = pay(clinic, 1000).lot_id
    gone = pay(clinic, 2000, now=NOW - timedelta(days=9)).lot_id
    Lot.objects.filter(pk=soon).update(expires_on=today + timedelta(days=10))
    Lot.objects.filter(pk=gone).update(expires_on=today - timedelta(days=1))
    sign_in(client, clinic, Role.RECEPTIONIST)
    page = client.get("/credit/expiring/").content.decode()
    assert page.count("3 more months") == 2
    assert "20.00" in page
    client.post(f"/credit/lots/{soon}/extend/", {"grace": "1", "key": "s"})
    assert Lot.objects.get(pk=soon).expires_on == date(2027, 3, 4)
    refused = client.post(f"/credit/lots/{gone}/extend/", {"until": "2026-11-01", "key": "a"})
    assert refused.status_code == 422
    client.post(f"/credit/lots/{gone}/extend/", {"until": "2027-06-01", "key": "b"})
    assert Lot.objects.get(pk=gone).expires_on == date(2027, 6, 1)
    explained = client.get(f"/patients/{clinic.patient.pk}/credit/").content.decode()
    assert f"/credit/lots/{gone}/extend/" in explained
    assert_books_straight(clinic.practice)
