"""Statements on a phone: every movement with its day and its figures, and nothing to the side."""

from __future__ import annotations

import pytest

from tests.reports.test_shared_statements import Home, home
from tests.screens import assert_no_sideways_scroll, picture, resize, sign_in

__all__ = ["home"]  # the fixture
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DAYS = "?since=2026-11-01&until=2026-11-30"


def places(home: Home) -> dict[str, str]:
    return {
        "patient": f"/patients/{home.ben.pk}/statement/{DAYS}",
        "family": f"/families/{home.family_id}/statement/{DAYS}",
        "funder": f"/contacts/{home.fund.pk}/statement/{DAYS}",
    }


@pytest.mark.parametrize("whose", ["patient", "family", "funder"])
@pytest.mark.parametrize("width", [390, 320])
def test_every_movement_is_read_from_above(page, live_server, watch, home, whose, width):
    sign_in(page, live_server, home.cast.alice)
    page.goto(f"{live_server.url}{places(home)[whose]}")
    resize(page, width, 844)
    picture(page, f"statement-{whose}-{width}", full=True)
    assert_no_sideways_scroll(page, width=width)
    # The head of the columns is gone, so each figure says what it is.
    assert page.locator(".state-rows thead").first.is_hidden()
    rows = page.locator(".state-rows tbody tr:not(.of-days)")
    assert rows.count() >= 1
    for row in rows.all():
        cells = [cell for cell in row.locator("td").all() if cell.is_visible()]
        boxes = [cell.bounding_box() for cell in cells]
        assert all(box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)
        tops = [box["y"] for box in boxes]
        assert tops == sorted(set(tops)), "one below the other"
        assert len(row.locator("td[data-l]:not(:empty)").all()) == len(cells) - 2
    assert watch == []
