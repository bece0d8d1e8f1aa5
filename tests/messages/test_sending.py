"""From an event to the mail server: once, whatever breaks in between."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection, transaction
from django.urls import reverse

from creditwell.integrations.email import handlers, operations, send
from creditwell.integrations.email.again import (
    NoAddress,
    OnlyToTheInvited,
    SendMessageAgain,
    send_message_again,
)
from creditwell.integrations.email.documents import MAKERS
from creditwell.integrations.email.models import Message
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.outbox.deliver import told
from creditwell.outbox.emit import emit
from creditwell.outbox.models import Event
from creditwell.people.models import Patient, Payer
from creditwell.people.queries import details_of
from creditwell.people.rules import NotAnAddress, tidy_patient
from creditwell.tenancy.access import SYSTEM, Actor, hash_secret
from creditwell.tenancy.models import Invitation, Practice
from creditwell.tenancy.tokens import invitation_token
from creditwell.usecases.email_receipt import checked_address
from creditwell.usecases.invite_member import InviteMember, invite_member
from creditwell.worker import tasks
from tests.factories import NOW, make_member, make_patient, make_practice
from tests.messages.server import Server, use
from tests.refusing import refuses

pytestmark = pytest.mark.django_db(transaction=True)

PDF = b"%PDF-1.7 a statement"


@pytest.fixture(autouse=True)
def mail_server(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    use(settings)
    monkeypatch.setitem(MAKERS, "statement", lambda message: ("Statement.pdf", PDF))


@pytest.fixture
def patient() -> Patient:
    return make_patient(practice=make_practice(), first_name="Liam", email="liam@mail.example")


def ask_for_statement(patient: Patient, **more: str) -> int:
    body = {"patient_id": patient.pk, "since": "2026-01-01", "until": "2026-06-30", **more}
    with transaction.atomic():
        return emit("statement.email_requested", body, practice_id=patient.practice_id, at=NOW)


def relay(practice_id: int, event_id: int) -> None:
    tasks.relay(practice_id=practice_id, event_id=event_id, now=NOW)


def send_now(message: Message, *, last: bool = False) -> None:
    send.send(practice_id=message.practice_id, message_id=message.pk, last=last, now=NOW)


def written(patient: Patient) -> Message:
    """Ask for a statement, let the worker write the message, return it."""
    relay(patient.practice_id, ask_for_statement(patient))
    return Message.objects.get(practice_id=patient.practice_id)


def jobs(name: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s", [name])
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])


class TestWriting:
    def test_a_message_waits_to_be_sent(self, patient: Patient) -> None:
        message = written(patient)
        assert (message.status, message.to) == ("waiting", "liam@mail.example")
        assert (message.kind, message.document) == ("statement", "statement")
        assert message.payer_id == message.document_id == patient.payer_id
        assert jobs("creditwell.send_message") == 1
        assert Server.taken == []

    def test_the_same_event_told_twice_is_one_message(self, patient: Patient) -> None:
        event_id = ask_for_statement(patient)
        event = told(practice_id=patient.practice_id, event_id=event_id)
        handlers.write(event, NOW)
        handlers.write(event, NOW)
        assert Message.objects.count() == 1
        assert jobs("creditwell.send_message") == 1

    def test_without_a_mail_server_it_is_kept(self, patient: Patient, settings: Any) -> None:
        settings.EMAIL_CONFIGURED = False
        message = written(patient)
        assert message.status == "kept"
        assert jobs("creditwell.send_message") == 0

    def test_without_an_address_it_has_failed_and_says_so(self, patient: Patient) -> None:
        Patient.objects.update(email="")
        message = written(patient)
        assert (message.status, message.error) == (
            "failed",
            "There is no email address to send it to.",
        )
        assert jobs("creditwell.send_message") == 0

    def test_another_address_goes_before_the_one_on_record(self, patient: Patient) -> None:
        relay(patient.practice_id, ask_for_statement(patient, to="her@mail.example"))
        assert Message.objects.get().to == "her@mail.example"

    def test_nothing_of_another_practice_is_written(self, patient: Patient) -> None:
        elsewhere = make_patient(practice=make_practice())
        elsewhere.practice_id = patient.practice_id
        event_id = ask_for_statement(elsewhere)
        with pytest.raises(NotFound):
            relay(patient.practice_id, event_id)
        assert Message.objects.count() == 0


class TestSending:
    def test_it_is_sent_with_its_document_and_never_inside_a_transaction(
        self, patient: Patient
    ) -> None:
        message = written(patient)
        send_now(message)
        message.refresh_from_db()
        assert (message.status, message.sent_at, message.error) == ("sent", NOW, "")
        (letter,) = Server.taken
        assert letter.to == ["liam@mail.example"]
        assert letter.from_email == f'"{patient.practice.name}" <books@clinic.example>' or (
            letter.from_email == f"{patient.practice.name} <books@clinic.example>"
        )
        assert letter.attachments == [("Statement.pdf", PDF, "application/pdf")]
        assert Server.in_transaction == [False]

    def test_what_is_sent_is_not_sent_again(self, patient: Patient) -> None:
        message = written(patient)
        send_now(message)
        send_now(message)
        assert len(Server.taken) == 1

    def test_a_refusal_is_final_and_tells_nothing_of_the_server_s_words(
        self, patient: Patient
    ) -> None:
        message = written(patient)
        Server.behave = ["refuse"]
        send_now(message)
        message.refresh_from_db()
        assert message.status == "failed"
        assert message.error == "The mail server does not accept this address. (Reply 550.)"
        send_now(message)
        assert Server.taken == []

    @pytest.mark.parametrize("how", ["silent", "away", "busy"])
    def test_a_server_that_did_not_take_it_is_asked_again(self, patient: Patient, how: str) -> None:
        message = written(patient)
        Server.behave = [how]
        with pytest.raises(send.NotSentYet):
            send_now(message)
        message.refresh_from_db()
        assert message.status == "waiting"
        assert message.error
        send_now(message)
        message.refresh_from_db()
        assert (message.status, message.error) == ("sent", "")
        assert len(Server.taken) == 1

    def test_a_server_that_took_it_and_fell_silent_gets_the_same_letter_again(
        self, patient: Patient
    ) -> None:
        message = written(patient)
        Server.behave = ["take and fall silent"]
        with pytest.raises(send.NotSentYet):
            send_now(message)
        send_now(message)
        message.refresh_from_db()
        assert message.status == "sent"
        first, second = Server.message_ids()
        assert first == second == send.message_id_of(message)

    def test_after_the_last_attempt_it_has_failed(self, patient: Patient) -> None:
        message = written(patient)
        Server.behave = ["silent"]
        send_now(message, last=True)
        message.refresh_from_db()
        assert (message.status, message.error) == (
            "failed",
            "The mail server did not answer in time.",
        )

    def test_a_document_that_cannot_be_made_fails_the_message_not_the_worker(
        self, patient: Patient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(message: Message) -> tuple[str, bytes]:
            raise AssertionError("figures do not add up")

        monkeypatch.setitem(MAKERS, "statement", broken)
        message = written(patient)
        send_now(message, last=True)
        message.refresh_from_db()
        assert (message.status, message.error) == (
            "failed",
            "The message could not be put together.",
        )
        assert Server.taken == []


class TestPlug:
    """Pull the plug between the steps; the next worker goes on, and nothing is done twice."""

    def test_before_the_message_is_written(
        self, patient: Patient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        event_id = ask_for_statement(patient)
        with monkeypatch.context() as plug:
            plug.setattr(operations, "ask_for", pulled)
            with pytest.raises(PulledPlug):
                relay(patient.practice_id, event_id)
        assert Message.objects.count() == 0
        assert jobs("creditwell.send_message") == 0
        relay(patient.practice_id, event_id)
        assert (Message.objects.count(), jobs("creditwell.send_message")) == (1, 1)

    def test_between_the_message_and_the_mark_that_it_was_told(
        self, patient: Patient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        event_id = ask_for_statement(patient)
        with monkeypatch.context() as plug:
            plug.setattr(tasks, "mark_delivered", pulled)
            with pytest.raises(PulledPlug):
                relay(patient.practice_id, event_id)
        assert Event.objects.get(pk=event_id).delivered_at is None
        relay(patient.practice_id, event_id)
        assert Event.objects.get(pk=event_id).delivered_at == NOW
        assert (Message.objects.count(), jobs("creditwell.send_message")) == (1, 1)

    def test_between_the_server_s_yes_and_our_writing_it_down(
        self, patient: Patient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        message = written(patient)
        with monkeypatch.context() as plug:
            plug.setattr(send, "mark_sent", pulled)
            with pytest.raises(PulledPlug):
                send_now(message)
        message.refresh_from_db()
        assert message.status == "waiting"
        send_now(message)
        message.refresh_from_db()
        assert message.status == "sent"
        assert len(set(Server.message_ids())) == 1


class PulledPlug(BaseException):
    pass


def pulled(*args: Any, **kwargs: Any) -> None:
    raise PulledPlug


class TestAgain:
    def again(self, message: Message, to: str, **more: str) -> int:
        command = SendMessageAgain(
            practice_id=message.practice_id, by=SYSTEM, message_id=message.pk, to=to, **more
        )
        return send_message_again(command, NOW).event_id

    def test_a_message_is_asked_for_again_at_another_address(self, patient: Patient) -> None:
        first = written(patient)
        event_id = self.again(first, " her@mail.example ", key="k")
        assert self.again(first, " her@mail.example ", key="k") == event_id
        relay(first.practice_id, event_id)
        second = Message.objects.exclude(pk=first.pk).get()
        assert (second.to, second.kind, second.document_id) == (
            "her@mail.example",
            "statement",
            first.document_id,
        )
        assert Event.objects.get(pk=event_id).body["since"] == "2026-01-01"

    def test_refusals(self, patient: Patient) -> None:
        message = written(patient)
        with refuses(NoAddress, Message) as raised:
            self.again(message, "her at mail")
        assert raised.value.param == "to"
        message.practice_id = make_practice().pk
        with refuses(NotFound, Message):
            self.again(message, "her@mail.example")


class TestInvitations:
    def invite(self, practice: Practice) -> Message:
        owner = make_member(practice=practice, role="owner", name="Alice Moore")
        invite_member(
            InviteMember(
                practice_id=practice.pk,
                by=Actor(user_id=owner.pk),
                key="one",
                email="new@mail.example",
                role="receptionist",
            ),
            NOW,
        )
        relay(practice.pk, Event.objects.get(topic="member.invited").pk)
        return Message.objects.get(kind="invitation")

    def test_the_link_is_in_the_letter_and_nowhere_in_the_database(self) -> None:
        message = self.invite(make_practice())
        send_now(message)
        (letter,) = Server.taken
        token = invitation_token(
            practice_id=message.practice_id, email="new@mail.example", created_at=NOW
        )
        assert reverse("invitation", args=[token]) in letter.body
        assert Invitation.objects.get().token_hash == hash_secret(token)
        assert token not in message.text + str(Event.objects.get().body)

    def test_an_invitation_goes_only_to_the_address_that_was_invited(self) -> None:
        message = self.invite(make_practice())
        with refuses(OnlyToTheInvited, Message):
            TestAgain().again(message, "friend@mail.example")
        relay(message.practice_id, TestAgain().again(message, "NEW@mail.example"))
        assert Message.objects.filter(kind="invitation").count() == 2


def test_a_line_break_in_a_name_is_no_header(patient: Patient) -> None:
    """Header injection: what people typed stays inside the line that it belongs to."""
    evil = "Liam\r\nBcc: thief@evil.example"
    Patient.objects.update(first_name=evil)
    Payer.objects.update(name=evil)
    Practice.objects.update(name="Clinic\r\nBcc: thief@evil.example")
    send_now(written(patient))
    (letter,) = Server.taken
    head = letter.message()
    assert head["Bcc"] is None
    assert head["To"] == "liam@mail.example"
    assert letter.recipients() == ["liam@mail.example"]
    assert "\n" not in head["Subject"]
    assert head["From"].startswith('"Clinic Bcc: thief@evil.example" <')


@pytest.mark.parametrize(
    "address", ["liam@mail.example\nBcc: thief@evil.example", "a@mail.example, b@evil.example"]
)
def test_an_address_with_a_second_one_in_it_is_refused(patient: Patient, address: str) -> None:
    details = replace(details_of(patient), email=address)
    with pytest.raises(NotAnAddress):
        tidy_patient(details, NOW.date())
    with pytest.raises(Invalid):
        checked_address(address)
