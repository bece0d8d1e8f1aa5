"""A session is used without an appointment, counted in its place, and taken back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from creditwell.kernel.errors import NotFound
from creditwell.ledger.post import AlreadyReversed
from creditwell.packages.booking import Choice, LimitReached
from creditwell.packages.by_hand import NotPaidYet, NotTheirs, NotUsableThen, WrongUnits
from creditwell.packages.models import Package, PackageAct, PackageShare, Session
from creditwell.packages.queries import place_of
from creditwell.packages.queries_offers import ahead_of
from creditwell.packages.queries_page import session_lines
from creditwell.people.models import Patient
from creditwell.scheduling.models import AppointmentType, Attendee
from creditwell.usecases.book_appointment import book_appointment
from creditwell.usecases.cover_visit import CoverVisit, cover_visit
from creditwell.usecases.mark_attendance import MarkAttendance, mark_arrived
from creditwell.usecases.merge_patients import MergePatients, merge_patients
from creditwell.usecases.undo_merge import UndoMerge, undo_merge
from creditwell.usecases.use_session import (
    NotByHand,
    ReturnSession,
    UseSession,
    WrongUseDay,
    return_session,
    use_session,
)
from tests.acts import new_key, pay
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_clinic, make_patient
from tests.refusing import refuses
from tests.sold import make_product, sell, states, unearned
from tests.visits import act, topics, wish

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)
TABLES = (Package, Session, PackageAct)


@pytest.fixture
def package(clinic: Clinic, massage: AppointmentType) -> Package:
    return sell(clinic, make_product(clinic, massage, valid_count=6))


def use(clinic: Clinic, package: Package, **fields: Any) -> int:
    values = {
        "package_id": package.pk,
        "part_id": package.parts.first().pk,  # type: ignore[union-attr]
        "patient_id": clinic.patient.pk,
        "on": TODAY,
        "key": new_key(),
    }
    now = fields.pop("now", NOW)
    return use_session(UseSession(**act(clinic, **{**values, **fields})), now).session_id


def give_back(clinic: Clinic, session_id: int) -> None:
    return_session(ReturnSession(**act(clinic, key=new_key(), session_id=session_id)), NOW)


def share(clinic: Clinic, package: Package, patient: Patient, most: int | None = None) -> None:
    PackageShare.objects.create(
        practice=clinic.practice, package=package, patient=patient, most_units=most, given_at=NOW
    )


def test_used_by_hand_and_taken_back(clinic: Clinic, package: Package) -> None:
    session_id = use(clinic, package, reason="Came without an appointment")
    session = Session.objects.get(pk=session_id)
    assert (session.status, session.used_on) == ("used", TODAY)
    assert (session.attendee_id, session.patient_id) == (None, clinic.patient.pk)
    assert unearned(package) == 36000
    assert topics()[-1] == "session.used"
    last = PackageAct.objects.latest("pk")
    assert (last.kind, last.value_minor, last.reason) == (
        "used",
        -9000,
        "Came without an appointment",
    )
    assert_books_straight(clinic.practice)
    give_back(clinic, session_id)
    session.refresh_from_db()
    assert (session.status, session.patient_id, session.used_on) == ("free", None, None)
    assert unearned(package) == 45000
    with refuses(AlreadyReversed, *TABLES):
        give_back(clinic, session_id)
    assert_books_straight(clinic.practice)


def test_it_has_its_place_among_the_visits_by_its_day(
    clinic: Clinic, massage: AppointmentType, package: Package
) -> None:
    """Used on Thursday, written down on Saturday: between Wednesday's visit and Friday's."""
    booked = [
        book_appointment(
            wish(clinic, massage, starts_at=NOW + timedelta(days=days), anyway=True), NOW
        ).attendee_id
        for days in (1, 3)
    ]
    use(clinic, package, on=TODAY + timedelta(days=2), now=NOW + timedelta(days=4))
    places = [
        place_of(practice_id=clinic.practice.pk, attendee_id=attendee_id or 0)
        for attendee_id in booked
    ]
    assert [place.ordinal for place in places if place] == [1, 3]
    lines = session_lines(practice_id=clinic.practice.pk, package_id=package.pk)
    assert [(line.ordinal, line.status) for line in lines] == [
        (1, "booked"),
        (2, "used"),
        (3, "booked"),
        (None, "free"),
    ]
    assert_books_straight(clinic.practice)


@pytest.mark.parametrize(
    ("written_after", "day", "order"),
    [
        pytest.param(timedelta(hours=3), 0, ["used", "booked", "booked"], id="before-them"),
        pytest.param(timedelta(hours=5), 0, ["booked", "used", "booked"], id="between-them"),
        pytest.param(timedelta(days=1), 0, ["booked", "booked", "used"], id="for-yesterday"),
        pytest.param(timedelta(days=1), 1, ["booked", "booked", "used"], id="the-day-after"),
    ],
)
def test_it_counts_when_it_is_written_down_or_at_the_end_of_its_day(
    clinic: Clinic,
    massage: AppointmentType,
    package: Package,
    written_after: timedelta,
    day: int,
    order: list[str],
) -> None:
    """Visits at four and at six: what is written down later renumbers none that was before."""
    for hours in (4, 6):
        start = NOW + timedelta(hours=hours)
        book_appointment(wish(clinic, massage, starts_at=start, anyway=True), NOW)
    use(clinic, package, on=TODAY + timedelta(days=day), now=NOW + written_after)
    lines = session_lines(practice_id=clinic.practice.pk, package_id=package.pk)
    assert [line.status for line in lines[:3]] == order
    assert [line.ordinal for line in lines[:3]] == [1, 2, 3]
    places = [
        place_of(practice_id=clinic.practice.pk, attendee_id=line.attendee_id)
        for line in lines[:3]
        if line.attendee_id
    ]
    booked = [n for n, status in enumerate(order, start=1) if status == "booked"]
    assert [place.ordinal for place in places if place] == booked
    assert_books_straight(clinic.practice)


def test_what_is_offered_counts_it_in_the_same_place(clinic: Clinic, package: Package) -> None:
    used_at = NOW + timedelta(days=3)
    use(clinic, package, on=TODAY + timedelta(days=3), now=used_at)
    part_id = package.parts.get().pk
    for moment, ahead in ((timedelta(hours=-1), {}), (timedelta(hours=1), {part_id: 1})):
        found = ahead_of(
            practice_id=clinic.practice.pk, part_ids=[part_id], starts_at=used_at + moment
        )
        assert found == ahead


def test_a_use_taken_back_and_done_anew_counts_anew(
    clinic: Clinic, massage: AppointmentType, package: Package
) -> None:
    start = NOW + timedelta(hours=4)
    book_appointment(wish(clinic, massage, starts_at=start, anyway=True), NOW)
    give_back(clinic, use(clinic, package, now=NOW + timedelta(hours=1)))
    use(clinic, package, now=NOW + timedelta(hours=5))
    lines = session_lines(practice_id=clinic.practice.pk, package_id=package.pk)
    assert [line.status for line in lines[:2]] == ["booked", "used"]
    assert_books_straight(clinic.practice)


def test_minutes_are_used_by_hand(clinic: Clinic, massage: AppointmentType) -> None:
    product = make_product(clinic, massage, units=100, price_minor=10000, measure="minutes")
    package = sell(clinic, product)
    session_id = use(clinic, package, units=33)
    assert unearned(package) == 6700
    for units in (0, -1, 68, 10**30):
        with refuses(WrongUnits, *TABLES) as refused:
            use(clinic, package, units=units)
        assert "at most what is left, which is 67 min." in refused.value.sentence
    give_back(clinic, session_id)
    use(clinic, package, units=100)
    assert unearned(package) == 0
    assert_books_straight(clinic.practice)


def test_on_which_days(clinic: Clinic, package: Package) -> None:
    for on in (TODAY + timedelta(days=1), TODAY - timedelta(days=1)):
        with refuses(WrongUseDay, *TABLES):
            use(clinic, package, on=on)
    Package.objects.filter(pk=package.pk).update(paused_on=TODAY)
    with refuses(NotUsableThen, *TABLES):
        use(clinic, package)
    Package.objects.filter(pk=package.pk).update(paused_on=None)
    late = NOW + timedelta(days=200)
    with refuses(NotUsableThen, *TABLES):
        use(clinic, package, on=TODAY + timedelta(days=200), now=late)
    use(clinic, package, on=TODAY + timedelta(days=10), now=late)
    assert_books_straight(clinic.practice)


def test_only_when_paid(clinic: Clinic, massage: AppointmentType) -> None:
    package = sell(clinic, make_product(clinic, massage, usable_when="paid"))
    with refuses(NotPaidYet, *TABLES):
        use(clinic, package)
    pay(clinic, 45000, pay=((package.line.invoice_id, 45000),))
    use(clinic, package)
    assert_books_straight(clinic.practice)


def test_by_whom(clinic: Clinic, massage: AppointmentType, package: Package) -> None:
    ben = make_patient(practice=clinic.practice, first_name="Ben")
    with refuses(NotTheirs, *TABLES):
        use(clinic, package, patient_id=ben.pk)
    stranger = make_patient(practice=make_clinic().practice)
    with refuses(NotFound, *TABLES):
        use(clinic, package, patient_id=stranger.pk)
    other = sell(clinic, make_product(clinic, massage)).parts.get()
    with refuses(NotFound, *TABLES):
        use(clinic, package, part_id=other.pk)
    share(clinic, package, ben, most=2)
    use(clinic, package, patient_id=ben.pk)
    use(clinic, package, patient_id=ben.pk)
    with refuses(LimitReached, *TABLES):
        use(clinic, package, patient_id=ben.pk)
    assert states(package) == ["used"] * 2 + ["free"] * 3
    assert_books_straight(clinic.practice)


def test_a_visit_beyond_the_limit_is_told_why(
    clinic: Clinic, massage: AppointmentType, package: Package
) -> None:
    ben = make_patient(practice=clinic.practice, first_name="Ben")
    share(clinic, package, ben, most=1)
    visits = [
        book_appointment(
            wish(
                clinic,
                massage,
                starts_at=NOW + timedelta(days=days),
                anyway=True,
                patient_id=ben.pk,
            ),
            NOW,
        ).attendee_id
        for days in (1, 2)
    ]
    assert states(package) == ["booked"] + ["free"] * 4
    wanted = CoverVisit(**act(clinic, attendee_id=visits[1], package=Choice(package_id=package.pk)))
    with refuses(LimitReached, *TABLES, Attendee) as told:
        cover_visit(wanted, NOW)
    assert "only so much of the package" in told.value.sentence
    assert_books_straight(clinic.practice)


def test_what_a_visit_has_is_not_taken_back_here(
    clinic: Clinic, massage: AppointmentType, package: Package
) -> None:
    visit = book_appointment(wish(clinic, massage, starts_at=NOW, anyway=True), NOW)
    mark_arrived(MarkAttendance(**act(clinic, attendee_id=visit.attendee_id)), NOW)
    session = Session.objects.get(package=package, status="used")
    with refuses(NotByHand, *TABLES):
        give_back(clinic, session.pk)
    with refuses(NotFound, *TABLES):
        give_back(clinic, session.pk + 999)


def test_it_goes_along_when_records_are_merged(clinic: Clinic, package: Package) -> None:
    twin = make_patient(practice=clinic.practice, first_name="Liam")
    share(clinic, package, twin)
    own, theirs = use(clinic, package), use(clinic, package, patient_id=twin.pk)
    merged = merge_patients(
        MergePatients(**act(clinic, key=new_key(), kept_id=clinic.patient.pk, merged_id=twin.pk)),
        NOW,
    )
    whose = Session.objects.filter(pk__in=[own, theirs]).order_by("pk")
    assert [one.patient_id for one in whose] == [clinic.patient.pk] * 2
    undo_merge(UndoMerge(**act(clinic, key=new_key(), merge_id=merged.merge_id)), NOW)
    assert [one.patient_id for one in whose.all()] == [clinic.patient.pk, twin.pk]
    assert_books_straight(clinic.practice)
