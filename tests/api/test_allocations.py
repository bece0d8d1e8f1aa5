"""Account credit applied and taken back through the API."""

from __future__ import annotations

from creditwell.audit.models import Note
from creditwell.outbox.models import Event
from creditwell.payments.models import Allocation
from tests import acts
from tests.books import assert_books_straight
from tests.factories import make_patient


def patient(cast):
    return {"patient_id": cast.clinic.patient.pk}


def counts():
    return Allocation.objects.count(), Note.objects.count(), Event.objects.count()


def test_credit_pays_the_invoices_named(cast, program):
    acts.pay(cast.clinic, 10000)
    invoice = acts.invoice(cast.clinic, 9000).invoice_id
    allocate = [{"invoice_id": invoice, "amount_minor": 4000}]
    status, applied = program.post("/allocations", {**patient(cast), "allocate": allocate})
    assert status == 201
    assert (applied["total_minor"], applied["credit_after_minor"]) == (4000, 6000)
    found = program.get(f"/allocations/{applied['allocation_ids'][0]}")[1]
    assert (found["invoice_id"], found["amount_minor"], found["payment_id"]) == (
        invoice,
        4000,
        None,
    )
    assert program.get(f"/invoices/{invoice}")[1]["owing_minor"] == 5000
    assert_books_straight(cast.clinic.practice)


def test_without_names_the_oldest_invoices_are_paid(cast, program):
    first, second = acts.invoice(cast.clinic, 9000), acts.invoice(cast.clinic, 5000)
    acts.pay(cast.clinic, 10000)
    _status, applied = program.post("/allocations", patient(cast))
    assert applied["invoice_ids"] == [first.invoice_id, second.invoice_id]
    assert applied["credit_after_minor"] == 0
    assert_books_straight(cast.clinic.practice)


def test_what_cannot_be_applied(cast, program):
    invoice = acts.invoice(cast.clinic, 9000).invoice_id
    status, answer = program.post("/allocations", patient(cast))
    assert (status, answer["error"]["code"]) == (422, "nothing_to_apply")
    acts.pay(cast.clinic, 1000)
    before = counts()
    more = [{"invoice_id": invoice, "amount_minor": 1001}]
    status, answer = program.post("/allocations", {**patient(cast), "allocate": more})
    assert (answer["error"]["code"], answer["error"]["param"]) == ("does_not_add_up", "allocate")
    status, answer = program.post("/allocations", {})
    assert (status, answer["error"]["code"]) == (422, "no_payer")
    late = {**patient(cast), "allocated_on": "2199-01-01"}
    assert program.post("/allocations", late)[1]["error"]["param"] == "allocated_on"
    theirs = {"patient_id": cast.other.patient.pk}
    assert program.post("/allocations", theirs)[0] == 404
    assert program.post("/allocations", {"payer_id": cast.other.patient.payer_id})[0] == 404
    assert counts() == before
    assert_books_straight(cast.clinic.practice)


def test_the_same_request_applies_once(cast, program):
    acts.pay(cast.clinic, 10000)
    invoice = acts.invoice(cast.clinic, 9000).invoice_id
    asked = {**patient(cast), "allocate": [{"invoice_id": invoice, "amount_minor": 4000}]}
    first = program.post("/allocations", asked, key="k")
    assert program.post("/allocations", asked, key="k") == first
    assert Allocation.objects.count() == 1
    assert program.post("/allocations", patient(cast), key="k")[0] == 409
    assert_books_straight(cast.clinic.practice)


def test_an_allocation_is_taken_back_in_parts(cast, program):
    acts.pay(cast.clinic, 10000)
    acts.invoice(cast.clinic, 9000)
    pk = program.post("/allocations", patient(cast))[1]["allocation_ids"][0]
    path = f"/allocations/{pk}/take_back"
    status, back = program.post(path, {"amount_minor": 2000, "reason": "Wrong invoice"})
    assert (status, back["amount_minor"]) == (200, 2000)
    status, answer = program.post(path, {"amount_minor": 7001})
    assert (status, answer["error"]["param"]) == (422, "amount_minor")
    assert program.post(path, {})[1]["amount_minor"] == 7000
    before = counts()
    status, answer = program.post(path, {})
    assert (status, answer["error"]["code"]) == (409, "already_reversed")
    assert counts() == before
    assert program.get(f"/allocations/{pk}")[1]["returned_minor"] == 9000
    assert acts.standing(cast.clinic).credit_minor == 10000
    assert_books_straight(cast.clinic.practice)


def test_lists_can_be_narrowed(cast, program, stranger):
    other = make_patient(practice=cast.clinic.practice)
    taken = acts.pay(cast.clinic, 10000)
    invoice = acts.invoice(cast.clinic, 9000).invoice_id
    mine = program.post("/allocations", patient(cast))[1]["allocation_ids"]
    theirs = acts.invoice(cast.clinic, 500, patient=other)
    acts.pay(cast.clinic, 500, patient=other, pay=((theirs.invoice_id, 500),))

    def ids(**query):
        return [one["id"] for one in program.get("/allocations", **query)[1]["data"]]

    assert len(ids()) == 2
    assert ids(patient_id=cast.clinic.patient.pk) == mine
    assert ids(invoice_id=invoice) == ids(lot_id=taken.lot_id) == mine
    assert ids(payment_id=taken.payment_id) == []
    assert program.get("/allocations", patient_id=1, payer_id=2)[0] == 422
    assert stranger.get("/allocations")[1]["data"] == []
    assert_books_straight(cast.clinic.practice)


def test_applying_asks_the_database_so_often(cast, program, django_assert_num_queries):
    acts.pay(cast.clinic, 30000)
    payer = {"payer_id": cast.clinic.patient.payer_id}
    for _n in range(2):
        acts.invoice(cast.clinic, 9000)
        program.post("/allocations", payer)
    invoice = acts.invoice(cast.clinic, 9000).invoice_id
    asked = {**payer, "allocate": [{"invoice_id": invoice, "amount_minor": 9000}]}
    with django_assert_num_queries(1 + 9):
        assert program.post("/allocations", asked, key="k")[0] == 201
    with django_assert_num_queries(1 + 1):
        program.get("/allocations")


def test_somebody_elses_credit_pays_by_their_leave(cast, program):
    clinic = cast.clinic
    owner = make_patient(practice=clinic.practice)
    acts.pay(clinic, 9000, patient=owner)
    bill = acts.invoice(clinic).invoice_id
    asked = {
        "patient_id": clinic.patient.pk,
        "family_credit": [
            {"invoice_id": bill, "owner_payer_id": owner.payer_id, "amount_minor": 4000}
        ],
    }
    status, refused = program.post("/allocations", asked)
    assert (status, refused["error"]["code"]) == (422, "does_not_add_up")
    share = acts.let_use(clinic, owner, mode="ask")
    assert program.post("/allocations", asked)[0] == 422
    asked["agreed"] = [{"owner_payer_id": owner.payer_id, "how": "by phone"}]
    status, used = program.post("/allocations", asked)
    assert (status, used["total_minor"], used["family_minor"]) == (201, 4000, 4000)
    (row,) = program.get("/allocations", payer_id=owner.payer_id)[1]["data"]
    assert (row["share_id"], row["agreed"]) == (share.pk, "by phone")
    assert_books_straight(clinic.practice)
