"""Transfers, given credit and grace through the API."""

from __future__ import annotations

from datetime import timedelta

from creditwell.credit.models import Lot
from creditwell.payments.models import Gift, Transfer
from tests import acts
from tests.books import assert_books_straight
from tests.factories import NOW, make_patient


def test_credit_goes_over_and_comes_back(cast, program, stranger):
    lot = acts.pay(cast.clinic, 10000).lot_id
    ben = make_patient(practice=cast.clinic.practice)
    body = {
        "patient_id": cast.clinic.patient.pk,
        "to_payer_id": ben.payer_id,
        "amount_minor": 4000,
        "reason": "They share",
    }
    status, made = program.post("/transfers", body, key="k")
    assert (status, made["total_minor"], made["number"]) == (201, 4000, 1)
    assert program.post("/transfers", body, key="k")[1] == made
    found = program.get(f"/transfers/{made['id']}")[1]
    (part,) = found["parts"]
    assert (part["from_lot_id"], part["to_lot_id"]) == (lot, made["lot_ids"][0])
    assert (part["from_payer_id"], part["to_payer_id"]) == (body_payer(cast), ben.payer_id)
    assert len(program.get("/transfers", payer_id=ben.payer_id)[1]["data"]) == 1
    assert stranger.get("/transfers")[1]["data"] == []
    assert stranger.get(f"/transfers/{made['id']}")[0] == 404
    assert acts.standing(cast.clinic, ben).credit_minor == 4000
    path = f"/transfers/{made['id']}/undo"
    assert program.post(path, {"reason": "Wrong person"})[1]["total_minor"] == 4000
    assert program.post(path, {})[1]["error"]["code"] == "already_reversed"
    by_hand = {**body, "amount_minor": 0, "lots": [{"lot_id": lot, "amount_minor": 10001}]}
    assert program.post("/transfers", by_hand)[1]["error"]["code"] == "overdrawn"
    by_hand["to_payer_id"] = body_payer(cast)
    assert program.post("/transfers", by_hand)[1]["error"]["param"] == "to_payer_id"
    assert Transfer.objects.count() == 1
    assert_books_straight(cast.clinic.practice)


def body_payer(cast):
    return cast.clinic.patient.payer_id


def test_credit_is_given_taken_back_and_extended(cast, program, stranger):
    body = {
        "patient_id": cast.clinic.patient.pk,
        "kind": "goodwill",
        "amount_minor": 2500,
        "reason": "We were late",
        "expires_on": "2026-12-01",
    }
    status, made = program.post("/gifts", body, key="k")
    assert status == 201
    assert program.post("/gifts", body, key="k")[1] == made
    found = program.get(f"/gifts/{made['id']}")[1]
    assert (found["total_minor"], found["left_minor"]) == (2500, 2500)
    assert (found["kind"], found["expires_on"]) == ("goodwill", "2026-12-01")
    assert stranger.get("/gifts")[1]["data"] == []
    assert len(program.get("/gifts", patient_id=cast.clinic.patient.pk)[1]["data"]) == 1
    extend = f"/lots/{made['lot_id']}/extend"
    assert program.post(extend, {"expires_on": "2026-12-01"})[1]["error"]["param"] == "expires_on"
    assert program.post(extend, {"expires_on": "2027-03-01"})[1]["returned_minor"] == 0
    assert stranger.post(extend, {"expires_on": "2027-06-01"})[0] == 404
    assert Lot.objects.get(pk=made["lot_id"]).expires_on == NOW.date() + timedelta(days=97)
    never = program.post(extend, {"expires_on": None})
    assert never[1]["expires_on"] is None
    again = program.post(extend, {"expires_on": "2027-06-01"})
    assert again[1]["error"]["code"] == "nothing_to_extend"
    assert program.post("/gifts", {**body, "reason": " "})[1]["error"]["param"] == "reason"
    back = f"/gifts/{made['id']}/take_back"
    assert program.post(back, {"reason": "Wrong person"})[1]["total_minor"] == 2500
    assert program.post(back, {"reason": "Twice"})[1]["error"]["code"] == "already_reversed"
    assert Gift.objects.count() == 1
    assert_books_straight(cast.clinic.practice)
