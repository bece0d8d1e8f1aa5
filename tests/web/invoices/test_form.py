"""Writing an invoice: what is typed is kept, the server does the sums, refusals say where."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.urls import reverse

from creditwell.audit.models import Note
from creditwell.catalog.models import ConcessionPrice
from creditwell.invoicing.models import Invoice, InvoiceLine
from creditwell.outbox.models import Event
from creditwell.tenancy.models import Concession
from tests.acts import invoice
from tests.books import assert_books_straight
from tests.cast import make_cast
from tests.factories import make_clinic
from tests.web.invoices.conftest import client_of

NEW = "/invoices/new/"


def typed(clinic, *lines, **head):
    """What a browser sends for these lines."""
    data = {
        "patient": clinic.patient.pk,
        "for_patient": clinic.patient.pk,
        "key": "k1",
        "issued_on": "2026-11-01",
        "location": clinic.location.pk,
        "lines": len(lines),
        **head,
    }
    for n, line in enumerate(lines):
        for name, value in {"quantity": "1", **line}.items():
            data[f"line-{n}-{name}"] = value
    return data


def rows():
    return [
        list(table.objects.order_by("pk").values()) for table in (Invoice, InvoiceLine, Event, Note)
    ]


def refused(client, data, path=NEW):
    """Send what must be refused; returns the page after proving that nothing happened."""
    before = rows()
    answer = client.post(path, data)
    assert answer.status_code == 422
    assert rows() == before
    return answer


def test_issue(cast, desk):
    clinic = cast.clinic
    data = typed(
        clinic,
        {"item": clinic.taxed_item.pk, "quantity": "2", "discount": "10%"},
        {"item": clinic.item.pk, "price": "80", "discount": "5.00", "description": "Long visit"},
        do="issue",
    )
    answer = desk.post(NEW, data)
    bill = Invoice.objects.get()
    assert answer["Location"] == reverse("invoice", args=[bill.pk])
    assert (bill.number, bill.issued_on, bill.due_on) == (1, date(2026, 11, 1), date(2026, 11, 15))
    assert (bill.total_minor, bill.tax_minor) == (19800 + 7500, 1800)
    assert list(bill.lines.values_list("description", "total_minor")) == [
        ("Exercise band", 19800),
        ("Long visit", 7500),
    ]
    assert desk.post(NEW, data)["Location"] == answer["Location"], "the same form is one invoice"
    assert Invoice.objects.count() == 1
    assert_books_straight(clinic.practice)


def test_a_draft_is_changed_and_issued(cast, desk):
    clinic = cast.clinic
    line = {"item": clinic.item.pk}
    desk.post(NEW, typed(clinic, line, do="draft", issued_on="2026-11-03"))
    draft = Invoice.objects.get()
    assert (draft.status, draft.number, draft.total_minor) == ("draft", None, 9000)
    path = reverse("invoice_edit", args=[draft.pk])
    assert "2026-11-03" in desk.get(path).content.decode()
    desk.post(path, typed(clinic, line, {**line, "quantity": "2"}, key="k2", do="issue"))
    draft.refresh_from_db()
    assert (draft.status, draft.number, draft.total_minor) == ("issued", 1, 27000)
    assert desk.get(path).status_code == 409, "an issued invoice is not a draft"
    assert_books_straight(clinic.practice)


def test_lines_are_added_and_removed_without_losing_anything(cast, desk):
    clinic = cast.clinic
    data = typed(clinic, {"item": clinic.item.pk, "price": "what?"}, {"description": "Tape"})
    sheet = desk.post(NEW, {**data, "do": "add"}).context["sheet"]
    kept = [(line["item"], line["price"], line["description"]) for line in sheet.typing.lines[:2]]
    assert kept == [
        (str(clinic.item.pk), "what?", "Standard consultation"),
        ("", "", "Tape"),
    ]
    assert len(sheet.typing.lines) == 3
    sheet = desk.post(NEW, {**data, "do": "remove-0"}).context["sheet"]
    assert [line["description"] for line in sheet.typing.lines] == ["Tape"]
    assert Invoice.objects.count() == 0


def test_an_item_fills_in_its_line(cast, desk):
    clinic = cast.clinic
    data = typed(clinic, {"item": clinic.taxed_item.pk, "description": "For the knee"})
    line = desk.post(NEW, {**data, "do": "update"}).context["sheet"].typing.lines[0]
    assert (line["description"], line["price"], line["tax"]) == (
        "For the knee",
        "110.00",
        str(clinic.tax.pk),
    )
    line = {**line, "item": str(clinic.item.pk)}
    line = desk.post(NEW, {**typed(clinic, line), "do": "update"}).context["sheet"].typing.lines[0]
    assert (line["description"], line["price"], line["tax"]) == (
        "Standard consultation",
        "90.00",
        "",
    )


def test_an_exchanged_item_is_looked_at_before_it_is_saved(cast, desk):
    clinic = cast.clinic
    line = {
        "item": clinic.item.pk,
        "filled": clinic.taxed_item.pk,
        "description": "Exercise band",
        "price": "110.00",
    }
    answer = refused(desk, typed(clinic, line, do="issue"))
    assert "The item was exchanged" in answer.content.decode()
    assert answer.context["sheet"].typing.lines[0]["price"] == "90.00"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ({"item": "", "price": "10"}, "Choose an item, or describe what is sold."),
        ({"item": "", "description": "Tape"}, "Enter a price."),
        ({"quantity": "0"}, "Write a number above zero"),
        ({"quantity": "1.005"}, "Write at most 2 decimals"),
        ({"price": "12.345"}, "Write at most 2 decimals"),
        ({"discount": "101%"}, "Write a percentage from 0 to 100"),
        ({"discount": "90.01"}, "The discount is more than the line comes to"),
        ({"service_on": "yesterday"}, "This is not a day"),
    ],
)
def test_a_line_that_cannot_be_meant(cast, desk, line, sentence):
    clinic = cast.clinic
    answer = refused(desk, typed(clinic, {"item": clinic.item.pk, **line}, do="issue"))
    assert sentence in answer.content.decode()
    kept = answer.context["sheet"].typing.lines[0]
    assert all(kept[name] == str(value) for name, value in line.items())


@pytest.mark.parametrize(
    ("head", "sentence"),
    [
        ({"patient": ""}, "Choose the patient."),
        ({"issued_on": "2100-01-01"}, "on a day to come"),
        ({"due_on": "2026-10-01"}, "The due date lies before the invoice date."),
        ({"issued_on": ""}, "Choose a day."),
    ],
)
def test_a_head_that_cannot_be_meant(cast, desk, head, sentence):
    clinic = cast.clinic
    answer = refused(desk, typed(clinic, {"item": clinic.item.pk}, do="issue", **head))
    assert sentence in answer.content.decode()
    assert str(clinic.item.pk) == answer.context["sheet"].typing.lines[0]["item"]


def test_closed_books_are_said_and_nothing_is_lost(cast, desk):
    clinic = cast.clinic
    clinic.practice.books_closed_on = date(2026, 11, 5)
    clinic.practice.save()
    answer = refused(desk, typed(clinic, {"item": clinic.item.pk}, do="issue", notes="Keep me"))
    assert "Keep me" in answer.content.decode()


def test_somebody_elses_patient_item_and_contact_are_none_of_ours(cast, desk):
    clinic, other = cast.clinic, cast.other
    refused(desk, typed(other, {"item": clinic.item.pk}, do="issue", location=clinic.location.pk))
    refused(desk, typed(clinic, {"item": other.item.pk}, do="issue"))
    refused(
        desk,
        typed(clinic, {"item": clinic.item.pk}, do="issue", practitioner=other.practitioner.pk),
    )


def test_a_concession_price_is_taken_and_shown(cast, desk):
    clinic = cast.clinic
    pensioner = Concession.objects.create(practice=clinic.practice, name="Pensioner")
    ConcessionPrice.objects.create(
        practice=clinic.practice, item=clinic.item, concession=pensioner, price_minor=7000
    )
    clinic.patient.concession = pensioner
    clinic.patient.save()
    line = {"item": clinic.item.pk}
    answer = desk.post(NEW, typed(clinic, line, do="update"))
    assert "Pensioner price; usually 90.00" in answer.content.decode()
    desk.post(NEW, typed(clinic, line, do="issue"))
    assert Invoice.objects.get().total_minor == 7000
    assert_books_straight(clinic.practice)


@pytest.mark.parametrize(
    ("included", "price", "quantity", "discount", "sums"),
    [
        (True, "0.05", "1", "", (5, 0, 5)),  # a tax of 0.0045 is none
        (True, "0.06", "1", "", (5, 1, 6)),  # 0.0055 rounds up
        (True, "33.33", "3", "", (9090, 909, 9999)),
        (True, "152.00", "1.5", "12.5%", (18136, 1814, 19950)),
        (False, "0.05", "1", "", (5, 1, 6)),  # half a cent rounds up
        (False, "0.04", "1", "", (4, 0, 4)),
        (False, "33.33", "3", "1.00", (9899, 990, 10889)),
    ],
)
def test_tax_is_rounded_once_a_line(cast, desk, included, price, quantity, discount, sums):
    clinic = cast.clinic
    clinic.practice.prices_include_tax = included
    clinic.practice.save()
    line = {
        "item": clinic.taxed_item.pk,
        "filled": clinic.taxed_item.pk,
        "price": price,
        "quantity": quantity,
        "discount": discount,
        "tax": clinic.tax.pk,
    }
    sheet = desk.post(NEW, typed(clinic, line, do="preview")).context["sheet"]
    shown = (sheet.amounts.net.minor, sheet.amounts.tax.minor, sheet.amounts.total.minor)
    desk.post(NEW, typed(clinic, line, do="issue"))
    bill = Invoice.objects.get()
    assert shown == (bill.net_minor, bill.tax_minor, bill.total_minor) == sums
    assert_books_straight(clinic.practice)


@pytest.mark.parametrize(
    ("currency", "price", "minor", "too_fine"),
    [("JPY", "1,140", 1140, "1140.5"), ("KWD", "1.125", 1125, "1.1255")],
)
def test_other_currencies(db, currency, price, minor, too_fine):
    cast = make_cast()
    clinic = make_clinic(currency=currency)
    practice = cast.clinic.practice
    practice.currency = currency
    practice.save()
    clinic, desk = cast.clinic, client_of(cast.bob)
    line = {"item": clinic.item.pk, "filled": clinic.item.pk}
    refused(desk, typed(clinic, {**line, "price": too_fine}, do="issue"))
    answer = desk.post(NEW, typed(clinic, {**line, "price": price}, do="issue"), follow=True)
    assert Invoice.objects.get().total_minor == minor
    assert price in answer.content.decode()
    assert_books_straight(practice)


def test_an_invoice_over_nothing_is_paid_at_once(cast, desk):
    clinic = cast.clinic
    line = {"item": clinic.item.pk, "discount": "100%"}
    answer = desk.post(NEW, typed(clinic, line, do="issue"), follow=True)
    assert answer.context["page"].state == "paid"
    pdf = desk.get(reverse("invoice_pdf", args=[Invoice.objects.get().pk]))
    assert pdf.content.startswith(b"%PDF")
    assert_books_straight(clinic.practice)


def test_who_is_billed(cast, desk):
    clinic = cast.clinic
    clinic.patient.invoice_to = "Claims\nPO Box 1"
    clinic.patient.save()
    sheet = desk.get(NEW, {"patient": clinic.patient.pk}).context["sheet"]
    assert sheet.typing.head["bill_to_text"] == "Claims\nPO Box 1"
    line = {"item": clinic.item.pk}
    desk.post(NEW, typed(clinic, line, do="issue", bill_to_text=""))
    bill = Invoice.objects.get()
    assert bill.bill_to_text == "Liam Brennan", "written out when issued, not the claims address"


def test_a_draft_changed_in_another_tab_is_not_written_over_in_silence(cast, desk):
    clinic = cast.clinic
    line = {"item": clinic.item.pk}
    desk.post(NEW, typed(clinic, line, do="draft"))
    draft = Invoice.objects.get()
    path = reverse("invoice_edit", args=[draft.pk])
    stands = re.compile(r'name="stands" value="([0-9a-f]{32})"')
    (opened,) = stands.findall(desk.get(path).content.decode())
    twice = {**line, "quantity": "2"}
    desk.post(path, typed(clinic, twice, key="a", do="draft", stands=opened))
    late = typed(clinic, {**line, "quantity": "3"}, key="b", do="draft", stands=opened)
    refused = desk.post(path, late)
    assert refused.status_code == 422
    assert "Somebody has changed this draft" in refused.content.decode()
    draft.refresh_from_db()
    assert draft.total_minor == 18000
    (now,) = stands.findall(refused.content.decode())
    assert desk.post(path, {**late, "stands": now}).status_code == 302
    draft.refresh_from_db()
    assert draft.total_minor == 27000
    assert_books_straight(clinic.practice)


def test_a_draft_of_somebody_elses(cast, desk):
    other = invoice(cast.other, issue=False)
    assert desk.get(reverse("invoice_edit", args=[other.invoice_id])).status_code == 404
