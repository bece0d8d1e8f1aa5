"""Letters about account credit: to whom, with which words, and each only once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from creditwell.credit.sharing import Terms
from creditwell.integrations.email.handlers import copy, write
from creditwell.integrations.email.models import Message, MessageTemplate
from creditwell.outbox.deliver import told
from creditwell.payments.models import PaymentPart
from creditwell.people.models import Patient
from creditwell.tenancy.access import SYSTEM
from creditwell.usecases.refund_credit import RefundCredit, refund_credit
from creditwell.usecases.share_credit import ShareCredit, share_credit
from creditwell.usecases.stop_sharing import StopSharing, stop_sharing
from creditwell.usecases.transfer_credit import TransferCredit, transfer_credit
from creditwell.usecases.undo_transfer import UndoTransfer, undo_transfer
from tests.acts import new_key, pay
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic
from tests.messages.letters import ben, clinic, keep_amounts_out, last_event, letters

__all__ = ["ben", "clinic"]
pytestmark = pytest.mark.django_db


def send(clinic: Clinic, to: Patient, minor: int) -> int:
    return transfer_credit(
        TransferCredit(
            practice_id=clinic.practice.pk,
            key=new_key(),
            by=SYSTEM,
            from_payer_id=clinic.patient.payer_id,
            to_payer_id=to.payer_id,
            amount_minor=minor,
            reason="They share",
            anywhere=True,
        ),
        NOW,
    ).transfer_id


class TestTransfer:
    def test_each_side_reads_of_its_own_credit(self, clinic: Clinic, ben: Patient) -> None:
        pay(clinic, 10000)
        pay(clinic, 777, patient=ben)
        send(clinic, ben, 4000)
        found = letters(clinic)
        assert set(found) == {
            ("transfer_sent", "liam@mail.example"),
            ("transfer_received", "ben@mail.example"),
        }
        sent = found["transfer_sent", "liam@mail.example"].text
        received = found["transfer_received", "ben@mail.example"].text
        assert sent == (
            "Hello Liam Brennan,\n\n$40.00 of your account credit was transferred on "
            "24 November 2026 (transfer 1).\n\nYour account credit is now $60.00.\n\n"
            "The receipt is attached.\n\nIf you did not expect this, please tell us.\n\n"
            "Harbour Lane\n"
        )
        assert "$40.00 was transferred to your account credit on 24 November 2026" in received
        assert "Ben" not in sent
        assert "Liam" not in received
        assert "Your account credit is now $47.77." in received
        assert "$47.77" not in sent
        assert "$60.00" not in received
        assert_books_straight(clinic.practice)

    def test_an_undone_one_is_told_to_both(self, clinic: Clinic, ben: Patient) -> None:
        pay(clinic, 10000)
        transfer_id = send(clinic, ben, 4000)
        before = last_event()
        undo_transfer(
            UndoTransfer(
                practice_id=clinic.practice.pk, key=new_key(), by=SYSTEM, transfer_id=transfer_id
            ),
            NOW,
        )
        found = letters(clinic, before)
        assert set(found) == {
            ("transfer_undone", "liam@mail.example"),
            ("transfer_undone", "ben@mail.example"),
        }
        mine = found["transfer_undone", "liam@mail.example"].text
        assert "The transfer 1 of $40.00 was undone" in mine
        assert "Your account credit is now $100.00." in mine
        assert_books_straight(clinic.practice)

    def test_without_amounts_the_sentences_stay_whole(self, clinic: Clinic, ben: Patient) -> None:
        keep_amounts_out(clinic)
        pay(clinic, 10000)
        send(clinic, ben, 4000)
        sent = letters(clinic)["transfer_sent", "liam@mail.example"].text
        assert sent == (
            "Hello Liam Brennan,\n\nAccount credit of yours was transferred on "
            "24 November 2026 (transfer 1).\n\nThe receipt is attached.\n\n"
            "If you did not expect this, please tell us.\n\n"
            "Harbour Lane\n"
        )
        assert_books_straight(clinic.practice)

    @pytest.mark.parametrize("fields", [{"email": ""}, {"archived_at": NOW}])
    def test_who_cannot_be_written_to_is_not(
        self, clinic: Clinic, ben: Patient, fields: dict[str, Any]
    ) -> None:
        pay(clinic, 10000)
        send(clinic, ben, 4000)
        Patient.objects.filter(pk=ben.pk).update(**fields)
        assert set(letters(clinic)) == {("transfer_sent", "liam@mail.example")}
        assert_books_straight(clinic.practice)

    def test_the_address_for_invoices_comes_first(self, clinic: Clinic, ben: Patient) -> None:
        Patient.objects.filter(pk=ben.pk).update(invoice_email="mother@mail.example")
        pay(clinic, 10000)
        send(clinic, ben, 4000)
        assert ("transfer_received", "mother@mail.example") in letters(clinic)
        assert_books_straight(clinic.practice)

    def test_a_kind_that_is_switched_off_is_not_sent(self, clinic: Clinic, ben: Patient) -> None:
        MessageTemplate.objects.create(
            practice=clinic.practice, kind="transfer_sent", is_enabled=False, changed_at=NOW
        )
        pay(clinic, 10000)
        send(clinic, ben, 4000)
        assert set(letters(clinic)) == {("transfer_received", "ben@mail.example")}
        assert_books_straight(clinic.practice)

    def test_own_words_lose_the_lines_with_amounts(self, clinic: Clinic, ben: Patient) -> None:
        MessageTemplate.objects.create(
            practice=clinic.practice,
            kind="transfer_sent",
            subject="Moved, says {practice}",
            body="Dear {name},\n\nnumber {number}:\n{amount}\nand left is {credit_left}",
            changed_at=NOW,
        )
        keep_amounts_out(clinic)
        pay(clinic, 10000)
        send(clinic, ben, 4000)
        message = letters(clinic)["transfer_sent", "liam@mail.example"]
        assert message.subject == "Moved, says Harbour Lane"
        assert message.text == "Dear Liam Brennan,\n\nnumber 1:\n"
        assert message.worded_at == NOW
        assert_books_straight(clinic.practice)


class TestSharing:
    def share(self, clinic: Clinic, ben: Patient, mode: str, cap: int | None = None) -> int:
        return share_credit(
            ShareCredit(
                practice_id=clinic.practice.pk,
                by=SYSTEM,
                key=new_key(),
                owner_id=clinic.patient.payer_id,
                user_id=ben.payer_id,
                terms=Terms(mode=mode, cap_minor=cap, note="Knee"),
            ),
            NOW,
        ).share_id

    @pytest.mark.parametrize(
        ("mode", "cap", "amounts", "words"),
        [
            ("always", None, True, "at Harbour Lane, without a limit."),
            ("monthly", 5000, True, "at Harbour Lane, up to $50.00 each month."),
            ("total", 5000, True, "at Harbour Lane, up to $50.00 in all."),
            ("ask", None, True, "at Harbour Lane, after asking you each time."),
            ("monthly", 5000, False, "up to the amount each month that was agreed."),
            ("total", 5000, False, "up to the amount that was agreed."),
        ],
    )
    def test_the_owner_reads_who_may_use_what(
        self, clinic: Clinic, ben: Patient, mode: str, cap: int | None, amounts: bool, words: str
    ) -> None:
        if not amounts:
            keep_amounts_out(clinic)
        self.share(clinic, ben, mode, cap)
        found = letters(clinic)
        assert set(found) == {("share_given", "liam@mail.example")}
        text = found["share_given", "liam@mail.example"].text
        assert "Ben Ng may now use your account credit" in text
        assert words in text
        assert "You can stop this at any time" in text

    def test_a_change_is_one_letter_and_an_end_another(self, clinic: Clinic, ben: Patient) -> None:
        first = self.share(clinic, ben, "always")
        before = last_event()
        second = self.share(clinic, ben, "monthly", 3000)
        assert second != first
        found = letters(clinic, before)
        assert set(found) == {("share_changed", "liam@mail.example")}
        text = found["share_changed", "liam@mail.example"].text
        assert "What Ben Ng may use of your account credit at Harbour Lane has changed" in text
        assert "up to $30.00 each month" in text
        before = last_event()
        stop_sharing(
            StopSharing(practice_id=clinic.practice.pk, by=SYSTEM, key="x", share_id=second),
            NOW + timedelta(hours=1),
        )
        found = letters(clinic, before)
        assert set(found) == {("share_ended", "liam@mail.example")}
        assert "may no longer use" in found["share_ended", "liam@mail.example"].text


def test_a_refund_is_told(clinic: Clinic) -> None:
    taken = pay(clinic, 10000)
    part = PaymentPart.objects.get(payment_id=taken.payment_id)
    refund_credit(
        RefundCredit(
            practice_id=clinic.practice.pk,
            key=new_key(),
            by=SYSTEM,
            payer_id=clinic.patient.payer_id,
            parts=((part.pk, 2500),),
            reason="Knee",
        ),
        NOW,
    )
    found = letters(clinic)
    text = found["refund", "liam@mail.example"].text
    assert "We refunded $25.00 of your account credit on 24 November 2026 (refund 1)." in text
    assert "Your account credit is now $75.00." in text
    assert_books_straight(clinic.practice)


def test_a_letter_is_sent_again_as_it_was(clinic: Clinic, ben: Patient) -> None:
    from creditwell.integrations.email.again import SendMessageAgain, send_message_again

    pay(clinic, 10000)
    send(clinic, ben, 4000)
    first = letters(clinic)["transfer_sent", "liam@mail.example"]
    asked = send_message_again(
        SendMessageAgain(
            practice_id=clinic.practice.pk, by=SYSTEM, message_id=first.pk, to="new@mail.example"
        ),
        NOW,
    )
    pay(clinic, 555)
    event = told(practice_id=clinic.practice.pk, event_id=asked.event_id)
    copy(event, NOW)
    copy(replace(event, delivered=False), NOW)
    again = Message.objects.get(to="new@mail.example")
    assert (again.subject, again.text, again.payer_id) == (
        first.subject,
        first.text,
        first.payer_id,
    )
    write(told(practice_id=clinic.practice.pk, event_id=first.event_id or 0), NOW)
    assert Message.objects.filter(kind="transfer_sent").count() == 2
    assert_books_straight(clinic.practice)
