"""Settings of the calendar: practitioners, hours, time off, appointment types."""

from __future__ import annotations

from datetime import time

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from creditwell.scheduling.models import (
    AppointmentType,
    Block,
    Practitioner,
    TypeItem,
    WorkingHours,
)
from tests.cast import Cast
from tests.factories import make_appointment_type, make_practitioner
from tests.visits import at
from tests.web.calendar.test_pages import signed_in

pytestmark = pytest.mark.django_db


def doors(cast: Cast) -> list[str]:
    who = [cast.clinic.practitioner.pk]
    block = Block.objects.create(
        practice=cast.clinic.practice,
        practitioner=cast.clinic.practitioner,
        starts_at=at(cast.clinic, "12:00"),
        ends_at=at(cast.clinic, "13:00"),
    )
    kind = make_appointment_type(practice=cast.clinic.practice)
    return [
        reverse("practitioner_edit", args=who),
        reverse("practitioner_hours", args=who),
        reverse("block_new", args=who),
        reverse("block_remove", args=[block.pk]),
        reverse("appointment_type_edit", args=[kind.pk]),
    ]


@pytest.mark.parametrize(
    "role", ["owner", "bookkeeper", "receptionist", "practitioner", "read_only"]
)
def test_each_role_passes_its_doors(client: Client, cast: Cast, role: str) -> None:
    signed_in(client, cast.staff[role])
    for look in ("practitioners", "appointment_types"):
        assert client.get(reverse(look)).status_code == 200
    mine = [reverse("practitioner_new"), reverse("appointment_type_new"), *doors(cast)]
    for url in mine:
        allowed = client.post(url, {}).status_code != 403
        assert allowed is (role in {"owner", "receptionist"}), url


def test_what_is_foreign_is_not_there(client: Client, cast: Cast) -> None:
    urls = doors(cast)
    signed_in(client, cast.charlie)
    for url in urls:
        assert client.post(url, {}).status_code == 404, url
    assert Block.objects.count() == 1


def test_a_practitioner_is_added_and_given_hours(client: Client, cast: Cast) -> None:
    signed_in(client, cast.alice)
    fields = {"name": "Amara Okafor", "profession": "Physiotherapist", "hue": "clay"}
    answer = client.post(reverse("practitioner_new"), fields)
    amara = Practitioner.objects.get(name="Amara Okafor")
    assert answer.headers["Location"] == reverse("practitioner_edit", args=[amara.pk])
    hours = {
        "h0-0-from": "09:00",
        "h0-0-to": "12:00",
        "h0-1-from": "13:00",
        "h0-1-to": "17:30",
        "h4-0-from": "9:00 am",
        "h4-0-to": "1:00 pm",
    }
    url = reverse("practitioner_hours", args=[amara.pk])
    assert client.post(url, hours).status_code == 302
    assert list(WorkingHours.objects.values_list("weekday", "starts_at", "ends_at")) == [
        (0, time(9), time(12)),
        (0, time(13), time(17, 30)),
        (4, time(9), time(13)),
    ]
    page = client.get(reverse("practitioner_edit", args=[amara.pk])).content.decode()
    assert 'value="17:30"' in page
    listed = client.get(reverse("practitioners")).content.decode()
    assert "Monday 9:00 am – 12:00 pm, 1:00 pm – 5:30 pm" in listed


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ({"h0-0-from": "09:00"}, "Say both, or leave both empty"),
        ({"h0-0-from": "09:00", "h0-0-to": "08:00"}, "must be later"),
        (
            {
                "h0-0-from": "09:00",
                "h0-0-to": "12:00",
                "h0-1-from": "11:00",
                "h0-1-to": "13:00",
            },
            "overlap",
        ),
    ],
)
def test_hours_that_cannot_be_are_said(
    client: Client, cast: Cast, hours: dict[str, str], said: str
) -> None:
    url = reverse("practitioner_hours", args=[cast.clinic.practitioner.pk])
    answer = signed_in(client, cast.alice).post(url, hours)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert 'value="09:00"' in answer.content.decode()
    assert not WorkingHours.objects.exists()


@pytest.mark.parametrize(
    ("fields", "starts", "ends"),
    [
        ({"first_day": "2027-04-04"}, "2027-04-03 13:00", "2027-04-04 14:00"),  # 25 hours
        (
            {"first_day": "2026-11-24", "first_time": "12:00", "last_time": "13:00"},
            "2026-11-24 01:00",
            "2026-11-24 02:00",
        ),
        (
            {"first_day": "2026-11-24", "last_day": "2026-11-27"},
            "2026-11-23 13:00",
            "2026-11-27 13:00",
        ),
    ],
)
def test_time_off_is_added_and_removed(
    client: Client, cast: Cast, fields: dict[str, str], starts: str, ends: str
) -> None:
    who = cast.clinic.practitioner.pk
    signed_in(client, cast.alice)
    client.post(reverse("block_new", args=[who]), fields | {"reason": "Leave"})
    block = Block.objects.get()
    assert f"{block.starts_at:%Y-%m-%d %H:%M}" == starts
    assert f"{block.ends_at:%Y-%m-%d %H:%M}" == ends
    assert "Leave" in client.get(reverse("practitioner_edit", args=[who])).content.decode()
    client.post(reverse("block_remove", args=[block.pk]))
    assert not Block.objects.exists()


def test_time_off_that_ends_before_it_begins_is_refused(client: Client, cast: Cast) -> None:
    url = reverse("block_new", args=[cast.clinic.practitioner.pk])
    fields = {"first_day": "2026-11-24", "last_day": "2026-11-20"}
    answer = signed_in(client, cast.alice).post(url, fields)
    assert answer.status_code == 422
    assert "must be later" in answer.content.decode()
    assert not Block.objects.exists()


def test_a_type_is_made_with_what_it_bills(client: Client, cast: Cast) -> None:
    signed_in(client, cast.alice)
    fields = {
        "name": "Initial consultation",
        "duration_minutes": "45",
        "max_attendees": "1",
        "hue": "",
        "item-0": str(cast.clinic.item.pk),
        "quantity-0": "2",
        "discount-0": "10",
    }
    assert client.post(reverse("appointment_type_new"), fields).status_code == 302
    kind = AppointmentType.objects.get()
    assert TypeItem.objects.get().item_id == cast.clinic.item.pk
    assert "162.00" in client.get(reverse("appointment_types")).content.decode()
    again = client.post(reverse("appointment_type_new"), fields)
    assert again.status_code == 422
    assert "already an appointment type with this name" in again.content.decode()
    url = reverse("appointment_type_edit", args=[kind.pk])
    assert 'value="45"' in client.get(url).content.decode()
    client.post(url, fields | {"item-0": "", "archived": "on"})
    kind.refresh_from_db()
    assert kind.archived_at is not None
    assert not TypeItem.objects.exists()


def test_lists_ask_as_little_for_many(client: Client, cast: Cast) -> None:
    signed_in(client, cast.alice)

    def count() -> list[int]:
        found = []
        for name in ("practitioners", "appointment_types"):
            client.get(reverse(name))
            with CaptureQueriesContext(connection) as queries:
                client.get(reverse(name))
            found.append(len(queries))
        return found

    small = count()
    for _n in range(8):
        make_practitioner(practice=cast.clinic.practice)
        make_appointment_type(practice=cast.clinic.practice)
    assert count() == small
