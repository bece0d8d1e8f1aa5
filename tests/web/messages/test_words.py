"""The words of messages are changed on a page: seen before they are saved."""

from __future__ import annotations

import pytest
from django.test import Client

from creditwell.integrations.email.kinds import KINDS
from creditwell.integrations.email.models import MessageTemplate
from creditwell.tenancy.models import Practice
from tests.cast import Cast

pytestmark = pytest.mark.django_db
PATH = "/settings/messages/words/"
WORDS = {"subject": "News of {practice}", "body": "Dear {name},\n{credit_left} is yours."}


@pytest.fixture
def owner(client: Client, cast: Cast) -> Client:
    client.force_login(cast.alice)
    return client


def test_every_kind_has_a_page_with_a_preview(owner: Client) -> None:
    listed = owner.get(PATH).content.decode()
    for name, kind in KINDS.items():
        assert str(kind.word) in listed
        answer = owner.get(f"{PATH}{name}/")
        assert answer.context["problem"] == ""
        assert "{" not in answer.context["preview"].text
    assert owner.get(f"{PATH}nonsense/").status_code == 404


def test_words_are_previewed_saved_and_given_up(owner: Client, cast: Cast) -> None:
    url = f"{PATH}low_credit/"
    shown = owner.post(url, {**WORDS, "do": "preview"})
    assert shown.status_code == 200
    assert "Dear Alex Example,\n$45.00 is yours." in shown.context["preview"].text
    part = owner.post(url, {**WORDS, "do": "preview"}, headers={"HX-Request": "true"})
    assert b"$45.00" in part.content
    assert b"<main" not in part.content
    assert not MessageTemplate.objects.exists()
    assert owner.post(url, {**WORDS, "do": "save", "is_enabled": "on"}).status_code == 302
    row = MessageTemplate.objects.get()
    assert (row.subject, row.is_enabled, row.changed_by) == (WORDS["subject"], True, cast.alice)
    assert owner.post(url, {**WORDS, "do": "reset"}).status_code == 302
    row.refresh_from_db()
    assert (row.subject, row.body, row.is_enabled) == ("", "", False)


def test_what_is_no_gap_is_named_and_nothing_typed_is_lost(owner: Client) -> None:
    typed = {**WORDS, "body": "Hello {appointment.type}", "do": "save"}
    answer = owner.post(f"{PATH}low_credit/", typed)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "{appointment.type} cannot be filled in this message." in text
    assert "Hello {appointment.type}</textarea>" in text
    assert not MessageTemplate.objects.exists()


def test_without_amounts_the_preview_has_none(owner: Client, cast: Cast) -> None:
    Practice.objects.filter(pk=cast.clinic.practice.pk).update(amounts_in_email=False)
    shown = owner.post(f"{PATH}low_credit/", {**WORDS, "do": "preview"})
    assert "$" not in shown.context["preview"].text
    assert "keeps amounts out of emails" in shown.content.decode()


def test_a_receptionist_does_not_change_words(client: Client, cast: Cast) -> None:
    client.force_login(cast.bob)
    assert client.get(PATH).status_code == 403
    assert b"Change the words" not in client.get("/settings/messages/").content
