"""How a visit on a day to come went is written down only by somebody who was told of the day."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from creditwell.packages.models import Package, Session
from creditwell.scheduling.models import AppointmentType, Attendee
from tests.books import assert_books_straight
from tests.cast import Cast
from tests.factories import NOW, Clinic
from tests.packages.test_ordinals import book, buy, read
from tests.refusing import unchanged
from tests.sold import states

pytestmark = pytest.mark.django_db
EARLY = "This visit is on 25 Nov 2026, which is still to come."


@pytest.fixture
def clinic(cast: Cast) -> Clinic:
    return cast.clinic


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The moment of the doors; the last one counts."""
    moments = [NOW]
    monkeypatch.setattr(timezone, "now", lambda: moments[-1])
    return moments


@pytest.fixture
def desk(client: Client, cast: Cast) -> Client:
    client.force_login(cast.bob)
    return client


@pytest.fixture
def package(clinic: Clinic, massage: AppointmentType) -> Package:
    return buy(clinic, massage)


def early_form(page: str) -> dict[str, str]:
    """What a browser sends that presses "Completed all the same"."""
    inner = page[page.index("Mark early…") :]
    inner = inner[: inner.index("</form>")]
    assert EARLY in inner
    assert 'name="to" value="completed">Completed all the same<' in inner
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', inner))
    return {**hidden, "to": "completed"}


def test_tomorrows_visit_asks_first(
    desk: Client, clinic: Clinic, massage: AppointmentType, package: Package, clock: list[datetime]
) -> None:
    appointment_id, pk = book(clinic, massage, 1)
    page = read(desk, "appointment", appointment_id)
    url = reverse("attendee_mark", args=[pk])
    for to in ("arrived", "completed", "did_not_arrive"):
        with unchanged(Attendee, Session):
            refused = desk.post(url, {"to": to})
        assert refused.status_code == 409
        assert "25 Nov 2026, still to come" in refused.content.decode()
    assert desk.post(url, early_form(page)).status_code == 302
    assert Attendee.objects.get(pk=pk).status == "completed"
    assert states(package)[0] == "used"
    assert_books_straight(clinic.practice)


def test_what_is_later_today_is_marked_at_once(
    desk: Client, clinic: Clinic, massage: AppointmentType, package: Package, clock: list[datetime]
) -> None:
    appointment_id, pk = book(clinic, massage, 0.2)
    assert "Mark early…" not in read(desk, "appointment", appointment_id)
    desk.post(reverse("attendee_mark", args=[pk]), {"to": "completed"})
    assert Attendee.objects.get(pk=pk).status == "completed"
    assert_books_straight(clinic.practice)


def test_who_did_not_come_tomorrow_is_asked_where_the_session_is(
    desk: Client,
    cast: Cast,
    clinic: Clinic,
    massage: AppointmentType,
    package: Package,
    clock: list[datetime],
) -> None:
    appointment_id, pk = book(clinic, massage, 1)
    page = read(desk, "appointment", appointment_id)
    fold = page[page.index("Did not arrive…") :]
    fold = fold[: fold.index("</form>")]
    assert EARLY in fold
    assert '<input type="hidden" name="anyway" value="1">' in fold
    clock.append(NOW + timedelta(days=1))
    desk.force_login(cast.bob)  # who was signed out over night
    page = read(desk, "appointment", appointment_id)
    assert "still to come" not in page
    desk.post(reverse("attendee_mark", args=[pk]), {"to": "did_not_arrive"})
    assert Attendee.objects.get(pk=pk).status == "did_not_arrive"
    assert_books_straight(clinic.practice)
