"""The payment form when somebody else's credit, or somebody else's invoices, come in."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from creditwell.payments.models import Allocation, Payment
from creditwell.people.models import Contact, Family, FamilyMember, Patient, Payer
from tests.acts import invoice, let_use, pay, standing
from tests.books import assert_books_straight
from tests.cast import Cast
from tests.factories import NOW, make_patient
from tests.web.payments.test_taking import form_of, opened, rows

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(client: Client, cast: Cast) -> Client:
    client.force_login(cast.bob, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def anna(cast: Cast) -> Patient:
    return make_patient(practice=cast.clinic.practice, first_name="Anna")


def family_of(cast: Cast, *patients: Patient) -> None:
    practice = cast.clinic.practice
    family = Family.objects.create(practice=practice, name="Brennan", created_at=NOW)
    for patient in patients:
        FamilyMember.objects.create(
            practice=practice, family=family, patient=patient, joined_at=NOW
        )


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_spouses_credit_pays_and_it_is_said_whose(
    desk: Client, cast: Cast, anna: Patient
) -> None:
    clinic = cast.clinic
    let_use(clinic, anna)
    pay(clinic, 2000)
    pay(clinic, 20000, patient=anna)
    bill = invoice(clinic)
    page = desk.get(f"/payments/new/?invoice={bill.invoice_id}").content.decode()
    form = form_of(page)
    assert form[f"credit-{bill.invoice_id}"] == "20.00"
    assert form[f"family-{bill.invoice_id}-{anna.payer_id}"] == "70.00"
    words = text_of(page)
    assert "Credit of Anna Example $200.00 left" in words
    assert "Credit of Anna Example was 200.00 becomes 130.00" in words
    answer = desk.post("/payments/new/", form, follow=True)
    assert "90.00 of account credit was used" in answer.content.decode()
    assert not Payment.objects.filter(total_minor=0).exists()
    assert standing(clinic).owing_minor == 0
    assert standing(clinic, anna).credit_minor == 13000
    assert_books_straight(clinic.practice)


def test_one_payment_pays_the_childrens_invoices(desk: Client, cast: Cast, anna: Patient) -> None:
    clinic = cast.clinic
    children = [clinic.patient, make_patient(practice=clinic.practice, first_name="Ada")]
    family_of(cast, anna, *children)
    bills = [invoice(clinic, patient=child).invoice_id for child in children]
    let_use(clinic, anna, children[0])
    pay(clinic, 1000, patient=anna)
    invoice(clinic, 500, patient=anna)
    page = desk.get(f"/payments/new/?patient={anna.pk}").content.decode()
    assert "The family has 2 more open invoices, $180.00 owing." in text_of(page)
    assert f"pay-{bills[0]}" not in page
    form = form_of(page)
    more = desk.post("/payments/new/", {**form, "with-family": "on"}).content.decode()
    form = form_of(more)
    # Her credit pays her own invoice, then that of the child who may use it; not the other's.
    assert form[f"credit-{bills[0]}"] == "5.00"
    assert f"credit-{bills[1]}" not in form
    answer = desk.post("/payments/new/", {**form, "amount-0": "175"}, follow=True)
    assert answer.status_code == 200
    for person in [anna, *children]:
        assert standing(clinic, person).owing_minor == 0
    assert standing(clinic, anna).credit_minor == 0
    assert_books_straight(clinic.practice)


def test_who_wants_to_be_asked_must_have_agreed(desk: Client, cast: Cast, anna: Patient) -> None:
    clinic = cast.clinic
    let_use(clinic, anna, mode="ask")
    pay(clinic, 20000, patient=anna)
    bill = invoice(clinic).invoice_id
    form = opened(desk, f"?invoice={bill}")
    field = f"family-{bill}-{anna.payer_id}"
    assert form[field] == ""  # never of itself
    before = rows()
    refused = desk.post("/payments/new/", {**form, field: "90"})
    assert refused.status_code == 422
    assert "Ask Anna Example first" in text_of(refused.content.decode())
    assert rows() == before
    again = form_of(refused.content.decode())
    assert again[field] == "90"
    desk.post("/payments/new/", {**again, f"agreed-{anna.payer_id}": "by phone"}, follow=True)
    assert Allocation.objects.get().agreed == "by phone"
    assert standing(clinic).owing_minor == 0
    assert_books_straight(clinic.practice)


def test_more_than_the_cap_is_refused_and_kept(desk: Client, cast: Cast, anna: Patient) -> None:
    clinic = cast.clinic
    let_use(clinic, anna, mode="monthly", cap_minor=5000)
    pay(clinic, 20000, patient=anna)
    bill = invoice(clinic).invoice_id
    field = f"family-{bill}-{anna.payer_id}"
    form = opened(desk, f"?invoice={bill}")
    assert form[field] == "50.00"
    before = rows()
    refused = desk.post("/payments/new/", {**form, field: "60"})
    assert refused.status_code == 422
    assert "10.00 more than Anna Example allows" in text_of(refused.content.decode())
    assert form_of(refused.content.decode())[field] == "60"
    assert rows() == before
    filled = desk.post("/payments/sheet/", {**form, field: "="}, headers={"hx-request": "true"})
    assert 'value="50.00"' in filled.content.decode()
    assert_books_straight(clinic.practice)


def test_an_organisation_pays_for_those_it_funds(desk: Client, cast: Cast) -> None:
    clinic = cast.clinic
    practice = clinic.practice
    fund = Contact.objects.create(
        practice=practice,
        payer=Payer.objects.create(practice=practice, name="Helping Hand"),
        kind="charity",
        name="Helping Hand",
    )
    let_use(clinic, fund, mode="total", cap_minor=10000)  # type: ignore[arg-type]  # has a payer, too
    bill = invoice(clinic).invoice_id
    form = opened(desk, f"?payer={fund.payer_id}")
    assert form["payer"] == str(fund.payer_id)
    assert form[f"pay-{bill}"] == ""
    desk.post("/payments/new/", {**form, "amount-0": "300"}, follow=True)
    assert standing(clinic).owing_minor == 0
    paid = Payment.objects.get()
    assert paid.payer_id == fund.payer_id
    second = invoice(clinic).invoice_id
    form = opened(desk, f"?invoice={second}")
    assert form[f"family-{second}-{fund.payer_id}"] == "90.00"
    desk.post("/payments/new/", form, follow=True)
    assert standing(clinic).owing_minor == 0
    assert_books_straight(practice)


def test_another_practices_payer_is_not_there(desk: Client, cast: Cast) -> None:
    assert desk.get(f"/payments/new/?payer={cast.other.patient.payer_id}").status_code == 404


def test_a_large_family_takes_no_more_queries(desk: Client, cast: Cast, anna: Patient) -> None:
    clinic = cast.clinic

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert desk.get(f"/payments/new/?patient={anna.pk}&family=1").status_code == 200
        return len(captured)

    def more() -> None:
        child = make_patient(practice=clinic.practice)
        family_of(cast, anna, child)
        let_use(clinic, anna, child)
        let_use(clinic, child, anna)
        invoice(clinic, patient=child)
        pay(clinic, 100, patient=child)

    more()
    few = queries()
    for _n in range(4):
        more()
    assert queries() <= few
    assert_books_straight(clinic.practice)
