"""The list finds, counts, adds up and exports; its queries do not grow with the clinic."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from creditwell.invoicing.models import Invoice
from creditwell.invoicing.queries import brief
from creditwell.invoicing.queries_list import Wanted, list_invoices
from creditwell.tenancy.access import SYSTEM
from creditwell.usecases.credit_invoice import CreditInvoice, credit_invoice
from creditwell.usecases.give_credit import GiveCredit, give_credit
from creditwell.usecases.void_invoice import VoidInvoice, void_invoice
from tests.acts import invoice, let_use, new_key, pay
from tests.factories import NOW, make_category, make_patient
from tests.web.invoices.test_acts import lines_of


def ids(client, **asked) -> set[int]:
    return {line.id for line in client.get(reverse("invoices"), asked).context["page"].lines}


def test_the_word_in_sql_is_the_word_of_the_rule(cast):
    clinic = cast.clinic
    early = {"issued_on": date(2026, 9, 1)}
    bills = [invoice(clinic), invoice(clinic), invoice(clinic, **early), invoice(clinic, 0)]
    voided, credited, part = invoice(clinic), invoice(clinic), invoice(clinic)
    invoice(clinic, issue=False)
    pay(clinic, 9000, pay=((bills[0].invoice_id, 9000),))
    pay(clinic, 1000, pay=((bills[2].invoice_id, 1000),))
    common = {"practice_id": clinic.practice.pk, "by": SYSTEM, "reason": "x"}
    void_invoice(VoidInvoice(key=new_key(), invoice_id=voided.invoice_id, **common), NOW)
    for bill, minor in ((credited, 9000), (part, 500)):
        lines = tuple((line.pk, minor) for line in lines_of(bill))
        command = CreditInvoice(key=new_key(), invoice_id=bill.invoice_id, lines=lines, **common)
        credit_invoice(command, NOW)
    today = date(2026, 11, 24)
    wanted = Wanted(practice_id=clinic.practice.pk, today=today)
    by_sql = {row.id: (row.state, row.owing_minor) for row in list_invoices(wanted, limit=50)}
    rows = Invoice.objects.filter(practice=clinic.practice).select_related("account")
    by_rule = {row.pk: brief(row, today=today) for row in rows}
    assert by_sql == {pk: (one.state, one.owing_minor) for pk, one in by_rule.items()}
    assert {state for state, _owing in by_sql.values()} == {
        "paid", "unpaid", "overdue", "void", "credited", "draft",
    }  # fmt: skip


def test_found_by_number_or_patient(cast, desk):
    clinic = cast.clinic
    clinic.practice.invoice_prefix = "HL-"
    clinic.practice.save()
    ilona = make_patient(practice=clinic.practice, first_name="Ilona", last_name="Szymańska")
    hers, his = invoice(clinic, patient=ilona), invoice(clinic)
    assert ids(desk, q="szyma") == {hers.invoice_id}
    for text in ("2", "HL-2", "#2", "0002"):
        assert ids(desk, q=text) == {his.invoice_id}
    assert ids(desk, q="nobody") == set()
    assert "Nothing was found for “nobody”" in (
        desk.get(reverse("invoices"), {"q": "nobody"}).content.decode()
    )


def test_filters(cast, desk):
    clinic = cast.clinic
    early = invoice(clinic, issued_on=date(2026, 10, 1), location_id=clinic.location.pk)
    late = invoice(clinic, practitioner_id=clinic.practitioner.pk)
    assert ids(desk, since="2026-11-01") == {late.invoice_id}
    assert ids(desk, until="2026-10-01") == {early.invoice_id}
    assert ids(desk, location=clinic.location.pk) == {early.invoice_id}
    assert ids(desk, practitioner=clinic.practitioner.pk) == {late.invoice_id}
    assert ids(desk, since="rubbish", show="rubbish", page="-3") == {
        early.invoice_id,
        late.invoice_id,
    }


def test_owing_is_shown_net_of_credit(cast, desk):
    pay(cast.clinic, 2000)
    invoice(cast.clinic)
    (line,) = desk.get(reverse("invoices")).context["page"].lines
    assert (line.owing.minor, line.credit.minor, line.net_owing.minor) == (9000, 2000, 7000)


def test_credit_that_they_may_use_counts_too(cast, desk):
    owner = make_patient(practice=cast.clinic.practice)
    pay(cast.clinic, 5000, patient=owner)
    let_use(cast.clinic, owner, mode="monthly", cap_minor=3000)
    invoice(cast.clinic)
    (line,) = desk.get(reverse("invoices")).context["page"].lines
    assert (line.credit.minor, line.net_owing.minor) == (3000, 6000)


def test_no_credit_counts_twice_and_none_where_it_may_not_pay(cast, desk):
    clinic = cast.clinic
    other = make_category(practice=clinic.practice, name="Products")
    pay(clinic, 12000)
    give_credit(
        GiveCredit(
            practice_id=clinic.practice.pk,
            key=new_key(),
            by=SYSTEM,
            payer_id=clinic.patient.payer_id,
            kind="goodwill",
            amount_minor=5000,
            category_id=other.pk,
            reason="For a band",
        ),
        NOW,
    )
    first, second = invoice(clinic), invoice(clinic)
    lines = {line.id: line for line in desk.get(reverse("invoices")).context["page"].lines}
    assert lines[first.invoice_id].net_owing.minor == 0
    assert lines[second.invoice_id].credit.minor == 3000
    assert lines[second.invoice_id].net_owing.minor == 6000
    table = {row["Number"]: row for row in export(desk)}
    assert table["2"]["Owing"] == "90.00"
    assert table["2"]["Covered by credit"] == "30.00"
    assert table["2"]["Owing after credit"] == "60.00"
    assert "Liam Brennan" in desk.get(reverse("patients"), {"show": "owing"}).content.decode()


def test_pages(cast, desk, monkeypatch):
    monkeypatch.setattr("creditwell.web.invoices.list_page.PAGE", 2)
    bills = [invoice(cast.clinic).invoice_id for _n in range(5)]
    assert ids(desk) == set(bills[3:])
    assert ids(desk, page=3) == ids(desk, page=99) == {bills[0]}


def export(client, **asked) -> list[dict[str, str]]:
    answer = client.get(reverse("invoices_csv"), asked)
    assert answer["Content-Type"].startswith("text/csv")
    text = answer.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_export_says_what_the_list_says(cast, desk):
    bill = invoice(cast.clinic, item=cast.clinic.taxed_item)
    invoice(cast.clinic, issue=False)
    (row,) = export(desk, show="unpaid")
    assert (row["Number"], row["Net"], row["Tax"], row["Total"], row["Owing"]) == (
        str(bill.number), "100.00", "10.00", "110.00", "110.00",
    )  # fmt: skip
    assert len(export(desk)) == 2


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1"])
def test_the_export_is_no_formula(cast, desk, name):
    patient = make_patient(practice=cast.clinic.practice, first_name=name, last_name="x")
    patient.payer.name = f"{name} x"
    patient.payer.save()
    invoice(cast.clinic, patient=patient)
    (row,) = export(desk)
    assert row["Patient"] == f"'{name} x"


def queries(client, path: str, **asked) -> int:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(path, asked).status_code == 200
    return len(caught)


def test_queries_do_not_grow(cast, desk):
    clinic = cast.clinic
    bill = invoice(clinic)
    pay(clinic, 1000, pay=((bill.invoice_id, 1000),))
    pages = [
        (reverse("invoices"), {"q": "brennan"}),
        (reverse("invoices_csv"), {}),
        (reverse("invoice_new"), {"patient": clinic.patient.pk}),
        (reverse("invoice", args=[bill.invoice_id]), {}),
        (reverse("invoice_credit", args=[bill.invoice_id]), {}),
    ]
    for path, asked in pages:
        desk.get(path, asked)
    small = [queries(desk, path, **asked) for path, asked in pages]
    for n in range(12):
        patient = make_patient(practice=clinic.practice, last_name="Brennan")
        invoice(clinic, patient=patient)
        pay(clinic, 500, pay=((bill.invoice_id, 100 + n),), now=NOW)
    assert [queries(desk, path, **asked) for path, asked in pages] == small
    assert max(small) <= 25
