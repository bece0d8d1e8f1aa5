"""A package is made by keyboard, and sold to a patient from the pop-up in two clicks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from creditwell.packages.models import Package, Product
from tests.acts import pay, standing
from tests.books import assert_books_straight
from tests.cast import make_cast
from tests.factories import NOW, make_appointment
from tests.screens import (
    assert_accessible,
    assert_no_sideways_scroll,
    assert_page_is_sound,
    assert_targets_are_large,
    picture,
    sign_in,
    watch,
)
from tests.sold import make_product, make_visit_type, states
from tests.visits import the_day

__all__ = ["watch"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def the_day_of_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW - timedelta(days=1))


def test_five_massages_by_keyboard(page: Page, live_server: Any, watch: list[str]) -> None:
    cast = make_cast()
    make_visit_type(cast.clinic, name="Massage")
    sign_in(page, live_server, cast.alice)
    page.goto(f"{live_server.url}/packages/products/new/")
    page.get_by_label("Name", exact=True).focus()
    page.keyboard.type("5 × Massage")
    page.get_by_label("How many sessions").focus()
    page.keyboard.type("5")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("checkbox", name="Massage", exact=True)).to_be_focused()
    page.keyboard.press("Space")
    page.get_by_role("textbox", name="Price", exact=True).focus()
    page.keyboard.type("450")
    expect(page.locator("#sum")).to_contain_text("5 × 90.00")
    expect(page.locator("#sum")).to_contain_text("The package saves $50.00")
    for measure, label in (("Money", "Amount to spend"), ("Sessions", "How many sessions")):
        page.get_by_label(measure, exact=True).check()
        expect(page.get_by_label(label)).to_have_value("5")
    page.get_by_role("button", name="Add a row").click()
    expect(page.get_by_label("How many sessions")).to_have_count(2)
    assert_page_is_sound(page, "package-form")
    page.get_by_role("button", name="Remove row 2").click()
    expect(page.get_by_label("How many sessions")).to_have_count(1)
    page.get_by_label("Good for").focus()
    page.keyboard.type("6")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("It is good for 6 months from the sale.")).to_be_visible()
    assert watch == []
    product = Product.objects.get()
    assert (product.item.name, product.parts.get().units) == ("5 × Massage", 5)


def test_sold_in_two_clicks_from_the_pop_up(page: Page, live_server: Any, watch: list[str]) -> None:
    cast = make_cast()
    clinic = cast.clinic
    massage = make_visit_type(clinic, name="Massage")
    make_product(clinic, massage, name="5 × Massage")
    make_product(clinic, massage, units=10, price_minor=80000, name="10 × Massage")
    pay(clinic, 50000)
    visit = make_appointment(
        practice=clinic.practice,
        patient=clinic.patient,
        appointment_type=massage,
        practitioner=clinic.practitioner,
        location=clinic.location,
    )
    sign_in(page, live_server, cast.bob)
    page.goto(live_server.url + the_day(visit.appointment_id))
    page.locator(f'[href*="/appointments/{visit.appointment_id}/"]').first.click()
    dialog = page.locator("#peek")
    dialog.locator("summary", has_text="5 × Massage").click()
    assert_accessible(page, "#peek")
    assert_targets_are_large(page)
    picture(page, "peek-sell-package")
    dialog.get_by_role("button", name="Sell and use for this visit").first.click()
    expect(page.locator("#toasts")).to_contain_text("used for the visit")
    expect(dialog).to_contain_text("1 of 5")
    expect(dialog.locator(".peek-sell")).to_have_count(0)
    assert_no_sideways_scroll(page)
    assert watch == []
    assert states(Package.objects.get())[0] == "booked"
    assert standing(clinic).credit_minor == 5000
    assert_books_straight(clinic.practice)
