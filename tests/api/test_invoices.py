"""Invoices through the API: written, issued, changed, thrown away, voided."""

from __future__ import annotations

from creditwell.audit.models import Note
from creditwell.invoicing.models import Invoice
from creditwell.outbox.models import Event
from tests import acts
from tests.api.client import foreign_keys_at_once
from tests.books import assert_books_straight
from tests.factories import make_appointment


def body(cast, **fields):
    lines = [{"item_id": cast.clinic.item.pk}]
    return {"patient_id": cast.clinic.patient.pk, "lines": lines, **fields}


def refused(cast, answer, code):
    """The refusal has this name; nothing changed and nothing was sent since `rows` was taken."""
    status, told = answer
    assert status in {404, 409, 422}
    assert told["error"]["code"] == code
    assert_books_straight(cast.clinic.practice)
    return told["error"]["param"]


def rows():
    return (
        list(Invoice.objects.order_by("pk").values()),
        Note.objects.count(),
        Event.objects.count(),
    )


def test_an_invoice_is_priced_from_the_catalogue_and_issued(cast, program):
    lines = [
        {"item_id": cast.clinic.item.pk},
        {"item_id": cast.clinic.taxed_item.pk, "quantity": "2", "discount_percent": "10"},
        {"item_id": cast.clinic.item.pk, "unit_price_minor": 500, "description": "Tape"},
    ]
    status, saved = program.post("/invoices", body(cast, lines=lines, issue=True))
    assert (status, saved["number"], saved["status"]) == (201, 1, "issued")
    assert saved["total_minor"] == 9000 + 19800 + 500
    found = program.get(f"/invoices/{saved['id']}")[1]
    assert found["owing_minor"] == found["total_minor"] == saved["total_minor"]
    assert found["tax_minor"] == 1800
    assert found["lines"][1]["quantity"] == "2.00"
    assert found["lines"][2]["description"] == "Tape"
    assert (found["state"], found["paid_minor"]) == ("unpaid", 0)
    assert_books_straight(cast.clinic.practice)


def test_a_draft_is_rewritten_issued_and_paid(cast, program):
    saved = program.post("/invoices", body(cast))[1]
    assert (saved["number"], saved["invoice_number"], saved["status"]) == (None, "", "draft")
    assert program.get(f"/invoices/{saved['id']}")[1]["state"] == "draft"
    lines = [{"item_id": cast.clinic.item.pk, "unit_price_minor": 4000}]
    path = f"/invoices/{saved['id']}"
    assert program.put(path, body(cast, lines=lines))[1]["total_minor"] == 4000
    status, issued = program.put(path, body(cast, lines=lines, issue=True, notes="Thanks"))
    assert (status, issued["number"]) == (200, 1)
    acts.pay(cast.clinic, 4000, pay=((saved["id"], 4000),))
    found = program.get(path)[1]
    assert (found["state"], found["paid_minor"], found["notes"]) == ("paid", 4000, "Thanks")
    before = rows()
    assert refused(cast, program.put(path, body(cast)), "not_a_draft") is None
    assert refused(cast, program.delete(path), "not_a_draft") is None
    assert rows() == before


def test_a_draft_is_thrown_away_once(cast, program):
    saved = program.post("/invoices", body(cast))[1]
    path = f"/invoices/{saved['id']}"
    assert program.delete(path, key="k") == (200, {"id": saved["id"]})
    assert program.delete(path, key="k") == (200, {"id": saved["id"]})
    assert refused(cast, program.delete(path), "not_found") is None


def test_void_gives_the_money_back_as_credit(cast, program):
    saved = program.post("/invoices", body(cast, issue=True))[1]
    acts.pay(cast.clinic, 5000, pay=((saved["id"], 5000),))
    path = f"/invoices/{saved['id']}/void"
    assert refused(cast, program.post(path, {"reason": " "}), "invalid") == "reason"
    status, voided = program.post(path, {"reason": "Wrong patient"})
    assert (status, voided["freed_minor"]) == (200, 5000)
    assert program.get(f"/invoices/{saved['id']}")[1]["status"] == "void"
    assert acts.standing(cast.clinic).credit_minor == 5000
    assert refused(cast, program.post(path, {"reason": "Again"}), "not_issued") is None


def test_refusals_name_the_field_of_the_request(cast, program):
    before = rows()
    item = cast.clinic.item.pk

    def asked(**fields):
        return program.post("/invoices", body(cast, issue=True, **fields))

    assert refused(cast, asked(lines=[]), "no_lines") == "lines"
    assert refused(cast, asked(lines=[{}]), "invalid") == "lines[0]"
    assert refused(cast, asked(lines=[{"item_id": 10**9}]), "not_found") == "lines"
    large = [{"item_id": item, "discount_minor": 99999}]
    assert refused(cast, asked(lines=large), "discount_too_large") == "lines[0]"
    naught = [{"item_id": item, "quantity": "0"}]
    assert refused(cast, asked(lines=naught), "invalid") == "lines[0].quantity"
    assert refused(cast, asked(issued_on="2199-01-01"), "invalid") == "issued_on"
    assert refused(cast, asked(due_on="2000-01-01"), "invalid") == "due_on"
    assert refused(cast, asked(currency="NZD"), "wrong_currency") == "currency"
    assert refused(cast, asked(total=5), "unknown_field") == "total"
    assert refused(cast, asked(patient_id=cast.other.patient.pk), "not_found") == "patient_id"
    assert rows() == before


def test_nothing_of_another_practice_gets_onto_an_invoice(cast, program):
    visit = make_appointment(practice=cast.other.practice, patient=cast.other.patient)
    foreign = {
        "location_id": cast.other.location.pk,
        "practitioner_id": cast.other.practitioner.pk,
        "attendee_id": visit.pk,
        "bill_to_id": 10**9,
    }
    before = rows()
    for name, pk in foreign.items():
        with foreign_keys_at_once():
            answer = program.post("/invoices", body(cast, issue=True, **{name: pk}))
        refused(cast, answer, "not_found")
    for name in ("category_id", "tax_rate_id"):
        pk = getattr(cast.other.taxed_item, name)
        line = {"description": "Theirs", "category_id": cast.clinic.item.category_id, name: pk}
        with foreign_keys_at_once():
            answer = program.post("/invoices", body(cast, issue=True, lines=[line]))
        refused(cast, answer, "not_found")
    assert rows() == before


def test_a_visit_is_billed_once(cast, program):
    visit = make_appointment(practice=cast.clinic.practice, patient=cast.clinic.patient)
    assert program.post("/invoices", body(cast, issue=True, attendee_id=visit.pk))[0] == 201
    before = rows()
    answer = program.post("/invoices", body(cast, issue=True, attendee_id=visit.pk))
    refused(cast, answer, "visit_already_invoiced")
    assert rows() == before
    found = program.get("/invoices", attendee_id=visit.pk)[1]["data"]
    assert len(found) == 1


def test_the_same_request_is_one_invoice(cast, program):
    first = program.post("/invoices", body(cast, issue=True), key="k")
    assert program.post("/invoices", body(cast, issue=True), key="k") == first
    assert Invoice.objects.count() == 1
    assert program.post("/invoices", body(cast), key="k")[1]["error"]["type"] == "conflict"
    assert_books_straight(cast.clinic.practice)


def test_lists_can_be_narrowed(cast, program, stranger):
    draft = program.post("/invoices", body(cast))[1]["id"]
    paid, open_ = (program.post("/invoices", body(cast, issue=True))[1]["id"] for _n in "ab")
    acts.pay(cast.clinic, 9000, pay=((paid, 9000),))

    def ids(**query):
        return [one["id"] for one in program.get("/invoices", **query)[1]["data"]]

    assert ids() == [draft, paid, open_]
    assert ids(status="issued") == [paid, open_]
    assert ids(owing="true") == [open_]
    assert ids(owing="false") == [draft, paid]
    assert ids(patient_id=cast.clinic.patient.pk, limit=1) == [draft]
    assert ids(issued_until="2001-01-01") == []
    assert stranger.get("/invoices")[1]["data"] == []
    assert_books_straight(cast.clinic.practice)


def test_lists_ask_as_often_for_many_as_for_one(cast, program, django_assert_num_queries):
    for count in (1, 6):
        for _n in range(count):
            program.post("/invoices", body(cast))
        with django_assert_num_queries(1 + 2):
            program.get("/invoices")


def test_issuing_asks_the_database_so_often(cast, program, django_assert_num_queries):
    program.post("/invoices", body(cast, issue=True))
    with django_assert_num_queries(1 + 10):
        program.post("/invoices", body(cast, issue=True), key="k")
