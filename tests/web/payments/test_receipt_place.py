"""A receipt names the location where the money was received; the table for spreadsheets is safe."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client

from creditwell.integrations.documents import build_payments
from creditwell.integrations.documents.shapes import ReceiptDocument
from creditwell.integrations.email.facts import reply_address
from creditwell.people.models import Payer
from creditwell.tenancy.models import Location
from tests.acts import pay
from tests.books import assert_books_straight
from tests.cast import Cast
from tests.factories import make_location

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client: Client, cast: Cast) -> Client:
    client.force_login(cast.bob)
    return client


@pytest.fixture
def beach(cast: Cast) -> Location:
    """The second location."""
    Location.objects.filter(pk=cast.clinic.location.pk).update(
        address="1 Main Street", email="main@clinic.example", position=0
    )
    return make_location(
        practice=cast.clinic.practice,
        address="2 Beach Road",
        email="beach@clinic.example",
        position=1,
    )


def test_page_paper_and_answers_are_of_the_payments_location(
    desk: Client, cast: Cast, beach: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed: list[ReceiptDocument] = []
    monkeypatch.setattr(
        build_payments, "render_receipt", lambda document: printed.append(document) or b"%PDF-"
    )
    practice_id = cast.clinic.practice.pk
    cases = (
        (beach.pk, "2 Beach Road", "beach@clinic.example"),
        (cast.clinic.location.pk, "1 Main Street", "main@clinic.example"),
        (None, "1 Main Street", "main@clinic.example"),
    )
    for location_id, address, email in cases:
        payment_id = pay(cast.clinic, 1000, location_id=location_id).payment_id
        assert f"{address}<br>" in desk.get(f"/payments/{payment_id}/").content.decode()
        build_payments.receipt_pdf(practice_id, payment_id)
        assert (printed[-1].practice.address, printed[-1].practice.email) == ((address,), email)
        assert reply_address(practice_id, receipt_id=payment_id) == email
    assert reply_address(practice_id) == "main@clinic.example"
    Location.objects.filter(pk=beach.pk).update(email="")
    there = pay(cast.clinic, 1000, location_id=beach.pk).payment_id
    assert reply_address(practice_id, receipt_id=there) == "main@clinic.example"
    assert_books_straight(cast.clinic.practice)


def test_the_table_of_payments_is_no_formula(desk: Client, cast: Cast) -> None:
    pay(cast.clinic, 1000)
    Payer.objects.filter(pk=cast.clinic.patient.payer_id).update(name="=HYPERLINK(0)")
    answer = desk.get("/payments/export.csv")
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (row["Patient"], row["Amount"]) == ("'=HYPERLINK(0)", "10.00")


def test_payment_and_refund_can_be_left(desk: Client, cast: Cast) -> None:
    payment_id = pay(cast.clinic, 1000).payment_id
    patient = f"patient={cast.clinic.patient.pk}"
    for asked, back in (
        (f"/payments/new/?{patient}", f"/patients/{cast.clinic.patient.pk}/"),
        (f"/payments/{payment_id}/edit/", f"/payments/{payment_id}/"),
        (f"/payments/refunds/new/?{patient}", f"/patients/{cast.clinic.patient.pk}/"),
        (f"/payments/refunds/new/?{patient}&payment={payment_id}", f"/payments/{payment_id}/"),
    ):
        page = desk.get(asked).content.decode()
        assert f'<a class="btn quiet block " href="{back}"' in page, asked
