"""Refunds and credit notes through the API."""

from __future__ import annotations

from creditwell.audit.models import Note
from creditwell.invoicing.models import CreditNote
from creditwell.outbox.models import Event
from creditwell.payments.models import Refund
from creditwell.payments.rules_refund import FromLot
from creditwell.tenancy.access import Actor
from creditwell.usecases.request_refund import RequestRefund, request_refund
from tests import acts
from tests.books import assert_books_straight
from tests.factories import NOW


def counts():
    notes = Note.objects.count(), Event.objects.count()
    return Refund.objects.count(), CreditNote.objects.count(), *notes


def refund(cast, program, minor, *, part=None, key="", **fields):
    if part is None:
        part = program.get("/payments")[1]["data"][0]["parts"][0]["id"]
    parts = [{"payment_part_id": part, "amount_minor": minor}]
    body = {"patient_id": cast.clinic.patient.pk, "parts": parts, "reason": "Moved away"}
    return program.post("/refunds", {**body, **fields}, key=key)


def test_credit_goes_back_by_the_part_it_came_by(cast, program, stranger):
    acts.pay(cast.clinic, 10000)
    status, made = refund(cast, program, 4000, key="k")
    assert (status, made["total_minor"], made["number"]) == (201, 4000, 1)
    assert refund(cast, program, 4000, key="k")[1] == made
    found = program.get(f"/refunds/{made['id']}")[1]
    assert (found["reason"], found["parts"][0]["amount_minor"]) == ("Moved away", 4000)
    assert found["parts"][0]["payment_source_id"] == cast.clinic.card.pk
    assert acts.standing(cast.clinic).credit_minor == 6000
    assert program.get("/payments")[1]["data"][0]["parts"][0]["refunded_minor"] == 4000
    assert len(program.get("/refunds", patient_id=cast.clinic.patient.pk)[1]["data"]) == 1
    assert stranger.get("/refunds")[1]["data"] == []
    assert_books_straight(cast.clinic.practice)


def test_a_lot_is_named_and_a_limit_kept(cast, program):
    taken = acts.pay(cast.clinic, 10000)
    body = {"patient_id": cast.clinic.patient.pk, "reason": "Moved away"}
    parts = [{"lot_id": taken.lot_id, "amount_minor": 4000}]
    status, made = program.post("/refunds", {**body, "parts": parts})
    assert (status, made["total_minor"]) == (201, 4000)
    assert program.get(f"/refunds/{made['id']}")[1]["parts"][0]["lot_id"] == taken.lot_id
    before = counts()
    status, answer = program.post("/refunds", {**body, "parts": [{"amount_minor": 1}]})
    assert (status, answer["error"]["param"]) == (422, "parts")
    cast.clinic.practice.refunds_need_two_above_minor = 1000
    cast.clinic.practice.save()
    status, answer = program.post("/refunds", {**body, "parts": parts})
    assert (status, answer["error"]["code"]) == (403, "approval_needed")
    assert counts() == before
    assert_books_straight(cast.clinic.practice)


def test_what_cannot_be_refunded(cast, program):
    acts.pay(cast.clinic, 10000)
    invoice = acts.invoice(cast.clinic, 9000).invoice_id
    acts.use_credit(cast.clinic, (invoice, 9000))
    before = counts()
    for minor, code in ((1001, "overdrawn"), (10001, "over_refunded")):
        status, answer = refund(cast, program, minor)
        assert status == 409
        assert answer["error"]["code"] in {code, "overdrawn"}
    assert refund(cast, program, 100, reason=" ")[1]["error"]["param"] == "reason"
    assert refund(cast, program, 100, refunded_on="2199-01-01")[1]["error"]["param"] == (
        "refunded_on"
    )
    assert refund(cast, program, 100, part=10**9)[0] == 404
    assert counts() == before
    assert_books_straight(cast.clinic.practice)


def test_a_credit_note_frees_what_was_paid(cast, program, stranger):
    invoice = acts.invoice(cast.clinic, 9000).invoice_id
    acts.pay(cast.clinic, 9000, pay=((invoice, 9000),))
    line = program.get(f"/invoices/{invoice}")[1]["lines"][0]["id"]
    path = f"/invoices/{invoice}/credit_notes"
    body = {"lines": [{"line_id": line, "amount_minor": 4000}], "reason": "Shorter visit"}
    status, made = program.post(path, body, key="k")
    assert (status, made["total_minor"], made["freed_minor"]) == (201, 4000, 4000)
    assert program.post(path, body, key="k")[1] == made
    found = program.get(f"/credit_notes/{made['id']}")[1]
    assert (found["invoice_id"], found["lines"][0]["total_minor"]) == (invoice, 4000)
    assert program.get(f"/invoices/{invoice}")[1]["credited_minor"] == 4000
    assert acts.standing(cast.clinic).credit_minor == 4000
    before = counts()
    more = {"lines": [{"line_id": line, "amount_minor": 5001}], "reason": "Too much"}
    assert program.post(path, more)[1]["error"]["code"] == "credit_too_large"
    assert program.post(path, {**more, "lines": []})[1]["error"]["code"] == "no_lines"
    assert program.post(path, {**body, "reason": " "})[1]["error"]["param"] == "reason"
    assert counts() == before
    assert len(program.get("/credit_notes", invoice_id=invoice)[1]["data"]) == 1
    assert stranger.get("/credit_notes")[1]["data"] == []
    assert_books_straight(cast.clinic.practice)


def test_a_receipt_says_what_was_and_was_not_allocated(cast, program):
    invoice = acts.invoice(cast.clinic, 9000).invoice_id
    taken = acts.pay(cast.clinic, 10000, pay=((invoice, 9000),))
    status, receipt = program.get(f"/payments/{taken.payment_id}/receipt")
    assert status == 200
    assert (receipt["total_minor"], receipt["not_allocated_minor"]) == (10000, 1000)
    assert receipt["allocated"] == [
        {"invoice_id": invoice, "invoice_number": "1", "amount_minor": 9000}
    ]
    assert receipt["received"][0]["payment_source"] == "Card"
    assert (receipt["payer"], receipt["practice"]) == ("Liam Brennan", "Harbour Lane")
    later = acts.invoice(cast.clinic, 500).invoice_id
    acts.use_credit(cast.clinic, (later, 500))
    assert program.get(f"/payments/{taken.payment_id}/receipt")[1] == receipt
    assert_books_straight(cast.clinic.practice)


def test_lists_ask_as_often_for_many_as_for_one(cast, program, django_assert_num_queries):
    acts.pay(cast.clinic, 10000)
    invoice = acts.invoice(cast.clinic, 9000).invoice_id
    line = program.get(f"/invoices/{invoice}")[1]["lines"][0]["id"]
    for _n in range(3):
        refund(cast, program, 100)
        body = {"lines": [{"line_id": line, "amount_minor": 100}], "reason": "Kind"}
        program.post(f"/invoices/{invoice}/credit_notes", body)
        for path in ("/refunds", "/credit_notes"):
            with django_assert_num_queries(1 + 2):
                program.get(path)
    assert_books_straight(cast.clinic.practice)


def test_a_key_asks_and_a_person_decides(cast, program, stranger):
    acts.pay(cast.clinic, 10000)
    part = program.get("/payments")[1]["data"][0]["parts"][0]["id"]
    parts = [{"payment_part_id": part, "amount_minor": 4000}]
    body = {"patient_id": cast.clinic.patient.pk, "parts": parts, "reason": "Moved away"}
    status, made = program.post("/refund_requests", body, key="k")
    assert (status, made["status"]) == (201, "waiting")
    assert program.post("/refund_requests", body, key="k")[1] == made
    path = f"/refund_requests/{made['id']}"
    assert program.get(path)[1]["parts"][0]["payment_part_id"] == part
    assert [row["id"] for row in program.get("/refund_requests")[1]["data"]] == [made["id"]]
    assert stranger.get("/refund_requests")[1]["data"] == []
    task = program.get("/tasks")[1]["data"][0]
    assert (task["kind"], task["subject_id"]) == ("refund_request", made["id"])
    before = counts()
    assert program.post(f"{path}/approve", {})[1]["error"]["code"] == "own_request"
    assert stranger.post(f"{path}/approve", {})[0] == 404
    assert counts() == before
    assert program.post(f"{path}/decline", {"answer": "no"})[1]["status"] == "declined"
    assert program.post(f"{path}/withdraw", {})[1]["error"]["code"] == "request_decided"
    assert program.get("/tasks")[1]["data"] == []
    assert len(program.get("/tasks", done="true")[1]["data"]) == 1
    assert_books_straight(cast.clinic.practice)


def test_a_key_approves_what_a_person_asked(cast, program):
    taken = acts.pay(cast.clinic, 10000)
    asked = request_refund(
        RequestRefund(
            practice_id=cast.clinic.practice.pk,
            key="",
            by=Actor(user_id=cast.bob.pk),
            payer_id=cast.clinic.patient.payer_id,
            chosen=(FromLot(lot_id=taken.lot_id, minor=4000),),
            reason="Moved away",
        ),
        NOW,
    )
    status, made = program.post(f"/refund_requests/{asked.request_id}/approve", {})
    assert (status, made["total_minor"]) == (200, 4000)
    assert acts.standing(cast.clinic).credit_minor == 6000
    assert_books_straight(cast.clinic.practice)


def test_a_chargeback_opens_the_invoice_again(cast, program, stranger):
    invoice = acts.invoice(cast.clinic, 9000).invoice_id
    taken = acts.pay(cast.clinic, 10000, pay=((invoice, 9000),))
    part = program.get("/payments")[1]["data"][0]["parts"][0]["id"]
    path, body = f"/payments/{taken.payment_id}/dishonour", {"payment_part_id": part, "reason": "x"}
    before = counts()
    assert stranger.post(path, body)[0] == 404
    refused = program.post(path, {**body, "amount_minor": 10001})
    assert (refused[0], refused[1]["error"]["param"]) == (409, "amount_minor")
    assert counts() == before
    status, made = program.post(path, body, key="k")
    assert (status, made["amount_minor"], made["invoice_ids"]) == (201, 10000, [invoice])
    assert program.post(path, body, key="k")[1] == made
    assert acts.standing(cast.clinic).owing_minor == 9000
    task = program.get("/tasks")[1]["data"][0]
    assert program.post(f"/tasks/{task['id']}/done", {})[0] == 200
    assert program.get("/tasks")[1]["data"] == []
    assert_books_straight(cast.clinic.practice)
