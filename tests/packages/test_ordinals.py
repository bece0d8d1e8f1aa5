"""Which of how many: the same words wherever a visit is shown, in as few questions as before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from creditwell.packages.models import Package
from creditwell.scheduling.models import AppointmentType
from creditwell.usecases.add_attendee import AddAttendee, add_attendee
from creditwell.usecases.book_appointment import book_appointment
from creditwell.usecases.cancel_attendance import CancelAttendance, cancel_attendance
from creditwell.usecases.mark_attendance import MarkAttendance, mark_arrived
from tests.acts import pay
from tests.books import assert_books_straight
from tests.cast import Cast
from tests.factories import NOW, Clinic, make_patient, make_practitioner
from tests.sold import make_product, make_visit_type, sell
from tests.visits import act, wish

pytestmark = pytest.mark.django_db


@pytest.fixture
def massage(cast: Cast) -> AppointmentType:
    return make_visit_type(cast.clinic, name="Massage")


def buy(clinic: Clinic, *kinds: AppointmentType, paid: bool = True, **terms: object) -> Package:
    terms = {"name": "Five massages", **terms}
    package = sell(clinic, make_product(clinic, *kinds, **terms))  # type: ignore[arg-type]
    if paid:
        total = package.net_minor + package.tax_minor
        pay(clinic, total, pay=((package.line.invoice_id, total),))
    return package


def book(
    clinic: Clinic, kind: AppointmentType, days: float = 0, **fields: object
) -> tuple[int, int]:
    start = NOW + timedelta(days=days)
    booked = book_appointment(wish(clinic, kind, starts_at=start, anyway=True, **fields), NOW)
    assert booked.attendee_id is not None
    return booked.appointment_id, booked.attendee_id


def read(client: Client, name: str, *args: int, query: str = "") -> str:
    answer = client.get(reverse(name, args=args) + query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_one_visit_on_every_screen(client: Client, cast: Cast, massage: AppointmentType) -> None:
    client.force_login(cast.bob)
    clinic = cast.clinic
    buy(clinic, massage, valid_count=3, valid_unit="month")
    book(clinic, massage, -7)
    appointment_id, _attendee = book(clinic, massage)
    said = "Session 2 of 5, Five massages"
    for query in ("?d=2026-11-24", "?d=2026-11-24&view=week&practitioner=all"):
        page = read(client, "calendar", query=query)
        assert f'<span aria-hidden="true">2/5</span><span class="sr">, {said}</span>' in page
    listed = read(client, "calendar", query="?d=2026-11-24&view=list")
    assert '<span class="sub">2 of 5, Five massages' in listed
    pop_up = read(client, "appointment", appointment_id)
    assert "<b>2 of 5</b>" in pop_up
    assert "0 used · 2 booked · 3 free" in pop_up
    assert "good until 23 Feb 2027" in pop_up
    assert "worth $90.00" in pop_up
    assert "not paid yet" not in pop_up
    assert said in read(client, "patient_appointments", clinic.patient.pk)
    assert "Massage · 2 of 5" in read(client, "patient", clinic.patient.pk)
    assert_books_straight(clinic.practice)


def test_unpaid_used_and_forfeited_are_told_apart(
    client: Client, cast: Cast, massage: AppointmentType
) -> None:
    client.force_login(cast.bob)
    clinic = cast.clinic
    package = buy(clinic, massage, paid=False, late_cancel_percent=100)
    appointment_id, attendee_id = book(clinic, massage)
    assert "Session 1 of 5, Five massages, Package not paid yet" in read(
        client, "calendar", query="?d=2026-11-24"
    )
    pop_up = read(client, "appointment", appointment_id)
    assert "$450.00 of the package’s invoice is not paid yet." in pop_up
    to_pay = (
        f"{reverse('payment_new')}?patient={clinic.patient.pk}"
        f"&amp;invoice={package.line.invoice_id}"
    )
    assert to_pay in pop_up
    pay(clinic, 45000, pay=((package.line.invoice_id, 45000),))
    mark_arrived(MarkAttendance(**act(clinic, attendee_id=attendee_id)), NOW)
    assert "Session 1 of 5, Five massages, Session used" in read(
        client, "calendar", query="?d=2026-11-24"
    )
    late_id, late = book(clinic, massage, 1)
    cancel_attendance(
        CancelAttendance(**act(clinic, attendee_id=late, reason="sick")), NOW + timedelta(hours=23)
    )
    assert "Session forfeited" in read(client, "appointment", late_id)


def test_minutes_money_and_a_family_members_package(client: Client, cast: Cast) -> None:
    client.force_login(cast.bob)
    clinic = cast.clinic
    long = make_visit_type(clinic, name="Long", duration_minutes=45)
    buy(clinic, long, units=120, price_minor=10000, measure="minutes", name="Two hours")
    appointment_id, _attendee = book(clinic, long)
    assert "<b>45 of 120 min</b>" in read(client, "appointment", appointment_id)
    assert "45/120 min" in read(client, "calendar", query="?d=2026-11-24")
    costly = make_visit_type(clinic, name="Costly", price_minor=9000)
    package = buy(clinic, costly, units=50000, measure="money", name="Voucher book")
    other = make_patient(practice=clinic.practice)
    package.shares.create(practice=clinic.practice, patient=other, given_at=NOW)
    appointment_id, _attendee = book(clinic, costly, 1, patient_id=other.pk)
    pop_up = read(client, "appointment", appointment_id)
    assert "<b>90.00 of 500.00</b>" in pop_up
    assert "package of Liam Brennan" in pop_up


def test_in_a_group_each_has_their_own(client: Client, cast: Cast) -> None:
    client.force_login(cast.bob)
    clinic = cast.clinic
    pilates = make_visit_type(clinic, name="Pilates", max_attendees=8)
    buy(clinic, pilates)
    book(clinic, pilates, -1)
    appointment_id, _attendee = book(clinic, pilates)
    other = make_patient(practice=clinic.practice)
    add_attendee(
        AddAttendee(**act(clinic, appointment_id=appointment_id, patient_id=other.pk)), NOW
    )
    page = read(client, "appointment", appointment_id)
    assert page.count("peek-pack") == 1
    assert "<b>2 of 5</b>" in page


URLS = ["?d=2026-11-24", "?d=2026-11-24&view=list", "?d=2026-11-24&view=week&practitioner=all"]


@pytest.mark.parametrize("query", URLS)
def test_full_of_packages_the_calendar_asks_no_more(
    client: Client, cast: Cast, massage: AppointmentType, query: str
) -> None:
    client.force_login(cast.bob)
    clinic = cast.clinic
    url = reverse("calendar") + query
    patient_url = reverse("patient_appointments", args=[clinic.patient.pk])

    def fill(times: int) -> None:
        for _n in range(times):
            who = make_practitioner(practice=clinic.practice)
            buy(clinic, massage)
            book(clinic, massage, practitioner_id=who.pk)

    def count(url: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    fill(1)
    client.get(url)
    few = count(url), count(patient_url)
    fill(5)
    assert (count(url), count(patient_url)) == few
    assert few[0] <= 13
