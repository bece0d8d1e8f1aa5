"""What is typed while the answer of a slow server is on its way counts; in the browser."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.acts import invoice
from tests.cast import Cast
from tests.screens import answered, hold_back, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def pick_liam(page: Page, name: str) -> None:
    page.get_by_role("combobox", name=name).press_sequentially("bren")
    expect(page.get_by_role("option", name="Liam Brennan")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("[data-picker-value]")).not_to_have_value("")


def test_an_amount_typed_before_the_payer_is_shown(
    page: Page, live_server: Any, watch: list[str], cast: Cast
) -> None:
    invoice(cast.clinic)
    sign_in(page, live_server, cast.bob)
    page.goto(f"{live_server.url}/payments/new/")
    let_go = hold_back(page, "**/payments/sheet/", sends="show=1")
    pick_liam(page, "Patient or contact")
    page.get_by_label("Note").fill("Half of it")
    with answered(page, "amount-0=45"):
        page.locator("#amount-0").fill("45")
    let_go()
    expect(page.get_by_role("region", name="Who pays")).to_contain_text("Liam Brennan")
    expect(page.locator("#amount-0")).to_have_value("45")
    expect(page.get_by_label("Note")).to_have_value("Half of it")
    expect(page.locator("#t-pay")).to_contain_text("45.00")
    assert watch == []


def test_a_value_typed_before_the_buyer_is_shown(
    page: Page, live_server: Any, watch: list[str], cast: Cast
) -> None:
    sign_in(page, live_server, cast.bob)
    page.goto(f"{live_server.url}/payments/vouchers/new/")
    let_go = hold_back(page, "**/payments/vouchers/sheet/", sends="show=1")
    pick_liam(page, "Patient")
    with answered(page, "value-0=80"):
        page.get_by_label("Value").fill("80")
    let_go()
    expect(page.get_by_role("region", name="Who buys")).to_contain_text("Liam Brennan")
    expect(page.get_by_label("Value")).to_have_value("80")
    expect(page.locator("#summary")).to_contain_text("$80.00")
    assert watch == []
