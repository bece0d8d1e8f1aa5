"""Every route there is: without a key, without the scope, with another practice's ids."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver

from creditwell.api.routes import ROUTES, Route
from creditwell.api.throttle import throttle
from creditwell.api.v1 import api  # noqa: F401  # fills ROUTES, whichever file is read first
from creditwell.audit.models import Note
from creditwell.outbox.models import Event
from creditwell.tenancy.models import ApiKey
from creditwell.tenancy.permissions import SCOPES
from tests.api.client import Program, make_key
from tests.api.rows import rows_of
from tests.books import assert_books_straight
from tests.factories import NOW

IDS = [f"{route.method} {route.path}" for route in ROUTES]


def scopes_without(permission: str) -> list[str]:
    """Every scope that does not carry the permission."""
    return sorted(name for name, allows in SCOPES.items() if permission not in allows)


def _bodies_of_vouchers(ids: dict[str, Any], parts: object) -> dict[str, object]:
    return {
        "create_vouchers": {
            "patient_id": ids["patient_id"],
            "parts": parts,
            "vouchers": [{"value_minor": 100}],
        },
        "create_redemption": {"patient_id": ids["patient_id"], "code": ids["code"]},
        "withdraw_voucher": {"reason": "Lost"},
        "create_voucher_refund": {"reason": "Not wanted"},
        "send_voucher": {"to": "anna@mail.example"},
    }


def _bodies_of_families(ids: dict[str, int]) -> dict[str, object]:
    return {
        "new_family": {"name": "Family", "members": [{"patient_id": ids["patient_id"]}]},
        "change_family": {"name": "Otherwise"},
        "new_family_member": {"patient_id": ids["other_patient_id"]},
        "new_share": {
            "owner_payer_id": ids["payer_id"],
            "user_payer_id": ids["other_payer_id"],
            "mode": "ask",
        },
    }


def _bodies_of_people(ids: dict[str, Any]) -> dict[str, object]:
    return {**_bodies_of_families(ids), **_bodies_of_packages(ids)}


def _bodies_of_packages(ids: dict[str, Any]) -> dict[str, object]:
    product = {
        "name": "Five",
        "price_minor": 45000,
        "category_id": ids["category_id"],
        "parts": [{"units": 5, "appointment_type_ids": [ids["appointment_type_id"]]}],
    }
    end = {"reason": "Kind", "release": True}
    return {
        "new_package_product": product,
        "change_package_product": product,
        "create_package": {
            "patient_id": ids["patient_id"],
            "package_product_id": ids["package_product_id"],
        },
        "prolong_package": {"until": "2027-12-31", "reason": "Kind"},
        "rest_package": {"reason": "Kind"},
        "wake_package": {},
        "add_to_package": {"part_id": ids["part_id"], "units": 1, "reason": "Kind"},
        "new_package_share": {"patient_id": ids["other_patient_id"]},
        "give_package": {"to_patient_id": ids["to_patient_id"], "reason": "Kind"},
        "turn_package_into_credit": end,
        "refund_rest_of_package": end,
        "undo_package_act": {},
        "create_membership": {
            "patient_id": ids["patient_id"],
            "package_product_id": ids["renewing_product_id"],
        },
        "stop_membership_for_a_while": {},
        "let_membership_go_on": {},
        "end_membership_with_period": {"reason": "Kind"},
        "take_cancelling_back": None,
        "end_package_share": None,
        **_bodies_of_uses(ids),
    }


def _bodies_of_uses(ids: dict[str, Any]) -> dict[str, object]:
    return {
        "use_package_by_hand": {
            "part_id": ids["part_id"],
            "patient_id": ids["patient_id"],
            "on": NOW.date().isoformat(),
        },
        "bring_session_back": None,
        "let_visit_use_package": {},
        "let_visit_use_none": None,
        "exchange_session": {
            "part_id": ids["part_id"],
            "target": {"item_id": ids["item_id"]},
        },
        "enlarge_package": {"package_product_id": ids["larger_product_id"]},
    }


def bodies(ids: dict[str, Any]) -> dict[str, object]:
    """A body that each route would take, made of these ids."""
    person = {"first_name": "Ann", "last_name": "Other"}
    contact = {"kind": "doctor", "name": "Dr Who"}
    when = (NOW + timedelta(days=30)).isoformat()
    parts = [{"payment_source_id": ids["payment_source_id"], "amount_minor": 100}]
    patient = {"patient_id": ids["patient_id"]}
    invoice = {**patient, "lines": [{"item_id": ids["item_id"]}]}
    back = [{"payment_part_id": ids["payment_part_id"], "amount_minor": 100}]
    return {
        "new_patient": person,
        "change_patient": {
            **dict.fromkeys(PATIENT_TEXTS, ""),
            **dict.fromkeys(PATIENT_NULLS),
            **person,
        },
        "new_contact": contact,
        "change_contact": {**contact, "email": "", "phone": "", "address": "", "notes": ""},
        **_bodies_of_people(ids),
        "create_appointment": {
            "practitioner_id": ids["practitioner_id"],
            "location_id": ids["location_id"],
            "appointment_type_id": ids["appointment_type_id"],
            "patient_id": ids["patient_id"],
            "starts_at": when,
            "anyway": True,
        },
        "shift_appointment": {"starts_at": when, "anyway": True},
        "call_appointment_off": {"reason": "sick"},
        "create_attendee": {"patient_id": ids["patient_id"]},
        "set_attendee_status": {"status": "arrived"},
        "create_invoice": invoice,
        "update_invoice": invoice,
        **{key: {**ITEM, "category_id": ids["category_id"]} for key in ("new_item", "change_item")},
        "cancel_invoice": {"reason": "Wrong"},
        "create_credit_note": {
            "lines": [{"line_id": ids["line_id"], "amount_minor": 100}],
            "reason": "Kind",
        },
        "create_payment": {"patient_id": ids["patient_id"], "parts": parts},
        "change_payment": {"parts": parts},
        "cancel_payment": {"reason": "Bounced"},
        "create_dishonour": {"payment_part_id": ids["taken_part_id"], "reason": "Bounced"},
        "create_allocations": {"patient_id": ids["patient_id"]},
        "return_allocation": {},
        **_bodies_of_credit(ids),
        **_bodies_of_vouchers(ids, parts),
        **_bodies_of_requests(patient, back),
    }


def _bodies_of_requests(patient: dict[str, int], back: object) -> dict[str, object]:
    return {
        "create_refund": {**patient, "parts": back, "reason": "Kind"},
        "create_refund_request": {**patient, "parts": back, "reason": "Kind"},
        "approve_refund_request": {"answer": "Yes"},
        "decline_refund_request": {"answer": "No"},
        "withdraw_request": {},
        "put_message_template": {"kind": "receipt"},
    }


def _bodies_of_credit(ids: dict[str, int]) -> dict[str, object]:
    return {
        "create_transfer": {
            "patient_id": ids["patient_id"],
            "to_payer_id": ids["to_payer_id"],
            "lots": [{"lot_id": ids["lot_id"], "amount_minor": 100}],
            "reason": "Kind",
        },
        "undo": {},
        "create_gift": {
            "patient_id": ids["patient_id"],
            "kind": "opening",
            "amount_minor": 100,
            "reason": "Before",
        },
        "take_back": {"reason": "Wrong"},
        "extend": {"expires_on": "2027-12-31"},
    }


PATIENT_TEXTS = (
    "preferred_name",
    "pronouns",
    "email",
    "phone",
    "other_phone",
    "address",
    "alert",
    "notes",
    "invoice_to",
    "invoice_email",
)
ITEM = {
    "kind": "service",
    "name": "Taping",
    "price_minor": 4000,
    **dict.fromkeys(("code", "supplier"), ""),
    **dict.fromkeys(("tax_rate_id", "cost_minor", "stock_count")),
    "concession_prices": [],
}
PATIENT_NULLS = ("date_of_birth", "concession_id", "bill_to_id", "referred_by_id")
# Acts without a body.
NOBODYS = {"put_patient_away", "bring_patient_back", "put_contact_away", "bring_contact_back"}
NOBODYS |= {"put_item_away", "bring_item_back", "delete_family_member", "end_share"}
NOBODYS |= {
    "delete_invoice",
    "delete_attendee",
    "allow_voucher",
    "tick_off_task",
}  # acts without a body
FREE = {"new_patient", "new_contact"}  # acts that name nothing that is there already


def at(route: Route, ids: dict[str, Any]) -> str:
    return route.path.format(**ids)


def told() -> tuple[int, int]:
    return Note.objects.count(), Event.objects.count()


@pytest.mark.parametrize("route", ROUTES, ids=IDS)
def test_without_a_key_nothing_opens(cast, route):
    path = route.path.format(**dict.fromkeys(names_in(route.path), 1))
    for token in ("", "cw_nobody_nothing", "nonsense", "cw_\x00_x"):
        status, answer = Program(token).ask(route.method, path)
        assert (status, answer["error"]["code"]) == (401, "unauthorized")


@pytest.mark.parametrize("route", ROUTES, ids=IDS)
def test_a_key_opens_only_what_its_scopes_carry(cast, route):
    program = Program(make_key(cast.clinic.practice, scopes_without(route.needs)))
    path = route.path.format(**dict.fromkeys(names_in(route.path), 1))
    status, answer = program.ask(route.method, path)
    assert (status, answer["error"]["code"]) == (403, "forbidden")


def test_another_practices_ids_are_not_there(cast, program):
    """Every path, and every body, with the ids of Charlie's practice: 404, and nothing happens."""
    theirs, ours = rows_of(cast.other), rows_of(cast.clinic)
    for route in ROUTES:
        if route.method != "GET" and route.name not in NOBODYS:
            assert route.name in bodies(ours), f"give {route.name} a body in this test"
        before = told()
        body = bodies(ours).get(route.name)
        if "{" in route.path:
            status, answer = program.ask(route.method, at(route, theirs), body)
            assert (status, answer["error"]["code"]) == (404, "not_found"), route
        if body is not None and route.name not in FREE and bodies(theirs)[route.name] != body:
            status, answer = program.ask(route.method, at(route, ours), bodies(theirs)[route.name])
            assert (status, answer["error"]["type"]) == (404, "not_found"), (route, answer)
        assert told() == before, route
    assert_books_straight(cast.clinic.practice)
    assert_books_straight(cast.other.practice)


def test_every_route_works_with_our_own_ids(cast, program):
    ids = rows_of(cast.clinic)
    for route in ROUTES:
        before = transaction.savepoint()
        status, answer = program.ask(route.method, at(route, ids), bodies(ids).get(route.name))
        transaction.savepoint_rollback(before)
        if route.name in REFUSED_HERE:
            assert answer["error"]["code"] == REFUSED_HERE[route.name]
        else:
            assert status == route.status, (route, answer)


REFUSED_HERE = {
    "create_attendee": "group_full",
    "delete_attendee": "wrong_state",
    "update_invoice": "not_a_draft",
    "delete_invoice": "not_a_draft",
    "allow_voucher": "voucher_not_disabled",
    "withdraw_request": "not_your_request",
    "wake_package": "not_paused",
    "let_membership_go_on": "not_paused",
    "take_cancelling_back": "not_cancelled",
    # these are told more in the query
    "list_package_offers": "invalid",
    "explain_credit": "invalid",
    "get_credit_roll_forward": "invalid",
}


def test_the_table_of_routes_is_the_table_of_addresses():
    """No address of the API has come to be past `Routes`."""
    assert len({route.name for route in ROUTES}) == len(ROUTES)
    spelled = {"api/v1" + r.path.replace("{", "<").replace("}", ">") for r in ROUTES}
    known = {address for address in addresses() if address.startswith("api/")}
    assert known - spelled == {"api/v1/", "api/v1/docs", "api/v1/openapi.json"}
    assert spelled <= known


def addresses(resolver: URLResolver | None = None, prefix: str = "") -> list[str]:
    found = []
    for entry in (resolver or get_resolver()).url_patterns:
        here = prefix + str(entry.pattern)
        found += [here] if isinstance(entry, URLPattern) else addresses(entry, here)
    return found


def names_in(path: str) -> list[str]:
    return [piece.strip("{}") for piece in path.split("/") if piece.startswith("{")]


def test_a_revoked_key_opens_nothing(cast, program):
    assert program.get("/practice")[0] == 200
    ApiKey.objects.update(revoked_at=NOW)
    assert program.get("/practice")[0] == 401


def test_a_key_says_when_it_was_last_used(cast, program, django_assert_num_queries):
    ApiKey.objects.update(last_used_on=None)
    with django_assert_num_queries(1 + 1):
        program.get("/practice")
    with django_assert_num_queries(1):
        program.get("/practice")
    assert ApiKey.objects.get().last_used_on is not None


def test_failures_have_one_shape(cast, program):
    def error(method, path, body=None):
        return program.ask(method, path, body)[1]["error"]

    assert error("GET", "/nowhere")["code"] == "not_found"
    assert error("GET", "/payments/x")["code"] == "not_found"
    assert error("GET", "/payments/0")["code"] == "not_found"
    assert error("GET", f"/payments/{2**70}")["code"] == "not_found"
    assert error("PATCH", "/payments")["code"] == "method_not_allowed"
    assert error("POST", "/payments", [])["param"] == "body"
    assert error("POST", "/payments")["param"] == "body"
    headers = {"Authorization": f"Bearer {program.token}"}
    answer = program.client.post(
        "/api/v1/payments", "{", content_type="application/json", headers=headers
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "not_json")
    assert "Allow" in program.client.patch("/api/v1/payments", headers=headers).headers
    refused = program.client.get("/api/v1/payments")
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")


def test_an_idempotency_key_has_a_length(cast, program):
    body = {"first_name": "Ann"}
    assert program.post("/patients", body, key="k" * 255)[0] == 201
    status, answer = program.post("/patients", body, key="k" * 256)
    assert (status, answer["error"]["code"]) == (422, "wrong_idempotency_key")


def test_a_key_that_asks_too_often_has_to_wait(cast, program, monkeypatch):
    monkeypatch.setattr(throttle, "per_minute", 2)
    monkeypatch.setattr(throttle, "_buckets", {})
    other = Program(make_key(cast.clinic.practice, name="Another"))
    assert [program.get("/practice")[0] for _n in range(3)] == [200, 200, 429]
    assert other.get("/practice")[0] == 200
    headers = {"Authorization": f"Bearer {program.token}"}
    answer = program.client.get("/api/v1/practice", headers=headers)
    assert 1 <= int(answer.headers["Retry-After"]) <= 30
