"""What is typed or picked counts: beside a choice, and on the way to a sale; in the browser."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from creditwell.packages.models import Package
from creditwell.people.models import Family, FamilyMember
from tests.acts import pay
from tests.books import assert_books_straight
from tests.cast import Cast
from tests.factories import NOW, make_patient
from tests.screens import assert_page_is_sound, follow, sign_in, watch
from tests.sold import make_product, make_visit_type, sell

__all__ = ["watch"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_number_and_a_name_choose_their_radios(
    page: Page, live_server: Any, watch: list[str], cast: Cast
) -> None:
    clinic = cast.clinic
    ben = make_patient(practice=clinic.practice, first_name="Ben", last_name="Brennan")
    mia = make_patient(practice=clinic.practice, first_name="Mia", last_name="Moss")
    family = Family.objects.create(practice=clinic.practice, name="Brennan", created_at=NOW)
    for one in (clinic.patient, ben):
        FamilyMember.objects.create(
            practice=clinic.practice, family=family, patient=one, joined_at=NOW
        )
    package = sell(clinic, make_product(clinic, make_visit_type(clinic, name="Massage")))
    sign_in(page, live_server, cast.alice)
    page.goto(f"{live_server.url}/packages/{package.pk}/transfer/")
    page.get_by_role("radio", name="Ben Brennan").check()
    page.get_by_role("combobox", name="Patient").press_sequentially("Mia")
    page.get_by_role("option", name="Mia Moss").click()
    expect(page.get_by_role("radio", name="Somebody else")).to_be_checked()
    page.get_by_label("How many: Massage").fill("2")
    expect(page.get_by_role("radio", name="Only so much:")).to_be_checked()
    page.get_by_label("Reason").fill("Her turn")
    assert_page_is_sound(page, "package-transfer-some")
    page.get_by_role("button", name="Transfer").click()
    expect(page.get_by_text("Transferred.").first).to_be_visible()
    assert Package.objects.get(patient=mia).sessions.count() == 2
    assert watch == []
    assert_books_straight(clinic.practice)


def test_the_payment_form_waits_while_a_package_is_sold(
    page: Page, live_server: Any, watch: list[str], cast: Cast
) -> None:
    clinic = cast.clinic
    clinic.patient.email = "liam@mail.example"
    clinic.patient.save()
    make_product(clinic, make_visit_type(clinic, name="Massage"))
    bill = sell(clinic, make_product(clinic, make_visit_type(clinic, name="Physio")))
    pay(clinic, 45000, now=timezone.now())
    sign_in(page, live_server, cast.bob)
    url = f"{live_server.url}/payments/new/?patient={clinic.patient.pk}"
    page.goto(f"{url}&invoice={bill.line.invoice_id}")
    receipt = page.get_by_role("checkbox", name="Email a receipt")
    expect(page.locator("#summary")).to_contain_text("No money is received.")
    expect(receipt).to_be_hidden()
    page.get_by_label("Amount").fill("20")
    expect(receipt).to_be_visible()
    receipt.check()
    page.get_by_label("Note").fill("For the course")
    assert_page_is_sound(page, "payment-before-the-sale")
    follow(page.get_by_role("button", name="Sell a package"))
    page.get_by_role("radio").first.check()
    follow(page.get_by_role("button", name="Sell package"))
    expect(page.get_by_label("Amount")).to_have_value("20")
    expect(page.get_by_label("Note")).to_have_value("For the course")
    expect(receipt).to_be_checked()
    assert watch == []
    assert_books_straight(clinic.practice)
