"""Packages through the API: offered, sold, used, shared, given away, given back."""

from __future__ import annotations

from datetime import timedelta

from tests import acts
from tests.books import assert_books_straight
from tests.factories import NOW, make_patient
from tests.sold import make_product, make_visit_type


def sold(cast, program, **fields):
    kind = make_visit_type(cast.clinic, name="Massage")
    product = make_product(cast.clinic, kind, sharing="anybody", valid_count=12, **fields)
    body = {"patient_id": cast.clinic.patient.pk, "package_product_id": product.pk}
    return kind, program.post("/packages", body, key="sale")[1]


def book(cast, program, kind, days, patient=None, **more):
    return program.post(
        "/appointments",
        {
            "practitioner_id": cast.clinic.practitioner.pk,
            "location_id": cast.clinic.location.pk,
            "appointment_type_id": kind.pk,
            "patient_id": (patient or cast.clinic.patient).pk,
            "starts_at": (NOW + timedelta(days=days)).isoformat(),
            "anyway": True,
            **more,
        },
    )


def test_a_product_is_offered_and_changed(cast, program, stranger):
    kind = make_visit_type(cast.clinic, name="Massage")
    body = {
        "name": "Five massages",
        "price_minor": 45000,
        "category_id": cast.clinic.item.category_id,
        "parts": [{"units": 5, "appointment_type_ids": [kind.pk]}],
        "terms": {"valid_count": 6, "late_cancel_percent": 50},
    }
    status, made = program.post("/package_products", body, key="p")
    assert status == 201
    assert program.post("/package_products", body, key="p")[1] == made
    path = f"/package_products/{made['id']}"
    found = program.get(path)[1]
    assert (found["name"], found["price_minor"], found["item_id"]) == (
        "Five massages",
        45000,
        made["item_id"],
    )
    assert found["parts"][0]["appointment_type_ids"] == [kind.pk]
    assert (found["terms"]["valid_count"], found["terms"]["no_show_percent"]) == (6, 100)
    program.put(path, {**body, "price_minor": 50000})
    assert program.get("/package_products")[1]["data"][0]["price_minor"] == 50000
    assert stranger.get(path)[0] == 404
    assert stranger.get("/package_products")[1]["data"] == []
    wrong = {**body, "parts": [{"units": 5}]}
    assert program.post("/package_products", wrong)[0] == 422


def test_sold_booked_and_used(cast, program, stranger):
    kind, sale = sold(cast, program)
    assert (sale["total_minor"], sale["owing_minor"]) == (45000, 45000)
    wanted = {
        "patient_id": cast.clinic.patient.pk,
        "appointment_type_id": kind.pk,
        "on": "2026-11-25",
    }
    (offer,) = program.get("/package_offers", **wanted)[1]["usable"]
    assert (offer["package_id"], offer["free"], offer["total"]) == (sale["id"], 5, 5)
    assert book(cast, program, kind, 1)[0] == 201
    found = program.get(f"/packages/{sale['id']}")[1]
    assert (found["state"], found["booked"], found["free"]) == ("active", 1, 4)
    assert [one["kind"] for one in found["history"]] == ["sold", "booked"]
    assert sum(one["value_minor"] for one in found["sessions"]) == 45000
    listed = program.get("/packages", patient_id=cast.clinic.patient.pk)[1]["data"]
    assert [one["id"] for one in listed] == [sale["id"]]
    assert stranger.get(f"/packages/{sale['id']}")[0] == 404
    assert_books_straight(cast.clinic.practice)


def test_a_program_chooses_the_package_and_what_is_kept(cast, program):
    kind, sale = sold(cast, program, late_cancel_percent=50)
    path = f"/packages/{sale['id']}"
    without = {"package": {"none": True}}
    assert book(cast, program, kind, 1, **without)[0] == 201
    assert program.get(path)[1]["booked"] == 0
    wrong = book(cast, program, kind, 2, package={"package_id": sale["id"] + 99})
    assert wrong[1]["error"]["code"] == "no_such_session"
    for contradicts in ({"none": True, "package_id": sale["id"]}, {"part_id": 1}):
        error = book(cast, program, kind, 2, package=contradicts)[1]["error"]
        assert (error["code"], error["param"]) == ("invalid", "package_id")
    named = book(cast, program, kind, 0, package={"package_id": sale["id"]})[1]
    assert program.get(path)[1]["booked"] == 1
    status = f"/attendees/{named['attendee_id']}/status"
    late = {"status": "cancelled", "reason": "sick"}
    refused = program.post(status, {**late, "keep": {"percent": 0}})
    assert refused[1]["error"]["code"] == "waiver_reason"
    assert program.post(status, {**late, "keep": {"percent": 0, "reason": "Hospital"}})[0] == 200
    found = program.get(path)[1]
    assert (found["free"], found["history"][-1]["reason"]) == (5, "Hospital")
    assert_books_straight(cast.clinic.practice)


def test_shared_given_away_and_back(cast, program):
    kind, sale = sold(cast, program)
    ben = make_patient(practice=cast.clinic.practice)
    path = f"/packages/{sale['id']}"
    share = program.post(f"{path}/shares", {"patient_id": ben.pk, "most_units": 1})[1]
    assert book(cast, program, kind, 1, ben)[0] == 201
    assert program.get(path)[1]["booked"] == 1
    assert program.delete(f"/package_shares/{share['share_id']}")[0] == 200
    moved = program.post(f"{path}/transfer", {"to_patient_id": ben.pk, "reason": "A present"})[1]
    assert program.get(f"/packages/{moved['to_package_id']}")[1]["free"] == 4
    assert program.post(f"/package_acts/{moved['act_id']}/undo", {})[0] == 200
    assert program.get(path)[1]["free"] == 4
    assert_books_straight(cast.clinic.practice)


def test_more_time_a_present_and_a_pause(cast, program):
    _kind, sale = sold(cast, program)
    path = f"/packages/{sale['id']}"
    part = program.get(path)[1]["parts"][0]["id"]
    longer = program.post(f"{path}/extend", {"until": "2028-01-31", "reason": "Away"})[1]
    assert program.get(path)[1]["expires_on"] == "2028-01-31"
    assert program.post(f"/package_acts/{longer['act_id']}/undo", {})[0] == 200
    again = program.post(f"/package_acts/{longer['act_id']}/undo", {})
    assert again[1]["error"]["code"] == "already_reversed"
    program.post(f"{path}/bonus", {"part_id": part, "units": 1, "reason": "Kind"})
    assert program.get(path)[1]["total"] == 6
    program.post(f"{path}/pause", {"reason": "Operation"})
    assert program.get(path)[1]["state"] == "paused"
    assert program.post(f"{path}/resume", {})[0] == 201
    assert program.get(path)[1]["state"] == "active"
    assert_books_straight(cast.clinic.practice)


def test_what_is_left_is_given_back(cast, program):
    _kind, sale = sold(cast, program)
    acts.pay(cast.clinic, 45000, pay=((sale["invoice_id"], 45000),))
    path = f"/packages/{sale['id']}"
    part = program.get(path)[1]["parts"][0]["id"]
    some = {"parts": [{"part_id": part, "units": 2}], "fee_minor": 1000, "reason": "Moved"}
    done = program.post(f"{path}/convert", some, key="c")[1]
    assert (done["back_minor"], done["kept_minor"], done["credit_minor"]) == (17000, 1000, 17000)
    assert program.post(f"{path}/convert", some, key="c")[1] == done
    done = program.post(f"{path}/refund", {"reason": "Moved"})[1]
    assert (done["back_minor"], done["over"]) == (27000, True)
    assert program.get(path)[1]["state"] == "ended"
    assert program.post(f"{path}/refund", {"reason": "Moved"})[1]["error"]["code"] == (
        "package_ended"
    )
    assert_books_straight(cast.clinic.practice)
