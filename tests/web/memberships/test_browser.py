"""A membership is started, renews, rolls over and is paid from credit: every page looked at."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from creditwell.packages.models import Membership
from creditwell.worker.memberships import renew_everywhere
from tests.acts import pay, standing
from tests.books import assert_books_straight
from tests.cast import make_cast
from tests.memberships import make_renewing, noon
from tests.screens import assert_page_is_sound, follow, sign_in, watch

__all__ = ["watch"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_started_renewed_and_paid_from_credit(
    page: Page, live_server: Any, watch: list[str]
) -> None:
    cast = make_cast()
    clinic = cast.clinic
    make_renewing(clinic, name="Four visits a month")
    make_renewing(clinic, name="One visit a week", units=1, price_minor=6000, renews_unit="week")
    pay(clinic, 50000, now=timezone.now())
    sign_in(page, live_server, cast.bob)
    page.goto(f"{live_server.url}/patients/{clinic.patient.pk}/memberships/new/")
    page.get_by_label("Four visits a month").check()
    expect(page.locator("#preview")).to_contain_text("It is paid from account credit ($500.00).")
    assert_page_is_sound(page, "membership-new")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("its first invoice is paid").first).to_be_visible()
    row = Membership.objects.get()
    renew_everywhere(noon(row.renews_on))
    page.goto(f"{live_server.url}/memberships/{row.pk}/")
    expect(page.get_by_text("2 sessions came over from before")).to_be_visible()
    expect(page.locator("#periods").get_by_text("Paid", exact=True)).to_have_count(2)
    assert_page_is_sound(page, "membership")
    assert standing(clinic).credit_minor == 10000
    follow(page.get_by_role("link", name="Pause…"))
    assert_page_is_sound(page, "membership-pause")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused since").first).to_be_visible()
    follow(page.get_by_role("link", name="Cancel membership…"))
    page.get_by_label("Reason").fill("Moved away")
    page.get_by_role("button", name="Cancel membership").click()
    expect(page.get_by_text("Moved away")).to_be_visible()
    assert_page_is_sound(page, "membership-cancelled")
    page.get_by_role("button", name="Take the cancelling back").click()
    expect(page.get_by_text("The membership goes on as before.").first).to_be_visible()
    page.goto(f"{live_server.url}/memberships/")
    expect(page.get_by_role("link", name="Liam Brennan")).to_be_visible()
    assert_page_is_sound(page, "memberships")
    page.goto(f"{live_server.url}/patients/{clinic.patient.pk}/")
    expect(page.locator("#memberships")).to_contain_text("Four visits a month")
    assert watch == []
    assert_books_straight(clinic.practice)
