"""A mother gives her son credit, and takes it back: in the browser, every page looked at."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from creditwell.credit.models import Lot
from creditwell.people.models import Family, FamilyMember
from tests.acts import pay, standing
from tests.books import assert_books_straight
from tests.cast import make_cast
from tests.factories import NOW, make_patient
from tests.screens import assert_page_is_sound, follow, sign_in, watch

__all__ = ["watch"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_credit_goes_to_a_relative_and_comes_back(
    page: Page, live_server: Any, watch: list[str]
) -> None:
    cast = make_cast()
    clinic = cast.clinic
    now = timezone.now()
    ben = make_patient(practice=clinic.practice, first_name="Ben", last_name="Brennan")
    family = Family.objects.create(practice=clinic.practice, name="Brennan", created_at=NOW)
    for patient in (clinic.patient, ben):
        FamilyMember.objects.create(
            practice=clinic.practice, family=family, patient=patient, joined_at=NOW
        )
    lot = pay(clinic, 8000, now=now).lot_id
    Lot.objects.filter(pk=lot).update(expires_on=now.date() + timedelta(days=20))
    sign_in(page, live_server, cast.alice)
    page.goto(f"{live_server.url}/patients/{clinic.patient.pk}/")
    page.get_by_role("button", name="More with account credit").click()
    follow(page.get_by_role("link", name="Transfer credit"))
    page.get_by_role("radio", name="Ben Brennan").check()
    page.get_by_role("combobox", name="Somebody else").press_sequentially("M")
    expect(page.get_by_role("radio", name="Somebody else")).to_be_checked()
    page.get_by_role("combobox", name="Somebody else").fill("")
    page.get_by_role("radio", name="Ben Brennan").check()
    page.get_by_label("Amount", exact=True).fill("30")
    page.get_by_label("Reason").fill("For his sessions")
    expect(page.locator("#summary")).to_contain_text("$50.00")
    assert_page_is_sound(page, "transfer-new")
    page.get_by_role("button", name="Transfer", exact=True).click()
    expect(page.get_by_role("heading", name="Transfer 1", level=1)).to_be_visible()
    assert_page_is_sound(page, "transfer")
    page.locator("#undo-transfer summary").click()
    page.locator("#undo-reason").fill("The wrong son")
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_text("The credit is back where it came from.").first).to_be_visible()
    assert standing(clinic, ben).credit_minor == 0
    page.goto(f"{live_server.url}/credit/expiring/")
    assert_page_is_sound(page, "expiring-credit")
    page.get_by_role("button", name="3 more months").click()
    expect(page.get_by_text("The credit can be used up to")).to_be_visible()
    page.goto(f"{live_server.url}/credit/give/?patient={clinic.patient.pk}")
    assert_page_is_sound(page, "give-credit")
    assert watch == []
    assert_books_straight(clinic.practice)
