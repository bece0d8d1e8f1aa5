"""
One session, wanted by several at once. Each race has its twin without the guard, which must go
wrong: a race that cannot be lost proves nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.db import connection

from creditwell.packages import booking, ending, holding
from creditwell.packages.ending import Ask
from creditwell.packages.models import Package, PackageShare, Session
from creditwell.payments.models import Refund
from creditwell.people.models import Patient
from creditwell.scheduling import operations
from creditwell.scheduling.models import AppointmentType, Attendee
from creditwell.tenancy.access import practice_facts
from creditwell.usecases import convert_package as convert_package_module
from creditwell.usecases._giving_back import GiveBack
from creditwell.usecases.add_attendee import AddAttendee, add_attendee
from creditwell.usecases.book_appointment import book_appointment
from creditwell.usecases.cancel_attendance import CancelAttendance, cancel_attendance
from creditwell.usecases.check_books import check_practice
from creditwell.usecases.convert_package import convert_package
from creditwell.usecases.mark_attendance import MarkAttendance, mark_arrived
from creditwell.usecases.refund_package import refund_package
from creditwell.usecases.transfer_package import TransferPackage, transfer_package
from tests.acts import new_key, pay
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_patient, make_practitioner
from tests.race.rivals import PATIENCE, race
from tests.sold import make_product, make_visit_type, sell, states, unearned
from tests.visits import act, wish

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def yoga(clinic: Clinic) -> AppointmentType:
    return make_visit_type(clinic, name="Yoga", max_attendees=9)


def group(clinic: Clinic, kind: AppointmentType) -> int:
    """An empty group, of a practitioner of its own."""
    practitioner = make_practitioner(practice=clinic.practice)
    command = wish(
        clinic, kind, patient_id=None, practitioner_id=practitioner.pk, starts_at=NOW, anyway=True
    )
    return book_appointment(command, NOW).appointment_id


def join(clinic: Clinic, appointment_id: int, patient: Patient) -> Any:
    base = act(clinic, appointment_id=appointment_id, patient_id=patient.pk)
    return add_attendee(AddAttendee(**base), NOW)


def last_session(clinic: Clinic, kind: AppointmentType) -> Package:
    return sell(clinic, make_product(clinic, kind, units=1, price_minor=9000))


# Guards that can be taken away -----------------------------------------------------------------


@pytest.fixture
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away that people are held: every act sees what was there before the others."""

    def unheld(*, practice_id: int, payer_ids: object) -> object:
        return practice_facts(practice_id)

    monkeypatch.setattr(holding, "lock_several", unheld)


def together(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, rivals: int = 2) -> None:
    """Let each rival come to this step before one of them goes on."""
    everybody, plain = Barrier(rivals, timeout=PATIENCE), getattr(where, name)

    def step(*args: Any, **kwargs: Any) -> Any:
        found = plain(*args, **kwargs)
        with suppress(BrokenBarrierError):  # the other one is done already
            everybody.wait()
        return found

    monkeypatch.setattr(where, name, step)


# The last session ------------------------------------------------------------------------------


def book_the_last(clinic: Clinic, kind: AppointmentType, who: list[Patient]) -> Counter[str]:
    groups = [group(clinic, kind) for _one in who]
    return race(len(who), lambda n: join(clinic, groups[n], who[n]))


@pytest.mark.parametrize("shared", [False, True])
def test_the_last_session_is_booked_once(
    clinic: Clinic, yoga: AppointmentType, shared: bool
) -> None:
    """By the owner, who comes to four groups; or by the owner and three who may use it."""
    package = last_session(clinic, yoga)
    who = [clinic.patient] * 4
    if shared:
        who = [clinic.patient, *users_of(clinic, package, 3)]
    assert book_the_last(clinic, yoga, who) == {"ok": 4}
    assert states(package) == ["booked"]
    assert unearned(package) == 9000
    assert_books_straight(clinic.practice)


def users_of(clinic: Clinic, package: Package, count: int) -> list[Patient]:
    found = [make_patient(practice=clinic.practice) for _n in range(count)]
    for patient in found:
        PackageShare.objects.create(
            practice=clinic.practice, package=package, patient=patient, given_at=NOW
        )
    return found


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.usefixtures("nobody_waits")
def test_twin_unheld_the_others_are_only_told_that_it_is_gone(
    clinic: Clinic, yoga: AppointmentType, monkeypatch: pytest.MonkeyPatch, shared: bool
) -> None:
    package = last_session(clinic, yoga)
    who = [clinic.patient, clinic.patient]
    if shared:
        who = [clinic.patient, *users_of(clinic, package, 1)]
    together(monkeypatch, booking, "offers_for")
    assert book_the_last(clinic, yoga, who) == {"ok": 1, "SessionGone": 1}


@pytest.mark.usefixtures("nobody_waits")
def test_twin_unheld_and_unasked_the_database_has_the_last_word(
    clinic: Clinic, yoga: AppointmentType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And without that, the second visit takes the session away from the first."""
    package = last_session(clinic, yoga)

    def take(practice: Any, offer: Any, attendee: Any, written: Any) -> int:
        session = Session.objects.get(package_id=package.pk)
        Session.objects.filter(pk=session.pk).update(
            status="booked", attendee_id=attendee.pk, patient_id=attendee.patient_id
        )
        return session.pk

    together(monkeypatch, booking, "offers_for")
    monkeypatch.setattr(booking, "_take", take)
    who = [clinic.patient, clinic.patient]
    assert book_the_last(clinic, yoga, who) == {"ok": 1, "SessionGone": 1}
    Session.objects.update(status="free", attendee_id=None, patient_id=None)
    with without_trigger("packages_session", "packages_session_taken"):
        together(monkeypatch, booking, "offers_for")
        assert book_the_last(clinic, yoga, who) == {"ok": 2}


@contextmanager
def without_trigger(table: str, name: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {name}")


def test_somebody_elses_limit_is_kept(clinic: Clinic, yoga: AppointmentType) -> None:
    """One may use a single session of five, and wants four at once."""
    package = sell(clinic, make_product(clinic, yoga))
    [user] = users_of(clinic, package, 1)
    PackageShare.objects.update(most_units=1)
    assert book_the_last(clinic, yoga, [user] * 4) == {"ok": 4}
    assert states(package).count("booked") == 1
    assert_books_straight(clinic.practice)


@pytest.mark.usefixtures("nobody_waits")
def test_twin_unheld_the_limit_is_overrun(
    clinic: Clinic, yoga: AppointmentType, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = sell(clinic, make_product(clinic, yoga, units=100, measure="minutes"))
    [user] = users_of(clinic, package, 1)
    PackageShare.objects.update(most_units=30)
    together(monkeypatch, booking, "offers_for")
    assert book_the_last(clinic, yoga, [user] * 2) == {"ok": 2}
    taken = Session.objects.filter(patient=user).values_list("units", flat=True)
    assert sum(taken) == 60, "twice what the owner allows"


# Two acts about one visit, or one package --------------------------------------------------------


def booked(clinic: Clinic, kind: AppointmentType) -> int:
    found: int = join(clinic, group(clinic, kind), clinic.patient).attendee_id
    return found


def both(one: Callable[[], object], other: Callable[[], object]) -> Counter[str]:
    return race(2, lambda n: (one, other)[n]())


def cancel(clinic: Clinic, visit: int) -> object:
    return cancel_attendance(CancelAttendance(**act(clinic, attendee_id=visit, reason="sick")), NOW)


def arrive(clinic: Clinic, visit: int) -> object:
    return mark_arrived(MarkAttendance(**act(clinic, attendee_id=visit)), NOW)


def give(clinic: Clinic, package: Package, *, release: bool = True) -> object:
    base = act(clinic, key=new_key(), package_id=package.pk, reason="Moves away")
    return convert_package(GiveBack(**base, ask=Ask(release=release)), NOW)


@pytest.mark.parametrize("_again", range(3))
def test_cancel_against_use(clinic: Clinic, yoga: AppointmentType, _again: int) -> None:
    """Cancelled first, the visit is not used; used first, it is cancelled with what it used."""
    package = last_session(clinic, yoga)
    visit = booked(clinic, yoga)
    ended = both(lambda: cancel(clinic, visit), lambda: arrive(clinic, visit))
    assert ended in ({"ok": 2}, {"ok": 1, "NotAllowedNow": 1})
    assert states(package) == ["free"]
    assert unearned(package) == 9000
    assert_books_straight(clinic.practice)


@pytest.mark.usefixtures("nobody_waits")
def test_twin_unheld_a_cancelled_visit_took_place_for_nothing(
    clinic: Clinic, yoga: AppointmentType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is seen while it is booked, cancelled, and marked: it came, and used no session."""
    package = last_session(clinic, yoga)
    visit = booked(clinic, yoga)
    plain, seen = operations.lock_attendee, []

    def unheld(*, practice_id: int, attendee_id: int) -> Attendee:
        if seen:
            return plain(practice_id=practice_id, attendee_id=attendee_id)
        seen.append(attendee_id)
        found = Attendee.objects.select_related("appointment__appointment_type")
        attendee = found.get(practice_id=practice_id, pk=attendee_id)
        race(1, lambda _n: cancel(clinic, visit))
        return attendee

    monkeypatch.setattr(operations, "lock_attendee", unheld)
    arrive(clinic, visit)
    assert Attendee.objects.get(pk=visit).status == "arrived"
    assert states(package) == ["free"]
    assert unearned(package) == 9000


@pytest.mark.parametrize("_again", range(3))
def test_refund_against_use(clinic: Clinic, yoga: AppointmentType, _again: int) -> None:
    """The same when the money goes back by the card that it came by."""
    package = last_session(clinic, yoga)
    pay(clinic, 9000, pay=((package.line.invoice_id, 9000),))
    visit = booked(clinic, yoga)
    base = act(clinic, key=new_key(), package_id=package.pk, reason="Moves away")
    back = GiveBack(**base, ask=Ask(release=True))
    ended = both(lambda: refund_package(back, NOW), lambda: arrive(clinic, visit))
    went = sum(Refund.objects.values_list("total_minor", flat=True))
    assert (ended, states(package), went) in (
        ({"ok": 1, "NothingLeft": 1}, ["used"], 0),
        ({"ok": 2}, ["refunded"], 9000),
    )
    assert unearned(package) == 0
    assert_books_straight(clinic.practice)


@pytest.mark.parametrize("_again", range(3))
def test_giving_back_against_use(clinic: Clinic, yoga: AppointmentType, _again: int) -> None:
    """Used first, nothing is left to give back; given back first, the visit has no session."""
    package = last_session(clinic, yoga)
    visit = booked(clinic, yoga)
    ended = both(lambda: give(clinic, package), lambda: arrive(clinic, visit))
    assert (ended, states(package)) in (
        ({"ok": 1, "NothingLeft": 1}, ["used"]),
        ({"ok": 2}, ["refunded"]),
    )
    assert unearned(package) == 0
    assert_books_straight(clinic.practice)


def test_twin_unheld_what_was_used_is_given_back_as_well(
    clinic: Clinic, yoga: AppointmentType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is seen while it is booked, used, and given back: which only an assertion finds."""
    package = last_session(clinic, yoga)
    visit = booked(clinic, yoga)
    plain = ending.plan_end

    def unheld(*, practice_id: int, package_id: int) -> object:
        found = Package.objects.select_related("line__invoice", "tax_rate").get(pk=package_id)
        return found, practice_facts(practice_id)

    def plan_end(*args: Any, **kwargs: Any) -> Any:
        made = plain(*args, **kwargs)
        race(1, lambda _n: arrive(clinic, visit))
        return made

    monkeypatch.setattr(convert_package_module, "hold", unheld)
    monkeypatch.setattr(ending, "plan_end", plan_end)
    with pytest.raises(AssertionError):
        give(clinic, package)
    assert states(package) == ["used"]


@pytest.mark.parametrize("_again", range(3))
def test_transfer_against_booking(clinic: Clinic, yoga: AppointmentType, _again: int) -> None:
    """The last session is somebody else's, or the visit's."""
    package = last_session(clinic, yoga)
    other, appointment_id = make_patient(practice=clinic.practice), group(clinic, yoga)
    base = act(clinic, key=new_key(), package_id=package.pk, to_patient_id=other.pk)
    move = TransferPackage(**base, reason="A present", anywhere=True)
    ended = both(
        lambda: transfer_package(move, NOW), lambda: join(clinic, appointment_id, clinic.patient)
    )
    session = Session.objects.get(status__in=["free", "booked"])
    assert (ended, session.status, session.package_id == package.pk) in (
        ({"ok": 2}, "free", False),
        ({"ok": 1, "NothingFree": 1}, "booked", True),
    )
    assert_books_straight(clinic.practice)


@pytest.mark.usefixtures("nobody_waits")
def test_twin_unheld_a_session_is_booked_that_was_transferred(
    clinic: Clinic, yoga: AppointmentType, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = last_session(clinic, yoga)
    other, appointment_id = make_patient(practice=clinic.practice), group(clinic, yoga)
    base = act(clinic, key=new_key(), package_id=package.pk, to_patient_id=other.pk)
    move = TransferPackage(**base, reason="A present", anywhere=True)
    plain = booking._take

    def take(*args: Any, **kwargs: Any) -> int:
        race(1, lambda _n: transfer_package(move, NOW))
        return plain(*args, **kwargs)

    monkeypatch.setattr(booking, "_take", take)
    with pytest.raises(booking.SessionGone):
        join(clinic, appointment_id, clinic.patient)
    assert check_practice(clinic.practice.pk) == []
