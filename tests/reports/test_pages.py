"""The reports as pages and as CSV."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from creditwell.payments.queries_in_credit import SORTS, Wanted, patients_in_credit
from creditwell.tenancy.access import facts_of
from tests.acts import invoice, pay, use_credit
from tests.cast import Cast
from tests.factories import make_patient

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


@pytest.fixture
def page(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.alice)
    return client


def text(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_roll_forward_says_what_the_books_say(cast: Cast, page: Client) -> None:
    pay(cast.clinic, 45000, location_id=cast.clinic.location.pk)
    bill = invoice(cast.clinic)
    use_credit(cast.clinic, (bill.invoice_id, 9000))
    shown = text(page, "/reports/credit/?by=location")
    assert "The books say $0.00 before and $360.00 at the end" in shown
    assert cast.clinic.location.name in shown
    lots = text(page, f"/reports/credit/lots/?by=location&of={cast.clinic.location.pk}")
    assert "1 lot with $360.00" in lots
    assert "Liam Brennan" in lots
    swapped = text(page, "/reports/credit/?since=2026-11-20&until=2026-11-01")
    assert "The first day comes after the last." in swapped


def test_csv_is_read_as_data(cast: Cast, page: Client) -> None:
    nasty = make_patient(practice=cast.clinic.practice, first_name="=cmd|' /C calc'!A0")
    pay(cast.clinic, 45000, patient=nasty)
    for url in ("/reports/credit/lots/export.csv", "/reports/in-credit/export.csv"):
        answer = page.get(url)
        assert answer.headers["Content-Type"].startswith("text/csv")
        table = answer.content.decode()
        assert "\n'=cmd|" in table
        assert "450.00" in table
    groups = page.get("/reports/credit/export.csv?by=age").content.decode().splitlines()
    assert groups[1].startswith("Up to 30 days old,0.00,450.00,")
    assert groups[-1].startswith("Total,0.00,450.00,")


def test_who_is_in_credit(cast: Cast) -> None:
    clinic, practice = cast.clinic, facts_of(cast.clinic.practice)
    rich, poor = (make_patient(practice=clinic.practice) for _n in range(2))
    pay(clinic, 50000, patient=rich, received_on=date(2026, 10, 1))
    pay(clinic, 1000, patient=poor, received_on=date(2026, 11, 20))
    invoice(clinic, patient=poor)
    pay(cast.other, 70000)
    found = patients_in_credit(practice, Wanted(), TODAY)
    assert [(row.name, row.credit.minor, row.owing.minor) for row in found.patients] == [
        (rich.payer.name, 50000, 0),
        (poor.payer.name, 1000, 9000),
    ]
    assert (found.count, found.credit.minor, found.patients[1].net.minor) == (2, 51000, -8000)
    before = patients_in_credit(practice, Wanted(as_of=date(2026, 11, 1)), TODAY)
    assert [row.name for row in before.patients] == [rich.payer.name]
    most = patients_in_credit(practice, Wanted(minimum_minor=2000), TODAY)
    assert [row.name for row in most.patients] == [rich.payer.name]
    for sort in SORTS:
        with CaptureQueriesContext(connection) as captured:
            assert patients_in_credit(practice, Wanted(sort=sort), TODAY).count == 2
        assert len(captured) == 1


def test_what_cannot_be_read_is_said(page: Client) -> None:
    shown = text(page, "/reports/in-credit/?as_of=tomorrow&minimum=lots&sort=shoe&page=x")
    assert shown.count('aria-invalid="true"') == 2


@pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("report", ["credit", "packages", "delivered"])
def test_days_beyond_reckoning_are_said(page: Client, report: str, text: str) -> None:
    answer = page.get(f"/reports/{report}/?since={text}&until={text}")
    assert answer.status_code == 200
    assert "between the years 1900 and 2200" in answer.content.decode()
