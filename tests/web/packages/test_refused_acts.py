"""Acts on a package that cannot be done: said at the right place, and nothing typed is lost."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from creditwell.packages.models import Package, PackageAct, Session
from creditwell.scheduling.models import AppointmentType
from tests.books import assert_books_straight
from tests.cast import Cast, make_cast
from tests.factories import Clinic
from tests.sold import make_product, make_visit_type, sell
from tests.web.test_two_tabs import opened

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def clinic(cast: Cast) -> Clinic:
    return cast.clinic


@pytest.fixture
def massage(clinic: Clinic) -> AppointmentType:
    return make_visit_type(clinic, name="Massage")


@pytest.fixture
def package(clinic: Clinic, massage: AppointmentType) -> Package:
    return sell(clinic, make_product(clinic, massage, name="Five", sharing="anybody"))


@pytest.fixture
def money(clinic: Clinic, massage: AppointmentType) -> Package:
    """500.00 to spend."""
    return sell(clinic, make_product(clinic, massage, units=50000, measure="money"))


@pytest.fixture
def alice(cast: Cast, client: Client) -> Client:
    client.force_login(cast.alice)
    return client


def rows() -> list[Any]:
    return [list(table.objects.order_by("pk").values()) for table in (Package, Session, PackageAct)]


def refused(client: Client, url: str, sent: dict[str, Any], sentence: str, field: str = "") -> str:
    """Said on the same page, at the field; nothing changed. Returns the page."""
    before = rows()
    answer = client.post(url, sent)
    page: str = answer.content.decode()
    assert answer.status_code == 422, answer.status_code
    assert sentence in page
    if field:
        assert sentence in " ".join(answer.context["form"].errors[field])
    assert rows() == before
    return page


def test_what_is_used_is_above_zero_and_there(
    alice: Client, clinic: Clinic, money: Package
) -> None:
    url = f"/packages/{money.pk}/use/"
    sent = {**opened(alice, url), "reason": "Walk-in"}
    for units, sentence in (
        ("0", "above zero, and at most what is left, which is $500.00."),
        ("500.01", "above zero, and at most what is left, which is $500.00."),
        ("", "This field is required."),
    ):
        page = refused(alice, url, {**sent, "units": units}, sentence, "units")
        assert 'value="Walk-in"' in page
    assert alice.post(url, {**sent, "units": "500"}).status_code == 302
    assert_books_straight(clinic.practice)


def test_a_bonus_has_two_bounds(alice: Client, clinic: Clinic, package: Package) -> None:
    url = f"/packages/{package.pk}/bonus/"
    sent = {**opened(alice, url), "reason": "Loyal"}
    sentence = "above zero, and at most 1,000 sessions."
    refused(alice, url, {**sent, "units": "1001"}, sentence, "units")
    assert alice.post(url, {**sent, "units": "1000"}).status_code == 302
    assert_books_straight(clinic.practice)


def test_so_much_of_money_is_asked_for_with_its_bounds(
    alice: Client, clinic: Clinic, money: Package, cast: Cast
) -> None:
    url = f"/packages/{money.pk}/transfer/"
    name = f"part-{money.parts.get().pk}"
    sent = {**opened(alice, url), "how": "some", "patient": clinic.patient.pk, "reason": "Moves"}
    for nothing in ("", "0"):
        sentence = "Enter how much goes, from 0.01 to 500.00."
        refused(alice, url, {**sent, name: nothing}, sentence, name)
