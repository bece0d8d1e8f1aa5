"""A half-used package is refunded with the calculator; five become ten: in the browser."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from creditwell.packages.models import Package
from tests.acts import new_key, pay, standing
from tests.books import assert_books_straight
from tests.cast import Cast
from tests.packages.acts import book, use
from tests.screens import assert_page_is_sound, follow, hold_back, sign_in, watch
from tests.sold import make_product, make_visit_type, sell, states

__all__ = ["watch"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def half_used(cast: Cast) -> Package:
    clinic = cast.clinic
    massage = make_visit_type(clinic, name="Massage")
    package = sell(clinic, make_product(clinic, massage, refund_fee_minor=1500))
    pay(clinic, 40000, pay=((package.line.invoice_id, 40000),), key=new_key())
    use(clinic, massage, 2)
    book(clinic, massage, 40)
    return package


def test_what_is_left_of_a_package_is_refunded(
    page: Page, live_server: Any, watch: list[str], cast: Cast
) -> None:
    package = half_used(cast)
    sign_in(page, live_server, cast.alice)
    page.goto(f"{live_server.url}/packages/{package.pk}/refund/")
    summary = page.locator("#summary")
    expect(summary).to_contain_text("$255.00")
    page.get_by_label("How many sessions").fill("1")
    expect(page.get_by_role("radio", name="Only so much:")).to_be_checked()
    expect(summary).to_contain_text("$75.00")
    page.get_by_role("radio", name="All that is left").check()
    expect(summary).to_contain_text("You typed how much, but chose all.")
    page.get_by_label("How many sessions").fill("")
    expect(summary).to_contain_text("$255.00")
    page.get_by_role("radio", name="What was paid, less what was used").check()
    expect(summary).to_contain_text("$235.00")
    page.get_by_label("Fee that you keep").fill("20")
    expect(summary).to_contain_text("$230.00")
    page.get_by_label("Reason").fill("Moving away")
    assert_page_is_sound(page, "package-refund")
    page.get_by_role("button", name="Refund", exact=False).click()
    expect(page.get_by_role("alert")).to_contain_text("1 visit is booked with this package")
    page.get_by_role("checkbox", name="These visits stay booked").check()
    page.get_by_role("button", name="Refund", exact=False).click()
    expect(page.get_by_text("of the package was refunded").first).to_be_visible()
    assert states(package) == ["used", "used", "refunded", "refunded", "refunded"]
    assert standing(cast.clinic).owing_minor == 0
    assert_books_straight(cast.clinic.practice)
    assert [one for one in watch if "422" not in one] == []  # what is refused, is meant


def test_five_become_ten(page: Page, live_server: Any, watch: list[str], cast: Cast) -> None:
    package = half_used(cast)
    massage = package.parts.get().covers.get().appointment_type
    assert massage is not None
    make_product(cast.clinic, massage, units=10, price_minor=80000, name="Ten sessions")
    sign_in(page, live_server, cast.alice)
    page.goto(f"{live_server.url}/packages/{package.pk}/")
    page.get_by_role("button", name="Change", exact=True).click()
    follow(page.get_by_role("link", name="Upgrade…"))
    summary = page.locator("#summary")
    expect(summary).to_contain_text("$350.00")
    page.get_by_label("To charge now").fill("300")
    expect(summary).to_contain_text("$570.00")
    expect(summary).to_contain_text("$71.25")
    assert_page_is_sound(page, "package-upgrade")
    page.get_by_role("button", name="Upgrade").click()
    expect(page.get_by_text("Upgraded. The difference is on this invoice.").first).to_be_visible()
    assert states(package) == ["used", "used", "booked"] + ["free"] * 7
    page.goto(f"{live_server.url}/packages/{package.pk}/swap/")
    make_visit_type(cast.clinic, name="Physio", price_minor=13000)
    page.reload()
    page.get_by_label("Becomes one for").select_option(label="Physio, $130.00")
    expect(summary).to_contain_text("$30.00")
    assert_page_is_sound(page, "package-swap")
    page.get_by_role("button", name="Swap").click()
    expect(page.get_by_text("Swapped. The difference is on this invoice.").first).to_be_visible()
    page.goto(f"{live_server.url}/packages/{package.pk}/")
    expect(page.get_by_text("Massage → Physio").first).to_be_visible()
    assert_books_straight(cast.clinic.practice)
    assert watch == []


def test_what_is_typed_before_the_scripts_have_run_counts(
    page: Page, live_server: Any, watch: list[str], cast: Cast
) -> None:
    package = half_used(cast)
    massage = package.parts.get().covers.get().appointment_type
    assert massage is not None
    make_product(cast.clinic, massage, units=10, price_minor=80000, name="Ten sessions")
    sign_in(page, live_server, cast.alice)
    let_go = hold_back(page, "**/htmx*.js")
    page.goto(f"{live_server.url}/packages/{package.pk}/upgrade/", wait_until="commit")
    page.get_by_label("To charge now").fill("300")
    expect(page.locator("#summary")).to_contain_text("$350.00")
    let_go()
    expect(page.locator("#summary")).to_contain_text("$570.00")
    assert watch == []
