"""However many practitioners there are and however narrow the screen: their days stand abreast."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from tests.cast import Cast
from tests.factories import NOW, make_practitioner
from tests.screens import (
    assert_no_sideways_scroll,
    resize,
    settle,
    sign_in,
    watch,
)

__all__ = ["watch"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HEADS = """() => [...document.querySelectorAll('.day .prac')].map((head) => {
    const { left, top, width } = head.getBoundingClientRect();
    return [Math.round(left), Math.round(top), Math.round(width)];
})"""


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.mark.parametrize("width", [1440, 820, 390])
def test_the_days_of_six_practitioners_stand_abreast(
    page: Page, live_server: Any, watch: list[str], cast: Cast, width: int
) -> None:
    for n in range(5):
        make_practitioner(practice=cast.clinic.practice, name=f"Colleague {n}")
    sign_in(page, live_server, cast.bob)
    resize(page, width, 1000)
    page.goto(f"{live_server.url}{reverse('calendar')}?d=2026-11-24")
    settle(page)
    heads = page.evaluate(HEADS)
    assert len(heads) == 6
    assert len({top for _left, top, _width in heads}) == 1
    assert [left for left, _top, _width in heads] == sorted({left for left, _top, _width in heads})
    assert min(width for _left, _top, width in heads) >= 160  # a name can be read
    assert_no_sideways_scroll(page, width=width)
    page.locator(".day .prac a").last.focus()  # what is out of sight is scrolled to
    seen = page.locator(".day .prac").last.bounding_box()
    assert seen is not None
    assert seen["x"] + 44 <= width
    assert watch == []
