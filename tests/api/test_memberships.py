"""Memberships through the API: started, listed, looked up, paused, resumed, cancelled, kept."""

from __future__ import annotations

from datetime import date

from creditwell.worker.memberships import renew_everywhere
from tests.acts import pay
from tests.books import assert_books_straight
from tests.memberships import make_renewing, noon


def test_a_membership_is_started_renews_and_is_looked_up(cast, program, stranger):
    pay(cast.clinic, 20000)
    product = make_renewing(cast.clinic)
    body = {"patient_id": cast.clinic.patient.pk, "package_product_id": product.pk}
    status, made = program.post("/memberships", body, key="m")
    assert status == 201
    assert made["owing_minor"] == 0
    assert program.post("/memberships", body, key="m")[1] == made
    renew_everywhere(noon(date(2026, 12, 24)))
    path = f"/memberships/{made['id']}"
    found = program.get(path)[1]
    assert (found["status"], found["renews_on"], found["owing_minor"]) == (
        "active",
        "2027-01-24",
        20000,
    )
    second, first = found["periods"]
    assert (first["package_id"], first["rolled_out"], first["owing_minor"]) == (
        made["package_id"],
        2,
        0,
    )
    assert (second["starts_on"], second["rolled_in"], second["total"]) == ("2026-12-24", 2, 6)
    patient = cast.clinic.patient.pk
    listed = program.get("/memberships", patient_id=patient, status="active")[1]["data"]
    assert [one["id"] for one in listed] == [made["id"]]
    assert program.get("/memberships", status="paused")[1]["data"] == []
    assert stranger.get(path)[0] == 404
    assert stranger.get("/memberships")[1]["data"] == []
    assert_books_straight(cast.clinic.practice)


def test_paused_resumed_cancelled_and_kept(cast, program):
    product = make_renewing(cast.clinic)
    body = {
        "patient_id": cast.clinic.patient.pk,
        "package_product_id": product.pk,
        "starts_on": "2026-12-01",
    }
    made = program.post("/memberships", body)[1]
    assert (made["invoice_id"], made["package_id"]) == (None, None)
    path = f"/memberships/{made['id']}"
    paused = program.post(f"{path}/pause", {"resumes_on": "2026-12-20"})[1]
    assert (paused["status"], paused["paused_on"]) == ("paused", "2026-11-24")
    status, wrong = program.post(f"{path}/resume", {"next_on": "2026-11-23"})
    assert (status, wrong["error"]["code"]) == (422, "next_in_the_past")
    resumed = program.post(f"{path}/resume", {"next_on": "2026-12-05"})[1]
    assert (resumed["status"], resumed["renews_on"]) == ("active", "2026-12-05")
    cancelled = program.post(f"{path}/cancel", {"reason": "Moved away"})[1]
    assert (cancelled["cancelled_on"], cancelled["renews_on"]) == ("2026-11-24", None)
    assert program.post(f"{path}/pause", {})[1]["error"]["code"] == "membership_ended"
    assert program.post(f"{path}/keep", None)[1]["renews_on"] == "2026-12-05"
    assert_books_straight(cast.clinic.practice)
