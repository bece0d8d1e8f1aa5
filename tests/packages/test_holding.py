"""What was seen before everybody concerned was held is looked at again once they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from creditwell.packages import holding
from creditwell.packages.holding import ChangedMeanwhile, lock_package
from creditwell.packages.models import Package, PackageShare, Session
from creditwell.scheduling.models import AppointmentType, Attendee
from creditwell.usecases.add_attendee import AddAttendee, add_attendee
from creditwell.usecases.book_appointment import book_appointment
from creditwell.usecases.cancel_appointment import CancelAppointment, cancel_appointment
from creditwell.usecases.mark_attendance import MarkAttendance, mark_arrived, mark_did_not_arrive
from creditwell.usecases.move_appointment import MoveAppointment, move_appointment
from tests.acts import let_use, pay, standing, use_credit
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_patient
from tests.packages.acts import book
from tests.packages.test_swap import LATER, swap
from tests.refusing import refuses
from tests.sold import make_product, make_visit_type, sell
from tests.visits import act, wish

pytestmark = pytest.mark.django_db


@pytest.fixture
def yoga(clinic: Clinic) -> AppointmentType:
    return make_visit_type(clinic, name="Yoga", max_attendees=4)


def before_holding(monkeypatch: pytest.MonkeyPatch, change: Callable[[], object]) -> None:
    """Somebody else does something just before we have everybody."""
    plain = holding.lock_several

    def lock(**where: Any) -> Any:
        monkeypatch.setattr(holding, "lock_several", plain)
        change()
        return plain(**where)

    monkeypatch.setattr(holding, "lock_several", lock)


def test_a_package_that_somebody_shares_at_that_moment(
    clinic: Clinic, yoga: AppointmentType, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = make_patient(practice=clinic.practice)
    package = sell(clinic, make_product(clinic, yoga), patient=owner)

    def share() -> None:
        PackageShare.objects.create(
            practice=clinic.practice, package=package, patient=clinic.patient, given_at=NOW
        )

    before_holding(monkeypatch, share)
    with refuses(ChangedMeanwhile, Session, Attendee):
        book_appointment(wish(clinic, yoga, starts_at=NOW, anyway=True), NOW)


def test_a_visit_that_becomes_somebody_elses_at_that_moment(
    clinic: Clinic, yoga: AppointmentType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A merge is undone: the visit is the other's again, whom nobody holds."""
    sell(clinic, make_product(clinic, yoga))
    other = make_patient(practice=clinic.practice)
    booked = book_appointment(wish(clinic, yoga, starts_at=NOW, anyway=True), NOW)
    visit = Attendee.objects.filter(pk=booked.attendee_id)
    before_holding(monkeypatch, lambda: visit.update(patient_id=other.pk))
    with refuses(ChangedMeanwhile, Session):
        mark_arrived(MarkAttendance(**act(clinic, attendee_id=booked.attendee_id)), NOW)


def test_a_package_that_becomes_somebody_elses_at_that_moment(
    clinic: Clinic, yoga: AppointmentType, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = sell(clinic, make_product(clinic, yoga))
    other = make_patient(practice=clinic.practice)
    mine = Package.objects.filter(pk=package.pk)
    before_holding(monkeypatch, lambda: mine.update(payer_id=other.payer_id))
    with refuses(ChangedMeanwhile, Session):
        lock_package(practice_id=clinic.practice.pk, package_id=package.pk)


@pytest.mark.parametrize("what", ["cancel", "move"])
def test_somebody_who_joins_a_group_at_that_moment(
    clinic: Clinic, yoga: AppointmentType, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    other = make_patient(practice=clinic.practice)
    sell(clinic, make_product(clinic, yoga), patient=other)
    booked = book_appointment(wish(clinic, yoga, starts_at=NOW, anyway=True), NOW)
    which = {"appointment_id": booked.appointment_id}

    def join() -> None:
        attendee = Attendee.objects.get(pk=booked.attendee_id)
        attendee.pk, attendee.patient_id = None, other.pk
        attendee.save(force_insert=True)

    before_holding(monkeypatch, join)
    with refuses(ChangedMeanwhile, Session):
        if what == "cancel":
            cancel_appointment(CancelAppointment(**act(clinic, **which, reason="sick")), NOW)
        else:
            later = NOW + timedelta(days=1)
            move = MoveAppointment(**act(clinic, **which, starts_at=later, anyway=True))
            move_appointment(move, NOW)


def test_nobody_changes_anything(clinic: Clinic, yoga: AppointmentType) -> None:
    other = make_patient(practice=clinic.practice)
    package = sell(clinic, make_product(clinic, yoga), patient=other)
    booked = book_appointment(wish(clinic, yoga, starts_at=NOW, anyway=True), NOW)
    joined = add_attendee(
        AddAttendee(**act(clinic, appointment_id=booked.appointment_id, patient_id=other.pk)),
        NOW,
    )
    assert joined.package_id == package.pk
    mark_arrived(MarkAttendance(**act(clinic, attendee_id=joined.attendee_id)), NOW)
    assert Session.objects.get(attendee_id=joined.attendee_id).status == "used"


def test_who_paid_for_it_is_held_with_a_visit_that_may_give_something_back(
    clinic: Clinic, yoga: AppointmentType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A spouse's credit paid for the swap; what is not kept of that session goes back to them."""
    spouse = make_patient(practice=clinic.practice)
    let_use(clinic, spouse)
    pay(clinic, 50000, patient=spouse)
    package = sell(clinic, make_product(clinic, yoga, no_show_percent=50))
    physio = make_visit_type(clinic, name="Physio", price_minor=13000)
    done = swap(clinic, package, physio)
    assert done.invoice_id is not None
    theirs = (done.invoice_id, spouse.payer_id, done.difference_minor)
    use_credit(clinic, family_credit=(theirs,), now=LATER)
    assert standing(clinic, spouse).credit_minor == 47000
    visit = book(clinic, physio, 9)
    held: set[int] = set()
    plain = holding.lock_several

    def lock(**where: Any) -> Any:
        held.update(where["payer_ids"])
        return plain(**where)

    monkeypatch.setattr(holding, "lock_several", lock)
    mark_did_not_arrive(MarkAttendance(**act(clinic, attendee_id=visit)), LATER)
    assert held == {clinic.patient.payer_id, spouse.payer_id}
    assert standing(clinic, spouse).credit_minor == 50000
    assert_books_straight(clinic.practice)
