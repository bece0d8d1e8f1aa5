"""Payments through the API: taken, listed, edited, voided."""

from __future__ import annotations

from creditwell.audit.models import Note
from creditwell.outbox.models import Event
from creditwell.payments.models import Payment
from creditwell.people.models import Payer
from tests import acts
from tests.api.client import Program, foreign_keys_at_once, make_key
from tests.books import assert_books_straight
from tests.factories import make_patient


def body(cast, minor=10000, **fields):
    part = {"payment_source_id": cast.clinic.card.pk, "amount_minor": minor}
    return {"patient_id": cast.clinic.patient.pk, "parts": [part], **fields}


def test_a_prepayment_becomes_account_credit(cast, program):
    status, taken = program.post("/payments", body(cast, note="In advance"))
    assert status == 201
    assert taken["to_credit_minor"] == taken["total_minor"] == 10000
    assert (taken["currency"], taken["receipt_number"]) == ("AUD", "1")
    _status, found = program.get(f"/payments/{taken['id']}")
    assert found["unallocated_minor"] == 10000
    assert found["patient_id"] == cast.clinic.patient.pk
    assert found["parts"][0]["amount_minor"] == 10000
    assert found["note"] == "In advance"
    note = Note.objects.get(action="take_payment")
    assert (note.user_id, note.api_key_id is not None) == (None, True)
    assert_books_straight(cast.clinic.practice)


def test_a_payment_settles_the_invoices_named(cast, program):
    first, second = acts.invoice(cast.clinic, 9000), acts.invoice(cast.clinic, 5000)
    allocate = [{"invoice_id": second.invoice_id, "amount_minor": 4000}]
    _status, taken = program.post("/payments", body(cast, allocate=allocate))
    assert taken["to_credit_minor"] == 6000
    _status, found = program.get(f"/payments/{taken['id']}")
    assert [a["invoice_id"] for a in found["allocations"]] == [second.invoice_id]
    assert program.get(f"/invoices/{first.invoice_id}")[1]["owing_minor"] == 9000
    assert program.get(f"/invoices/{second.invoice_id}")[1]["state"] == "part"
    assert_books_straight(cast.clinic.practice)


def test_without_allocate_the_practice_decides_and_an_empty_list_keeps_it_all(cast, program):
    acts.invoice(cast.clinic, 9000)
    assert program.post("/payments", body(cast, allocate=[]))[1]["to_credit_minor"] == 10000
    assert program.post("/payments", body(cast))[1]["to_credit_minor"] == 1000
    assert_books_straight(cast.clinic.practice)


def test_credit_from_before_can_be_used_in_the_same_act(cast, program):
    acts.pay(cast.clinic, 3000)
    invoice = acts.invoice(cast.clinic, 9000)
    _status, taken = program.post(
        "/payments",
        body(
            cast,
            6000,
            allocate=[{"invoice_id": invoice.invoice_id, "amount_minor": 6000}],
            use_credit=[{"invoice_id": invoice.invoice_id, "amount_minor": 3000}],
        ),
    )
    assert (taken["to_credit_minor"], len(taken["allocation_ids"])) == (0, 2)
    assert acts.standing(cast.clinic).credit_minor == 0
    assert_books_straight(cast.clinic.practice)


def test_the_payer_may_be_named_in_one_way_only(cast, program):
    payer = cast.clinic.patient.payer_id
    one = {"patient_id": None, "payer_id": payer}
    assert program.post("/payments", body(cast, **one))[0] == 201
    status, refused = program.post("/payments", body(cast, payer_id=payer))
    assert (status, refused["error"]["code"]) == (422, "no_payer")
    assert Payment.objects.count() == 1
    assert_books_straight(cast.clinic.practice)


def refused(cast, program, code, **fields):
    """The refusal has this name, nothing changed and nothing was sent; returns its field."""
    before = (Payment.objects.count(), Note.objects.count(), Event.objects.count())
    status, answer = program.post("/payments", body(cast, **fields))
    assert status in {404, 422}
    assert answer["error"]["code"] == code
    assert (Payment.objects.count(), Note.objects.count(), Event.objects.count()) == before
    Payer.objects.update(merged_into=None)
    assert_books_straight(cast.clinic.practice)
    return answer["error"]["param"]


def test_refusals_name_the_field_of_the_request(cast, program):
    invoice = acts.invoice(cast.clinic, 9000).invoice_id
    more = [{"invoice_id": invoice, "amount_minor": 9500}]
    source = cast.clinic.card.pk

    def parts(minor):
        return [{"payment_source_id": source, "amount_minor": minor}]

    assert refused(cast, program, "does_not_add_up", allocate=more) == "allocate"
    assert refused(cast, program, "does_not_add_up", use_credit=more, allocate=[]) == "use_credit"
    assert refused(cast, program, "invalid", received_on="2199-01-01") == "received_on"
    assert refused(cast, program, "invalid", parts=[]) == "parts"
    assert refused(cast, program, "invalid", parts=parts(0)) == "parts[0].amount_minor"
    assert refused(cast, program, "invalid", parts=parts(10.5)) == "parts[0].amount_minor"
    assert refused(cast, program, "invalid", parts=parts("100")) == "parts[0].amount_minor"
    assert refused(cast, program, "invalid", parts=parts(10**30)) == "parts[0].amount_minor"
    assert refused(cast, program, "invalid", note="a\x00b") == "note"
    assert refused(cast, program, "invalid", received_on="24/11/2026") == "received_on"
    assert refused(cast, program, "unknown_field", method="cash") == "method"
    assert refused(cast, program, "wrong_currency", currency="NZD") == "currency"
    with foreign_keys_at_once():
        assert refused(cast, program, "not_found", location_id=cast.other.location.pk) is None


def test_the_same_request_is_one_payment(cast, program):
    first = program.post("/payments", body(cast), key="visit-7")
    assert program.post("/payments", body(cast), key="visit-7") == first
    assert Payment.objects.count() == 1
    status, answer = program.post("/payments", body(cast, 10001), key="visit-7")
    assert (status, answer["error"]["code"]) == (409, "idempotency_key_reused")
    assert answer["error"]["type"] == "conflict"
    other = Program(make_key(cast.clinic.practice, name="Another"))
    assert other.post("/payments", body(cast), key="visit-7")[1]["id"] != first[1]["id"]
    assert Payment.objects.count() == 2
    assert_books_straight(cast.clinic.practice)


def test_a_refused_request_may_be_sent_again_under_its_key(cast, program):
    assert program.post("/payments", body(cast, currency="NZD"), key="k")[0] == 422
    late = body(cast, received_on="2199-01-01")
    assert program.post("/payments", late, key="k")[0] == 422
    assert program.post("/payments", body(cast), key="k")[0] == 201
    assert_books_straight(cast.clinic.practice)


def test_edit_makes_a_new_version(cast, program):
    invoice = acts.invoice(cast.clinic, 9000).invoice_id
    taken = program.post("/payments", body(cast))[1]
    parts = [{"payment_source_id": cast.clinic.cash.pk, "amount_minor": 5000}]
    status, edited = program.post(f"/payments/{taken['id']}/edit", {"parts": parts})
    assert (status, edited["total_minor"]) == (201, 5000)
    old, new = (program.get(f"/payments/{p['id']}")[1] for p in (taken, edited))
    assert (old["status"], new["status"], new["replaces_id"]) == (
        "replaced",
        "recorded",
        taken["id"],
    )
    assert program.get(f"/invoices/{invoice}")[1]["owing_minor"] == 4000
    status, answer = program.post(f"/payments/{taken['id']}/edit", {"parts": parts})
    assert (status, answer["error"]["code"]) == (409, "payment_not_standing")
    assert_books_straight(cast.clinic.practice)


def test_void_opens_the_invoices_again(cast, program):
    invoice = acts.invoice(cast.clinic, 9000).invoice_id
    taken = program.post("/payments", body(cast))[1]
    status, voided = program.post(f"/payments/{taken['id']}/void", {"reason": "Bounced"})
    assert (status, voided["invoice_ids"]) == (200, [invoice])
    found = program.get(f"/payments/{taken['id']}")[1]
    assert (found["status"], found["void_reason"]) == ("void", "Bounced")
    assert found["allocations"][0]["returned_minor"] == 9000
    status, answer = program.post(f"/payments/{taken['id']}/void", {})
    assert (status, answer["error"]["code"]) == (409, "payment_not_standing")
    assert_books_straight(cast.clinic.practice)


def test_lists_can_be_narrowed_and_walked(cast, program, stranger):
    ids = [program.post("/payments", body(cast, 100 + n))[1]["id"] for n in range(5)]
    program.post(f"/payments/{ids[0]}/void", {})
    seen, cursor = [], ""
    while cursor is not None:
        _status, page = program.get("/payments", limit=2, cursor=cursor)
        seen += [payment["id"] for payment in page["data"]]
        assert page["has_more"] is (page["next_cursor"] is not None)
        cursor = page["next_cursor"]
    assert seen == ids
    assert len(program.get("/payments", status="void")[1]["data"]) == 1
    assert len(program.get("/payments", received_until="2020-01-01")[1]["data"]) == 0
    patient = cast.clinic.patient.pk
    assert len(program.get("/payments", patient_id=patient)[1]["data"]) == 5
    assert stranger.get("/payments")[1]["data"] == []
    for wrong in ({"cursor": "x"}, {"limit": 0}, {"limit": 101}, {"state": "void"}):
        assert program.get("/payments", **wrong)[0] == 422
    assert program.get("/payments", state="void")[1]["error"]["code"] == "unknown_field"


def test_taking_a_payment_asks_the_database_so_often(cast, program, django_assert_num_queries):
    acts.invoice(cast.clinic, 9000)
    payer = body(cast, patient_id=None, payer_id=cast.clinic.patient.payer_id)
    program.post("/payments", body(cast))
    acts.invoice(cast.clinic, 9000)
    with django_assert_num_queries(1 + 13):
        assert program.post("/payments", payer, key="one")[0] == 201


def test_lists_ask_as_often_for_many_as_for_one(cast, program, django_assert_num_queries):
    for count in (1, 6):
        for _n in range(count):
            program.post("/payments", body(cast))
        with django_assert_num_queries(1 + 3):
            program.get("/payments")


def test_a_receipt_as_pdf(cast, program, stranger):
    taken = acts.pay(cast.clinic, 10000)
    invoice = acts.invoice(cast.clinic, 9000).invoice_id
    for path in (f"/payments/{taken.payment_id}/receipt/pdf", f"/invoices/{invoice}/pdf"):
        status, content = program.get(path)
        assert (status, content[:5]) == (200, b"%PDF-")
        assert stranger.get(path)[0] == 404


def test_no_money_comes_to_a_record_that_was_merged_away(cast, program):
    kept = make_patient(practice=cast.clinic.practice)
    payment = acts.pay(cast.clinic, 500).payment_id
    invoice = acts.invoice(cast.clinic, 9000).invoice_id
    allocation = acts.use_credit(cast.clinic, (invoice, 300)).allocation_ids[0]
    part = program.get(f"/payments/{payment}")[1]["parts"][0]["id"]
    Payer.objects.filter(pk=cast.clinic.patient.payer_id).update(merged_into=kept.payer)
    payer = {"payer_id": cast.clinic.patient.payer_id}
    parts = [{"payment_source_id": cast.clinic.card.pk, "amount_minor": 100}]
    back = [{"payment_part_id": part, "amount_minor": 100}]
    before = Note.objects.count(), Event.objects.count()
    for path, body in (
        ("/payments", {**payer, "parts": parts}),
        (f"/payments/{payment}/edit", {"parts": parts}),
        (f"/payments/{payment}/void", {"reason": "Typed twice"}),
        ("/allocations", payer),
        (f"/allocations/{allocation}/take_back", {}),
        ("/refunds", {**payer, "parts": back, "reason": "Moved away"}),
        (f"/invoices/{invoice}/void", {"reason": "Not theirs"}),
    ):
        status, answer = program.post(path, body)
        assert (status, answer["error"]["code"]) == (409, "merged_away"), path
    assert (Note.objects.count(), Event.objects.count()) == before
    Payer.objects.update(merged_into=None)
    assert_books_straight(cast.clinic.practice)
