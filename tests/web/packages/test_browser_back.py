"""The browser's Back leads to a form that was saved: saved again, it is saved once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from creditwell.invoicing.models import Invoice
from creditwell.packages.models import Package
from creditwell.payments.models import Payment
from tests.books import assert_books_straight
from tests.cast import Cast
from tests.factories import make_item
from tests.screens import assert_page_is_sound, sign_in, watch
from tests.sold import make_product, make_visit_type

__all__ = ["watch"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_package_is_sold_once(page: Page, live_server: Any, watch: list[str], cast: Cast) -> None:
    massage = make_visit_type(cast.clinic, name="Massage")
    make_product(cast.clinic, massage, name="Five massages")
    make_product(cast.clinic, massage, name="Ten massages", units=10)
    sign_in(page, live_server, cast.bob)
    page.goto(f"{live_server.url}/patients/{cast.clinic.patient.pk}/packages/sell/")
    page.get_by_role("radio", name="Five massages").check()
    page.get_by_role("button", name="Sell package").click()
    expect(page).to_have_url(re.compile("/payments/new/"))
    paying = page.url
    page.go_back()
    page.get_by_role("radio", name="Five massages").check()
    asked = page.get_by_role("checkbox", name="Sell another one")
    expect(asked).to_be_visible()
    assert_page_is_sound(page, "package-sold-today")
    page.get_by_role("button", name="Sell package").click()
    expect(page).to_have_url(paying)
    expect(page.get_by_text("This form was sent twice. It was saved once.")).to_be_visible()
    assert Package.objects.count() == 1
    assert watch == []
    assert_books_straight(cast.clinic.practice)


def test_a_payment_is_taken_once(
    page: Page, live_server: Any, watch: list[str], cast: Cast
) -> None:
    sign_in(page, live_server, cast.bob)
    page.goto(f"{live_server.url}/payments/new/?patient={cast.clinic.patient.pk}")
    page.get_by_label("Amount").fill("20")
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile(r"/payments/\d+/$"))
    receipt = page.url
    page.go_back()
    page.get_by_label("Amount").fill("20")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("It was saved once")).to_be_visible()
    expect(page).to_have_url(receipt)
    page.go_back()
    page.get_by_label("Amount").fill("25")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("begin anew to save this as well")).to_be_visible()
    page.get_by_role("link", name="See what this form did").click()
    expect(page).to_have_url(receipt)
    assert Payment.objects.count() == 1
    assert [line for line in watch if "422" not in line] == []
    assert_books_straight(cast.clinic.practice)


def test_an_invoice_is_issued_once(
    page: Page, live_server: Any, watch: list[str], cast: Cast
) -> None:
    make_item(practice=cast.clinic.practice, name="Tape", price_minor=1200)
    sign_in(page, live_server, cast.bob)
    page.goto(f"{live_server.url}/invoices/new/?patient={cast.clinic.patient.pk}")
    item = page.locator("#id_line-0-item")
    item.select_option(label="Tape")
    expect(page.locator("#id_line-0-price")).to_have_value("12.00")
    item.press("Control+Enter")
    expect(page).to_have_url(re.compile(r"/invoices/\d+/$"))
    bill = page.url
    page.go_back()
    item.select_option(label="Tape")
    expect(page.locator("#id_line-0-price")).to_have_value("12.00")
    item.press("Control+Enter")
    expect(page.get_by_text("It was saved once")).to_be_visible()
    expect(page).to_have_url(bill)
    assert Invoice.objects.count() == 1
    assert watch == []
    assert_books_straight(cast.clinic.practice)
