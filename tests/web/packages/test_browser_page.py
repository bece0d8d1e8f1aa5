"""A couple shares ten sessions up to a limit; some of them are transferred, and come back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from creditwell.packages.models import Package
from creditwell.people.models import Family, FamilyMember, Patient
from creditwell.usecases.book_appointment import book_appointment
from tests.books import assert_books_straight
from tests.cast import make_cast
from tests.factories import NOW, Clinic, make_patient
from tests.screens import assert_page_is_sound, follow, picture, resize, sign_in, watch
from tests.sold import make_product, make_visit_type, sell, unearned
from tests.visits import wish

__all__ = ["watch"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def a_couple(clinic: Clinic) -> tuple[Patient, Patient]:
    """Anna and Ben, of one family."""
    home = Family.objects.create(practice=clinic.practice, name="Home", created_at=NOW)
    couple = []
    for name in ("Anna", "Ben"):
        one = make_patient(practice=clinic.practice, first_name=name, last_name="Couple")
        FamilyMember.objects.create(
            practice=clinic.practice, family=home, patient=one, joined_at=NOW
        )
        couple.append(one)
    return couple[0], couple[1]


def give_the_last_and_take_it_back(page: Page, address: str, package: Package) -> None:
    """One session goes to Ben, and comes back."""
    page.goto(address + "transfer/")
    page.get_by_label("Ben Couple").check()
    page.get_by_label("Reason").fill("The last one is his")
    assert_page_is_sound(page, "package-transfer")
    page.get_by_role("button", name="Transfer").click()
    expect(page.get_by_role("heading", name="1 session")).to_be_visible()
    assert unearned(package) == 40500
    assert_page_is_sound(page, "package-transfers")
    follow(page.get_by_role("link", name="Undo…"))
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#history")).to_contain_text("Transfer taken back")
    assert unearned(package) == 45000


def test_a_couple_shares_ten(page: Page, live_server: Any, watch: list[str]) -> None:
    cast = make_cast()
    clinic = cast.clinic
    massage = make_visit_type(clinic, name="Massage")
    anna, ben = a_couple(clinic)
    product = make_product(clinic, massage, units=10, name="Ten massages", valid_count=6)
    package = sell(clinic, product, patient=anna)
    address = f"{live_server.url}/packages/{package.pk}/"

    sign_in(page, live_server, cast.bob)
    page.goto(address + "share/")
    page.get_by_label("Ben Couple").check()
    page.get_by_label("Up to").fill("4")
    assert_page_is_sound(page, "package-share")
    page.get_by_role("button", name="Share").click()
    expect(page.locator("#people")).to_contain_text("0 of up to 4 sessions used or booked")

    # Both book in turn; Ben's fifth visit finds nothing more for him.
    for days in range(1, 11):
        patient = anna if days % 2 else ben
        start = NOW + timedelta(days=days)
        command = wish(clinic, massage, starts_at=start, anyway=True, patient_id=patient.pk)
        book_appointment(command, NOW)
    page.goto(address)
    rows = page.locator("table.sessions tbody tr")
    expect(rows).to_have_count(10)
    expect(rows.nth(1)).to_contain_text("2 of 10")
    expect(rows.nth(1)).to_contain_text("Ben Couple")
    expect(rows.nth(8)).to_contain_text("9 of 10")
    expect(rows.nth(9)).to_contain_text("1 session")
    assert_page_is_sound(page, "package")
    page.goto(address + "cover/")
    page.get_by_label("for Ben Couple").check()
    page.get_by_role("button", name="Use it for this visit").click()
    expect(page.get_by_role("alert")).to_contain_text("only so much of the package")
    assert [line for line in watch if "422" not in line] == []
    watch.clear()

    give_the_last_and_take_it_back(page, address, package)
    page.goto(f"{live_server.url}/packages/")
    assert_page_is_sound(page, "packages")
    page.goto(f"{live_server.url}/patients/{ben.pk}/packages/")
    assert_page_is_sound(page, "patient-packages")
    assert watch == []
    assert_books_straight(clinic.practice)


def test_on_a_phone_a_long_part_leaves_the_number_its_room(
    page: Page, live_server: Any, watch: list[str]
) -> None:
    cast = make_cast()
    clinic = cast.clinic
    kinds = tuple(
        make_visit_type(clinic, name=f"{word} consultation with exercises")
        for word in ("Initial", "Standard")
    )
    product = make_product(clinic, kinds, kinds[0], units=(4, 1), name="Five consultations")
    package = sell(clinic, product)
    book_appointment(wish(clinic, kinds[1], starts_at=NOW + timedelta(days=1), anyway=True), NOW)
    sign_in(page, live_server, cast.bob)
    page.goto(f"{live_server.url}/packages/{package.pk}/")
    resize(page, 390, 844)
    row = page.locator("table.sessions tbody tr").first
    expect(row).to_contain_text("1 of 4")
    row.scroll_into_view_if_needed()
    picture(page, "package-sessions-phone")
    beyond = "e => e.scrollWidth - e.clientWidth"
    assert row.locator(".nth").evaluate(beyond) <= 0
    number, visit = row.locator(".nth").bounding_box(), row.locator("td").first.bounding_box()
    assert number
    assert visit
    assert number["x"] + number["width"] <= visit["x"]
    assert visit["x"] + visit["width"] <= 390
    assert watch == []
