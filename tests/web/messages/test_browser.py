"""A receptionist looks what was sent, in a real browser."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from creditwell.outbox.models import Event
from tests.cast import make_cast
from tests.factories import NOW
from tests.screens import assert_page_is_sound, follow, sign_in, watch
from tests.web.messages.test_pages import make_message

__all__ = ["watch"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_messages_are_read_and_sent_again(page: Page, live_server: Any, watch: list[str]) -> None:
    cast = make_cast()
    sign_in(page, live_server, cast.bob)
    page.goto(f"{live_server.url}/settings/messages/")
    expect(page.get_by_text("No messages yet")).to_be_visible()
    refused = "The mail server does not accept this address. (Reply 550.)"
    for minutes, fields in enumerate(
        (
            {"status": "kept"},
            {"status": "sent", "sent_at": NOW + timedelta(hours=1)},
            {"status": "failed", "error": refused},
            {"status": "waiting", "error": "The mail server could not be reached."},
        )
    ):
        make_message(cast.clinic, created_at=NOW + timedelta(minutes=minutes), **fields)
    page.reload()
    assert_page_is_sound(page, "messages")
    follow(page.get_by_role("link", name="Failed"))
    expect(page.locator("tbody tr")).to_have_count(1)
    follow(page.get_by_role("link", name="Account statement from Harbour Lane"))
    expect(page.get_by_text(refused)).to_be_visible()
    assert_page_is_sound(page, "message")
    page.get_by_label("Email").fill("her@mail.example")
    page.get_by_role("button", name="Write again").click()
    expect(page.get_by_text("A new message is on its way")).to_be_visible()
    assert Event.objects.order_by("id").last().body["to"] == "her@mail.example"  # type: ignore[union-attr]
    assert watch == []


def test_words_are_seen_as_they_are_typed(page: Page, live_server: Any, watch: list[str]) -> None:
    cast = make_cast()
    sign_in(page, live_server, cast.alice)
    page.goto(f"{live_server.url}/settings/messages/words/")
    assert_page_is_sound(page, "message-words")
    follow(page.get_by_role("link", name="Credit is low"))
    page.get_by_label("Text").fill("Dear {name},\n\n{credit_left} is yours.")
    preview = page.locator("#preview")
    expect(preview).to_contain_text("Dear Alex Example,")
    expect(preview).to_contain_text("$45.00 is yours.")
    assert_page_is_sound(page, "message-words-edit")
    page.get_by_label("Text").fill("Dear {nobody},")
    expect(preview).to_contain_text("{nobody} cannot be filled in this message.")
    assert watch == []
