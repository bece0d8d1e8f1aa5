"""Gift vouchers by email: to whom, once, and never with the code in the text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from creditwell.audit.models import Note
from creditwell.integrations.email.again import SendMessageAgain, send_message_again
from creditwell.integrations.email.documents import paper_of
from creditwell.integrations.email.models import Message
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.outbox.models import Event
from creditwell.payments.models import Voucher
from creditwell.people.models import Patient
from creditwell.tenancy.access import SYSTEM
from creditwell.tenancy.permissions import Role
from creditwell.usecases.disable_voucher import DisableVoucher, disable_voucher
from creditwell.usecases.email_voucher import EmailVoucher, email_voucher
from creditwell.usecases.redeem_voucher import VoucherDisabled
from creditwell.usecases.sell_vouchers import NewVoucher
from creditwell.worker import tasks
from tests.api.client import Program, make_key
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_clinic, make_member
from tests.vouchers import sell_one

pytestmark = pytest.mark.django_db

ANNA = NewVoucher(value_minor=10000, recipient_name="Anna", recipient_email="anna@mail.example")


@pytest.fixture
def clinic() -> Clinic:
    clinic = make_clinic(name="Harbour Lane", voucher_lasts_months=36)
    Patient.objects.filter(pk=clinic.patient.pk).update(email="liam@mail.example")
    return clinic


def sold(clinic: Clinic, email_to: str, **fields: Any) -> Voucher:
    """Sell a voucher like Anna's, and tell of it."""
    voucher = sell_one(clinic, vouchers=(replace(ANNA, **fields),), email_to=email_to)
    tell(clinic, "voucher.sold")
    return voucher


def tell(clinic: Clinic, topic: str) -> None:
    """Deliver the newest event of a topic twice."""
    event = Event.objects.filter(practice=clinic.practice, topic=topic).latest("pk")
    for _again in range(2):
        tasks.relay(practice_id=clinic.practice.pk, event_id=event.pk, now=NOW)


def send(clinic: Clinic, voucher: Voucher, to: str) -> None:
    email_voucher(
        EmailVoucher(
            practice_id=clinic.practice.pk, key="", by=SYSTEM, voucher_id=voucher.pk, to=to
        ),
        NOW,
    )


def disable(clinic: Clinic, voucher: Voucher) -> None:
    disable_voucher(
        DisableVoucher(
            practice_id=clinic.practice.pk, key="k", by=SYSTEM, voucher_id=voucher.pk, reason="Lost"
        ),
        NOW,
    )


def test_the_recipient_gets_it_once_with_its_paper(clinic: Clinic) -> None:
    voucher = sold(clinic, "recipient")
    message = Message.objects.get()
    assert (message.to, message.payer_id) == ("anna@mail.example", voucher.payer_id)
    assert message.subject == "Gift voucher from Harbour Lane"
    assert message.text == (
        "Hello Anna,\n\n"
        "A gift voucher of $100.00 for Harbour Lane is attached.\n\n"
        "It is valid until 24 November 2029.\n\n"
        "To use it, bring it to your visit, or tell us its code when you book. "
        "Whoever has the code can use it, so keep it like money.\n\n"
        "Harbour Lane\n"
    )
    assert voucher.code[-4:] not in message.text
    assert clinic.patient.last_name not in message.text
    paper = paper_of(message)
    assert paper is not None
    assert paper.name == f"Gift voucher {voucher.code[-4:]}.pdf"
    assert paper.content.startswith(b"%PDF-")
    assert_books_straight(clinic.practice)


def test_the_buyer_gets_it_when_that_was_asked(clinic: Clinic) -> None:
    sold(clinic, "buyer")
    message = Message.objects.get()
    assert (message.to, message.payer_id) == ("liam@mail.example", clinic.patient.payer_id)


def test_nobody_gets_it_unasked_or_when_it_was_disabled_meanwhile(clinic: Clinic) -> None:
    sold(clinic, "")
    disabled = sell_one(clinic, vouchers=(ANNA,), email_to="recipient")
    disable(clinic, disabled)
    tell(clinic, "voucher.sold")
    assert not Message.objects.exists()


def test_without_an_address_the_message_says_so(clinic: Clinic) -> None:
    sold(clinic, "recipient", recipient_email="")
    message = Message.objects.get()
    assert message.status == Message.Status.FAILED
    assert message.error == "There is no email address to send it to."


def test_amounts_stay_out_of_the_text_when_the_practice_wants_it(clinic: Clinic) -> None:
    clinic.practice.amounts_in_email = False
    clinic.practice.save()
    sold(clinic, "recipient", recipient_name="")
    message = Message.objects.get()
    assert message.text.startswith("A gift voucher for Harbour Lane is attached.\n")
    assert "100" not in message.text
    assert message.document == "voucher"


def test_it_is_sent_again_from_its_page_and_from_the_messages(
    client: Client, clinic: Clinic
) -> None:
    voucher = sell_one(clinic, vouchers=(ANNA,))
    client.force_login(make_member(practice=clinic.practice, role=Role.RECEPTIONIST))
    answer = client.post(
        f"/payments/vouchers/{voucher.pk}/email/", {"to": "other@mail.example", "key": "k"}
    )
    assert answer.status_code == 302
    tell(clinic, "voucher.email_requested")
    message = Message.objects.get()
    assert message.to == "other@mail.example"
    assert message.text.startswith("A gift voucher of $100.00")
    assert "mail.example" not in str(Note.objects.get(action="email_voucher").details)
    send_message_again(
        SendMessageAgain(
            practice_id=clinic.practice.pk, by=SYSTEM, message_id=message.pk, to="liam@mail.example"
        ),
        NOW,
    )
    tell(clinic, "voucher.email_requested")
    again = Message.objects.latest("pk")
    assert (again.kind, again.to) == ("voucher", "liam@mail.example")
    assert again.text.startswith(f"Hello {clinic.patient.payer.name},")


def test_a_program_sends_it(clinic: Clinic) -> None:
    voucher = sell_one(clinic, vouchers=(ANNA,))
    program = Program(make_key(clinic.practice))
    path = f"/vouchers/{voucher.pk}/email"
    assert program.post(path, {"to": "anna@mail.example"})[1]["id"] == voucher.pk
    status, refused = program.post(path, {"to": "anna"})
    assert (status, refused["error"]["param"]) == (422, "to")
    tell(clinic, "voucher.email_requested")
    assert Message.objects.get().text.startswith("Hello Anna,")


def test_what_cannot_be_sent_is_refused_and_nothing_is_asked_for(clinic: Clinic) -> None:
    voucher = sell_one(clinic, vouchers=(ANNA,))
    foreign = sell_one(make_clinic(), vouchers=(ANNA,))
    with pytest.raises(Invalid):
        send(clinic, voucher, "anna")
    with pytest.raises(NotFound):
        send(clinic, foreign, "anna@mail.example")
    disable(clinic, voucher)
    with pytest.raises(VoucherDisabled):
        send(clinic, voucher, "anna@mail.example")
    assert not Event.objects.filter(topic="voucher.email_requested").exists()
    assert not Note.objects.filter(action="email_voucher").exists()


def test_who_may_not_sell_does_not_send(client: Client, clinic: Clinic) -> None:
    voucher = sell_one(clinic, vouchers=(ANNA,))
    client.force_login(make_member(practice=clinic.practice, role=Role.PRACTITIONER))
    answer = client.post(f"/payments/vouchers/{voucher.pk}/email/", {"to": "me@mail.example"})
    assert answer.status_code == 403
    assert not Event.objects.filter(topic="voucher.email_requested").exists()
