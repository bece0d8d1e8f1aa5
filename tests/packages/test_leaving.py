"""A visit is cancelled, or nobody comes: what the rule does is said, and may be waived."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from creditwell.packages.models import PackageAct
from creditwell.scheduling.models import AppointmentType, Attendee
from tests.acts import pay, standing
from tests.books import assert_books_straight
from tests.cast import Cast
from tests.factories import NOW, Clinic, make_patient
from tests.packages.test_ordinals import book, buy, read
from tests.packages.test_swap import swap
from tests.packages.test_visits import ordinal
from tests.sold import make_visit_type, states, unearned

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(cast: Cast) -> Clinic:
    return cast.clinic


@pytest.fixture
def desk(client: Client, cast: Cast) -> Client:
    client.force_login(cast.bob)
    return client


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The moment of the doors; the last one counts."""
    moments = [NOW]
    monkeypatch.setattr(timezone, "now", lambda: moments[-1])
    return moments


def statuses() -> list[str]:
    return list(Attendee.objects.order_by("pk").values_list("status", flat=True))


def test_the_rule_is_said_and_done(
    desk: Client, clinic: Clinic, massage: AppointmentType, clock: list[datetime]
) -> None:
    package = buy(clinic, massage, late_cancel_percent=50, no_show_percent=100)
    early_id, early = book(clinic, massage, 3)
    late_id, late = book(clinic, massage, 1)
    page = read(desk, "appointment", early_id)
    assert "In time, 24 hours or more before: nothing is kept, the session is free again." in page
    assert "When somebody does not come: the whole session is kept." in page
    clock.append(NOW + timedelta(hours=2))
    page = read(desk, "appointment", late_id)
    rule = (
        "Less than 24 hours before: half of the session is kept, $45.00 goes back to the account."
    )
    assert rule in page
    answer = desk.post(
        reverse("appointment_cancel", args=[late_id]), {"reason": "sick", "keep": "rule"}
    )
    assert answer.status_code == 302
    assert ordinal(clinic, late) == "1 of 5"
    assert standing(clinic).credit_minor == 4500
    page = read(desk, "appointment", late_id)
    assert "Of its session, 50% kept." in page
    desk.post(reverse("appointment_cancel", args=[early_id]), {"reason": "sick"})
    assert "Its session is free again." in read(desk, "appointment", early_id)
    assert ordinal(clinic, early) == ""
    assert unearned(package) == 36000
    assert_books_straight(clinic.practice)


@pytest.mark.parametrize(
    ("paid_minor", "goes", "credit_minor"),
    [
        (0, "$45.00 comes off what is owing.", 0),
        (43000, "$20.00 comes off what is owing, $25.00 goes back to the account.", 2500),
        (45000, "$45.00 goes back to the account.", 4500),
    ],
)
def test_what_is_not_kept_goes_where_the_rule_says(
    desk: Client,
    clinic: Clinic,
    massage: AppointmentType,
    clock: list[datetime],
    paid_minor: int,
    goes: str,
    credit_minor: int,
) -> None:
    package = buy(clinic, massage, paid=False, late_cancel_percent=50, no_show_percent=50)
    if paid_minor:
        pay(clinic, paid_minor, pay=((package.line.invoice_id, paid_minor),))
    late_id, _late = book(clinic, massage, 1)
    clock.append(NOW + timedelta(hours=2))
    page = read(desk, "appointment", late_id)
    half = "half of the session is kept, "
    assert f"Less than 24 hours before: {half}{goes}" in page
    assert f"When somebody does not come: {half}{goes}" in page
    desk.post(reverse("appointment_cancel", args=[late_id]), {"reason": "sick", "keep": "rule"})
    now = standing(clinic)
    assert now.credit_minor == credit_minor
    assert now.owing_minor == 45000 - paid_minor - (4500 - credit_minor)
    assert_books_straight(clinic.practice)


def test_charged_by_several_invoices_either_is_said(
    desk: Client, clinic: Clinic, massage: AppointmentType, clock: list[datetime]
) -> None:
    package = buy(clinic, massage, paid=False, late_cancel_percent=50)
    physio = make_visit_type(clinic, name="Physio", price_minor=13000)
    swap(clinic, package, physio)
    late_id, _late = book(clinic, massage, 1)
    clock.append(NOW + timedelta(hours=2))
    said = "$45.00 comes off what is owing, or goes back to the account."
    assert said in read(desk, "appointment", late_id)


def test_a_waiver_wants_a_reason_and_nothing_typed_is_lost(
    desk: Client, clinic: Clinic, massage: AppointmentType, clock: list[datetime]
) -> None:
    package = buy(clinic, massage, late_cancel_percent=50)
    appointment_id, _attendee = book(clinic, massage, 1)
    clock.append(NOW + timedelta(hours=2))
    url = reverse("appointment_cancel", args=[appointment_id])
    typed = {"reason": "sick", "comment": "Called at eight", "keep": "other", "keep_percent": "20"}
    refused = desk.post(url, typed)
    page = " ".join(refused.content.decode().split())
    assert refused.status_code == 422
    assert "Say why it is not done as the package’s rule says" in page.replace("'", "’").replace(
        "&#x27;", "’"
    )
    assert 'value="Called at eight"' in page
    assert 'name="keep" value="other" checked' in page
    assert 'value="20"' in page
    assert '<details class="fold cancel" open>' in page
    assert statuses() == ["booked"]
    for wrong in ("", "101", "x"):
        assert (
            desk.post(url, {**typed, "keep_percent": wrong, "keep_reason": "R"}).status_code == 422
        )
    told = desk.post(url, typed, headers={"HX-Request": "true"})
    assert told.status_code == 422
    assert "Say why" in told.content.decode()
    assert desk.post(url, {**typed, "keep": "0", "keep_reason": "Hospital"}).status_code == 302
    act = PackageAct.objects.latest("pk")
    assert (act.kind, act.reason, act.details) == ("given_back", "Hospital", {"waived_percent": 50})
    assert states(package) == ["free"] * 5
    assert_books_straight(clinic.practice)


def test_when_the_practice_cancels_nothing_is_kept(
    desk: Client, clinic: Clinic, massage: AppointmentType, clock: list[datetime]
) -> None:
    package = buy(clinic, massage, late_cancel_percent=100)
    appointment_id, _attendee = book(clinic, massage)
    assert "When the practice cancels, nothing is kept." in read(
        desk, "appointment", appointment_id
    )
    desk.post(
        reverse("appointment_cancel", args=[appointment_id]), {"reason": "practice", "keep": "rule"}
    )
    assert states(package) == ["free"] * 5
    assert_books_straight(clinic.practice)


def test_did_not_arrive_by_rule_or_otherwise(
    desk: Client, clinic: Clinic, massage: AppointmentType, clock: list[datetime]
) -> None:
    package = buy(clinic, massage)
    first_id, first = book(clinic, massage)
    second_id, second = book(clinic, massage, 0.1)
    assert "Did not arrive…" in read(desk, "appointment", first_id)
    url = reverse("attendee_mark", args=[first])
    refused = desk.post(url, {"to": "did_not_arrive", "keep": "50"})
    assert refused.status_code == 422
    assert '<details class="fold no-show" open>' in refused.content.decode()
    assert statuses() == ["booked", "booked"]
    half = {"to": "did_not_arrive", "keep": "50", "keep_reason": "First time"}
    desk.post(url, half)
    assert "Marked as did not arrive. Of its session, 50% kept." in read(
        desk, "appointment", first_id
    )
    assert standing(clinic).credit_minor == 4500
    clock.append(NOW + timedelta(hours=4))
    desk.post(reverse("attendee_mark", args=[second]), {"to": "did_not_arrive"})
    assert "Its session is forfeited." in read(desk, "appointment", second_id)
    assert unearned(package) == 27000
    assert_books_straight(clinic.practice)


def test_a_series_and_a_group(
    desk: Client, clinic: Clinic, massage: AppointmentType, clock: list[datetime]
) -> None:
    package = buy(clinic, massage, late_cancel_percent=100)
    form = {
        "key": "k",
        "patient": str(clinic.patient.pk),
        "appointment_type": str(massage.pk),
        "practitioner": str(clinic.practitioner.pk),
        "location": str(clinic.location.pk),
        "date": "2026-11-24",
        "time": "13:00",
        "repeat_every": "1",
        "repeat_count": "3",
        "anyway": "1",
    }
    desk.post(reverse("appointment_new"), form)
    first = Attendee.objects.order_by("pk").first()
    assert first is not None
    page = read(desk, "appointment", first.appointment_id)
    assert "Their sessions go by the rule." in page
    desk.post(
        reverse("appointment_cancel", args=[first.appointment_id]),
        {"reason": "sick", "later_too": "1"},
    )
    assert sorted(states(package)) == ["forfeited"] + ["free"] * 4
    pilates = make_visit_type(clinic, name="Pilates", max_attendees=8)
    other = make_patient(practice=clinic.practice, first_name="Ilona")
    buy(clinic, pilates, late_cancel_percent=100)
    group_id, attendee_id = book(clinic, pilates, 0)
    shown = read(desk, "appointment", group_id)
    assert "Less than 24 hours before: the whole session is kept." in shown
    answer = desk.post(
        reverse("attendee_cancel", args=[attendee_id]), {"reason": "sick", "keep": "0"}
    )
    assert answer.status_code == 422
    assert '<details class="fold" open>' in answer.content.decode()
    desk.post(reverse("attendee_cancel", args=[attendee_id]), {"reason": "sick"})
    assert ordinal(clinic, attendee_id) == "1 of 5"
    assert other.pk
    assert_books_straight(clinic.practice)


def test_minutes_go_back_to_the_package(
    desk: Client, clinic: Clinic, clock: list[datetime]
) -> None:
    long = make_visit_type(clinic, name="Long", duration_minutes=45)
    buy(clinic, long, units=120, measure="minutes", late_cancel_percent=50)
    appointment_id, _attendee = book(clinic, long)
    assert "Less than 24 hours before: 23 min is kept, 22 min goes back to the package." in read(
        desk, "appointment", appointment_id
    )


def test_money_that_goes_back_to_the_package_has_its_currency(
    desk: Client, clinic: Clinic, clock: list[datetime]
) -> None:
    costly = make_visit_type(clinic, name="Costly", price_minor=9500)
    buy(clinic, costly, units=50000, measure="money", late_cancel_percent=50)
    appointment_id, _attendee = book(clinic, costly)
    said = "Less than 24 hours before: $47.50 is kept, $47.50 goes back to the package."
    assert said in read(desk, "appointment", appointment_id)


def test_without_a_session_nothing_is_asked(
    desk: Client, clinic: Clinic, massage: AppointmentType, clock: list[datetime]
) -> None:
    appointment_id, attendee_id = book(clinic, massage)
    page = read(desk, "appointment", appointment_id)
    assert "keep_reason" not in page
    assert "Did not arrive…" not in page
    desk.post(reverse("attendee_mark", args=[attendee_id]), {"to": "did_not_arrive"})
    assert statuses() == ["did_not_arrive"]
