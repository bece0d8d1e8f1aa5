"""Every page of invoices opens, and shows what stands in the books."""

from __future__ import annotations

from django.urls import reverse

from tests.acts import invoice, pay, use_credit
from tests.books import assert_books_straight
from tests.documents.test_text import text as words_of


def text(answer) -> str:
    return answer.content.decode()


def test_the_list(cast, desk):
    paid, part, unpaid = invoice(cast.clinic), invoice(cast.clinic), invoice(cast.clinic)
    draft = invoice(cast.clinic, issue=False)
    pay(cast.clinic, 13000, pay=((paid.invoice_id, 9000), (part.invoice_id, 4000)))
    page = desk.get(reverse("invoices")).context["page"]
    states = {line.id: line.state for line in page.lines}
    assert states == {
        paid.invoice_id: "paid",
        part.invoice_id: "part",
        unpaid.invoice_id: "unpaid",
        draft.invoice_id: "draft",
    }
    assert (page.total.minor, page.owing.minor) == (27000, 14000)
    assert {tab.word: tab.count for tab in page.tabs}["All"] == 4
    only = desk.get(reverse("invoices"), {"show": "part"}).context["page"]
    assert [line.id for line in only.lines] == [part.invoice_id]
    assert_books_straight(cast.clinic.practice)


def test_an_invoice_with_everything(cast, desk):
    pay(cast.clinic, 3000)
    bill = invoice(cast.clinic)
    use_credit(cast.clinic)
    pay(cast.clinic, 1000)
    answer = desk.get(reverse("invoice", args=[bill.invoice_id]))
    assert 'has <b class="is-credit">$10.00</b> of account credit' in text(answer)
    assert "$60.00" in text(answer)
    pdf = desk.get(reverse("invoice_pdf", args=[bill.invoice_id]))
    assert pdf.content.startswith(b"%PDF")


def test_the_page_names_the_sums_as_the_paper_does(cast, desk):
    pay(cast.clinic, 10000)
    bill = invoice(cast.clinic)
    fresh = text(desk.get(reverse("invoice", args=[bill.invoice_id])))
    assert "<dt>Owing</dt>" in fresh
    use_credit(cast.clinic, (bill.invoice_id, 3000))
    page = text(desk.get(reverse("invoice", args=[bill.invoice_id])))
    paper = words_of(desk.get(reverse("invoice_pdf", args=[bill.invoice_id])).content)
    assert "<dt>Owing</dt>" not in page
    for word, figure in (("Still owing", "$60.00"), ("Remaining account credit", "$70.00")):
        assert f"<dt>{word}</dt>" in page
        assert f"{word} {figure}" in paper


def test_the_form_opens(cast, desk):
    answer = desk.get(reverse("invoice_new"), {"patient": cast.clinic.patient.pk})
    assert answer.status_code == 200, text(answer)
    assert "Liam Brennan" in text(answer)
