"""Packages through the API: used by hand and for a visit, and given back."""

from __future__ import annotations

from typing import Any

from creditwell.credit.models import Lot
from creditwell.invoicing.models import CreditNote, Invoice
from creditwell.ledger.models import Entry
from creditwell.packages.models import Package, PackageAct, Session, SoldCover, SoldPart
from creditwell.scheduling.models import Attendee
from tests import acts
from tests.api.test_packages import book, sold
from tests.books import assert_books_straight
from tests.factories import NOW, make_patient
from tests.refusing import unchanged
from tests.sold import make_product, make_visit_type

TABLES = (
    *(Package, Session, SoldPart, SoldCover, PackageAct),
    *(Attendee, Invoice, CreditNote, Lot, Entry),
)
TODAY = NOW.date().isoformat()
NONE = {"none": True}


def refused(program, path: str, body: Any, code: str, param: str | None = None) -> None:
    """The request is refused by that name, nothing is changed, and nobody is told anything."""
    with unchanged(*TABLES):
        answer = program.delete(path) if body is None else program.post(path, body)
    error = answer[1]["error"]
    assert (error["code"], error["param"]) == (code, param)
    assert error["message"]


def part_of(program, package_id: int) -> int:
    return program.get(f"/packages/{package_id}")[1]["parts"][0]["id"]


def use_of(cast, program, sale: dict[str, Any], **fields: Any) -> dict[str, Any]:
    body = {"part_id": part_of(program, sale["id"]), "patient_id": cast.clinic.patient.pk}
    return {**body, "on": TODAY, **fields}


def visit_of(program, appointment_id: int) -> dict[str, Any]:
    """The only attendee of an appointment."""
    (attendee,) = program.get(f"/appointments/{appointment_id}")[1]["attendees"]
    return attendee


def end(program, sale: dict[str, Any]) -> None:
    body = {"reason": "Moved", "release": True}
    assert program.post(f"/packages/{sale['id']}/convert", body)[0] == 201


def test_used_by_hand_and_given_back(cast, program, stranger):
    _kind, sale = sold(cast, program)
    path, body = f"/packages/{sale['id']}", use_of(cast, program, sale, reason="Came by")
    status, done = program.post(f"{path}/use", body, key="use")
    assert (status, done["id"]) == (201, sale["id"])
    assert program.post(f"{path}/use", body, key="use") == (status, done)
    other = program.post(f"{path}/use", {**body, "reason": ""}, key="use")
    assert other[1]["error"]["code"] == "idempotency_key_reused"
    found = program.get(path)[1]
    assert (found["used"], found["free"], found["unearned_minor"]) == (1, 4, 36000)
    (used,) = [one for one in found["sessions"] if one["status"] == "used"]
    assert (used["id"], used["used_on"], used["attendee_id"]) == (done["session_id"], TODAY, None)
    last = found["history"][-1]
    assert (last["kind"], last["value_minor"], last["reason"]) == ("used", -9000, "Came by")
    assert_books_straight(cast.clinic.practice)

    back = f"/sessions/{done['session_id']}/return"
    assert stranger.post(back)[0] == 404
    assert program.post(back, key="back") == (200, done)
    assert program.post(back, key="back") == (200, done)
    found = program.get(path)[1]
    assert (found["used"], found["free"], found["unearned_minor"]) == (0, 5, 45000)
    refused(program, back, {}, "already_reversed")
    assert_books_straight(cast.clinic.practice)


def test_minutes_are_used_by_hand(cast, program):
    kind = make_visit_type(cast.clinic, name="Massage")
    product = make_product(cast.clinic, kind, units=100, price_minor=10000, measure="minutes")
    wanted = {"patient_id": cast.clinic.patient.pk, "package_product_id": product.pk}
    sale = program.post("/packages", wanted)[1]
    path = f"/packages/{sale['id']}"
    for units, code in ((0, "invalid"), (10**9 + 1, "invalid"), (101, "wrong_units")):
        body = use_of(cast, program, sale, units=units)
        refused(program, f"{path}/use", body, code, "units")
    done = program.post(f"{path}/use", use_of(cast, program, sale, units=33))[1]
    found = program.get(path)[1]
    assert (found["used"], found["free"], found["unearned_minor"]) == (33, 67, 6700)
    assert program.post(f"/sessions/{done['session_id']}/return")[0] == 200
    assert program.get(path)[1]["free"] == 100
    assert_books_straight(cast.clinic.practice)


def test_what_cannot_be_used_by_hand(cast, program, stranger):
    kind, sale = sold(cast, program)
    path, body = f"/packages/{sale['id']}/use", use_of(cast, program, sale)
    ben = make_patient(practice=cast.clinic.practice)
    with unchanged(*TABLES):
        assert stranger.post(path, body)[0] == 404
    for day in ("2026-11-25", "2026-11-23"):
        refused(program, path, {**body, "on": day}, "wrong_use_day", "on")
    refused(program, path, {**body, "patient_id": cast.other.patient.pk}, "not_found", "patient_id")
    refused(program, path, {**body, "part_id": body["part_id"] + 99}, "not_found", "part_id")
    refused(program, path, {**body, "patient_id": ben.pk}, "not_theirs", "patient_id")
    refused(program, path, {**body, "units": 2}, "one_at_a_time", "units")
    program.post(f"/packages/{sale['id']}/shares", {"patient_id": ben.pk, "most_units": 1})
    assert program.post(path, {**body, "patient_id": ben.pk})[0] == 201
    refused(program, path, {**body, "patient_id": ben.pk}, "limit_reached", "package_id")
    program.post(f"/packages/{sale['id']}/pause", {"reason": "Operation"})
    refused(program, path, body, "not_usable_then", "on")
    program.post(f"/packages/{sale['id']}/resume", {})
    for days in range(4):
        book(cast, program, kind, days)
    refused(program, path, body, "session_gone")
    end(program, sale)
    refused(program, path, body, "package_ended")
    assert_books_straight(cast.clinic.practice)


def test_used_once_it_is_paid(cast, program):
    _kind, sale = sold(cast, program, usable_when="paid")
    path, body = f"/packages/{sale['id']}/use", use_of(cast, program, sale)
    refused(program, path, body, "not_paid_yet")
    acts.pay(cast.clinic, 45000, pay=((sale["invoice_id"], 45000),))
    assert program.post(path, body)[0] == 201
    assert_books_straight(cast.clinic.practice)


def test_what_a_visit_has_is_not_given_back_by_hand(cast, program):
    kind, sale = sold(cast, program)
    visit = book(cast, program, kind, 0)[1]
    program.post(f"/attendees/{visit['attendee_id']}/status", {"status": "arrived"})
    sessions = program.get(f"/packages/{sale['id']}")[1]["sessions"]
    (used,) = [one for one in sessions if one["status"] == "used"]
    refused(program, f"/sessions/{used['id']}/return", {}, "not_by_hand")
    assert_books_straight(cast.clinic.practice)


def test_a_visit_is_covered_changed_and_uncovered(cast, program, stranger):
    kind, first = sold(cast, program)
    second = program.post(
        "/packages",
        {
            "patient_id": cast.clinic.patient.pk,
            "package_product_id": make_product(cast.clinic, kind, valid_count=12).pk,
        },
    )[1]
    visit = book(cast, program, kind, 1, package=NONE)[1]
    assert visit_of(program, visit["id"])["package"] is None
    path = f"/attendees/{visit['attendee_id']}/package"
    assert stranger.post(path, {})[0] == 404
    assert stranger.delete(path)[0] == 404
    status, done = program.post(path, {}, key="cover")
    assert (status, done) == (
        200,
        {
            "id": visit["attendee_id"],
            "appointment_id": visit["id"],
            "package_id": first["id"],
        },
    )
    named = {"package_id": second["id"], "part_id": part_of(program, second["id"])}
    assert program.post(path, named)[1]["package_id"] == second["id"]
    assert program.post(path, {}, key="cover") == (status, done)
    assert visit_of(program, visit["id"])["package"]["package_id"] == second["id"]
    assert program.get(f"/packages/{first['id']}")[1]["free"] == 5
    assert program.get(f"/packages/{second['id']}")[1]["booked"] == 1
    assert program.delete(path, key="none")[1]["package_id"] == second["id"]
    assert program.delete(path, key="none")[1]["package_id"] == second["id"]
    assert program.delete(path)[1]["package_id"] is None
    assert visit_of(program, visit["id"])["package"] is None
    assert program.get(f"/packages/{second['id']}")[1]["free"] == 5
    assert_books_straight(cast.clinic.practice)


def test_a_visit_that_took_place_uses_it_at_once(cast, program):
    kind, sale = sold(cast, program)
    visit = book(cast, program, kind, 0, package=NONE)[1]
    program.post(f"/attendees/{visit['attendee_id']}/status", {"status": "completed"})
    path = f"/attendees/{visit['attendee_id']}/package"
    assert program.post(path, {})[0] == 200
    found = program.get(f"/packages/{sale['id']}")[1]
    assert (found["used"], found["unearned_minor"]) == (1, 36000)
    assert_books_straight(cast.clinic.practice)
    assert program.delete(path)[0] == 200
    found = program.get(f"/packages/{sale['id']}")[1]
    assert (found["free"], found["unearned_minor"]) == (5, 45000)
    assert_books_straight(cast.clinic.practice)


def test_which_visit_cannot_be_covered(cast, program, stranger):
    kind, sale = sold(cast, program)
    _kind, theirs = sold_elsewhere(cast, stranger)
    visit = book(cast, program, kind, 1, package=NONE)[1]
    path = f"/attendees/{visit['attendee_id']}/package"
    for package_id in (theirs["id"], theirs["id"] + 99):
        refused(program, path, {"package_id": package_id}, "no_such_session", "package_id")
    refused(program, path, {"part_id": part_of(program, sale["id"])}, "invalid", "package_id")
    other = book(cast, program, make_visit_type(cast.clinic, name="Physio"), 2)[1]
    wrong = f"/attendees/{other['attendee_id']}/package"
    refused(program, wrong, {}, "no_such_session", "package_id")
    billed = {
        "patient_id": cast.clinic.patient.pk,
        "attendee_id": visit["attendee_id"],
        "lines": [{"item_id": cast.clinic.item.pk}],
        "issue": True,
    }
    assert program.post("/invoices", billed)[0] == 201
    refused(program, path, {}, "visit_billed", "attendee_id")
    away = {"status": "cancelled", "reason": "sick"}
    program.post(f"/attendees/{other['attendee_id']}/status", away)
    refused(program, wrong, {}, "visit_not_on")
    refused(program, wrong, None, "visit_not_on")
    assert_books_straight(cast.clinic.practice)


def sold_elsewhere(cast, stranger):
    """A package of Charlie's practice."""
    kind = make_visit_type(cast.other, name="Massage")
    product = make_product(cast.other, kind)
    body = {"patient_id": cast.other.patient.pk, "package_product_id": product.pk}
    return kind, stranger.post("/packages", body)[1]


def test_a_visit_is_covered_up_to_the_limit(cast, program):
    kind, sale = sold(cast, program)
    ben = make_patient(practice=cast.clinic.practice)
    program.post(f"/packages/{sale['id']}/shares", {"patient_id": ben.pk, "most_units": 1})
    visits = [book(cast, program, kind, days, ben)[1]["attendee_id"] for days in (1, 2)]
    path, named = f"/attendees/{visits[1]}/package", {"package_id": sale["id"]}
    refused(program, path, named, "limit_reached", "package_id")
    with unchanged(*TABLES):
        booked = book(cast, program, kind, 3, ben, package=named)
    assert booked[1]["error"]["code"] == "limit_reached"
    assert program.delete(f"/attendees/{visits[0]}/package")[0] == 200
    assert program.post(path, named)[1]["package_id"] == sale["id"]
    assert_books_straight(cast.clinic.practice)


def test_a_visit_that_forfeited_part_of_a_session_gets_another(cast, program):
    kind, sale = sold(cast, program, late_cancel_percent=50)
    visit = book(cast, program, kind, 0)[1]["attendee_id"]
    acts.pay(cast.clinic, 45000, pay=((sale["invoice_id"], 45000),))
    for status in ({"status": "cancelled", "reason": "sick"}, {"status": "booked"}):
        assert program.post(f"/attendees/{visit}/status", status)[0] == 200
    path = f"/attendees/{visit}/package"
    assert program.post(path, {})[1]["package_id"] == sale["id"]
    found = program.get(f"/packages/{sale['id']}")[1]
    assert (found["used"], found["booked"], found["free"]) == (1, 1, 3)
    assert program.delete(path)[1]["package_id"] == sale["id"]
    assert_books_straight(cast.clinic.practice)
