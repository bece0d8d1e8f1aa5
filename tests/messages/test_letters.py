"""Letters about real payments and invoices, from the books."""

from __future__ import annotations

from typing import Any

import pytest

from creditwell.integrations.email.documents import paper_of
from creditwell.integrations.email.models import Message
from creditwell.invoicing.models import InvoiceLine
from creditwell.outbox.models import Event
from creditwell.people.models import Contact, Patient, Payer
from creditwell.tenancy.access import SYSTEM
from creditwell.usecases.credit_invoice import CreditInvoice, credit_invoice
from creditwell.worker import tasks
from tests.acts import invoice, pay, use_credit
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_clinic

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    clinic = make_clinic(name="Harbour Lane", receipt_prefix="P-", invoice_prefix="I-")
    Patient.objects.filter(pk=clinic.patient.pk).update(email="liam@mail.example")
    return clinic


def tell(clinic: Clinic, topic: str, **body: Any) -> Message | None:
    """An event of this topic, and the message that comes of it."""
    event = Event.objects.create(practice=clinic.practice, topic=topic, body=body, created_at=NOW)
    tasks.relay(practice_id=clinic.practice.pk, event_id=event.pk, now=NOW)
    return Message.objects.filter(practice=clinic.practice, event_id=event.pk).first()


def test_a_receipt_tells_what_is_not_allocated_now(clinic: Clinic) -> None:
    taken = pay(clinic, 12000)
    asked = invoice(clinic)
    use_credit(clinic, (asked.invoice_id, 9000))
    message = tell(clinic, "receipt.email_requested", payment_id=taken.payment_id)
    assert message is not None
    assert message.subject == "Receipt P-1 from Harbour Lane"
    assert "your payment of $120.00" in message.text
    assert "$30.00 of it is not allocated" in message.text
    assert (message.document, message.document_id) == ("receipt", taken.payment_id)
    assert "Standard consultation" not in message.text
    assert_paper(message)
    assert_books_straight(clinic.practice)


def assert_paper(message: Message) -> None:
    """The real document goes with it."""
    paper = paper_of(message)
    assert paper is not None
    assert paper.name.endswith(".pdf")
    assert paper.content.startswith(b"%PDF-")


def test_an_invoice_asks_for_what_credit_does_not_cover(clinic: Clinic) -> None:
    pay(clinic, 4000)
    told = tell(clinic, "invoice.email_requested", invoice_id=invoice(clinic).invoice_id)
    later = tell(clinic, "invoice.email_requested", invoice_id=invoice(clinic).invoice_id)
    assert told is not None
    assert later is not None
    assert "$40.00 of it can be paid from account credit." in told.text
    assert "Please pay $50.00 by" in told.text
    assert "Please pay $90.00 by" in later.text, "the older invoice has the credit"
    assert_books_straight(clinic.practice)


@pytest.mark.parametrize(("ticked", "messages"), [(True, 1), (False, 0)])
def test_a_payment_is_told_to_the_payer_when_it_was_ticked(
    clinic: Clinic, ticked: bool, messages: int
) -> None:
    pay(clinic, 12000, email_receipt=ticked)
    event = Event.objects.get(topic="payment.taken")
    tasks.relay(practice_id=clinic.practice.pk, event_id=event.pk, now=NOW)
    assert Message.objects.filter(kind="receipt").count() == messages
    assert_books_straight(clinic.practice)


def test_an_invoice_goes_to_whom_it_is_addressed(clinic: Clinic) -> None:
    fund = Contact.objects.create(
        practice=clinic.practice,
        payer=Payer.objects.create(practice=clinic.practice, name="Harbour Fund"),
        kind="insurer",
        name="Harbour Fund",
        email="claims@fund.example",
    )
    own = tell(clinic, "invoice.email_requested", invoice_id=invoice(clinic).invoice_id)
    Patient.objects.filter(pk=clinic.patient.pk).update(invoice_email="mother@mail.example")
    other = tell(clinic, "invoice.email_requested", invoice_id=invoice(clinic).invoice_id)
    billed = invoice(clinic, bill_to_id=fund.pk)
    funds = tell(clinic, "invoice.email_requested", invoice_id=billed.invoice_id)
    assert own is not None
    assert other is not None
    assert funds is not None
    assert [own.to, other.to, funds.to] == [
        "liam@mail.example",
        "mother@mail.example",
        "claims@fund.example",
    ]
    assert own.subject == "Invoice I-1 from Harbour Lane"
    assert "Please pay $90.00 by 8 December 2026." in own.text
    assert funds.text.startswith("Hello Harbour Fund,")
    assert_paper(own)
    assert_books_straight(clinic.practice)


@pytest.mark.parametrize(("ticked", "messages"), [(True, 1), (False, 0)])
def test_a_credit_note_is_told_when_it_was_ticked(
    clinic: Clinic, ticked: bool, messages: int
) -> None:
    asked = invoice(clinic)
    line = InvoiceLine.objects.get(invoice_id=asked.invoice_id)
    credit_invoice(
        CreditInvoice(
            practice_id=clinic.practice.pk,
            key="note",
            by=SYSTEM,
            invoice_id=asked.invoice_id,
            lines=((line.pk, 4000),),
            reason="Shorter than planned",
            email=ticked,
        ),
        NOW,
    )
    event = Event.objects.get(topic="credit_note.issued")
    tasks.relay(practice_id=clinic.practice.pk, event_id=event.pk, now=NOW)
    found = Message.objects.filter(kind="credit_note")
    assert found.count() == messages
    for message in found:
        assert "Credit note I-CN1 to invoice I-1 is attached." in message.text
        assert "It takes $40.00 off" in message.text
        assert_paper(message)
    assert_books_straight(clinic.practice)
