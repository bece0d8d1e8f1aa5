"""A bookkeeper sets the catalogue up, in a real browser."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from creditwell.catalog.models import ConcessionPrice, PaymentSource
from creditwell.tenancy.models import Concession
from tests.cast import Cast, make_cast
from tests.factories import make_source, make_tax_rate
from tests.screens import assert_page_is_sound, follow, sign_in, watch

__all__ = ["watch"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast() -> Cast:
    cast = make_cast()
    practice = cast.clinic.practice
    Concession.objects.create(practice=practice, name="Pensioner")
    Concession.objects.create(practice=practice, name="Student")
    make_tax_rate(practice=practice, name="GST")
    return cast


def test_an_item_is_added_with_a_concession_price(
    page: Page, live_server: Any, cast: Cast, watch: list[str]
) -> None:
    sign_in(page, live_server, cast.staff["bookkeeper"])
    page.goto(f"{live_server.url}/items/")
    assert_page_is_sound(page, "items")
    follow(page.get_by_role("link", name="New item"))
    assert_page_is_sound(page, "item-new")
    page.get_by_label("Name", exact=True).fill("Dry needling")
    page.get_by_role("textbox", name="Price", exact=True).fill("95")
    page.get_by_label("Pensioner").fill("80.005")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("at most 2 decimals")
    expect(page.get_by_role("textbox", name="Price", exact=True)).to_have_value("95")
    page.get_by_label("Pensioner").fill("80")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Dry needling is saved.")).to_be_visible()
    row = page.get_by_role("row", name="Dry needling")
    expect(row).to_contain_text("95.00")
    page.get_by_placeholder("Name or code").fill("needl")
    expect(page.get_by_role("row", name="Standard consultation")).to_have_count(0)
    expect(row).to_be_visible()
    price = ConcessionPrice.objects.get(item__name="Dry needling")
    assert (price.concession.name, price.price_minor) == ("Pensioner", 8000)
    row.get_by_role("link").click()
    expect(page.get_by_label("Pensioner")).to_have_value("80.00")
    assert_page_is_sound(page, "item")
    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_text("Dry needling is archived.")).to_be_visible()
    assert [line for line in watch if "422" not in line] == []


def test_payment_sources_are_put_in_order(
    page: Page, live_server: Any, cast: Cast, watch: list[str]
) -> None:
    practice = cast.clinic.practice
    for position, name in enumerate(["Bank transfer", "HICAPS"], start=2):
        make_source(practice=practice, name=name, position=position)
    sign_in(page, live_server, cast.alice)
    page.goto(f"{live_server.url}/settings/sources/")
    assert_page_is_sound(page, "sources")

    def order() -> list[str]:
        sources = PaymentSource.objects.filter(practice=practice)
        return list(sources.order_by("position").values_list("name", flat=True))

    page.get_by_role("button", name="Move HICAPS up").click()
    expect(page.get_by_text("The order is saved.")).to_be_visible()
    assert order() == ["Cash", "Card", "HICAPS", "Bank transfer"]
    page.get_by_role("button", name="Move Cash down").click()
    expect(page.locator("tbody tr").first).to_contain_text("Card")
    assert order() == ["Card", "Cash", "HICAPS", "Bank transfer"]
    follow(page.get_by_role("link", name="HICAPS"))
    page.get_by_label("Name", exact=True).fill("Health fund terminal")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("link", name="Health fund terminal")).to_be_visible()
    assert watch == []


@pytest.mark.parametrize("name", ["taxes", "concessions", "categories"])
def test_the_other_lists_are_sound(
    page: Page, live_server: Any, cast: Cast, watch: list[str], name: str
) -> None:
    sign_in(page, live_server, cast.alice)
    page.goto(f"{live_server.url}/settings/{name}/")
    assert_page_is_sound(page, name)
    page.locator("tbody a").first.click()
    expect(page.get_by_role("heading", name="Change")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    assert_page_is_sound(page, f"{name}-change")
    assert watch == []


def test_a_list_works_without_javascript(browser: Any, live_server: Any, cast: Cast) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server, cast.alice)
    page.goto(f"{live_server.url}/settings/taxes/")
    page.get_by_label("Name", exact=True).fill("VAT")
    page.get_by_label("Percent").fill("20")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("link", name="VAT")).to_be_visible()
    page.get_by_role("button", name="Archive VAT").click()
    expect(page.get_by_role("button", name="Restore VAT")).to_be_visible()
    context.close()
