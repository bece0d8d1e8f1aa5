"""What was written to whom: who may read it, what of it, and sending it again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from creditwell.integrations.email.documents import MAKERS
from creditwell.integrations.email.models import Message
from creditwell.outbox.models import Event
from creditwell.tenancy.access import hash_secret
from creditwell.tenancy.models import Invitation, User
from creditwell.tenancy.permissions import PERMISSIONS, Role
from creditwell.tenancy.tokens import invitation_token
from tests.cast import Cast, make_cast
from tests.factories import NOW, Clinic

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 a statement"


@pytest.fixture
def cast(monkeypatch: pytest.MonkeyPatch) -> Cast:
    monkeypatch.setitem(MAKERS, "statement", lambda message: ("Statement.pdf", PDF))
    return make_cast()


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def make_message(clinic: Clinic, **fields: Any) -> Message:
    """A statement to the clinic's patient, with the event that asked for it."""
    event = Event.objects.create(
        practice=clinic.practice,
        topic="statement.email_requested",
        body={"patient_id": clinic.patient.pk, "since": "2026-01-01", "until": "2026-06-30"},
        created_at=NOW,
    )
    values = {
        "practice": clinic.practice,
        "event_id": event.pk,
        "payer_id": clinic.patient.payer_id,
        "kind": "statement",
        "status": "kept",
        "to": "liam@mail.example",
        "subject": "Account statement from Harbour Lane",
        "text": "Hello Liam Brennan,\n\nYour account statement is attached.\n",
        "document": "statement",
        "document_id": clinic.patient.payer_id,
        "created_at": NOW,
    }
    return Message.objects.create(**{**values, **fields})


def make_invitation(cast: Cast) -> tuple[Message, str]:
    """An invitation's message, and the token that must not be shown to everybody."""
    practice = cast.clinic.practice
    token = invitation_token(practice_id=practice.pk, email="new@mail.example", created_at=NOW)
    invitation = Invitation.objects.create(
        practice=practice,
        email="new@mail.example",
        role="bookkeeper",
        token_hash=hash_secret(token),
        invited_by=cast.alice,
        created_at=NOW,
        expires_at=NOW + timedelta(days=7),
    )
    event = Event.objects.create(
        practice=practice,
        topic="member.invited",
        body={"invitation_id": invitation.pk},
        created_at=NOW,
    )
    message = make_message(
        cast.clinic,
        event_id=event.pk,
        payer_id=None,
        kind="invitation",
        to="new@mail.example",
        text="Open this link:\n\n{link}\n",
        document="",
        document_id=None,
    )
    return message, token


@pytest.mark.parametrize("role", list(Role))
def test_who_may_read_messages(cast: Cast, role: Role) -> None:
    client, pk = client_of(cast.staff[role]), make_message(cast.clinic).pk
    status = 200 if role in PERMISSIONS["messages.view"] else 403
    assert client.get(reverse("messages")).status_code == status
    assert client.get(reverse("message", args=[pk])).status_code == status
    assert client.get(reverse("message_document", args=[pk])).status_code == status
    again = client.post(reverse("message_again", args=[pk]), {"to": "liam@mail.example"})
    assert again.status_code == (302 if status == 200 else 403)


def test_another_practice_s_messages_are_not_there(cast: Cast) -> None:
    client, pk = client_of(cast.charlie), make_message(cast.clinic).pk
    assert "Account statement" not in client.get(reverse("messages")).content.decode()
    for name in ("message", "message_document"):
        assert client.get(reverse(name, args=[pk])).status_code == 404
    assert (
        client.post(reverse("message_again", args=[pk]), {"to": "a@b.example"}).status_code == 404
    )
    assert Event.objects.count() == 1


def test_a_message_is_read_with_its_document(cast: Cast) -> None:
    client, pk = client_of(cast.bob), make_message(cast.clinic).pk
    text = client.get(reverse("message", args=[pk])).content.decode()
    assert "Your account statement is attached." in text
    assert "It was kept and not sent." in text
    answer = client.get(reverse("message_document", args=[pk]))
    assert (answer.content, answer["Content-Type"]) == (PDF, "application/pdf")
    assert answer["Content-Disposition"] == 'inline; filename="Statement.pdf"'


def test_why_a_message_failed_is_said(cast: Cast) -> None:
    error = "The mail server does not accept this address. (Reply 550.)"
    pk = make_message(cast.clinic, status="failed", error=error).pk
    client = client_of(cast.bob)
    assert error in client.get(reverse("message", args=[pk])).content.decode()
    assert error in client.get("/settings/messages/?show=failed").content.decode()
    assert error not in client.get("/settings/messages/?show=sent").content.decode()


def test_it_is_sent_again_to_another_address_once(cast: Cast) -> None:
    client, pk = client_of(cast.bob), make_message(cast.clinic).pk
    url = reverse("message_again", args=[pk])
    for _ in range(2):
        answer = client.post(url, {"to": "her@mail.example", "key": "one"})
        assert (answer.status_code, answer["Location"]) == (302, reverse("messages"))
    again = Event.objects.exclude(pk=Message.objects.get(pk=pk).event_id).get()
    assert again.topic == "statement.email_requested"
    assert again.body["to"] == "her@mail.example"


def test_what_is_no_address_is_said_and_kept(cast: Cast) -> None:
    client, pk = client_of(cast.bob), make_message(cast.clinic).pk
    answer = client.post(reverse("message_again", args=[pk]), {"to": "her at mail"})
    assert answer.status_code == 422
    assert "This is not an email address." in answer.content.decode()
    assert 'value="her at mail"' in answer.content.decode()
    assert Event.objects.count() == 1


def test_a_message_that_waits_is_not_sent_again(cast: Cast) -> None:
    pk = make_message(cast.clinic, status="waiting").pk
    text = client_of(cast.bob).get(reverse("message", args=[pk])).content.decode()
    assert reverse("message_again", args=[pk]) not in text


def test_the_link_of_an_invitation_is_only_for_those_who_may_invite(cast: Cast) -> None:
    message, token = make_invitation(cast)
    url = reverse("message", args=[message.pk])
    receptionist = client_of(cast.bob).get(url).content.decode()
    assert token not in receptionist
    assert "shown only to those who may invite" in receptionist
    assert reverse("invitation", args=[token]) in client_of(cast.alice).get(url).content.decode()


def test_pages_cost_the_same_for_few_and_for_many(cast: Cast) -> None:
    client, first = client_of(cast.bob), make_message(cast.clinic)
    urls = [reverse("messages"), reverse("message", args=[first.pk])]

    def cost() -> list[int]:
        counts = []
        for url in urls:
            with CaptureQueriesContext(connection) as seen:
                assert client.get(url).status_code == 200
            counts.append(len(seen))
        return counts

    client.get(urls[0])
    small = cost()
    for n in range(60):
        make_message(cast.clinic, created_at=NOW + timedelta(minutes=n))
    assert cost() == small == [6, 5]
    page_two = client.get("/settings/messages/?page=2").content.decode()
    assert page_two.count("Account statement from") == 11
