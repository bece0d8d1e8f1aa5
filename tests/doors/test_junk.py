"""What no person types, in every field: numbers beyond every column, characters no text holds."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from creditwell.tenancy.permissions import Role
from tests.doors.test_pages import GUARDED, WITH_ID, Door, Worlds, undone
from tests.doors.test_pages import worlds as worlds  # a fixture
from tests.doors.world import OWN

pytestmark = pytest.mark.django_db

BEYOND = 10**30
JUNK = (
    str(BEYOND),
    str(2**63),
    "9" * 5000,  # more digits than Python turns into a number
    "²",  # a digit, and yet no number
    "-1",
    "NaN",
    "\x00",
    "x" * 20_000,
    "2026-13-45",
    "0000-00-00",
    "<b>'\"=1+1",
)
FIELD = re.compile(r'<(?:input|select|textarea|button)\b[^>]*\bname="([^"]+)"')


@pytest.mark.parametrize("door", WITH_ID, ids=lambda door: door.name)
def test_an_id_beyond_every_column_is_not_there(door: Door, worlds: Worlds) -> None:
    for pk in (2**63, BEYOND):
        answers = set(worlds.ask(worlds.staff[Role.OWNER], door.url(pk))) - {405}
        assert answers == {404}, answers


@pytest.mark.parametrize("door", GUARDED, ids=lambda door: door.name)
def test_junk_in_the_fields_of_a_page_is_refused_not_broken(door: Door, worlds: Worlds) -> None:
    client = Client()
    client.force_login(worlds.staff[Role.OWNER])
    with undone():
        page = client.get(door.url(OWN))
        fields = set(FIELD.findall(page.content.decode(errors="ignore"))) - {"csrfmiddlewaretoken"}
        fields |= {"patient", "invoice", "payment", "page", "since", "until", "on", "key", "reason"}
        fields |= {"product", "attendee"}
    for junk in JUNK:
        sent = {**dict.fromkeys(fields, junk), "do": f"remove-{junk}"}
        for ask in (client.get, client.post):
            with undone():
                answer = ask(door.url(OWN), sent)
                assert answer.status_code < 500, (junk[:20], ask.__name__)


def test_who_may_only_look_is_not_offered_to_send(worlds: Worlds) -> None:
    """A letter goes out of the house: that is more than looking."""
    for role, offered in ((Role.READ_ONLY, False), (Role.RECEPTIONIST, True)):
        client = Client()
        client.force_login(worlds.staff[role])
        for page, letter in (
            ("payments/{}/", "email-receipt"),
            ("patients/{}/statement/", "email-statement"),
        ):
            answer = client.get("/" + page.format(OWN))
            assert answer.status_code == 200
            assert (letter in answer.content.decode()) is offered, (role, page)
