"""What an act says about itself is written with its last statement: all of it, or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from creditwell.audit.models import Note
from creditwell.audit.note import note
from creditwell.kernel.rows import one_of
from creditwell.kernel.usecase import usecase
from creditwell.outbox.emit import emit
from creditwell.outbox.models import Event
from creditwell.tenancy.access import SYSTEM
from tests.acts import new_key, pay
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    practice_id: int
    key: str
    words: tuple[str, ...]
    breaks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    words: list[str] = field(default_factory=list)


class Broken(Exception):
    """The act went wrong after it had said everything."""


@usecase(Told)
def tell(command: Tell, now: datetime) -> Told:
    for n, word in enumerate(command.words, 1):
        note(word, ("word", n), practice_id=command.practice_id, by=SYSTEM, at=now)
        emit("nobody.waits", {"word": word}, practice_id=command.practice_id, at=now)
    if command.breaks:
        raise Broken
    return Told(words=list(command.words))


def test_a_payment_ends_with_one_statement(clinic: Clinic) -> None:
    with CaptureQueriesContext(connection) as queries:
        pay(clinic, 10000)
    written = [q["sql"] for q in queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    for table in ("audit_note", "outbox_event", "kernel_request"):
        assert table in written[-1]
        assert not any(f'INTO "{table}"' in sql for sql in written[:-1])
    assert_books_straight(clinic.practice)


@pytest.mark.parametrize("key", ["with a key", ""])
def test_what_was_said_is_written_in_the_order_it_was_said(clinic: Clinic, key: str) -> None:
    words = ("one", "two", "three")
    told = tell(Tell(practice_id=clinic.practice.pk, key=key, words=words), NOW)
    assert told.words == list(words)
    notes = Note.objects.filter(subject="word").order_by("pk")
    assert [n.action for n in notes] == list(words)
    events = Event.objects.filter(topic="nobody.waits").order_by("pk")
    assert [(e.body["word"], e.delivered_at) for e in events] == [(w, NOW) for w in words]


@pytest.mark.parametrize("key", ["with a key", ""])
def test_an_act_that_says_nothing_is_one_too(clinic: Clinic, key: str) -> None:
    command = Tell(practice_id=clinic.practice.pk, key=key, words=())
    assert tell(command, NOW).words == []
    assert not Note.objects.filter(subject="word").exists()


def test_the_same_act_again_says_nothing_twice(clinic: Clinic) -> None:
    command = Tell(practice_id=clinic.practice.pk, key=new_key(), words=("once",))
    assert tell(command, NOW) == tell(command, NOW)
    assert Note.objects.filter(action="once").count() == 1
    assert Event.objects.filter(topic="nobody.waits").count() == 1


def test_an_act_that_breaks_says_nothing_and_leaves_nothing_to_the_next(clinic: Clinic) -> None:
    wrong = Tell(practice_id=clinic.practice.pk, key=new_key(), words=("lost",), breaks=True)
    with pytest.raises(Broken):
        tell(wrong, NOW)
    tell(Tell(practice_id=clinic.practice.pk, key=new_key(), words=("kept",)), NOW)
    assert [n.action for n in Note.objects.filter(subject="word")] == ["kept"]
    assert [e.body["word"] for e in Event.objects.filter(topic="nobody.waits")] == ["kept"]


def test_outside_an_act_it_is_written_at_once(clinic: Clinic) -> None:
    with transaction.atomic():
        note("seen", ("word", 1), practice_id=clinic.practice.pk, by=SYSTEM, at=NOW)
        assert Note.objects.filter(action="seen").exists()
        event_id = emit("nobody.waits", {}, practice_id=clinic.practice.pk, at=NOW)
        assert Event.objects.filter(pk=event_id, delivered_at=NOW).exists()


def test_one_id_is_an_equation_and_several_are_a_list() -> None:
    assert one_of([7]) == ("= %s", 7)
    assert one_of([7, 8]) == ("= ANY(%s::bigint[])", [7, 8])
    assert one_of([]) == ("= ANY(%s::bigint[])", [])
