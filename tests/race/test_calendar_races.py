"""
The same hour and the last place, eight at once. Each race has its twin without the guard, which
must go wrong: a race that cannot be lost proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

import creditwell.scheduling
from creditwell.outbox.models import Event
from creditwell.scheduling.models import Appointment, Attendee
from creditwell.scheduling.operations import _attendees as attendees
from creditwell.usecases import add_attendee as add_attendee_module
from creditwell.usecases.add_attendee import AddAttendee, add_attendee
from creditwell.usecases.book_appointment import book_appointment
from tests.factories import NOW, Clinic, make_appointment_type, make_patient
from tests.race.rivals import PATIENCE, race
from tests.visits import act, wish

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

RIVALS = 8
OVERLAP = Path(creditwell.scheduling.__file__).parent / "migrations" / "sql" / "overlap.sql"


def book_at_once(clinic: Clinic) -> Any:
    kind = make_appointment_type(practice=clinic.practice)
    patients = [make_patient(practice=clinic.practice).pk for _n in range(RIVALS)]
    minutes = [f"09:{5 * (n % 4):02}" for n in range(RIVALS)]  # overlapping, not all the same
    commands = [wish(clinic, kind, minutes[n], patient_id=patients[n]) for n in range(RIVALS)]
    return race(RIVALS, lambda n: book_appointment(commands[n], NOW))


def test_the_same_hour_is_given_once(clinic: Clinic) -> None:
    assert book_at_once(clinic) == {"ok": 1, "DoubleBooked": RIVALS - 1}
    assert Appointment.objects.count() == Attendee.objects.count() == Event.objects.count() == 1


@contextmanager
def without_constraint() -> Iterator[None]:
    """Take away what keeps appointments apart; the rows that break it go with it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE scheduling_appointment DROP CONSTRAINT scheduling_appointment_no_overlap"
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE scheduling_appointment CASCADE")
            cursor.execute(OVERLAP.read_text())


def test_the_race_is_real_without_the_constraint(clinic: Clinic) -> None:
    with without_constraint():
        assert book_at_once(clinic) == {"ok": RIVALS}
        assert Appointment.objects.count() == RIVALS


def last_places(clinic: Clinic) -> Any:
    """Eight want one of the three places of a group."""
    kind = make_appointment_type(practice=clinic.practice, max_attendees=3)
    group = book_appointment(wish(clinic, kind, patient_id=None), NOW)
    patients = [make_patient(practice=clinic.practice).pk for _n in range(RIVALS)]
    place = act(clinic, appointment_id=group.appointment_id)
    return race(RIVALS, lambda n: add_attendee(AddAttendee(**place, patient_id=patients[n]), NOW))


def test_a_group_takes_no_more_than_it_has_places(clinic: Clinic) -> None:
    assert last_places(clinic) == {"ok": 3, "GroupFull": RIVALS - 3}
    assert Attendee.objects.count() == 3


def test_the_race_is_real_without_the_lock(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    meet = Barrier(RIVALS, timeout=PATIENCE)
    counted = attendees._require_place

    def unlocked(*, practice_id: int, appointment_id: int) -> Appointment:
        return Appointment.objects.get(practice_id=practice_id, pk=appointment_id)

    def count_together(appointment: Appointment) -> None:
        counted(appointment)
        meet.wait()

    monkeypatch.setattr(add_attendee_module.operations, "lock_appointment", unlocked)
    monkeypatch.setattr(attendees, "_require_place", count_together)
    assert last_places(clinic) == {"ok": RIVALS}
    assert Attendee.objects.count() == RIVALS
