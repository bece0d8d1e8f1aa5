"""The calendar's doors: who may pass, what is foreign, how much is asked of the database."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from creditwell.scheduling.models import Appointment, Attendee
from tests.acts import invoice, pay
from tests.books import assert_books_straight
from tests.cast import Cast
from tests.factories import (
    Clinic,
    make_appointment,
    make_appointment_type,
    make_patient,
    make_practitioner,
)
from tests.visits import TUESDAY, at, the_day

pytestmark = pytest.mark.django_db

EDITORS = {"owner", "receptionist", "practitioner"}


def visit(clinic: Clinic, clock: str = "09:00", **fields: Any) -> Attendee:
    fields.setdefault("practitioner", clinic.practitioner)
    fields.setdefault("location", clinic.location)
    fields.setdefault("patient", clinic.patient)
    fields.setdefault("starts_at", at(clinic, clock))
    return make_appointment(practice=clinic.practice, **fields)


def signed_in(client: Client, user: Any) -> Client:
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def doors(attendee: Attendee) -> dict[str, tuple[str, dict[str, str]]]:
    """Every door that changes something, with what it is sent."""
    one = [attendee.appointment_id]
    return {
        reverse("appointment_new"): ("POST", {"date": "2026-11-24"}),
        reverse("appointment_edit", args=one): ("POST", {}),
        reverse("appointment_move", args=one): ("POST", {"date": "2026-11-24", "time": "10:00"}),
        reverse("appointment_cancel", args=one): ("POST", {"reason": "sick"}),
        reverse("attendee_add", args=one): ("POST", {"patient": "1"}),
        reverse("attendee_mark", args=[attendee.pk]): ("POST", {"to": "arrived"}),
        reverse("attendee_cancel", args=[attendee.pk]): ("POST", {"reason": "sick"}),
        reverse("attendee_remove", args=[attendee.pk]): ("POST", {}),
    }


@pytest.mark.parametrize(
    "role", ["owner", "bookkeeper", "receptionist", "practitioner", "read_only"]
)
def test_each_role_passes_its_doors(client: Client, cast: Cast, role: str) -> None:
    attendee = visit(cast.clinic)
    signed_in(client, cast.staff[role])
    for look in (reverse("calendar"), reverse("appointment", args=[attendee.appointment_id])):
        assert client.get(look).status_code == 200
    for url, (_method, data) in doors(attendee).items():
        status = client.post(url, data).status_code
        assert (status != 403) is (role in EDITORS), (url, status)
    if role not in EDITORS:
        attendee.refresh_from_db()
        assert attendee.status == "booked"
        page = client.get(reverse("calendar") + "?d=2026-11-24").content.decode()
        assert 'data-move="' not in page
        assert reverse("appointment_new") not in page


def test_another_practices_appointments_are_not_there(client: Client, cast: Cast) -> None:
    attendee = visit(cast.clinic)
    signed_in(client, cast.charlie)
    assert client.get(reverse("appointment", args=[attendee.appointment_id])).status_code == 404
    for url, (_method, data) in doors(attendee).items():
        if url != reverse("appointment_new"):
            assert client.post(url, data).status_code == 404, url
    for name in ("again", "patient"):
        asked = {"again": attendee.appointment_id, "patient": attendee.patient_id}[name]
        assert client.get(reverse("appointment_new"), {name: asked}).status_code == 404
    page = client.get(reverse("calendar") + "?d=2026-11-24").content.decode()
    assert "Liam Brennan" not in page
    attendee.refresh_from_db()
    assert attendee.status == "booked"


def test_nobody_gets_in_without_signing_in(client: Client, cast: Cast) -> None:
    answer = client.get(reverse("calendar"))
    assert answer.status_code == 302
    assert "sign-in" in answer.headers["Location"]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?d=2026-11-24",
        "?d=nonsense",
        "?d=9999-12-31",
        "?view=week&d=2026-10-04",
        "?view=list",
        "?view=week&practitioner=all",
        "?view=week&practitioner=999999",
        "?location=77",
        "?view=x",
    ],
)
def test_whatever_is_asked_there_is_a_calendar(client: Client, cast: Cast, query: str) -> None:
    visit(cast.clinic)
    assert signed_in(client, cast.bob).get(reverse("calendar") + query).status_code == 200


def test_a_day_shows_who_comes_when(client: Client, cast: Cast) -> None:
    attendee = visit(cast.clinic, "09:15")
    page = signed_in(client, cast.bob).get(reverse("calendar") + "?d=2026-11-24").content.decode()
    assert f'id="a{attendee.appointment_id}"' in page
    assert "r16 s6" in page
    assert "Liam Brennan" in page
    assert "9:15 am" in page
    assert "style=" not in page


def test_the_day_widens_for_an_early_visit(client: Client, cast: Cast) -> None:
    visit(cast.clinic, "06:30")
    page = signed_in(client, cast.bob).get(reverse("calendar") + "?d=2026-11-24").content.decode()
    assert 'data-opens="360"' in page
    assert "h12" in page
    assert "r7 s6" in page


def test_the_pop_up_shows_the_money_and_the_ways_to_it(client: Client, cast: Cast) -> None:
    attendee = visit(cast.clinic)
    signed_in(client, cast.bob)
    page = reverse("appointment", args=[attendee.appointment_id])
    before = client.get(page).content.decode()
    assert reverse("attendee_payment", args=[attendee.pk]) in before
    assert reverse("invoice_from_attendee", args=[attendee.pk]) in before
    issued = invoice(cast.clinic, 9000, attendee_id=attendee.pk, issued_on=TUESDAY)
    pay(cast.clinic, 4000)
    after = client.get(page).content.decode()
    assert reverse("invoice", args=[issued.invoice_id]) in after
    assert "Create invoice" not in after
    assert "$90.00" in after
    assert "$40.00" in after
    day = client.get(reverse("calendar") + "?d=2026-11-24").content.decode()
    assert "$90.00 to collect" in day
    assert_books_straight(cast.clinic.practice)


def test_those_who_may_only_look_are_offered_nothing(client: Client, cast: Cast) -> None:
    attendee = visit(cast.clinic)
    page = reverse("appointment", args=[attendee.appointment_id])
    shown = signed_in(client, cast.staff["read_only"]).get(page).content.decode()
    for word in ("Add payment", "Create invoice", "Arrived", "Move…", "Cancel…"):
        assert word not in shown


# ---------- how much is asked of the database ----------

PAGES = ["?d=2026-11-24", "?d=2026-11-24&view=list", "?d=2026-11-24&view=week&practitioner=all"]


def count(client: Client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def fill(clinic: Clinic, practitioners: int) -> None:
    for _n in range(practitioners):
        who = make_practitioner(practice=clinic.practice)
        for hour in range(9, 16):
            patient = make_patient(practice=clinic.practice)
            visit(clinic, f"{hour:02}:00", practitioner=who, patient=patient)


@pytest.mark.parametrize("query", PAGES)
def test_a_full_calendar_asks_as_little_as_an_empty_one(
    client: Client, cast: Cast, query: str
) -> None:
    signed_in(client, cast.bob)
    url = reverse("calendar") + query
    fill(cast.clinic, 1)
    client.get(url)
    small = count(client, url)
    fill(cast.clinic, 4)
    assert count(client, url) == small
    assert small <= 13


def test_a_pop_up_asks_as_little_for_a_full_group(client: Client, cast: Cast) -> None:
    signed_in(client, cast.bob)
    kind = make_appointment_type(practice=cast.clinic.practice, max_attendees=20)
    attendee = visit(cast.clinic, appointment_type=kind)
    url = reverse("appointment", args=[attendee.appointment_id])
    client.get(url)
    small = count(client, url)
    for _n in range(10):
        Attendee.objects.create(
            practice=cast.clinic.practice,
            appointment_id=attendee.appointment_id,
            patient=make_patient(practice=cast.clinic.practice),
        )
    assert count(client, url) == small
    assert small <= 11


# ---------- forms without script ----------


def booking(clinic: Clinic, kind: Any, **fields: str) -> dict[str, str]:
    return {
        "key": "a-key",
        "patient": str(clinic.patient.pk),
        "appointment_type": str(kind.pk),
        "practitioner": str(clinic.practitioner.pk),
        "location": str(clinic.location.pk),
        "date": "2026-11-24",
        "time": "09:00",
        "repeat_every": "0",
        **fields,
    }


def test_a_visit_is_booked_by_a_plain_form(client: Client, cast: Cast) -> None:
    kind = make_appointment_type(practice=cast.clinic.practice)
    signed_in(client, cast.bob)
    for _twice in range(2):
        answer = client.post(reverse("appointment_new"), booking(cast.clinic, kind))
        assert answer.status_code == 302
        booked = Appointment.objects.get()
        assert answer.headers["Location"] == the_day(booked.pk)
    assert booked.starts_at == at(cast.clinic, "09:00")


def test_a_patient_is_made_on_the_way(client: Client, cast: Cast) -> None:
    kind = make_appointment_type(practice=cast.clinic.practice)
    data = booking(cast.clinic, kind, patient="") | {"new-name": "Ilona Szymańska"}
    signed_in(client, cast.bob).post(reverse("appointment_new"), data)
    assert Attendee.objects.get().patient.last_name == "Szymańska"


def test_a_refused_booking_loses_nothing(client: Client, cast: Cast) -> None:
    visit(cast.clinic)
    kind = make_appointment_type(practice=cast.clinic.practice)
    data = booking(cast.clinic, kind, notes="Bring scans")
    answer = signed_in(client, cast.bob).post(reverse("appointment_new"), data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "already has an appointment on 24 Nov 2026 from 9:00 am to 9:30 am" in page
    assert "Bring scans" in page
    assert "Liam Brennan" in page
    assert Appointment.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"patient": ""}, "Choose a patient from the list"),
        ({"time": ""}, "Enter a time."),
        ({"time": "25:99"}, "This is not a time"),
        ({"date": "2026-10-04", "time": "02:30"}, "clocks go forward"),
        ({"repeat_every": "1"}, "how many visits"),
        ({"repeat_every": "1", "repeat_count": "99"}, "52"),
    ],
)
def test_what_cannot_be_booked_is_said(
    client: Client, cast: Cast, fields: dict[str, str], said: str
) -> None:
    kind = make_appointment_type(practice=cast.clinic.practice)
    data = booking(cast.clinic, kind) | fields
    answer = signed_in(client, cast.bob).post(reverse("appointment_new"), data)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Appointment.objects.exists()


def test_a_patient_is_found_without_script(client: Client, cast: Cast) -> None:
    kind = make_appointment_type(practice=cast.clinic.practice)
    data = booking(cast.clinic, kind, patient="", notes="Bring scans")
    data |= {"find-patient": "1", "patient-q": "nobody at all"}
    answer = signed_in(client, cast.bob).post(reverse("appointment_new"), data)
    page = answer.content.decode()
    assert "Nobody is called" in page
    assert "Bring scans" in page


def test_a_group_may_begin_empty(client: Client, cast: Cast) -> None:
    kind = make_appointment_type(practice=cast.clinic.practice, max_attendees=6)
    signed_in(client, cast.bob)
    client.post(reverse("appointment_new"), booking(cast.clinic, kind, patient=""))
    appointment = Appointment.objects.get()
    assert not appointment.attendees.exists()
    added = client.post(
        reverse("attendee_add", args=[appointment.pk]), {"patient": str(cast.clinic.patient.pk)}
    )
    assert added.status_code == 302
    assert appointment.attendees.count() == 1
    page = client.get(reverse("appointment", args=[appointment.pk])).content.decode()
    assert "1 of 6 places" in page


def test_an_appointment_is_edited(client: Client, cast: Cast) -> None:
    attendee = visit(cast.clinic)
    url = reverse("appointment_edit", args=[attendee.appointment_id])
    page = signed_in(client, cast.bob).get(url).content.decode()
    assert 'value="09:00"' in page
    kind = attendee.appointment.appointment_type
    data = booking(cast.clinic, kind, time="11:00", minutes="45", notes="Longer")
    assert client.post(url, data).status_code == 302
    appointment = Appointment.objects.get()
    assert appointment.starts_at == at(cast.clinic, "11:00")
    assert appointment.ends_at - appointment.starts_at == timedelta(minutes=45)


def test_plain_forms_of_the_pop_up_lead_back(client: Client, cast: Cast) -> None:
    attendee = visit(cast.clinic)
    page = reverse("appointment", args=[attendee.appointment_id])
    signed_in(client, cast.bob)
    mark = reverse("attendee_mark", args=[attendee.pk])
    assert client.post(mark, {"to": "arrived", "next": page}).headers["Location"] == page
    attendee.refresh_from_db()
    assert attendee.status == "arrived"
    evil = client.post(mark, {"to": "booked", "next": "https://elsewhere.example/"})
    assert evil.headers["Location"] == the_day(attendee.appointment_id)
    cancel = reverse("attendee_cancel", args=[attendee.pk])
    refused = client.post(cancel, {"reason": "no such", "comment": "Called at eight"})
    assert refused.status_code == 422
    attendee.refresh_from_db()
    assert attendee.status == "booked"
    client.post(cancel, {"reason": "sick", "comment": "flu"})
    attendee.refresh_from_db()
    assert (attendee.status, attendee.cancel_note) == ("cancelled", "flu")


# ---------- parts for htmx ----------

HTMX = {"HTTP_HX_REQUEST": "true"}


def from_calendar(query: str = "?d=2026-11-24") -> dict[str, str]:
    return {**HTMX, "HTTP_HX_CURRENT_URL": f"http://testserver{reverse('calendar')}{query}"}


def test_a_move_answers_with_the_board_and_a_way_back(client: Client, cast: Cast) -> None:
    attendee = visit(cast.clinic)
    url = reverse("appointment_move", args=[attendee.appointment_id])
    data = {"date": "2026-11-24", "time": "10:00"}
    answer = signed_in(client, cast.bob).post(url, data, **from_calendar())
    page = answer.content.decode()
    assert answer.status_code == 200
    assert answer.headers["HX-Trigger"] == "appointment-left"
    assert 'hx-target="#board"' in page
    assert "Liam moved to 24 Nov 2026, 10:00 am with" in page
    assert 'name="time" value="09:00"' in page
    assert "r25 s6" in page


def test_a_refused_move_changes_nothing_on_the_page(client: Client, cast: Cast) -> None:
    attendee = visit(cast.clinic)
    visit(cast.clinic, "10:00", patient=make_patient(practice=cast.clinic.practice))
    url = reverse("appointment_move", args=[attendee.appointment_id])
    data = {"date": "2026-11-24", "time": "09:45"}
    answer = signed_in(client, cast.bob).post(url, data, **from_calendar())
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "from 10:00 am to 10:30 am" in page
    assert "#board" not in page


def test_from_another_page_htmx_is_sent_to_the_calendar(client: Client, cast: Cast) -> None:
    attendee = visit(cast.clinic)
    url = reverse("attendee_mark", args=[attendee.pk])
    answer = signed_in(client, cast.bob).post(url, {"to": "arrived"}, **HTMX)
    assert answer.headers["HX-Redirect"] == the_day(attendee.appointment_id)


def test_a_foreign_move_is_a_toast(client: Client, cast: Cast) -> None:
    attendee = visit(cast.other)
    url = reverse("appointment_move", args=[attendee.appointment_id])
    data = {"date": "2026-11-24", "time": "10:00"}
    answer = signed_in(client, cast.bob).post(url, data, **from_calendar())
    assert answer.status_code == 404
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["tone"] == "bad"
