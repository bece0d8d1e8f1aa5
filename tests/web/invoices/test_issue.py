"""A draft is issued from its own page: as it was seen there, once, or it is said why not."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.urls import reverse

from creditwell.audit.models import Note
from creditwell.catalog.models import TaxRate
from creditwell.invoicing.models import Invoice, InvoiceLine
from creditwell.ledger.models import Entry
from creditwell.outbox.models import Event
from creditwell.packages.models import Package
from tests.acts import invoice
from tests.books import assert_books_straight
from tests.refusing import unchanged
from tests.sold import make_product, make_visit_type

BUTTON = re.compile(r'<form method="post" action="([^"]*/issue/)">(.*?)</form>', re.S)
HIDDEN = re.compile(r'name="(key|stands)" value="([^"]*)"')


def button_of(desk, draft_id: int) -> tuple[str, dict[str, str]]:
    """What pressing the button on the page of the draft sends, and where to."""
    text = desk.get(reverse("invoice", args=[draft_id])).content.decode()
    ((path, inside),) = BUTTON.findall(text)
    assert 'class="btn primary' in inside
    assert text.count('class="btn primary') == 1
    return path, dict(HIDDEN.findall(inside))


def test_one_press_issues_what_was_seen(cast, desk):
    clinic = cast.clinic
    draft = invoice(clinic, issue=False, notes="As agreed").invoice_id
    before = InvoiceLine.objects.values("description", "total_minor", "tax_rate_id").get()
    path, sent = button_of(desk, draft)
    answer = desk.post(path, sent)
    assert answer.headers["Location"] == reverse("invoice", args=[draft])
    row = Invoice.objects.get()
    assert (row.status, row.number, row.total_minor, row.notes) == ("issued", 1, 9000, "As agreed")
    assert InvoiceLine.objects.values(*before).get() == before
    page = desk.get(answer.headers["Location"])
    assert "Invoice issued." in [str(one) for one in page.context["messages"]]
    assert not BUTTON.search(page.content.decode())
    assert_books_straight(clinic.practice)


def test_pressed_twice_it_is_issued_once(cast, desk):
    path, sent = button_of(desk, invoice(cast.clinic, issue=False).invoice_id)
    first = desk.post(path, sent)
    with unchanged(Invoice, InvoiceLine, Entry):
        second = desk.post(path, sent)
        assert second.headers["Location"] == first.headers["Location"]
        other_tab = desk.post(path, {**sent, "key": "of another tab"})
        assert other_tab.status_code == 409
        assert "already issued" in other_tab.content.decode()
    assert Event.objects.filter(topic="invoice.issued").count() == 1
    assert Note.objects.filter(action="issue_invoice").count() == 1
    assert_books_straight(cast.clinic.practice)


def test_a_package_on_it_is_sold(cast, desk):
    product = make_product(cast.clinic, make_visit_type(cast.clinic))
    draft = invoice(cast.clinic, item=product.item, issue=False).invoice_id
    path, sent = button_of(desk, draft)
    answer = desk.post(path, sent)
    assert answer.status_code == 302
    assert Package.objects.get().line.invoice_id == draft
    assert_books_straight(cast.clinic.practice)


def change_lines(cast, draft):
    Invoice.objects.filter(pk=draft).update(notes="Another text")


def change_tax(cast, draft):
    TaxRate.objects.update(percent=20)


def close_books(cast, draft):
    cast.clinic.practice.books_closed_on = date(2026, 11, 20)
    cast.clinic.practice.save()


@pytest.mark.parametrize(
    ("meanwhile", "said"),
    [
        (change_lines, "Somebody has changed this draft since you opened it. Nothing was issued."),
        (change_tax, "it comes to other sums. Nothing was issued."),
        (close_books, "The books of this day are closed."),
    ],
)
def test_what_is_in_the_way_is_said_on_its_form(cast, desk, meanwhile, said):
    clinic = cast.clinic
    item, day = clinic.taxed_item, date(2026, 11, 10)
    draft = invoice(clinic, item=item, issue=False, issued_on=day).invoice_id
    path, sent = button_of(desk, draft)
    meanwhile(cast, draft)
    with unchanged(Invoice, InvoiceLine, Entry):
        answer = desk.post(path, sent)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert said in text
    # From here on it is the form of the draft: what is typed into it is sent to its own page.
    assert f'action="{reverse("invoice_edit", args=[draft])}" class="split invoice-form"' in text
    assert path not in text
    assert_books_straight(clinic.practice)
