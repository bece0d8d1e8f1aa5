"""The page of one package: what it says, to whom, and how often it asks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from creditwell.packages.models import Package
from creditwell.scheduling.models import AppointmentType
from creditwell.tenancy.permissions import Role
from creditwell.usecases.add_bonus_sessions import AddBonusSessions, add_bonus_sessions
from creditwell.usecases.book_appointment import book_appointment
from creditwell.usecases.mark_attendance import MarkAttendance, mark_arrived
from tests.acts import new_key
from tests.books import assert_books_straight
from tests.cast import Cast
from tests.factories import NOW, Clinic
from tests.sold import make_product, make_visit_type, sell
from tests.visits import act, wish

pytestmark = pytest.mark.django_db


@pytest.fixture
def massage(cast: Cast) -> AppointmentType:
    return make_visit_type(cast.clinic, name="Massage")


def open_as(user: Any, address: str) -> Any:
    client = Client()
    client.force_login(user)
    return client.get(address)


def book(clinic: Clinic, kind: AppointmentType, days: int = 0, **fields: Any) -> int:
    start = NOW + timedelta(days=days)
    booked = book_appointment(wish(clinic, kind, starts_at=start, anyway=True, **fields), NOW)
    assert booked.attendee_id is not None
    return booked.attendee_id


def give_bonus(clinic: Clinic, package: Package, units: int) -> None:
    part_id = package.parts.get().pk
    wanted = {"package_id": package.pk, "part_id": part_id, "units": units, "reason": "Thanks"}
    add_bonus_sessions(AddBonusSessions(**act(clinic, key=new_key(), **wanted)), NOW)


def test_it_says_where_the_package_stands(cast: Cast, massage: AppointmentType) -> None:
    clinic = cast.clinic
    package = sell(clinic, make_product(clinic, massage, name="Five massages"))
    first = book(clinic, massage)
    book(clinic, massage, 7)
    mark_arrived(MarkAttendance(**act(clinic, attendee_id=first)), NOW)
    answer = open_as(cast.bob, f"/packages/{package.pk}/")
    assert answer.status_code == 200
    page = answer.context["page"]
    assert (page.used, page.booked, page.free, page.total) == ("1", "1", "3", "5 sessions")
    assert page.card.text == "1 of 5 used, 1 booked, 3 free"
    assert page.card.unearned.minor == 36000
    assert [(row.ordinal, row.state) for row in page.sessions] == [
        ("1 of 5", "used"),
        ("2 of 5", "booked"),
        ("", "free"),
    ]
    assert page.sessions[-1].units == "3 sessions"
    assert page.card.parts[0].pips == ("used", "booked", "free", "free", "free")
    assert [line.text for line in page.history] == [
        "Used",
        "Booked for a visit",
        "Booked for a visit",
        "Sold",
    ]
    html = answer.content.decode()
    assert "$450.00 owing" in html
    assert "Not used yet (unearned)" in html
    assert_books_straight(clinic.practice)


@pytest.mark.parametrize(
    ("measure", "units", "said"),
    [("sessions", 5, "of which 2 bonus"), ("minutes", 120, "of which 2 bonus")],
)
def test_free_ones_say_how_many_are_a_present(
    cast: Cast, massage: AppointmentType, measure: str, units: int, said: str
) -> None:
    clinic = cast.clinic
    package = sell(clinic, make_product(clinic, massage, units=units, measure=measure))
    give_bonus(clinic, package, 2)
    answer = open_as(cast.bob, f"/packages/{package.pk}/")
    assert [row.bonus for row in answer.context["page"].sessions] == [said]
    assert f'<span class="sub">{said}</span>' in answer.content.decode()
    assert_books_straight(clinic.practice)


def test_a_present_among_the_visits_is_called_so(cast: Cast, massage: AppointmentType) -> None:
    clinic = cast.clinic
    package = sell(clinic, make_product(clinic, massage, units=1))
    give_bonus(clinic, package, 1)
    book(clinic, massage)
    rows = open_as(cast.bob, f"/packages/{package.pk}/").context["page"].sessions
    assert [(row.state, row.bonus) for row in rows] == [("booked", ""), ("free", "bonus")]
    book(clinic, massage, 7)
    rows = open_as(cast.bob, f"/packages/{package.pk}/").context["page"].sessions
    assert [(row.state, row.bonus) for row in rows] == [("booked", ""), ("booked", "bonus")]
    assert_books_straight(clinic.practice)


def test_minutes_are_a_bar(cast: Cast) -> None:
    long = make_visit_type(cast.clinic, name="Long", duration_minutes=45)
    product = make_product(cast.clinic, long, units=120, measure="minutes")
    package = sell(cast.clinic, product)
    book(cast.clinic, long)
    page = open_as(cast.alice, f"/packages/{package.pk}/").context["page"]
    assert page.card.text == "0 of 120 min used, 45 booked, 75 free"
    assert [(one.kind, one.width) for one in page.card.parts[0].bar] == [
        ("booked", "37.50"),
        ("free", "62.50"),
    ]
    assert page.sessions[0].ordinal == "45 of 120"


@pytest.mark.parametrize("role", list(Role))
def test_everybody_of_the_practice_may_look(
    role: Role, cast: Cast, massage: AppointmentType
) -> None:
    package = sell(cast.clinic, make_product(cast.clinic, massage))
    answer = open_as(cast.staff[role.value], f"/packages/{package.pk}/")
    assert answer.status_code == 200
    may_pay = role != Role.READ_ONLY
    assert bool(answer.context["page"].pay_url) is may_pay


def test_somebody_else_s_package_is_not_there(cast: Cast, massage: AppointmentType) -> None:
    package = sell(cast.clinic, make_product(cast.clinic, massage))
    assert open_as(cast.charlie, f"/packages/{package.pk}/").status_code == 404


def queries_of(user: Any, package: Package) -> int:
    client = Client()
    client.force_login(user)
    client.get(f"/packages/{package.pk}/")
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/packages/{package.pk}/").status_code == 200
    return len(queries)


def test_a_large_package_asks_no_more(cast: Cast, massage: AppointmentType) -> None:
    clinic = cast.clinic
    small = sell(clinic, make_product(clinic, massage, units=2))
    few = queries_of(cast.alice, small)
    large = sell(clinic, make_product(clinic, massage, units=40))
    for days in range(30):
        book(clinic, massage, days)
    assert queries_of(cast.alice, large) == few
    assert few <= 16
