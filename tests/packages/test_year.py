"""A clinic of five practitioners with four hundred packages asks no more than one with forty."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from creditwell.packages.models import Package, Session
from creditwell.people.models import Patient
from creditwell.scheduling.models import AppointmentType
from tests.cast import Cast, make_cast
from tests.factories import NOW, Clinic, make_appointment, make_patient, make_practitioner
from tests.sold import make_product, make_visit_type, sell

pytestmark = pytest.mark.django_db
STEPS = (40, 360)


def grow(clinic: Clinic, kind: AppointmentType, product: Any, count: int) -> None:
    """Sell so many, each with a visit of this week that has its first session."""
    team = [make_practitioner(practice=clinic.practice) for _n in range(5)]
    people: list[Patient] = [make_patient(practice=clinic.practice) for _n in range(count // 4)]
    for n in range(count):
        patient = clinic.patient if n % 20 == 0 else people[n % len(people)]
        package = sell(clinic, product, patient=patient, practitioner_id=team[n % 5].pk)
        visit = make_appointment(
            practice=clinic.practice,
            patient=patient,
            practitioner=team[n % 5],
            location=clinic.location,
            appointment_type=kind,
            starts_at=NOW + timedelta(minutes=30 * (n // 5 % 40), days=n // 200),
        )
        row = Session.objects.filter(package=package).order_by("pk").first()
        assert row is not None
        Session.objects.filter(pk=row.pk).update(
            status="booked", attendee_id=visit.pk, patient_id=patient.pk
        )


def test_four_hundred_packages(client: Client) -> None:
    cast: Cast = make_cast()
    clinic = cast.clinic
    client.force_login(cast.alice)
    kind = make_visit_type(clinic, name="Massage")
    product = make_product(clinic, kind, units=5)
    pages = (
        "/appointments/?view=week&d=2026-11-24",
        "/appointments/?d=2026-11-24",
        f"/patients/{clinic.patient.pk}/",
        f"/patients/{clinic.patient.pk}/packages/",
        "/packages/",
        "/reports/packages/?since=2026-01-01&until=2026-11-30",
        "/reports/packages/held/",
        "/reports/delivered/?since=2026-01-01&until=2026-11-30",
    )
    counts: dict[str, list[int]] = {page: [] for page in pages}
    for count in STEPS:
        grow(clinic, kind, product, count)
        for page in pages:
            assert client.get(page).status_code == 200, page
            with CaptureQueriesContext(connection) as queries:
                client.get(page)
            counts[page].append(len(queries))
    assert Package.objects.count() == 400
    for page, (few, many) in counts.items():
        assert many <= few, (page, few, many)
        assert many <= 40, (page, many)
