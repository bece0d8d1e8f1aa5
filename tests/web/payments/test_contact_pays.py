"""Whoever pays may be a contact: an insurer or an employer, found where patients are found."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from creditwell.ledger.queries import standing_of
from creditwell.payments.models import Payment
from creditwell.people.rules import ContactDetails
from creditwell.tenancy.access import SYSTEM
from creditwell.usecases.create_contact import ContactCreated, CreateContact, create_contact
from tests.acts import pay
from tests.books import assert_books_straight
from tests.cast import Cast, make_cast
from tests.factories import NOW, Clinic, make_patient
from tests.screens import assert_page_is_sound, sign_in
from tests.web.payments.test_taking import form_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast() -> Cast:
    cast = make_cast()
    make_patient(practice=cast.clinic.practice, first_name="Sally", last_name="Souther")
    return cast


@pytest.fixture
def desk(client: Client, cast: Cast) -> Client:
    client.force_login(cast.bob, backend="django.contrib.auth.backends.ModelBackend")
    return client


def make_insurer(clinic: Clinic) -> ContactCreated:
    details = ContactDetails(kind="insurer", name="Southern Mutual", phone="02 5550 0188")
    command = CreateContact(practice_id=clinic.practice.pk, by=SYSTEM, details=details)
    return create_contact(command, NOW)


def test_the_picker_of_the_payment_form_finds_contacts_too(desk: Client, cast: Cast) -> None:
    insurer = make_insurer(cast.clinic)
    make_insurer(cast.other)
    page = desk.get("/payments/new/").content.decode()
    assert 'hx-get="/payments/payers/"' in page
    answer = desk.get("/payments/payers/", {"patient-q": "south"}, headers={"hx-request": "true"})
    found = re.findall(r'data-id="([^"]*)"', answer.content.decode())
    patient = re.compile(r"\d+")
    assert len(found) == 2
    assert patient.fullmatch(found[0])
    assert found[1] == f"payer-{insurer.payer_id}"
    assert "Insurer or health fund · 02 5550 0188" in answer.content.decode()


def test_a_picked_contact_pays(desk: Client, cast: Cast) -> None:
    insurer = make_insurer(cast.clinic)
    form = form_of(desk.get("/payments/new/").content.decode())
    picked = {**form, "patient": f"payer-{insurer.payer_id}", "amount-0": "1,000.00"}
    chosen = desk.post("/payments/new/", {**picked, "show": "1"})
    assert "Southern Mutual" in chosen.content.decode()
    assert Payment.objects.count() == 0
    desk.post("/payments/new/", form_of(chosen.content.decode()), follow=True)
    assert Payment.objects.get().payer_id == insurer.payer_id
    standing = standing_of(practice_id=cast.clinic.practice.pk, holder_id=insurer.payer_id)
    assert standing.credit_minor == 100000
    assert_books_straight(cast.clinic.practice)


def test_without_script_contacts_are_found_too(desk: Client, cast: Cast) -> None:
    insurer = make_insurer(cast.clinic)
    form = form_of(desk.get("/payments/new/").content.decode())
    asked = {**form, "find-patient": "1", "patient-q": "mutual"}
    found = desk.post("/payments/new/", asked).content.decode()
    assert f'name="patient" value="payer-{insurer.payer_id}"' in found
    nobody = desk.post("/payments/new/", {**asked, "patient-q": "xyz"}).content.decode()
    assert "Nobody is called “xyz”." in nobody


def test_another_practices_contact_does_not_pay(desk: Client, cast: Cast) -> None:
    stranger = make_insurer(cast.other)
    form = form_of(desk.get("/payments/new/").content.decode())
    answer = desk.post("/payments/new/", {**form, "patient": f"payer-{stranger.payer_id}"})
    assert answer.status_code == 404


@pytest.mark.browser
def test_an_insurer_is_picked_by_keyboard(page: Page, live_server, watch, cast: Cast) -> None:
    insurer = make_insurer(cast.clinic)
    pay(cast.clinic, 5000)
    sign_in(page, live_server, cast.bob)
    page.goto(live_server.url + "/payments/new/")
    picker = page.get_by_role("combobox", name="Patient or contact")
    picker.press_sequentially("mutual")
    expect(page.get_by_role("option", name="Southern Mutual")).to_be_visible()
    assert_page_is_sound(page, "payment-contact-found")
    page.keyboard.press("Enter")
    expect(page.locator("#amount-0")).to_be_focused()
    page.keyboard.type("250")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Receipt")
    expect(page.get_by_text("Southern Mutual").first).to_be_visible()
    assert Payment.objects.latest("pk").payer_id == insurer.payer_id
    assert watch == []
    assert_books_straight(cast.clinic.practice)
