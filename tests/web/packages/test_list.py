"""The list of packages, and the packages of one patient."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from creditwell.packages.models import Package, PackageShare
from creditwell.scheduling.models import AppointmentType
from creditwell.tenancy.permissions import Role
from tests.acts import pay
from tests.cast import Cast
from tests.factories import NOW, make_patient
from tests.sold import make_product, make_visit_type, sell
from tests.web.packages.test_page import book, open_as

pytestmark = pytest.mark.django_db


@pytest.fixture
def massage(cast: Cast) -> AppointmentType:
    return make_visit_type(cast.clinic, name="Massage")


def counts(page: Any) -> list[int]:
    return [tab.count for tab in page.tabs]


def test_tabs_totals_and_filters(cast: Cast, massage: AppointmentType) -> None:
    clinic = cast.clinic
    ilona = make_patient(practice=clinic.practice, first_name="Ilona", last_name="Szym")
    five = make_product(clinic, massage, name="Five", valid_count=12)
    one = make_product(clinic, massage, name="One", units=1, price_minor=9000, valid_count=20)
    one.valid_unit = "day"
    one.save()
    paid = sell(clinic, five)
    pay(clinic, 45000, pay=((paid.line.invoice_id, 45000),))
    sell(clinic, one, patient=ilona)
    sell(cast.other, make_product(cast.other, make_visit_type(cast.other)))
    page = open_as(cast.alice, "/packages/").context["page"]
    assert counts(page) == [2, 1, 1, 1, 0]
    assert (page.unearned.minor, page.owing.minor) == (54000, 9000)
    assert [line.card.name for line in page.lines] == ["One", "Five"]
    page = open_as(cast.alice, "/packages/?show=expiring").context["page"]
    assert [line.card.owner for line in page.lines] == ["Ilona Szym"]
    page = open_as(cast.alice, "/packages/?q=szym").context["page"]
    assert counts(page) == [1, 1, 1, 1, 0]
    page = open_as(cast.alice, f"/packages/?product={five.pk}").context["page"]
    assert counts(page) == [1, 0, 0, 0, 0]
    answer = open_as(cast.alice, "/packages/?q=nobody")
    assert "No package is like that" in answer.content.decode()
    table = open_as(cast.alice, "/packages/export.csv?show=unpaid").content.decode()
    assert "One,Ilona Szym,Active," in table
    assert ",sessions,1,0,0,1,90.00,90.00,90.00,AUD" in table
    assert "Five" not in table


def test_a_package_past_its_last_day_is_among_the_ended(
    cast: Cast, massage: AppointmentType
) -> None:
    """Whether or not the nightly job has come to it."""
    package = sell(cast.clinic, make_product(cast.clinic, massage, valid_count=1))
    Package.objects.filter(pk=package.pk).update(expires_on=NOW.date() - timedelta(days=1))
    page = open_as(cast.alice, "/packages/?show=ended").context["page"]
    assert counts(page) == [0, 0, 0, 0, 1]
    assert [line.card.id for line in page.lines] == [package.pk]


def test_a_long_list_asks_no_more(cast: Cast, massage: AppointmentType) -> None:
    product = make_product(cast.clinic, massage)
    client = Client()
    client.force_login(cast.alice)
    asked = []
    for more in (1, 54):
        for _n in range(more):
            sell(cast.clinic, product)
        client.get("/packages/")
        with CaptureQueriesContext(connection) as queries:
            answer = client.get("/packages/")
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 14
    page = answer.context["page"]
    assert (len(page.lines), page.first, page.last, page.count) == (50, 1, 50, 55)
    assert page.next
    assert len(client.get("/packages/?page=2").context["page"].lines) == 5


def test_own_and_shared_on_the_patient_s_page(cast: Cast, massage: AppointmentType) -> None:
    clinic = cast.clinic
    ben = make_patient(practice=clinic.practice, first_name="Ben")
    package = sell(clinic, make_product(clinic, massage, name="Five", valid_count=3))
    PackageShare.objects.create(
        practice=clinic.practice, package=package, patient=ben, given_at=NOW
    )
    book(clinic, massage, 1, patient_id=ben.pk)
    for address in (f"/patients/{clinic.patient.pk}/packages/", f"/patients/{ben.pk}/packages/"):
        html = open_as(cast.bob, address).content.decode()
        assert "0 of 5 used, 1 booked, 4 free" in html
        assert "Good until 23 Feb 2027" in html
    assert "lets them use it" in html
    account = open_as(cast.bob, f"/patients/{ben.pk}/")
    assert [card.name for card in account.context["packages"]] == ["Five"]
    assert account.context["packages"][0].shared
    other = make_patient(practice=clinic.practice)
    assert not open_as(cast.bob, f"/patients/{other.pk}/").context["packages"]


@pytest.mark.parametrize("role", list(Role))
def test_everybody_may_look(role: Role, cast: Cast) -> None:
    user = cast.staff[role.value]
    assert open_as(user, "/packages/").status_code == 200
    assert open_as(user, f"/patients/{cast.clinic.patient.pk}/packages/").status_code == 200


def test_a_paused_package_does_not_expire(cast: Cast, massage: AppointmentType) -> None:
    package = sell(cast.clinic, make_product(cast.clinic, massage, valid_count=1))
    today = NOW.date()
    package.expires_on, package.paused_on = today - timedelta(days=1), today - timedelta(days=9)
    package.save(update_fields=["expires_on", "paused_on"])
    page = open_as(cast.alice, "/packages/").context["page"]
    assert counts(page) == [1, 0, 0, 1, 0]
    assert page.lines[0].card.state == "paused"
