"""Appointments, and what is set up around them, through the API."""

from __future__ import annotations

from datetime import timedelta

from creditwell.audit.models import Note
from creditwell.outbox.models import Event
from creditwell.scheduling.models import Appointment
from tests.factories import NOW, make_appointment_type, make_patient, make_source
from tests.sold import make_product, make_visit_type, sell


def body(cast, *, kind=None, hours=0, **fields):
    kind = kind or make_appointment_type(practice=cast.clinic.practice)
    return {
        "practitioner_id": cast.clinic.practitioner.pk,
        "location_id": cast.clinic.location.pk,
        "appointment_type_id": kind.pk,
        "patient_id": cast.clinic.patient.pk,
        "starts_at": (NOW + timedelta(hours=hours)).isoformat(),
        "anyway": True,
        **fields,
    }


def test_a_visit_is_booked_moved_and_attended(cast, program, stranger):
    status, booked = program.post("/appointments", body(cast), key="k")
    assert status == 201
    path = f"/appointments/{booked['id']}"
    assert program.get(path)[1]["starts_at"] == "2026-11-24T01:00:00Z"
    later = {"starts_at": "2026-11-24T15:00:00+11:00", "anyway": True}
    assert program.post(f"{path}/move", later)[0] == 200
    assert program.get(path)[1]["starts_at"] == "2026-11-24T04:00:00Z"
    attendee = f"/attendees/{booked['attendee_id']}/status"
    for word in ("arrived", "completed"):
        assert program.post(attendee, {"status": word})[1]["status"] == word
    day = {"since": "2026-11-24T00:00:00+11:00", "until": "2026-11-25T00:00:00+11:00"}
    found = program.get("/appointments", **day)[1]["data"]
    assert [one["attendees"][0]["status"] for one in found] == ["completed"]
    assert program.get("/appointments", since="2026-11-25T00:00:00Z")[1]["data"] == []
    assert program.get("/appointments", since="2026-11-25T00:00:00")[0] == 422
    assert len(program.get("/appointments", patient_id=cast.clinic.patient.pk)[1]["data"]) == 1
    assert stranger.get("/appointments")[1]["data"] == []


def test_nobody_is_booked_twice(cast, program):
    kind = make_appointment_type(practice=cast.clinic.practice)
    first = program.post("/appointments", body(cast, kind=kind), key="k")
    assert program.post("/appointments", body(cast, kind=kind), key="k") == first
    before = (Appointment.objects.count(), Note.objects.count(), Event.objects.count())
    status, answer = program.post("/appointments", body(cast, kind=kind))
    assert (status, answer["error"]["code"]) == (409, "double_booked")
    assert (Appointment.objects.count(), Note.objects.count(), Event.objects.count()) == before


def test_cancelling_frees_the_time_and_says_why(cast, program):
    kind = make_appointment_type(practice=cast.clinic.practice)
    booked = program.post("/appointments", body(cast, kind=kind))[1]
    path = f"/appointments/{booked['id']}/cancel"
    assert program.post(path, {"reason": "bored"})[1]["error"]["param"] == "reason"
    assert program.post(path, {"reason": "sick"})[1]["appointment_ids"] == [booked["id"]]
    status, answer = program.post(path, {"reason": "sick"})
    assert (status, answer["error"]["code"]) == (409, "is_cancelled")
    again = program.post("/appointments", body(cast, kind=kind))[1]
    status_path = f"/attendees/{again['attendee_id']}/status"
    assert program.post(status_path, {"status": "cancelled", "reason": "work"})[0] == 200
    assert program.post(status_path, {"status": "booked"})[0] == 200
    found = program.get(f"/appointments/{again['id']}")[1]
    assert (found["cancelled"], found["attendees"][0]["status"]) == (False, "booked")


def test_a_group_fills_up_and_a_mistake_is_taken_out(cast, program):
    kind = make_appointment_type(practice=cast.clinic.practice, max_attendees=2)
    booked = program.post("/appointments", body(cast, kind=kind))[1]
    path = f"/appointments/{booked['id']}/attendees"
    others = [make_patient(practice=cast.clinic.practice) for _n in range(2)]
    status, added = program.post(path, {"patient_id": others[0].pk})
    assert (status, added["status"]) == (201, "booked")
    status, answer = program.post(path, {"patient_id": others[1].pk})
    assert (status, answer["error"]["code"]) == (409, "group_full")
    assert program.delete(f"/attendees/{added['id']}")[0] == 200
    assert len(program.get(f"/appointments/{booked['id']}")[1]["attendees"]) == 1


def test_lists_ask_as_often_for_many_as_for_one(cast, program, django_assert_num_queries):
    for n in range(3):
        program.post("/appointments", body(cast, hours=n))
        with django_assert_num_queries(1 + 4):
            program.get("/appointments")


def test_what_is_set_up_can_be_read(cast, program, stranger, django_assert_num_queries):
    make_appointment_type(practice=cast.clinic.practice)
    make_source(practice=cast.clinic.practice, name="Old till", archived_at=NOW)
    for path in ("locations", "practitioners", "appointment_types", "items", "tax_rates"):
        with django_assert_num_queries(1 + (2 if path == "items" else 1)):  # with their prices
            found = program.get(f"/{path}")[1]["data"]
        assert found
        assert not {one["id"] for one in found} & {
            one["id"] for one in stranger.get(f"/{path}")[1]["data"]
        }
    assert [one["name"] for one in program.get("/payment_sources")[1]["data"]] == ["Cash", "Card"]
    assert len(program.get("/payment_sources", archived="true")[1]["data"]) == 3
    item = program.get(f"/items/{cast.clinic.taxed_item.pk}")[1]
    assert (item["price_minor"], item["currency"]) == (11000, "AUD")
    assert [one["id"] for one in program.get("/items", kind="product")[1]["data"]] == [item["id"]]
    assert program.get("/concessions")[1]["data"] == []
    assert len(program.get("/categories")[1]["data"]) == 2
    assert program.get("/practice")[1]["time_zone"] == "Australia/Sydney"


def test_answers_say_which_of_how_many(cast, program):
    kind = make_visit_type(cast.clinic, name="Massage")
    package = sell(cast.clinic, make_product(cast.clinic, kind, valid_count=3, valid_unit="month"))
    program.post("/appointments", body(cast, kind=kind))
    booked = program.post("/appointments", body(cast, kind=kind, hours=24))[1]
    place = {
        "package_id": package.pk,
        "name": "Five sessions",
        "measure": "sessions",
        "ordinal": 2,
        "total": 5,
        "used": 0,
        "booked": 2,
        "free": 3,
        "expires_on": "2027-02-23",
        "status": "booked",
    }
    one = program.get(f"/appointments/{booked['id']}")[1]
    assert one["attendees"][0]["package"] == place
    listed = program.get("/appointments")[1]["data"]
    assert sorted(each["attendees"][0]["package"]["ordinal"] for each in listed) == [1, 2]
    attendee = f"/attendees/{booked['attendee_id']}/status"
    code, problem = program.post(attendee, {"status": "arrived"})
    assert (code, problem["error"]["code"]) == (409, "not_yet_day")
    assert problem["error"]["param"] == "anyway"
    assert program.get(f"/appointments/{booked['id']}")[1] == one
    arrived = program.post(attendee, {"status": "arrived", "anyway": True})[1]
    assert arrived["package"] == {**place, "status": "used", "used": 1, "booked": 1}
    other = make_appointment_type(practice=cast.clinic.practice)
    without = program.post("/appointments", body(cast, kind=other, hours=48))[1]
    assert program.get(f"/appointments/{without['id']}")[1]["attendees"][0]["package"] is None
