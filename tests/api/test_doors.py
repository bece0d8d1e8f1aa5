"""Every route there is: without a key, without the scope, with another practice's ids."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver

from creditwell.api.routes import ROUTES, Route
from creditwell.api.throttle import throttle
from creditwell.audit.models import Note
from creditwell.invoicing.models import InvoiceLine
from creditwell.outbox.models import Event
from creditwell.payments.models import PaymentPart
from creditwell.people.models import Contact, Payer
from creditwell.tenancy.models import ApiKey
from creditwell.tenancy.permissions import SCOPES
from tests import acts
from tests.api.asked import asked_by_a_person
from tests.api.client import Program, make_key
from tests.books import assert_books_straight
from tests.factories import NOW, make_appointment, make_patient
from tests.vouchers import sell_one

IDS = [f"{route.method} {route.path}" for route in ROUTES]


def scopes_without(permission: str) -> list[str]:
    """Every scope that does not carry the permission."""
    return sorted(name for name, allows in SCOPES.items() if permission not in allows)


def rows_of(clinic) -> dict[str, Any]:
    """A row of each kind that a path or a body can name, by the name of the parameter."""
    practice = clinic.practice
    payer = Payer.objects.create(practice=practice, name="Fund")
    contact = Contact.objects.create(
        practice=practice, payer=payer, kind="insurer", name="Fund", created_at=NOW
    )
    taken, refundable = acts.pay(clinic, 10000), acts.pay(clinic, 700)
    invoice = acts.invoice(clinic, 9000).invoice_id
    noted = acts.invoice(clinic, 500).invoice_id
    part = PaymentPart.objects.get(practice=practice, payment_id=refundable.payment_id)
    line = InvoiceLine.objects.get(practice=practice, invoice_id=noted)
    theirs = Program(make_key(practice, name="To prepare"))
    credited = {"lines": [{"line_id": line.pk, "amount_minor": 100}], "reason": "Kind"}
    note = theirs.post(f"/invoices/{noted}/credit_notes", credited)[1]["id"]
    back = {"parts": [{"payment_part_id": part.pk, "amount_minor": 100}], "reason": "Kind"}
    refund = theirs.post("/refunds", {"patient_id": clinic.patient.pk, **back})[1]["id"]
    attendee = make_appointment(practice=practice, patient=clinic.patient)
    voucher = sell_one(clinic, 700)
    return {
        "patient_id": clinic.patient.pk,
        "payer_id": clinic.patient.payer_id,
        "contact_id": contact.pk,
        "item_id": clinic.item.pk,
        "category_id": clinic.item.category_id,
        "payment_source_id": clinic.card.pk,
        "location_id": clinic.location.pk,
        "practitioner_id": clinic.practitioner.pk,
        "appointment_type_id": attendee.appointment.appointment_type_id,
        "appointment_id": attendee.appointment_id,
        "attendee_id": attendee.pk,
        "invoice_id": invoice,
        "line_id": InvoiceLine.objects.get(practice=practice, invoice_id=invoice).pk,
        "credit_note_id": note,
        "payment_id": taken.payment_id,
        "payment_part_id": part.pk,
        "taken_part_id": PaymentPart.objects.get(payment_id=taken.payment_id).pk,
        "allocation_id": acts.use_credit(clinic, (invoice, 1000)).allocation_ids[0],
        "refund_id": refund,
        **asked_by_a_person(clinic, part),
        **_given(clinic, theirs),
        "voucher_id": voucher.pk,
        "code": voucher.code,
        **_family_of(theirs, clinic),
    }


def _family_of(program: Program, clinic) -> dict[str, int]:
    other = make_patient(practice=clinic.practice)
    members = [{"patient_id": clinic.patient.pk}]
    family = {"name": "Family", "members": members}
    share = {
        "owner_payer_id": other.payer_id,
        "user_payer_id": clinic.patient.payer_id,
        "mode": "always",
    }
    return {
        "family_id": program.post("/families", family)[1]["id"],
        "share_id": program.post("/shares", share)[1]["id"],
        "other_patient_id": other.pk,
        "other_payer_id": other.payer_id,
    }


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


def _given(clinic, theirs: Program) -> dict[str, int]:
    """Given credit, a transfer of it, and a lot that expires."""
    gift = {"patient_id": clinic.patient.pk, "kind": "goodwill", "reason": "Kind"}
    given = [theirs.post("/gifts", {**gift, "amount_minor": 300})[1] for _n in range(2)]
    ends = {"amount_minor": 300, "expires_on": "2026-12-31"}
    lot = theirs.post("/gifts", {**gift, **ends})[1]["lot_id"]
    other = make_patient(practice=clinic.practice).payer_id
    lots = [{"lot_id": given[1]["lot_id"], "amount_minor": 200}]
    move = {"patient_id": clinic.patient.pk, "to_payer_id": other, "lots": lots, "reason": "Kind"}
    return {
        "gift_id": given[0]["id"],
        "lot_id": lot,
        "transfer_id": theirs.post("/transfers", move)[1]["id"],
        "to_payer_id": other,
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
        **_bodies_of_families(ids),
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
        "new_item": {**ITEM, "category_id": ids["category_id"]},
        "change_item": {**ITEM, "category_id": ids["category_id"]},
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
        **_bodies_of_refunds(patient, back),
    }


def _bodies_of_refunds(patient: dict[str, int], back: object) -> dict[str, object]:
    return {
        "create_refund": {**patient, "parts": back, "reason": "Kind"},
        "create_refund_request": {**patient, "parts": back, "reason": "Kind"},
        "approve_refund_request": {"answer": "Yes"},
        "decline_refund_request": {"answer": "No"},
        "withdraw_request": {},
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
    # these are told more in the query
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
