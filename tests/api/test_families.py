"""Families and permissions to use each other's credit through the API."""

from __future__ import annotations

import pytest

from tests.factories import make_patient


@pytest.fixture
def anna(cast):
    return make_patient(practice=cast.clinic.practice, first_name="Anna", last_name="Berg")


@pytest.fixture
def ben(cast):
    return make_patient(practice=cast.clinic.practice, first_name="Ben", last_name="Berg")


def share(program, owner, user, mode="always", **more):
    body = {"owner_payer_id": owner.payer_id, "user_payer_id": user.payer_id, "mode": mode}
    return program.post("/shares", {**body, **more})


def error(answer):
    return answer[0], answer[1]["error"]["code"], answer[1]["error"]["param"]


def test_a_family_is_made_found_named_and_dissolved(program, anna, ben):
    members = [{"patient_id": anna.pk, "relation": "mother"}]
    status, made = program.post("/families", {"name": "Bergs", "members": members}, key="k")
    assert status == 201
    path = f"/families/{made['id']}"
    assert program.post(f"{path}/members", {"patient_id": ben.pk})[0] == 201
    assert program.put(path, {"name": " Berg  family "})[1]["name"] == "Berg family"
    found = program.get(path)[1]
    assert [(one["name"], one["relation"]) for one in found["members"]] == [
        ("Anna Berg", "mother"),
        ("Ben Berg", ""),
    ]
    assert program.get("/families", patient_id=ben.pk)[1]["data"] == [found]
    assert program.get("/families", patient_id=10**9)[1]["data"] == []
    given = share(program, anna, ben)[1]["id"]
    gone = program.delete(f"{path}/members/{ben.pk}")[1]
    assert (gone["dissolved"], gone["ended_share_ids"]) == (False, [given])
    assert program.delete(f"{path}/members/{anna.pk}")[1]["dissolved"] is True
    assert program.get(path)[0] == 404


def test_what_cannot_be_a_family(program, anna):
    one = {"patient_id": anna.pk}
    made = program.post("/families", {"name": "Bergs", "members": [one]})[1]["id"]
    again = program.post(f"/families/{made}/members", one)
    assert error(again) == (409, "in_family_already", "patient_id")
    assert program.post("/families", {"name": " ", "members": [one]})[0] == 422
    assert program.post("/families", {"name": "Bergs", "members": []})[0] == 422
    assert error(program.delete(f"/families/{made}/members/77"))[:2] == (404, "not_in_family")


def test_a_permission_is_given_replaced_and_ended(program, stranger, anna, ben):
    status, first = share(program, anna, ben, "monthly", cap_minor=20000, note="By phone")
    assert (status, first["ended_id"]) == (201, None)
    found = program.get("/shares", user_payer_id=ben.payer_id)[1]["data"]
    assert [(one["mode"], one["cap_minor"], one["currency"]) for one in found] == [
        ("monthly", 20000, "AUD")
    ]
    second = share(program, anna, ben, "ask")[1]
    assert second["ended_id"] == first["id"]
    assert program.get("/shares", owner_payer_id=ben.payer_id)[1]["data"] == []
    assert stranger.post(f"/shares/{second['id']}/end")[0] == 404
    assert program.post(f"/shares/{second['id']}/end")[0] == 200
    assert error(program.post(f"/shares/{second['id']}/end"))[:2] == (404, "no_such_share")
    ended = program.get("/shares", ended="true")[1]["data"]
    assert [one["id"] for one in ended] == [first["id"], second["id"]]


def test_what_cannot_be_permitted(program, anna, ben):
    assert error(share(program, anna, anna))[1:] == ("shared_with_self", "user_payer_id")
    assert error(share(program, anna, ben, "total"))[1:] == ("cap_missing", "cap_minor")
    odd = share(program, anna, ben, "always", cap_minor=5)
    assert error(odd)[1:] == ("cap_not_meant", "cap_minor")
    assert error(share(program, anna, ben, "sometimes"))[:2] == (422, "invalid")
    assert error(share(program, anna, ben, currency="NZD"))[:2] == (422, "wrong_currency")
    assert program.get("/shares")[1]["data"] == []
