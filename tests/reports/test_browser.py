"""Reports in a real browser: sound in both themes, and nothing beyond the edge of a phone."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tests.acts import invoice, pay
from tests.cast import Cast, make_cast
from tests.screens import assert_page_is_sound, picture, resize, sign_in
from tests.sold import make_product, make_visit_type, sell

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast() -> Cast:
    cast = make_cast()
    pay(cast.clinic, 45000)
    invoice(cast.clinic, 9000)
    return cast


@pytest.mark.parametrize(
    "path", ["", "credit/", "credit/lots/", "in-credit/", "packages/", "delivered/"]
)
def test_sound(page, live_server, watch, cast, path):
    sign_in(page, live_server, cast.alice)
    page.goto(f"{live_server.url}/reports/{path}")
    assert_page_is_sound(page, f"reports-{path.strip('/').replace('/', '-')}")
    assert watch == []


@pytest.mark.parametrize(("report", "figures"), [("delivered", 12), ("packages", 7)])
def test_a_phone_shows_every_figure_of_a_sum(page, live_server, watch, cast, report, figures):
    sell(cast.clinic, make_product(cast.clinic, make_visit_type(cast.clinic)), now=timezone.now())
    sign_in(page, live_server, cast.alice)
    page.goto(f"{live_server.url}/reports/{report}/")
    resize(page, 390, 844)
    picture(page, f"reports-{report}-phone", full=True)
    cells = page.locator("table.by-line :is(tbody tr:first-child, tfoot tr) > td")
    assert cells.count() == figures
    for cell in cells.all():
        box = cell.bounding_box()
        assert box is not None, cell.text_content()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    assert watch == []
