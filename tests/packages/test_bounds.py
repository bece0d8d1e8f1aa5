"""What pages read of packages takes as many queries for a hundred packages as for two."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from creditwell.invoicing.lines import LineInput
from creditwell.packages.holding import hold_for_patient, hold_for_visits
from creditwell.packages.models import Session
from creditwell.packages.queries import packages_by_id, packages_of, places_of
from creditwell.packages.queries_offers import Wanted, offers_for
from creditwell.scheduling.models import AppointmentType
from tests.acts import invoice
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_appointment, make_clinic
from tests.sold import facts, make_product, make_visit_type

pytestmark = pytest.mark.django_db

TODAY = NOW.date()


class Week:
    """So many packages of two sessions, and a visit of the week that has the first of each."""

    def __init__(self, count: int) -> None:
        self.clinic: Clinic = make_clinic()
        self.kind: AppointmentType = make_visit_type(self.clinic, name="Massage")
        product = make_product(self.clinic, self.kind, units=2, price_minor=10000)
        lines = tuple(LineInput(item_id=product.item_id) for _n in range(count))
        self.package_ids = invoice(self.clinic, lines=lines).package_ids
        practice = self.clinic.practice
        self.visit_ids = [
            make_appointment(
                practice=practice,
                patient=self.clinic.patient,
                practitioner=self.clinic.practitioner,
                location=self.clinic.location,
                appointment_type=self.kind,
                starts_at=NOW + timedelta(hours=n),
            ).pk
            for n in range(count)
        ]
        for package_id, visit_id in zip(self.package_ids, self.visit_ids, strict=True):
            first = Session.objects.filter(package_id=package_id).order_by("pk")[:1]
            Session.objects.filter(pk__in=first).update(
                status="booked", attendee_id=visit_id, patient_id=self.clinic.patient.pk
            )
        self.practice_id = practice.pk


@pytest.fixture
def weeks() -> tuple[Week, Week]:
    return Week(2), Week(100)


def queries(read: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as seen:
        read()
    return len(seen)


READS: dict[str, tuple[int, Callable[[Week], object]]] = {
    "where visits stand": (
        1,
        lambda week: places_of(practice_id=week.practice_id, attendee_ids=week.visit_ids),
    ),
    "a patient's packages": (
        2,
        lambda week: packages_of(
            practice_id=week.practice_id, patient_id=week.clinic.patient.pk, today=TODAY
        ),
    ),
    "packages by id": (
        2,
        lambda week: packages_by_id(
            practice_id=week.practice_id, package_ids=week.package_ids, today=TODAY
        ),
    ),
    "what a visit could use": (
        2,
        lambda week: (
            offers_for(
                facts(week.clinic),
                Wanted(
                    patient_id=week.clinic.patient.pk, type_id=week.kind.pk, on=TODAY, minutes=30
                ),
            ).usable
        ),
    ),
    "whom a booking holds": (
        3,
        lambda week: hold_for_patient(
            practice_id=week.practice_id, patient_id=week.clinic.patient.pk
        ),
    ),
    "whom a week's visits hold": (
        3,
        lambda week: hold_for_visits(practice_id=week.practice_id, attendee_ids=week.visit_ids),
    ),
}


def test_as_many_queries_for_many_as_for_few(weeks: tuple[Week, Week]) -> None:
    for what, (most, read) in READS.items():
        few, many = (queries(lambda week=week, read=read: read(week)) for week in weeks)  # type: ignore[misc]
        assert few == many <= most, what


def test_all_are_found(weeks: tuple[Week, Week]) -> None:
    week = weeks[1]
    places = places_of(practice_id=week.practice_id, attendee_ids=week.visit_ids)
    assert {(place.ordinal, place.total, place.free) for place in places.values()} == {(1, 2, 1)}
    assert len(places) == 100
    own = packages_of(practice_id=week.practice_id, patient_id=week.clinic.patient.pk, today=TODAY)
    assert {package.id for package in own} == set(week.package_ids)
    assert {(package.booked, package.free, package.unearned_minor) for package in own} == {
        (1, 1, 10000)
    }
    assert_books_straight(week.clinic.practice)
