"""The payment form: everything typed is kept, nothing wrong is saved, one press is one payment."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from creditwell.audit.models import Note
from creditwell.outbox.models import Event
from creditwell.payments.models import Allocation, Payment
from creditwell.people.models import Patient
from tests.acts import invoice, pay, standing
from tests.books import assert_books_straight
from tests.cast import Cast
from tests.factories import make_clinic, make_location, make_member

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(client: Client, cast: Cast) -> Client:
    client.force_login(cast.bob, backend="django.contrib.auth.backends.ModelBackend")
    return client


def form_of(text: str) -> dict[str, str]:
    """What a browser would send: the fields of the page as they stand."""
    fields: dict[str, str] = {}
    start = text.index('<form id="pay"')
    inner = text[start : text.index("</form>", start)]
    for tag in re.findall(r"<input\b[^>]*>", inner):
        name = re.search(r'\bname="([^"]*)"', tag)
        value = re.search(r'\bvalue="([^"]*)"', tag)
        if not name or " disabled" in tag or 'type="checkbox"' in tag or 'type="radio"' in tag:
            continue
        fields[name.group(1)] = value.group(1) if value else ""
    for name, inside in re.findall(
        r'<select\b[^>]*\bname="([^"]*)"[^>]*>(.*?)</select>', inner, re.S
    ):
        chosen = re.search(r'value="([^"]*)" selected', inside)
        first = re.search(r'value="([^"]*)"', inside)
        fields[name] = chosen.group(1) if chosen else first.group(1) if first else ""
    return fields


def opened(desk: Client, query: str) -> dict[str, str]:
    answer = desk.get(f"/payments/new/{query}")
    assert answer.status_code == 200
    return form_of(answer.content.decode())


def rows() -> tuple[Any, ...]:
    counts = (Payment, Allocation, Patient, Note, Event)
    return tuple(table._default_manager.count() for table in counts)


def test_a_prepayment_becomes_credit(desk: Client, cast: Cast) -> None:
    clinic = cast.clinic
    form = opened(desk, f"?patient={clinic.patient.pk}")
    answer = desk.post("/payments/new/", {**form, "amount-0": "450"}, follow=True)
    assert "is not allocated" in answer.content.decode()
    assert standing(clinic).credit_minor == 45000
    assert_books_straight(clinic.practice)


def test_no_source_and_save_uses_credit_and_is_no_payment(desk: Client, cast: Cast) -> None:
    clinic = cast.clinic
    pay(clinic, 45000)
    bill = invoice(clinic)
    form = opened(desk, f"?patient={clinic.patient.pk}&invoice={bill.invoice_id}")
    assert form[f"credit-{bill.invoice_id}"] == "90.00"
    answer = desk.post("/payments/new/", form, follow=True)
    assert "$90.00 of account credit was used. $360.00 remains." in answer.content.decode()
    assert Payment.objects.count() == 1
    assert standing(clinic).owing_minor == 0
    assert_books_straight(clinic.practice)


def test_where_only_credit_pays_there_is_no_receipt_to_email(desk: Client, cast: Cast) -> None:
    clinic = cast.clinic
    clinic.patient.email = "liam@mail.example"
    clinic.patient.save()
    pay(clinic, 45000)
    bill = invoice(clinic)
    url = f"/payments/new/?patient={clinic.patient.pk}&invoice={bill.invoice_id}"
    hidden = 'id="email-box" hidden'
    assert hidden in desk.get(url).content.decode()
    form = form_of(desk.get(url).content.decode())
    for amount, is_hidden in (("", True), ("20", False)):
        sums = desk.post("/payments/sheet/", {**form, "amount-0": amount, "email": "1"})
        assert 'name="email" value="1" checked' in sums.content.decode()
        assert (hidden in sums.content.decode()) is is_hidden
    answer = desk.post("/payments/new/", {**form, "email": "1"}, follow=True)
    said = " ".join(str(one) for one in answer.context["messages"])
    assert "$90.00 of account credit was used. $360.00 remains." in said
    assert "No receipt was sent: no money was received, so there is none." in said
    assert not Event.objects.filter(topic__contains="email").exists()
    assert_books_straight(clinic.practice)


def test_the_amount_is_shared_out_when_nobody_edits_the_cells(desk: Client, cast: Cast) -> None:
    clinic = cast.clinic
    first, second = invoice(clinic), invoice(clinic)
    form = opened(desk, f"?patient={clinic.patient.pk}")
    desk.post("/payments/new/", {**form, "amount-0": "150"})
    found = dict(Allocation.objects.values_list("invoice_id", "amount_minor"))
    assert found == {first.invoice_id: 9000, second.invoice_id: 6000}
    assert_books_straight(clinic.practice)


def test_an_edited_cell_is_left_alone(desk: Client, cast: Cast) -> None:
    clinic = cast.clinic
    first, second = invoice(clinic), invoice(clinic)
    form = opened(desk, f"?patient={clinic.patient.pk}")
    desk.post("/payments/new/", {**form, "amount-0": "100", f"pay-{second.invoice_id}": "40.00"})
    found = dict(Allocation.objects.values_list("invoice_id", "amount_minor"))
    assert found == {second.invoice_id: 4000}
    assert first.invoice_id not in found
    assert standing(clinic).credit_minor == 6000
    assert_books_straight(clinic.practice)


@pytest.mark.parametrize(
    ("typed", "sentence", "field"),
    [
        ({"amount-0": "10.005"}, "at most 2 decimals", "amount-0"),
        ({"amount-0": "ten"}, "is not an amount", "amount-0"),
        ({"amount-0": "50", "pay-{0}": "60"}, "more is applied to invoices", "amount-0"),
        ({"amount-0": "100", "pay-{0}": "90.05"}, "0.05 more than is owing", "pay-{0}"),
        ({"credit-{0}": "20"}, "more account credit is used than there is", "credit-{0}"),
        ({"amount-0": "10", "received_on": "2031-01-01"}, "day that has not come", "received_on"),
        ({"amount-0": "10", "received_on": "yesterday"}, "This is not a day", "received_on"),
        ({"order": "none", "credit-{0}": ""}, "Nothing was entered", ""),
    ],
)
def test_what_is_wrong_is_refused_and_kept(
    desk: Client, cast: Cast, typed: dict[str, str], sentence: str, field: str
) -> None:
    clinic = cast.clinic
    pay(clinic, 1000)
    bill = invoice(clinic)
    form = opened(desk, f"?patient={clinic.patient.pk}")
    sent = {key.format(bill.invoice_id): value for key, value in typed.items()}
    before = rows()
    answer = desk.post("/payments/new/", {**form, "note": "by the door", **sent})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in text
    assert 'role="alert"' in text
    if field:
        assert f'href="#{field.format(bill.invoice_id)}"' in text
    kept = form_of(text)
    assert kept["note"] == "by the door"
    assert {key: kept[key] for key in sent} == sent
    assert rows() == before
    assert_books_straight(clinic.practice)


def test_no_patient_is_refused_and_the_amount_is_kept(desk: Client, cast: Cast) -> None:
    form = opened(desk, "")
    before = rows()
    answer = desk.post("/payments/new/", {**form, "amount-0": "80"})
    assert answer.status_code == 422
    assert "Choose the patient" in answer.content.decode()
    assert form_of(answer.content.decode())["amount-0"] == "80"
    assert rows() == before


def test_a_new_patient_on_the_way(desk: Client, cast: Cast) -> None:
    form = opened(desk, "")
    sent = {**form, "new-name": "Ilona Szymańska", "amount-0": "145.00"}
    answer = desk.post("/payments/new/", sent, follow=True)
    assert "Ilona Szymańska" in answer.content.decode()
    patient = Patient.objects.get(last_name="Szymańska")
    assert standing(cast.clinic, patient).credit_minor == 14500
    assert_books_straight(cast.clinic.practice)


def test_pressed_twice_is_one_payment(desk: Client, cast: Cast) -> None:
    invoice(cast.clinic)
    form = {**opened(desk, f"?patient={cast.clinic.patient.pk}"), "amount-0": "60"}
    first, second = desk.post("/payments/new/", form), desk.post("/payments/new/", form)
    assert first.headers["Location"] == second.headers["Location"]
    assert Payment.objects.count() == 1
    assert "sent twice" in desk.get(second.headers["Location"]).content.decode()
    seen = form_of(desk.post("/payments/new/", {**form, "amount-0": "70"}).content.decode())
    changed = desk.post("/payments/new/", seen)
    assert changed.status_code == 422, "going back and saving another amount is no second payment"
    assert "begin anew to save this as well" in changed.content.decode()
    assert Payment.objects.count() == 1
    assert_books_straight(cast.clinic.practice)


def test_a_form_from_before_another_payment_is_refused(desk: Client, cast: Cast) -> None:
    """Two tabs, each opened for the same invoice: the second would make credit of its payment."""
    invoice(cast.clinic)
    tabs = [
        {**opened(desk, f"?patient={cast.clinic.patient.pk}"), "amount-0": "95"} for _tab in "ab"
    ]
    assert desk.post("/payments/new/", tabs[0]).status_code == 302
    before = rows()
    refused = desk.post("/payments/new/", tabs[1])
    assert refused.status_code == 422
    text = refused.content.decode()
    assert "has changed since this form was opened" in text
    assert rows() == before
    seen = form_of(text)
    assert seen["amount-0"] == "95", "nothing typed is lost"
    assert desk.post("/payments/new/", seen).status_code == 302, "who saw the new sums may save"
    assert Payment.objects.count() == 2
    assert_books_straight(cast.clinic.practice)


def test_sources_come_and_go_without_script(desk: Client, cast: Cast) -> None:
    form = opened(desk, f"?patient={cast.clinic.patient.pk}")
    sent = {**form, "amount-0": "40", "reference-0": "A1", "add-source": "1"}
    text = desk.post("/payments/new/", sent).content.decode()
    assert 'name="amount-1"' in text
    assert re.search(r'name="amount-1"[^>]*autofocus', text)
    two = form_of(text)
    assert (two["amount-0"], two["reference-0"]) == ("40", "A1")
    sent = {**two, "row": ["0", "1"], "amount-1": "20", "source-1": str(cast.clinic.card.pk)}
    answer = desk.post("/payments/new/", sent, follow=True)
    assert "60" in answer.content.decode()
    assert sorted(Payment.objects.get().parts.values_list("amount_minor", flat=True)) == [
        2000,
        4000,
    ]
    text = desk.post(
        "/payments/new/", {**two, "row": ["0", "1"], "remove-source": "0", "amount-1": "20"}
    ).content.decode()
    assert 'name="amount-0"' not in text
    assert form_of(text)["amount-1"] == "20"
    assert_books_straight(cast.clinic.practice)


def test_equals_fills_what_is_owing(desk: Client, cast: Cast) -> None:
    clinic = cast.clinic
    pay(clinic, 1000)
    bill = invoice(clinic)
    form = {**opened(desk, f"?patient={clinic.patient.pk}"), "amount-0": "="}
    answer = desk.post("/payments/sheet/", form)
    text = answer.content.decode()
    assert re.search(r'id="amount-0"[^>]*value="80.00"', text)
    assert f'hx-target="#pay-cell-{bill.invoice_id}"' in text
    assert Payment.objects.count() == 1
    assert_books_straight(clinic.practice)


def test_the_order_can_be_chosen_here(desk: Client, cast: Cast) -> None:
    clinic = cast.clinic
    first, second = invoice(clinic), invoice(clinic)
    form = {**opened(desk, f"?patient={clinic.patient.pk}"), "amount-0": "100"}
    text = desk.post("/payments/sheet/", {**form, "order": "newest"}).content.decode()
    assert re.search(rf'id="pay-{second.invoice_id}"[^>]*value="90.00"', text)
    assert re.search(rf'id="pay-{first.invoice_id}"[^>]*value="10.00"', text)
    assert_books_straight(clinic.practice)


def test_cash_is_rounded_and_said(desk: Client, cast: Cast) -> None:
    clinic = cast.clinic
    clinic.practice.cash_rounding_minor = 5
    clinic.practice.save()
    form = opened(desk, f"?patient={clinic.patient.pk}")
    sent = {**form, "source-0": str(clinic.cash.pk), "amount-0": "10.03"}
    text = desk.post("/payments/sheet/", sent).content.decode()
    assert "Take $10.05 in cash" in text
    page = desk.post("/payments/new/", sent, follow=True).content.decode()
    assert "Cash rounding" in page
    assert standing(clinic).credit_minor == 1003
    assert_books_straight(clinic.practice)


@pytest.mark.parametrize(
    ("country", "currency", "typed", "minor"),
    [("JP", "JPY", "11,400", 11400), ("KW", "KWD", "11.405", 11405)],
)
def test_other_currencies(
    client: Client, country: str, currency: str, typed: str, minor: int
) -> None:
    clinic = make_clinic(country=country, currency=currency, locale="en_GB")
    user = make_member(practice=clinic.practice, role="owner")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    form = opened(client, f"?patient={clinic.patient.pk}")
    client.post("/payments/new/", {**form, "amount-0": typed}, follow=True)
    assert standing(clinic).credit_minor == minor
    assert_books_straight(clinic.practice)


def test_many_invoices_take_no_more_queries(desk: Client, cast: Cast) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            desk.get(f"/payments/new/?patient={cast.clinic.patient.pk}")
        return len(captured)

    invoice(cast.clinic)
    few = queries()
    for _n in range(7):
        invoice(cast.clinic)
    assert queries() == few <= 12


def test_an_edit_shows_what_was_and_keeps_what_it_settled(desk: Client, cast: Cast) -> None:
    clinic = cast.clinic
    now = timezone.now()
    bill = invoice(clinic, now=now)
    taken = pay(clinic, 10000, pay=((bill.invoice_id, 9000),), now=now)
    text = desk.get(f"/payments/{taken.payment_id}/edit/").content.decode()
    form = form_of(text)
    assert (form["amount-0"], form[f"pay-{bill.invoice_id}"]) == ("100.00", "90.00")
    sent = {**form, "amount-0": "120"}
    page = desk.post(f"/payments/{taken.payment_id}/edit/", sent, follow=True).content.decode()
    assert "takes the place of an older one" in page
    assert standing(clinic).credit_minor == 3000
    assert standing(clinic).owing_minor == 0
    old = desk.get(f"/payments/{taken.payment_id}/").content.decode()
    assert "This payment was edited." in old
    again = desk.post(f"/payments/{taken.payment_id}/edit/", {**sent, "key": "other"})
    assert again.status_code == 409
    assert "already voided or changed" in again.content.decode()
    assert_books_straight(clinic.practice)


def test_a_payment_remembers_where_it_was_received(desk: Client, cast: Cast) -> None:
    clinic = cast.clinic
    form = opened(desk, f"?patient={clinic.patient.pk}")
    assert "location" not in form, "one location: nothing to choose"
    desk.post("/payments/new/", {**form, "amount-0": "10"})
    assert Payment.objects.latest("pk").location_id == clinic.location.pk
    other = make_location(practice=clinic.practice)
    form = opened(desk, f"?patient={clinic.patient.pk}")
    assert form["location"] == str(clinic.location.pk)
    desk.post("/payments/new/", {**form, "amount-0": "10", "location": str(other.pk)})
    assert Payment.objects.latest("pk").location_id == other.pk
    assert opened(desk, f"?patient={clinic.patient.pk}")["location"] == str(other.pk)
    assert_books_straight(clinic.practice)


def test_a_location_of_another_practice_is_not_taken(desk: Client, cast: Cast) -> None:
    clinic = cast.clinic
    form = opened(desk, f"?patient={clinic.patient.pk}")
    desk.post(
        "/payments/new/", {**form, "amount-0": "10", "location": str(make_clinic().location.pk)}
    )
    assert Payment.objects.latest("pk").location_id == clinic.location.pk
    assert_books_straight(clinic.practice)


def test_the_same_sum_twice_is_said_before_and_after_and_not_refused(
    desk: Client, cast: Cast
) -> None:
    said = "was recorded by Receptionist a moment ago"
    query = f"?patient={cast.clinic.patient.pk}"
    first = opened(desk, query) | {"amount-0": "80"}
    assert said not in desk.post("/payments/sheet/", first).content.decode()
    assert desk.post("/payments/new/", first).status_code == 302
    again = opened(desk, query) | {"amount-0": "80"}
    assert said in desk.post("/payments/sheet/", again).content.decode()
    assert said not in desk.post("/payments/sheet/", again | {"amount-0": "81"}).content.decode()
    saved = desk.post("/payments/new/", again, follow=True).content.decode()
    assert "The same sum was recorded just before" in saved
    assert Payment.objects.count() == 2
    assert_books_straight(cast.clinic.practice)


def test_what_cannot_be_read_is_said_while_typing(desk: Client, cast: Cast) -> None:
    form = opened(desk, f"?patient={cast.clinic.patient.pk}") | {"amount-0": "12,50"}
    answer = desk.post("/payments/sheet/", form)
    note = answer.content.decode().split('id="source-note-0"')[1].split("</div>")[0]
    assert answer.status_code == 200
    assert 'class="err"' in note
    assert "This payment cannot be saved yet" not in answer.content.decode()


def test_the_trail_names_people_and_leaves_out_numbers_of_rows(client: Client, cast: Cast) -> None:
    pay(cast.clinic, 8000, now=timezone.now())
    client.force_login(cast.alice, backend="django.contrib.auth.backends.ModelBackend")
    text = client.get("/settings/trail/").content.decode()
    assert "Liam Brennan" in text
    assert " id:" not in text
    assert " id<" not in text
