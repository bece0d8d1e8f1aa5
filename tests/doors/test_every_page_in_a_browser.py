"""Every page that there is, in a browser: axe, reflow, targets, console; light and dark."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page

from creditwell.tenancy.permissions import Role
from tests.doors.test_pages import GUARDED, Door
from tests.doors.world import OWN, make_world
from tests.factories import make_member
from tests.screens import assert_page_is_sound, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PARTS = 4


def is_page(client: Client, door: Door) -> bool:
    """Whether the door opens a whole page: no part of one, no file, no way on to another."""
    answer = client.get(door.url(OWN))
    return (
        answer.status_code == 200
        and answer.headers["Content-Type"].startswith("text/html")
        and b"<main" in answer.content
    )


@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_is_sound(part: int, page: Page, live_server: Any, watch: list[str]) -> None:
    clinic = make_world(OWN)
    owner = make_member(practice=clinic.practice, role=Role.OWNER)
    client = Client()
    client.force_login(owner)
    sign_in(page, live_server, owner)
    faults: dict[str, str] = {}
    seen = 0
    for door in GUARDED[part::PARTS]:
        if not is_page(client, door):
            continue
        seen += 1
        page.goto(live_server.url + door.url(OWN))
        try:
            assert_page_is_sound(page, f"every-{door.name}")
        except AssertionError as error:
            faults[door.name] = str(error)
        if watch:
            faults[f"{door.name} (console)"] = "; ".join(watch)
            watch.clear()
    assert seen > 5
    assert faults == {}
