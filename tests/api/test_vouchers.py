"""Gift vouchers through the API."""

from __future__ import annotations

from creditwell.audit.models import Note
from creditwell.outbox.models import Event
from creditwell.payments.models import Payment, Transfer, Voucher
from creditwell.payments.rules_voucher import new_code, shown
from tests import acts
from tests.books import assert_books_straight


def counts():
    tables = (Voucher, Payment, Transfer, Note, Event)
    return [table.objects.count() for table in tables]


def sell(cast, program, *values, key="", **fields):
    body = {
        "patient_id": cast.clinic.patient.pk,
        "parts": [{"payment_source_id": cast.clinic.card.pk, "amount_minor": sum(values)}],
        "vouchers": [{"value_minor": one, "recipient_name": "Ilona"} for one in values],
    }
    return program.post("/vouchers", {**body, **fields}, key=key)


def test_sold_looked_up_redeemed(cast, program, stranger):
    status, sold = sell(cast, program, 10000, 2500, key="k")
    assert (status, sold["total_minor"], len(sold["vouchers"])) == (201, 12500, 2)
    assert sell(cast, program, 10000, 2500, key="k")[1] == sold
    first = sold["vouchers"][0]
    assert (first["state"], first["left_minor"], first["recipient_name"]) == (
        "open",
        10000,
        "Ilona",
    )
    by_code = f"/vouchers/by_code/{first['code'].lower().replace('-', '')}"
    assert program.get(by_code)[1] == first
    assert program.get(f"/vouchers/{first['id']}")[1] == first
    assert len(program.get("/vouchers", payment_id=sold["payment_id"])[1]["data"]) == 2
    body = {"code": first["code"], "patient_id": cast.clinic.patient.pk, "amount_minor": 4000}
    status, made = program.post("/redemptions", body, key="r")
    assert (status, made["total_minor"], made["left_minor"]) == (201, 4000, 6000)
    assert program.post("/redemptions", body, key="r")[1] == made
    assert acts.standing(cast.clinic).credit_minor == 4000
    assert stranger.get("/vouchers")[1]["data"] == []
    assert stranger.get(f"/vouchers/{first['id']}")[0] == 404
    assert stranger.get(by_code)[1]["error"]["code"] == "not_found"
    assert_books_straight(cast.clinic.practice)


def test_disabled_and_enabled(cast, program):
    one = sell(cast, program, 5000)[1]["vouchers"][0]
    path = f"/vouchers/{one['id']}"
    assert program.post(f"{path}/disable", {"reason": "Lost"})[1]["state"] == "disabled"
    body = {"code": one["code"], "patient_id": cast.clinic.patient.pk}
    before = counts()
    assert program.post("/redemptions", body)[1]["error"]["code"] == "voucher_disabled"
    assert program.post(f"{path}/disable", {"reason": "Lost"})[0] == 409
    assert counts() == before
    assert program.post(f"{path}/enable")[1]["state"] == "open"
    assert_books_straight(cast.clinic.practice)


def test_what_is_refused(cast, program):
    one = sell(cast, program, 5000)[1]["vouchers"][0]
    payer_id = Voucher.objects.get(pk=one["id"]).payer_id
    before = counts()
    assert sell(cast, program, 5000, vouchers=[{"value_minor": 4000}])[0] == 422
    wrong = [{"value_minor": 5000, "recipient_email": "nobody"}]
    assert sell(cast, program, 5000, vouchers=wrong)[1]["error"]["code"] == "email"
    body = {"code": one["code"], "patient_id": cast.clinic.patient.pk, "amount_minor": 5001}
    redeem = "/redemptions"
    assert program.post(redeem, body)[1]["error"]["param"] == "amount_minor"
    assert program.post(redeem, {**body, "code": "ABCD"})[1]["error"]["param"] == "code"
    assert program.post(redeem, {**body, "code": shown(new_code())})[0] == 404
    # A voucher is no payer: it can neither be paid for nor pay.
    paid = {
        "payer_id": payer_id,
        "parts": [{"payment_source_id": cast.clinic.card.pk, "amount_minor": 100}],
    }
    assert program.post("/payments", paid)[1]["error"]["code"] == "not_a_person"
    assert program.post("/allocations", {"payer_id": payer_id})[1]["error"]["code"] == (
        "not_a_person"
    )
    payment = one["payment_id"]
    edit = {"parts": paid["parts"]}
    assert program.post(f"/payments/{payment}/edit", edit)[1]["error"]["code"] == "sold_vouchers"
    assert counts() == before
    program.post(redeem, {**body, "amount_minor": 1})
    void = program.post(f"/payments/{payment}/void", {"reason": "Declined"})
    assert void[1]["error"]["code"] == "voucher_used"


def test_refunded(cast, program, stranger):
    one = sell(cast, program, 5000)[1]["vouchers"][0]
    path = f"/vouchers/{one['id']}/refund"
    assert stranger.post(path, {"reason": "Mine"})[0] == 404
    status, made = program.post(path, {"reason": "Not wanted"}, key="b")
    assert (status, made["total_minor"], made["refund_request_id"]) == (201, 5000, None)
    assert program.post(path, {"reason": "Not wanted"}, key="b")[1] == made
    assert program.get(f"/vouchers/{one['id']}")[1]["state"] == "disabled"
    assert program.get(f"/refunds/{made['refund_id']}")[1]["total_minor"] == 5000
    before = counts()
    answer = program.post(path, {"reason": "Again"})[1]
    assert answer["error"]["code"] == "nothing_left"
    assert counts() == before
    assert_books_straight(cast.clinic.practice)
