"""The queue and the clock: a job is there if and only if its transaction committed."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app

from creditwell.integrations.email.again import REQUESTS
from creditwell.integrations.email.documents import MAKERS
from creditwell.integrations.email.handlers import DRAFTS
from creditwell.integrations.email.models import Message
from creditwell.outbox import interest
from creditwell.outbox.emit import emit
from creditwell.outbox.jobs import ask_for
from creditwell.outbox.models import Event
from creditwell.people.models import Patient
from creditwell.worker import schedule
from creditwell.worker.subscribers import SUBSCRIBERS
from tests.factories import NOW, make_patient, make_practice
from tests.messages.server import Server, use

pytestmark = pytest.mark.django_db(transaction=True)


def jobs() -> list[tuple[str, str, dict[str, Any]]]:
    """Name, state and arguments of all jobs but those of the clock, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT task_name, status::text, args::text FROM procrastinate_jobs "
            "WHERE queue_name <> 'clock' ORDER BY id"
        )
        return [(name, status, json.loads(args)) for name, status, args in cursor.fetchall()]


def work() -> None:
    """Let a real worker do all that can be done now (in a thread: it needs its own event loop)."""

    async def until_idle() -> None:
        async with app.open_async():
            await app.run_worker_async(wait=False, install_signal_handlers=False)

    with app.replace_connector(app.connector.get_worker_connector()):
        thread = Thread(target=lambda: asyncio.run(until_idle()))
        thread.start()
        thread.join()
    with connection.cursor() as cursor:  # what its threads left open would keep the database
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def somebody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """For the topic test.wanted, so that its events get a job."""
    monkeypatch.setattr(interest, "_interests", dict(interest._interests))
    interest.listen("test.wanted")


@pytest.fixture
def patient() -> Patient:
    return make_patient(practice=make_practice(), first_name="Liam", email="liam@mail.example")


def ask_for_statement(patient: Patient) -> int:
    body = {"patient_id": patient.pk, "since": "2026-01-01", "until": "2026-06-30"}
    return emit("statement.email_requested", body, practice_id=patient.practice_id, at=NOW)


class TestJobs:
    def test_a_job_is_there_when_its_transaction_committed(self) -> None:
        practice = make_practice()
        with transaction.atomic():
            event_id = emit("test.wanted", {}, practice_id=practice.pk, at=NOW)
            ask_for("creditwell.send_message", queue="email", practice_id=1, message_id=2)
        ids = {"practice_id": practice.pk, "event_id": event_id}
        assert jobs() == [
            ("creditwell.deliver", "todo", ids),
            ("creditwell.send_message", "todo", {"practice_id": 1, "message_id": 2}),
        ]

    def test_an_event_that_nobody_waits_for_needs_no_job(self) -> None:
        practice = make_practice()
        with transaction.atomic():
            quiet = emit("payment.taken", {"email": False}, practice_id=practice.pk, at=NOW)
            emit("nobody.waits", {}, practice_id=practice.pk, at=NOW)
            asked = emit("payment.taken", {"email": True}, practice_id=practice.pk, at=NOW)
        assert [arguments["event_id"] for _name, _state, arguments in jobs()] == [asked]
        assert Event.objects.get(pk=quiet).delivered_at == NOW

    def test_no_job_is_there_when_it_did_not(self) -> None:
        practice = make_practice()

        def ask_and_fail() -> None:
            with transaction.atomic():
                emit("test.wanted", {}, practice_id=practice.pk, at=NOW)
                ask_for("creditwell.send_message", queue="email", practice_id=1, message_id=2)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            ask_and_fail()
        assert jobs() == []
        assert Event.objects.count() == 0

    def test_asking_outside_a_transaction_is_a_defect(self) -> None:
        with pytest.raises(AssertionError):
            emit("test.wanted", {}, practice_id=make_practice().pk, at=NOW)
        with pytest.raises(AssertionError):
            ask_for("creditwell.send_message", queue="email", practice_id=1, message_id=2)
        assert jobs() == []

    def test_a_real_worker_takes_an_event_all_the_way_to_the_mail_server(
        self, patient: Patient, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        use(settings)
        monkeypatch.setitem(MAKERS, "statement", lambda message: ("Statement.pdf", b"%PDF"))
        with transaction.atomic():
            event_id = ask_for_statement(patient)
            quiet = emit("test.wanted", {}, practice_id=patient.practice_id, at=NOW)
        work()
        assert [letter.to for letter in Server.taken] == [["liam@mail.example"]]
        assert Message.objects.get().status == "sent"
        assert Event.objects.filter(pk__in=[event_id, quiet], delivered_at=None).count() == 0
        assert {status for _name, status, _args in jobs()} == {"succeeded"}

    def test_a_mail_server_that_is_away_holds_up_no_other_event(
        self, patient: Patient, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        use(settings)
        monkeypatch.setitem(MAKERS, "statement", lambda message: ("Statement.pdf", b"%PDF"))
        Server.behave = ["away"]
        with transaction.atomic():
            ask_for_statement(patient)
            later = emit("test.wanted", {}, practice_id=patient.practice_id, at=NOW)
        work()
        assert Message.objects.get().status == "waiting"
        assert Event.objects.get(pk=later).delivered_at is not None
        assert [(name, status) for name, status, _ in jobs()][-1] == (
            "creditwell.send_message",
            "todo",
        )

    def test_a_newer_job_with_more_arguments_is_still_done(self, patient: Patient) -> None:
        with transaction.atomic():
            event_id = emit("test.wanted", {}, practice_id=patient.practice_id, at=NOW)
        with connection.cursor() as cursor:
            cursor.execute("""UPDATE procrastinate_jobs SET args = args || '{"colour": 3}'""")
        work()
        assert Event.objects.get(pk=event_id).delivered_at is not None


class TestClock:
    def test_an_event_that_lost_its_job_is_told_by_the_sweep(self, patient: Patient) -> None:
        with transaction.atomic():
            lost = emit("test.wanted", {}, practice_id=patient.practice_id, at=NOW)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET status = 'failed'")
        assert schedule.sweep_events(NOW + timedelta(minutes=14)) == 0
        assert schedule.sweep_events(NOW + timedelta(days=4)) == 0
        assert schedule.sweep_events(NOW + timedelta(minutes=16)) == 1
        assert schedule.sweep_events(NOW + timedelta(minutes=16)) == 0
        work()
        assert Event.objects.get(pk=lost).delivered_at is not None

    def test_jobs_of_a_dead_worker_are_done_by_the_next(self, patient: Patient) -> None:
        with transaction.atomic():
            event_id = emit("test.wanted", {}, practice_id=patient.practice_id, at=NOW)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")
        schedule.revive.defer(timestamp=0)
        work()
        work()
        assert Event.objects.get(pk=event_id).delivered_at is not None

    def test_answered_requests_are_forgotten_after_a_month(self) -> None:
        with connection.cursor() as cursor:
            for days in (0, 29, 31, 90, 91):
                cursor.execute(
                    "INSERT INTO kernel_request (practice_id, key, fingerprint, created_at) "
                    "VALUES (1, %s, '', %s)",
                    [f"{days} days", NOW - timedelta(days=days)],
                )
        assert schedule.forget_requests(NOW, batch=2) == 3
        with connection.cursor() as cursor:
            cursor.execute("SELECT key FROM kernel_request ORDER BY key")
            assert cursor.fetchall() == [("0 days",), ("29 days",)]

    def test_jobs_that_are_done_are_forgotten_after_three_days(self) -> None:
        with transaction.atomic():
            ask_for("creditwell.send_message", queue="email", practice_id=1, message_id=2)
            ask_for("creditwell.send_message", queue="email", practice_id=1, message_id=3)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = 'succeeded' "
                "WHERE (args->>'message_id')::int = 2"
            )
            cursor.execute("UPDATE procrastinate_events SET at = at - interval '4 days'")
        schedule.tidy_jobs.defer(timestamp=0)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = 'failed' "
                "WHERE (args->>'message_id')::int = 3"
            )
        work()
        assert [args["message_id"] for name, _, args in jobs() if "send" in name] == [3]


def test_every_topic_that_asks_for_an_e_mail_is_heard() -> None:
    assert set(SUBSCRIBERS) >= {
        "payment.taken",
        "invoice.issued",
        "credit_note.issued",
        "receipt.email_requested",
        "invoice.email_requested",
        "credit_note.email_requested",
        "statement.email_requested",
        "member.invited",
        "invitation.email_requested",
    }


def test_every_message_can_be_asked_for_again() -> None:
    assert {topic for topic, _names in REQUESTS.values()} <= set(DRAFTS)
