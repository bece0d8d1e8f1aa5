"""Balance, owing and lots, now and at the end of any day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from creditwell.people.models import Contact, Payer
from tests import acts
from tests.books import assert_books_straight
from tests.factories import NOW, make_patient

TODAY = date(2026, 11, 24)


def credit(cast, program, **query):
    status, found = program.get(f"/patients/{cast.clinic.patient.pk}/credit", **query)
    assert status == 200
    assert sum(lot["left_minor"] for lot in found["lots"]) == found["credit_minor"]
    assert found["balance_minor"] == found["owing_minor"] - found["credit_minor"]
    return found


def test_a_new_patient_has_nothing_and_owes_nothing(cast, program):
    found = credit(cast, program)
    assert (found["credit_minor"], found["owing_minor"], found["lots"]) == (0, 0, [])
    assert found["payer_id"] == cast.clinic.patient.payer_id


def test_lots_say_where_they_came_from_and_what_is_left(cast, program):
    first = acts.pay(cast.clinic, 10000, received_on=TODAY - timedelta(days=3))
    second = acts.pay(cast.clinic, 2500)
    invoice = acts.invoice(cast.clinic, 9000)
    acts.invoice(cast.clinic, 700)
    acts.use_credit(cast.clinic, (invoice.invoice_id, 9000))
    found = credit(cast, program)
    assert (found["credit_minor"], found["owing_minor"], found["balance_minor"]) == (
        3500,
        700,
        -2800,
    )
    lots = [(lot["payment_id"], lot["original_minor"], lot["left_minor"]) for lot in found["lots"]]
    assert lots == [(first.payment_id, 10000, 1000), (second.payment_id, 2500, 2500)]
    assert [lot["receipt_number"] for lot in found["lots"]] == ["1", "2"]
    assert {lot["kind"] for lot in found["lots"]} == {"payment"}
    assert_books_straight(cast.clinic.practice)


def test_as_of_tells_how_it_stood(cast, program):
    early = TODAY - timedelta(days=10)
    acts.pay(cast.clinic, 10000, received_on=early)
    late = acts.invoice(cast.clinic, 9000, issued_on=TODAY - timedelta(days=5))
    acts.use_credit(cast.clinic, (late.invoice_id, 9000))

    def at(day):
        found = credit(cast, program, as_of=day.isoformat())
        assert found["as_of"] == day.isoformat()
        return found["credit_minor"], found["owing_minor"]

    assert at(early - timedelta(days=1)) == (0, 0)
    assert at(early) == (10000, 0)
    assert at(TODAY - timedelta(days=5)) == (10000, 9000)
    assert at(TODAY) == (1000, 0)
    now = credit(cast, program)
    assert (now["credit_minor"], now["owing_minor"], now["as_of"]) == (1000, 0, None)
    assert_books_straight(cast.clinic.practice)


def test_contacts_have_credit_too(cast, program, stranger):
    practice = cast.clinic.practice
    payer = Payer.objects.create(practice=practice, name="Harbour Health Fund")
    fund = Contact.objects.create(
        practice=practice, payer=payer, kind="insurer", name=payer.name, created_at=NOW
    )
    part = {"payment_source_id": cast.clinic.card.pk, "amount_minor": 5000}
    assert program.post("/payments", {"contact_id": fund.pk, "parts": [part]})[0] == 201
    assert program.get(f"/contacts/{fund.pk}/credit")[1]["credit_minor"] == 5000
    assert stranger.get(f"/contacts/{fund.pk}/credit")[0] == 404
    assert_books_straight(practice)


@pytest.mark.parametrize("query", [{}, {"as_of": "2026-11-24"}])
def test_reading_a_balance_is_one_query(cast, program, django_assert_num_queries, query):
    for _n in range(2):
        acts.pay(cast.clinic, 1000)
        acts.invoice(cast.clinic, 500)
        with django_assert_num_queries(1 + 1):
            credit(cast, program, **query)


def test_a_day_that_is_none(cast, program):
    path = f"/patients/{cast.clinic.patient.pk}/credit"
    status, answer = program.get(path, as_of="yesterday")
    assert (status, answer["error"]["param"]) == (422, "as_of")
    assert program.get(path, day="2026-11-24")[1]["error"]["code"] == "unknown_field"


def test_nobody_is_asked_for_money_that_is_held(cast, program, stranger):
    clinic = cast.clinic
    ben = make_patient(practice=clinic.practice, first_name="Ben", last_name="Berg")
    acts.pay(clinic, 12000)
    first, second = (acts.invoice(clinic).invoice_id for _n in range(2))
    acts.let_use(clinic, clinic.patient, ben, mode="monthly", cap_minor=9000)
    acts.invoice(clinic, patient=ben)
    answer = program.get("/reports/owing")[1]
    assert (answer["count"], answer["to_ask_minor"]) == (1, 6000)
    (liam,) = answer["data"]
    assert (liam["patient_id"], liam["name"]) == (clinic.patient.pk, "Liam Brennan")
    assert [(one["invoice_id"], one["to_ask_minor"]) for one in liam["invoices"]] == [
        (first, 0),
        (second, 6000),
    ]
    everybody = program.get("/reports/owing", covered=True)[1]
    assert (everybody["count"], everybody["owing_minor"]) == (2, 27000)
    assert (everybody["covered_minor"], everybody["to_ask_minor"]) == (21000, 6000)
    assert program.get("/reports/owing", offset=1)[1]["data"] == []
    assert stranger.get("/reports/owing")[1]["data"] == []
    assert_books_straight(clinic.practice)


@pytest.mark.parametrize("many", [1, 12])
def test_whom_to_ask_is_six_queries(cast, program, django_assert_num_queries, many):
    for _n in range(many):
        acts.invoice(cast.clinic, patient=make_patient(practice=cast.clinic.practice))
    program.get("/reports/owing")
    with django_assert_num_queries(6):
        program.get("/reports/owing")
