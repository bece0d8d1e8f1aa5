"""From an appointment to its invoice in one click, and on to its payment."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from creditwell.invoicing.models import Invoice
from creditwell.scheduling.models import TypeItem
from tests.acts import pay
from tests.books import assert_books_straight
from tests.factories import make_appointment, make_appointment_type
from tests.web.invoices.test_form import rows


@pytest.fixture
def visit(cast):
    clinic = cast.clinic
    kind = make_appointment_type(practice=clinic.practice)
    for item, quantity, percent in ((clinic.item, "1", "0"), (clinic.taxed_item, "2", "10")):
        TypeItem.objects.create(
            practice=clinic.practice,
            appointment_type=kind,
            item=item,
            quantity=Decimal(quantity),
            discount_percent=Decimal(percent),
        )
    return make_appointment(
        practice=clinic.practice,
        patient=clinic.patient,
        appointment_type=kind,
        practitioner=clinic.practitioner,
        location=clinic.location,
    )


def test_one_click(cast, desk, visit):
    pay(cast.clinic, 5000)
    path = reverse("invoice_from_attendee", args=[visit.pk])
    page = desk.get(path)
    assert page.context["page"].amounts.total.minor == 9000 + 19800
    assert "$50.00" in page.content.decode()
    answer = desk.post(path, {"key": page.context["key"]})
    bill = Invoice.objects.get()
    assert answer["Location"] == reverse("invoice", args=[bill.pk])
    assert (bill.status, bill.total_minor, bill.attendee_id) == ("issued", 28800, visit.pk)
    assert bill.practitioner_id == cast.clinic.practitioner.pk
    assert {str(line.service_on) for line in bill.lines.all()} == {"2026-11-24"}
    assert desk.post(path, {"key": "another"})["Location"] == answer["Location"]
    assert desk.get(path)["Location"] == answer["Location"], "a visit is billed once"
    assert Invoice.objects.count() == 1
    assert_books_straight(cast.clinic.practice)


def test_add_payment_goes_by_way_of_the_invoice(cast, desk, visit):
    path = reverse("attendee_payment", args=[visit.pk])
    create = reverse("invoice_from_attendee", args=[visit.pk])
    new = reverse("payment_new")
    patient = cast.clinic.patient.pk
    assert desk.get(path)["Location"] == f"{create}?next=payment"
    answer = desk.post(create, {"key": "k", "next": "payment"})
    bill = Invoice.objects.get()
    to_pay = f"{new}?patient={patient}&invoice={bill.pk}"
    assert answer["Location"] == to_pay
    assert desk.get(path)["Location"] == to_pay
    pay(cast.clinic, 28800, pay=None)
    assert desk.get(path)["Location"] == f"{new}?patient={patient}"
    assert_books_straight(cast.clinic.practice)


def test_a_visit_that_bills_nothing_is_written_by_hand(cast, desk):
    visit = make_appointment(practice=cast.clinic.practice, patient=cast.clinic.patient)
    path = reverse("invoice_from_attendee", args=[visit.pk])
    before = rows()
    assert "bills no items" in desk.get(path).content.decode()
    assert desk.post(path, {"key": "k"}).status_code == 200
    assert rows() == before


def test_closed_books_are_said(cast, desk, visit):
    cast.clinic.practice.books_closed_on = "2100-01-01"
    cast.clinic.practice.save()
    before = rows()
    answer = desk.post(reverse("invoice_from_attendee", args=[visit.pk]), {"key": "k"})
    assert answer.status_code == 409
    assert "closed" in answer.content.decode()
    assert rows() == before


def test_change_it_first_fills_in_the_form(cast, desk, visit):
    asked = {"patient": cast.clinic.patient.pk, "attendee": visit.pk}
    sheet = desk.get(reverse("invoice_new"), asked).context["sheet"]
    assert [line["item"] for line in sheet.typing.lines] == [
        str(cast.clinic.item.pk),
        str(cast.clinic.taxed_item.pk),
    ]
    assert sheet.typing.head["attendee"] == str(visit.pk)
    assert sheet.amounts.total.minor == 28800
