"""A voucher is sold, looked at and redeemed: in the browser, every page looked at."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from creditwell.payments.models import Voucher
from creditwell.payments.rules_voucher import shown
from tests.acts import standing
from tests.books import assert_books_straight
from tests.cast import make_cast
from tests.screens import assert_page_is_sound, sign_in, watch

__all__ = ["watch"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_sold_and_redeemed(page: Page, live_server: Any, watch: list[str]) -> None:
    cast = make_cast()
    clinic = cast.clinic
    sign_in(page, live_server, cast.alice)
    page.goto(f"{live_server.url}/payments/vouchers/new/?patient={clinic.patient.pk}")
    page.get_by_label("Value").fill("80")
    page.get_by_label("For", exact=False).first.fill("Ilona")
    expect(page.locator("#summary")).to_contain_text("$80.00")
    page.get_by_role("button", name="Add another voucher").click()
    expect(page.locator("#summary")).to_contain_text("$160.00")
    assert_page_is_sound(page, "voucher-new")
    page.get_by_role("button", name="Remove voucher 2").click()
    expect(page.get_by_label("Value")).to_have_count(1)
    expect(page.locator("#summary")).to_contain_text("$80.00")
    page.locator(".sum-acts button").click()
    expect(page.get_by_text("1 voucher sold.")).to_be_visible()
    voucher = Voucher.objects.get()
    assert_page_is_sound(page, "voucher")
    page.goto(f"{live_server.url}/payments/vouchers/redeem/?patient={clinic.patient.pk}")
    assert_page_is_sound(page, "voucher-redeem")
    page.get_by_label("Code").fill(shown(voucher.code).lower())
    page.keyboard.press("Enter")
    expect(page.get_by_label("Amount", exact=True)).to_have_value("80.00")
    assert_page_is_sound(page, "voucher-redeem-amount")
    page.get_by_role("button", name="Redeem", exact=True).last.click()
    expect(page.get_by_text("is now account credit of").first).to_be_visible()
    assert standing(clinic).credit_minor == 8000
    page.goto(f"{live_server.url}/payments/vouchers/")
    assert_page_is_sound(page, "vouchers")
    assert watch == []
    assert_books_straight(clinic.practice)
