"""Patients and contacts through the API."""

from __future__ import annotations

from creditwell.audit.models import Note
from creditwell.people.models import Contact, Patient


def whole(found):
    """What a PUT wants of what a GET gave."""
    ours = ("id", "payer_id", "merged_into_id", "archived_at", "created_at")
    return {name: value for name, value in found.items() if name not in ours}


def test_a_patient_is_created_found_changed_and_put_away(cast, program):
    body = {"first_name": "Zoë", "last_name": "Nguyen", "phone": "0412 345 678"}
    status, created = program.post("/patients", body, key="k")
    assert (status, created["name"]) == (201, "Zoë Nguyen")
    assert program.post("/patients", body, key="k")[1] == created
    path = f"/patients/{created['id']}"
    found = program.get(path)[1]
    assert program.get("/patients", search="zoe")[1]["data"] == [found]
    assert program.get("/patients", search="345678")[1]["data"] == [found]
    status, changed = program.put(path, {**whole(found), "alert": "Allergic to latex"})
    assert (status, changed["changed"]) == (200, ["alert"])
    assert program.get(path)[1]["alert"] == "Allergic to latex"
    for _twice in range(2):
        assert program.post(f"{path}/archive")[0] == 200
    assert program.get("/patients", search="zoe")[1]["data"] == []
    assert [one["id"] for one in program.get("/patients", archived="true")[1]["data"]] == [
        created["id"]
    ]
    assert program.post(f"{path}/restore")[0] == 200
    assert program.get(path)[1]["archived_at"] is None


def test_what_cannot_be_a_patient(cast, program):
    before = (Patient.objects.count(), Note.objects.count())
    for body, code, param in (
        ({"first_name": "  "}, "nameless", "first_name"),
        ({"first_name": "Al", "email": "al"}, "email", "email"),
        ({"first_name": "Al", "date_of_birth": "2199-01-01"}, "date_of_birth", "date_of_birth"),
        ({"first_name": "Al", "concession_id": 10**9}, "no_such_choice", "concession_id"),
        ({"first_name": "Al", "name": "Al"}, "unknown_field", "name"),
        ({"first_name": "A" * 81}, "invalid", "first_name"),
        ({"first_name": 7}, "invalid", "first_name"),
        ({}, "invalid", "first_name"),
        ({"first_name": "Liam", "last_name": "Brennan"}, "likely_duplicate", None),
    ):
        _status, answer = program.post("/patients", body)
        error = answer["error"]
        assert error["code"] == code, (body, error)
        assert error["param"] in {param, param and param.removesuffix("_id")}
    found = program.get(f"/patients/{cast.clinic.patient.pk}")[1]
    partly = whole(found)
    del partly["alert"]
    assert program.put(f"/patients/{found['id']}", partly)[1]["error"]["param"] == "alert"
    assert (Patient.objects.count(), Note.objects.count()) == before
    again = {"first_name": "Liam", "last_name": "Brennan", "somebody_else": True}
    assert program.post("/patients", again)[0] == 201


def test_a_contact_is_created_changed_and_put_away(cast, program):
    status, created = program.post("/contacts", {"kind": "insurer", "name": "Harbour Fund"})
    assert status == 201
    path = f"/contacts/{created['id']}"
    found = program.get(path)[1]
    assert program.put(path, {**whole(found), "phone": "1300"})[1]["changed"] == ["phone"]
    assert len(program.get("/contacts", kind="insurer")[1]["data"]) == 1
    assert program.get("/contacts", kind="doctor")[1]["data"] == []
    assert program.post(f"{path}/archive")[0] == 200
    assert program.get("/contacts")[1]["data"] == []
    assert program.post(f"{path}/restore")[0] == 200
    assert program.post("/contacts", {"kind": "friend", "name": "Al"})[1]["error"]["param"] == (
        "kind"
    )
    assert Contact.objects.count() == 1


def test_lists_ask_as_often_for_many_as_for_one(cast, program, django_assert_num_queries):
    for n in range(3):
        program.post("/patients", {"first_name": f"Name{'abc'[n]}", "last_name": "Same"})
        with django_assert_num_queries(1 + 1):
            program.get("/patients")
        with django_assert_num_queries(1 + 3):
            program.get("/patients", search="same")
