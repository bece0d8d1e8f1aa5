"""Bad news stays until it is sent away, and hides nothing of the appointment's pop-up meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, ViewportSize, expect

from tests.cast import Cast
from tests.factories import NOW, make_appointment, make_appointment_type
from tests.screens import sign_in, watch
from tests.visits import at

__all__ = ["watch"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIZES: list[ViewportSize] = [
    {"width": 1440, "height": 900},
    {"width": 820, "height": 1180},
    {"width": 390, "height": 800},
]
NEWS = "document.dispatchEvent(new CustomEvent('toast', {detail: {text: '%s', tone: 'bad'}}))"
OVERLAP = """async () => {
    for (const _frame of [1, 2]) await new Promise(requestAnimationFrame);
    const toasts = document.querySelector('#toasts').getBoundingClientRect();
    const peek = document.querySelector('#peek').getBoundingClientRect();
    return Math.min(toasts.bottom, peek.bottom) - Math.max(toasts.top, peek.top);
}"""
LOWEST = "document.querySelector('#peek').scrollTop = 1e6"


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size["width"]))
def test_a_toast_and_the_pop_up_stand_apart(
    page: Page, live_server: Any, watch: list[str], cast: Cast, size: ViewportSize
) -> None:
    clinic = cast.clinic
    late = make_appointment(
        practice=clinic.practice,
        patient=clinic.patient,
        starts_at=at(clinic, "17:00"),
        location=clinic.location,
        practitioner=clinic.practitioner,
        appointment_type=make_appointment_type(practice=clinic.practice, name="Standard"),
    )
    page.set_viewport_size(size)
    sign_in(page, live_server, cast.bob)
    page.goto(f"{live_server.url}{reverse('calendar')}?d=2026-11-24")
    page.locator(f'[data-id="{late.appointment_id}"]').first.click()
    expect(page.locator("#peek")).to_be_visible()
    page.evaluate(NEWS % "It clashes with another appointment. Choose another time.")
    assert page.evaluate(OVERLAP) <= 0
    page.evaluate(NEWS % "The server did not answer. Nothing was saved; try again.")
    assert page.evaluate(OVERLAP) <= 0
    for fold in page.locator("#peek details > summary").all():
        fold.click()
        page.evaluate(LOWEST)
        assert page.evaluate(OVERLAP) <= 0
    for closing in page.locator(".toast [data-dismiss-toast]").all()[::-1]:
        closing.click()
    expect(page.locator(".toast")).to_have_count(0)
    expect(page.locator("#peek")).to_be_visible()
    assert watch == []
