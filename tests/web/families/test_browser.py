"""A receptionist makes a family, gives a permission and takes it back, in a browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from creditwell.credit.models import Share
from tests.acts import pay
from tests.cast import make_cast
from tests.factories import make_patient
from tests.screens import assert_page_is_sound, follow, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_giving_and_revoking_a_permission(page: Page, live_server: Any, watch: list[str]) -> None:
    cast = make_cast()
    practice = cast.clinic.practice
    anna = make_patient(practice=practice, first_name="Anna", last_name="Berg")
    ben = make_patient(practice=practice, first_name="Ben", last_name="Berg")
    pay(cast.clinic, 50000, patient=anna)
    sign_in(page, live_server, cast.bob)

    page.goto(f"{live_server.url}/patients/{anna.pk}/")
    follow(page.get_by_role("link", name="Create a family"))
    expect(page.get_by_label("Name of the family")).to_have_value("Berg family")
    page.get_by_label("Patient", exact=True).press_sequentially("ben")
    page.get_by_role("option", name="Ben Berg").click()
    page.get_by_label("Their place in the family").fill("son")
    page.get_by_role("button", name="Create family").click()
    expect(page.get_by_role("heading", name="Berg family", level=1)).to_be_visible()

    follow(page.get_by_role("link", name="No. Let Ben use Anna’s credit"))
    assert_page_is_sound(page, "permission-none")
    page.get_by_label("Up to an amount each month").check()
    page.get_by_role("textbox", name="Amount").fill("200")
    page.get_by_label("How did Anna agree?").fill("By phone")
    page.get_by_role("button", name="Save permission").click()
    expect(page.get_by_role("link", name=re.compile("up to .200.00 each month"))).to_be_visible()
    assert_page_is_sound(page, "family-sharing")

    page.goto(f"{live_server.url}/patients/{ben.pk}/")
    expect(page.get_by_text("Ben may use Anna’s credit, up to $200.00 each month.")).to_be_visible()
    assert_page_is_sound(page, "family-panel")
    follow(page.get_by_role("link", name="Say whether Ben may use Anna’s credit"))
    page.get_by_text("Stop sharing…").click()
    page.get_by_role("button", name="Stop sharing", exact=True).click()
    expect(page.get_by_text("Ben may not use Anna’s credit.")).to_be_visible()

    share = Share.objects.get()
    assert (share.mode, share.cap_minor, share.note) == ("monthly", 20000, "By phone")
    assert share.ended_at is not None
    assert watch == []
