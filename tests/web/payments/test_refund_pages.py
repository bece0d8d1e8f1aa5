"""Refunds that need approval, what is to do, and a payment that the bank took back: on pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from creditwell.audit.models import Note
from creditwell.outbox.models import Event
from creditwell.payments.models import Dishonour, Payment, Refund, RefundRequest
from creditwell.tasks.models import Task
from tests.acts import invoice, new_key, pay, standing
from tests.books import assert_books_straight
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)
BACKEND = "django.contrib.auth.backends.ModelBackend"
TABLES = (Refund, RefundRequest, Dishonour, Task, Note, Event)


def enter(client: Client, user: Any) -> Client:
    client.force_login(user, backend=BACKEND)
    return client


def counts() -> list[int]:
    return [table._default_manager.count() for table in TABLES]


def ask(client: Client, cast: Cast, amount: str, *, path: str = "new", **more: str) -> Any:
    part = Payment.objects.get().parts.get()
    sent = {"patient": cast.clinic.patient.pk, f"part-{part.pk}": amount, "reason": "moves away"}
    return client.post(f"/payments/refunds/{path}/", {**sent, "key": new_key(), **more})


def test_above_the_limit_it_becomes_a_request_that_another_approves(
    client: Client, cast: Cast
) -> None:
    pay(cast.clinic, 10000, now=timezone.now())
    enter(client, cast.alice)
    settings = {"alone": "50", "two": ""}
    assert client.post("/settings/refunds/", settings).status_code == 302
    assert 'value="50.00"' in client.get("/settings/refunds/").content.decode()

    enter(client, cast.bob)
    before = counts()
    for answer in (ask(client, cast, "60", path="sums"), ask(client, cast, "60", show="1")):
        text = answer.content.decode()
        assert "more than you may refund alone" in text
        assert "Ask for approval" in text
        assert "The limit is $50.00" in text
    assert counts() == before
    page = ask(client, cast, "60")
    request = RefundRequest.objects.get()
    assert page.headers["Location"] == f"/payments/refunds/requests/{request.pk}/"
    assert Refund.objects.count() == 0
    text = client.get(page.headers["Location"]).content.decode()
    assert "You asked for this" in text
    todo = client.get("/tasks/").content.decode()
    assert "A refund waits for approval" in todo
    assert "Decide…" not in todo
    assert client.post(f"{page.headers['Location']}approve/").status_code == 403

    enter(client, cast.alice)
    assert "Decide…" in client.get("/tasks/").content.decode()
    done = client.post(f"{page.headers['Location']}approve/", {"key": new_key()}, follow=True)
    text = done.content.decode()
    names = f"Asked for by {cast.bob.name}, approved by {cast.alice.name}"
    assert names in text
    assert standing(cast.clinic).credit_minor == 4000
    again = client.post(f"{page.headers['Location']}decline/", {"key": new_key()})
    assert again.status_code == 422
    assert "already decided" in again.content.decode()
    assert "All done" in client.get("/tasks/").content.decode()
    assert "A refund waits" in client.get("/tasks/?show=done").content.decode()
    assert_books_straight(cast.clinic.practice)


def test_withdraw_and_decline(client: Client, cast: Cast) -> None:
    pay(cast.clinic, 10000, now=timezone.now())
    cast.clinic.practice.receptionist_refunds_up_to_minor = 0
    cast.clinic.practice.save()
    for user, act, status in (
        (cast.bob, "withdraw", "withdrawn"),
        (cast.alice, "decline", "declined"),
    ):
        enter(client, cast.bob)
        address = ask(client, cast, "10").headers["Location"]
        enter(client, user)
        assert client.post(f"{address}{act}/", {"key": new_key()}).status_code == 302
        assert RefundRequest.objects.latest("pk").status == status
    assert not Task.objects.filter(done_at=None).exists()
    assert standing(cast.clinic).credit_minor == 10000
    assert_books_straight(cast.clinic.practice)


def test_the_bank_took_it_back(client: Client, cast: Cast) -> None:
    bill = invoice(cast.clinic, now=timezone.now()).invoice_id
    taken = pay(cast.clinic, 9000, pay=((bill, 9000),), now=timezone.now())
    part = Payment.objects.get().parts.get()
    address = f"/payments/{taken.payment_id}/dishonour/"
    enter(client, cast.bob)
    assert client.post(address, {"part": part.pk, "reason": "x"}).status_code == 403
    enter(client, cast.alice)
    before = counts()
    for typed, sentence in (
        ({"reason": ""}, "Say what the bank gave"),
        ({"reason": "x", "amount": "90.01"}, "more than came in"),
        ({"reason": "x", "amount": "nothing"}, "amount"),
        ({"reason": "x", "on": "2026-01-01"}, "before it came"),
    ):
        answer = client.post(address, {"part": part.pk, "key": new_key(), **typed})
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
    assert counts() == before
    sent = {"part": part.pk, "reason": "stolen card", "key": new_key()}
    text = client.post(address, sent, follow=True).content.decode()
    assert "1 invoice is owing again" in text
    assert "Dishonoured" in text
    assert "stolen card" in text
    assert "Bank took it back…" not in text
    assert "Void…" not in text
    assert standing(cast.clinic).owing_minor == 9000
    assert "Dishonoured" in client.get("/payments/").content.decode()
    explained = client.get(f"/patients/{cast.clinic.patient.pk}/credit/").content.decode()
    assert "taken back by the bank" in explained
    todo = client.get("/tasks/").content.decode()
    assert "The bank took a payment back" in todo
    assert f'href="/invoices/{bill}/"' in todo
    task = Task.objects.get()
    client.post(f"/tasks/{task.pk}/done/", {"key": new_key()})
    task.refresh_from_db()
    assert task.done_by == cast.alice
    enter(client, cast.charlie)
    assert client.post(f"/tasks/{task.pk}/done/").status_code == 404
    assert client.post(address, sent).status_code == 404
    assert_books_straight(cast.clinic.practice)
