"""What is done to an invoice: void, credit, un-apply, copy, discard, email."""

from __future__ import annotations

import pytest
from django.urls import reverse

from creditwell.integrations.documents.words import credit_note_words
from creditwell.invoicing.models import CreditNote, Invoice, InvoiceLine
from creditwell.outbox.models import Event
from creditwell.payments.models import Allocation, AllocationReturn
from tests.acts import invoice, pay, standing, use_credit
from tests.books import assert_books_straight
from tests.packages.acts import use
from tests.sold import make_product, make_visit_type, sell
from tests.web.invoices.test_form import refused


def shown(answer) -> str:
    return answer.content.decode()


def lines_of(bill) -> list[InvoiceLine]:
    return list(InvoiceLine.objects.filter(invoice_id=bill.invoice_id))


def test_void_says_what_happens_and_asks_why(cast, owner):
    bill = invoice(cast.clinic)
    pay(cast.clinic, 4000, pay=None)
    path = reverse("invoice_void", args=[bill.invoice_id])
    assert "<b>$40.00</b> was paid on it" in shown(owner.get(path))
    assert "Say why" in shown(refused(owner, {"reason": " "}, path))
    answer = owner.post(path, {"reason": "Wrong patient", "key": "v"}, follow=True)
    assert "$40.00 is account credit again" in shown(answer)
    assert "Wrong patient" in shown(answer)
    assert answer.context["page"].state == "void"
    assert standing(cast.clinic).credit_minor == 4000
    assert "already issued" not in shown(refused(owner, {"reason": "Again"}, path))
    assert_books_straight(cast.clinic.practice)


def test_a_used_package_is_said_to_be_in_the_way_and_what_to_do_instead(cast, owner):
    kind = make_visit_type(cast.clinic, name="Massage")
    package = sell(cast.clinic, make_product(cast.clinic, kind, name="Five massages"))
    path = reverse("invoice_void", args=[package.line.invoice_id])
    assert ">Void invoice<" in shown(owner.get(path))
    use(cast.clinic, kind, 1)
    page = shown(owner.get(path))
    assert "This invoice cannot be voided." in page
    assert f'href="/packages/{package.pk}/refund/"' in page
    assert "Refund what is left of Five massages" in page
    assert ">Void invoice<" not in page
    assert "was used or changed already" in shown(refused(owner, {"reason": "All the same"}, path))
    assert_books_straight(cast.clinic.practice)


def test_a_credit_note_in_part_says_what_becomes_of_the_money(cast, desk):
    bill = invoice(cast.clinic, item=cast.clinic.taxed_item)
    pay(cast.clinic, 10000, pay=((bill.invoice_id, 10000),))
    path = reverse("invoice_credit", args=[bill.invoice_id])
    (line,) = lines_of(bill)
    before = desk.get(path).context["outcome"]
    assert (before.off_invoice.minor, before.to_credit.minor) == (1000, 10000)
    form = {f"line-{line.pk}": "33.33", "reason": "One band came back", "key": "c"}
    told = desk.post(path, {**form, "do": "preview"}).context["outcome"]
    assert (told.off_invoice.minor, told.to_credit.minor) == (1000, 2333)
    answer = desk.post(path, form, follow=True)
    note = CreditNote.objects.get()
    assert (note.total_minor, note.tax_minor) == (3333, 303)
    assert "One band came back" in shown(answer)
    assert "23.33" in shown(answer)
    assert standing(cast.clinic).credit_minor == 2333
    pdf = desk.get(reverse("credit_note_pdf", args=[note.pk]))
    assert pdf.content.startswith(b"%PDF")
    page = desk.get(reverse("invoice", args=[bill.invoice_id])).context["page"]
    assert page.document.owing.minor == 0
    assert [one.id for one in page.credited] == [note.pk]
    assert_books_straight(cast.clinic.practice)


@pytest.mark.parametrize("paid", [0, 10000])
def test_a_credit_note_reads_on_the_screen_as_on_paper(cast, desk, paid):
    bill = invoice(cast.clinic, item=cast.clinic.taxed_item)
    if paid:
        pay(cast.clinic, paid, pay=((bill.invoice_id, paid),))
    (line,) = lines_of(bill)
    form = {f"line-{line.pk}": "33.33", "reason": "One band came back", "key": "c"}
    path = reverse("invoice_credit", args=[bill.invoice_id])
    preview = shown(desk.post(path, {**form, "do": "preview"}))
    page = desk.post(path, form, follow=True)
    paper = credit_note_words(page.context["document"])
    sums = [paper["sums"]["grand"], *paper["sums"]["rows"], *paper["sums"]["after"]]
    words = [row["text"] for row in sums]
    assert {"Total credited", f"Taken off invoice {bill.number}"} <= set(words)
    assert ("Kept as account credit" in words) == bool(paid)
    for word in [*words, "Corrects", f"Invoice {bill.number}"]:
        assert word.split(":")[0] in shown(page), word
    for word in words:
        if word.startswith(("Taken off", "Kept")):
            assert word in preview


def test_a_credit_note_that_cannot_be_meant_keeps_what_was_typed(cast, desk):
    bill = invoice(cast.clinic)
    (line,) = lines_of(bill)
    path, name = reverse("invoice_credit", args=[bill.invoice_id]), f"line-{line.pk}"
    answer = refused(desk, {name: "90.01", "reason": "Too much"}, path)
    assert "At most $90.00 is left of this line." in shown(answer)
    assert "90.01" in shown(answer)
    assert "Say why" in shown(refused(desk, {name: "10", "reason": ""}, path))
    assert "at least one line" in shown(refused(desk, {name: "", "reason": "None"}, path))
    assert CreditNote.objects.count() == 0
    desk.post(path, {name: "90", "reason": "All of it"})
    assert "at least one line" in shown(refused(desk, {name: "1", "reason": "More"}, path))
    assert_books_straight(cast.clinic.practice)


def test_a_credited_invoice_is_not_voided(cast, owner):
    bill = invoice(cast.clinic)
    (line,) = lines_of(bill)
    credit = reverse("invoice_credit", args=[bill.invoice_id])
    owner.post(credit, {f"line-{line.pk}": "10", "reason": "A bit"})
    path = reverse("invoice_void", args=[bill.invoice_id])
    assert "This invoice has a credit note" in shown(refused(owner, {"reason": "Void"}, path))
    assert_books_straight(cast.clinic.practice)


def test_un_apply(cast, desk):
    pay(cast.clinic, 5000)
    bill = invoice(cast.clinic)
    use_credit(cast.clinic)
    allocation = Allocation.objects.get()
    path = reverse("invoice_take_back", args=[bill.invoice_id, allocation.pk])
    answer = desk.post(path, {"key": "u"}, follow=True)
    assert "$50.00 is account credit again" in shown(answer)
    assert standing(cast.clinic).credit_minor == 5000
    assert answer.context["page"].paid[0].taken_back.minor == 5000
    before = Event.objects.count(), AllocationReturn.objects.count()
    assert desk.post(path, {"key": "again"}).status_code == 409
    other = invoice(cast.clinic)
    stray = reverse("invoice_take_back", args=[other.invoice_id, allocation.pk])
    assert desk.post(stray, {}).status_code == 404
    assert Event.objects.count() == before[0] + 1, "only the other invoice was told of"
    assert AllocationReturn.objects.count() == before[1]
    assert_books_straight(cast.clinic.practice)


def test_duplicate_and_discard(cast, desk):
    bill = invoice(cast.clinic, 7777, item=cast.clinic.taxed_item)
    path = reverse("invoice_duplicate", args=[bill.invoice_id])
    answer = desk.post(path, {"key": "d"})
    assert desk.post(path, {"key": "d"})["Location"] == answer["Location"]
    copy = Invoice.objects.exclude(pk=bill.invoice_id).get()
    assert answer["Location"] == reverse("invoice_edit", args=[copy.pk])
    assert (copy.status, copy.total_minor, copy.issued_on) == ("draft", 7777, None)
    assert desk.get(reverse("invoice_pdf", args=[copy.pk])).content.startswith(b"%PDF")
    assert desk.post(reverse("invoice_discard", args=[copy.pk])).status_code == 302
    assert not Invoice.objects.filter(pk=copy.pk).exists()
    assert desk.post(reverse("invoice_discard", args=[bill.invoice_id])).status_code == 409
    assert Invoice.objects.get().status == "issued"
    assert_books_straight(cast.clinic.practice)


def test_email_is_asked_for_once_and_never_of_a_draft(cast, desk):
    cast.clinic.patient.email = "liam@mail.example"
    cast.clinic.patient.save()
    bill = invoice(cast.clinic)
    path = reverse("invoice_email", args=[bill.invoice_id])
    assert "liam@mail.example" in shown(desk.get(path))
    assert "This is not an email address" in shown(refused(desk, {"to": "liam@"}, path))
    before = Event.objects.count()
    for _press in range(2):
        answer = desk.post(path, {"to": "mum@mail.example", "key": "e"}, follow=True)
    assert "On its way to mum@mail.example" in shown(answer)
    event = Event.objects.latest("pk")
    assert (event.topic, event.body["to"]) == ("invoice.email_requested", "mum@mail.example")
    assert Event.objects.count() == before + 1
    draft = invoice(cast.clinic, issue=False)
    refused(desk, {"to": "a@b.example"}, reverse("invoice_email", args=[draft.invoice_id]))


def test_what_was_issued_keeps_its_address(cast, desk):
    patient = cast.clinic.patient
    patient.address = "1 First Street"
    patient.save()
    bill = invoice(cast.clinic)
    patient.address = "2 Second Street"
    patient.save()
    page = shown(desk.get(reverse("invoice", args=[bill.invoice_id])))
    assert "1 First Street" in page
    assert "2 Second Street" not in page
