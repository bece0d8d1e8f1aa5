"""Who may enter which page of payments and credit; another practice's rows are not there."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from creditwell.audit.models import Note
from creditwell.outbox.models import Event
from creditwell.payments.models import Allocation, AllocationReturn, Payment, Refund
from creditwell.tenancy.permissions import PERMISSIONS
from tests.acts import invoice, new_key, pay, standing, use_credit
from tests.books import assert_books_straight
from tests.cast import Cast
from tests.factories import Clinic

pytestmark = pytest.mark.django_db(transaction=True)

BACKEND = "django.contrib.auth.backends.ModelBackend"
GETS = [
    ("/payments/", "payments.view"),
    ("/payments/export.csv", "payments.view"),
    ("/payments/new/?patient={patient}", "payments.take"),
    ("/payments/{payment}/", "payments.view"),
    ("/payments/{payment}/pdf/", "payments.view"),
    ("/payments/{payment}/edit/", "payments.edit"),
    ("/payments/refunds/new/?patient={patient}", "payments.refund"),
    ("/payments/refunds/{refund}/", "payments.view"),
    ("/patients/{patient}/credit/", "payments.view"),
    ("/patients/{patient}/statement/", "payments.view"),
    ("/patients/{patient}/statement/pdf/", "payments.view"),
]
POSTS = [
    ("/payments/{payment}/void/", "payments.void"),
    ("/payments/{payment}/email/", "payments.take"),
    ("/payments/{payment}/take-back/{allocation}/", "payments.allocate"),
    ("/payments/new/", "payments.take"),
    ("/payments/sheet/", "payments.take"),
    ("/payments/{payment}/edit/", "payments.edit"),
    ("/payments/refunds/new/", "payments.refund"),
    ("/payments/refunds/sums/", "payments.refund"),
    ("/patients/{patient}/statement/email/", "payments.take"),
]
TABLES = (Payment, Allocation, AllocationReturn, Refund, Note, Event)


def enter(client: Client, user: Any) -> Client:
    client.force_login(user, backend=BACKEND)
    return client


def made(client: Client, cast: Cast, clinic: Clinic, user: Any) -> dict[str, int]:
    """A payment that paid an invoice in part, and a refund of some of another."""
    now = timezone.now()
    bill = invoice(clinic, now=now)
    taken = pay(clinic, 10000, pay=((bill.invoice_id, 4000),), now=now)
    other = pay(clinic, 5000, now=now)
    enter(client, user)
    part = Payment.objects.get(pk=other.payment_id).parts.get()
    client.post(
        "/payments/refunds/new/",
        {"patient": clinic.patient.pk, f"part-{part.pk}": "10", "reason": "x", "key": new_key()},
    )
    return {
        "patient": clinic.patient.pk,
        "payment": taken.payment_id,
        "allocation": taken.allocation_ids[0],
        "refund": Refund.objects.get(practice=clinic.practice).pk,
    }


def counts() -> list[int]:
    return [table._default_manager.count() for table in TABLES]


def test_each_role_at_each_door(client: Client, cast: Cast) -> None:
    ids = made(client, cast, cast.clinic, cast.alice)
    for role, user in cast.staff.items():
        enter(client, user)
        for address, permission in GETS:
            status = client.get(address.format(**ids)).status_code
            assert status == (200 if role in PERMISSIONS[permission] else 403), (role, address)
        before = counts()
        for address, permission in POSTS:
            status = client.post(address.format(**ids)).status_code
            if role not in PERMISSIONS[permission]:
                assert status == 403, (role, address)
                assert counts() == before
        if "payments.allocate" in {p for p, roles in PERMISSIONS.items() if role in roles}:
            continue
        assert AllocationReturn.objects.exists() or counts() == before
    assert_books_straight(cast.clinic.practice)


def test_another_practice_sees_nothing(client: Client, cast: Cast) -> None:
    ids = made(client, cast, cast.clinic, cast.alice)
    enter(client, cast.charlie)
    before = counts()
    for address, _permission in GETS:
        if "{" in address:
            assert client.get(address.format(**ids)).status_code == 404, address
    for address, _permission in POSTS:
        if "{" in address:
            sent = {"reason": "x", "to": "a@b.example", "patient": ids["patient"]}
            assert client.post(address.format(**ids), sent).status_code == 404, address
    for address in ("/payments/new/", "/payments/refunds/new/", "/payments/refunds/sums/"):
        sent = {"patient": ids["patient"], "amount-0": "5", "row": "0"}
        assert client.post(address, sent).status_code == 404, address
    assert counts() == before
    text = client.get("/payments/").content.decode()
    assert "Brennan" not in text
    assert_books_straight(cast.clinic.practice)


def test_void_wants_a_reason_and_says_which_invoices_open(client: Client, cast: Cast) -> None:
    ids = made(client, cast, cast.clinic, cast.alice)
    before = counts()
    address = f"/payments/{ids['payment']}/void/"
    refused = client.post(address, {"key": new_key()})
    assert refused.status_code == 422
    assert "Say why the payment is voided" in refused.content.decode()
    assert counts() == before
    done = client.post(address, {"key": new_key(), "reason": "typed twice"}, follow=True)
    text = done.content.decode()
    assert "Payment voided. 1 invoice is open again." in text
    assert "typed twice" in text
    assert standing(cast.clinic).owing_minor == 9000
    assert_books_straight(cast.clinic.practice)


def test_un_apply_and_apply_again(client: Client, cast: Cast) -> None:
    ids = made(client, cast, cast.clinic, cast.bob)
    address = f"/payments/{ids['payment']}/take-back/{ids['allocation']}/"
    text = client.post(address, {"key": new_key()}, follow=True).content.decode()
    assert "account credit again" in text
    assert "Apply to invoices…" in text
    assert standing(cast.clinic).credit_minor == 14000
    again = client.post(address, {"key": new_key()})
    assert again.status_code == 422
    assert "already taken back" in again.content.decode()
    use_credit(cast.clinic, now=timezone.now())
    assert standing(cast.clinic).owing_minor == 0
    assert_books_straight(cast.clinic.practice)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"amount": "60.01", "reason": "x"}, "At most $60.00 can go back"),
        ({"amount": "10", "reason": ""}, "Say why the money goes back"),
        ({"amount": "", "reason": "x"}, "Enter how much goes back"),
        ({"amount": "1.005", "reason": "x"}, "at most 2 decimals"),
        ({"amount": "10", "reason": "x", "on": "2020-01-01"}, "before the day it came"),
    ],
)
def test_a_refund_is_refused_clearly(
    client: Client, cast: Cast, typed: dict[str, str], sentence: str
) -> None:
    ids = made(client, cast, cast.clinic, cast.bob)
    part = Payment.objects.get(pk=ids["payment"]).parts.get()
    before = counts()
    sent = {
        "patient": ids["patient"],
        f"part-{part.pk}": typed["amount"],
        "reason": typed["reason"],
        "on": typed.get("on", ""),
        "key": new_key(),
    }
    answer = client.post("/payments/refunds/new/", sent)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert sentence in text
    assert f'value="{typed["amount"]}"' in text
    assert counts() == before
    assert_books_straight(cast.clinic.practice)


def test_the_list_finds_and_adds_up(client: Client, cast: Cast) -> None:
    made(client, cast, cast.clinic, cast.bob)
    text = client.get("/payments/").content.decode()
    assert "Refund 1" in text
    assert "$140.00" in text, "two payments less the refund"
    assert "Liam Brennan" in client.get("/payments/?q=bren").content.decode()
    assert "Nothing matches" in client.get("/payments/?q=nobody").content.decode()
    assert "No payments here" in client.get("/payments/?until=2020-01-01").content.decode()
    cash = cast.clinic.cash.pk
    assert "No payments here" in client.get(f"/payments/?source={cash}").content.decode()
    table = client.get("/payments/export.csv").content.decode()
    assert table.splitlines()[1].startswith("20")
    assert len(table.splitlines()) == 4
    assert_books_straight(cast.clinic.practice)


@pytest.mark.parametrize(
    ("address", "most"),
    [("/payments/", 24), ("/patients/{0}/credit/", 26), ("/patients/{0}/statement/", 32)],
)
def test_pages_take_no_more_queries_when_they_grow(
    client: Client, cast: Cast, address: str, most: int
) -> None:
    made(client, cast, cast.clinic, cast.alice)
    where = address.format(cast.clinic.patient.pk)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(where).status_code == 200
        return len(captured)

    few = queries()
    for _n in range(6):
        pay(cast.clinic, 1000)
        invoice(cast.clinic)
    use_credit(cast.clinic)
    assert queries() <= most, "bounded"
    assert few <= most


def test_a_receipt_and_a_statement_are_asked_for_by_email(client: Client, cast: Cast) -> None:
    ids = made(client, cast, cast.clinic, cast.bob)
    client.post(f"/payments/{ids['payment']}/email/", {"to": "li@am.example", "key": new_key()})
    client.post(
        f"/patients/{ids['patient']}/statement/email/",
        {"to": "li@am.example", "since": "2026-01-01", "until": "2026-12-31", "key": new_key()},
    )
    bodies = {event.topic: event.body for event in Event.objects.all()}
    assert bodies["receipt.email_requested"] == {
        "payment_id": ids["payment"],
        "to": "li@am.example",
    }
    assert bodies["statement.email_requested"] == {
        "patient_id": ids["patient"],
        "since": "2026-01-01",
        "until": "2026-12-31",
        "to": "li@am.example",
    }
    before = counts()
    refused = client.post(f"/payments/{ids['payment']}/email/", {"to": "liam", "key": new_key()})
    assert refused.status_code == 422
    assert "not an email address" in refused.content.decode()
    assert counts() == before
