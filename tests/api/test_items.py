"""What is sold, through the API."""

from __future__ import annotations

from creditwell.audit.models import Note
from creditwell.catalog.models import Item
from creditwell.tenancy.models import Concession
from tests import acts
from tests.api.client import Program, make_key
from tests.books import assert_books_straight
from tests.factories import make_tax_rate


def whole(cast, **fields):
    return {
        "kind": "product",
        "code": "TAPE",
        "name": "Tape",
        "price_minor": 1250,
        "tax_rate_id": None,
        "category_id": cast.clinic.item.category_id,
        "supplier": "Physio Supplies",
        "cost_minor": 600,
        "stock_count": 12,
        "concession_prices": [],
        **fields,
    }


def test_an_item_is_added_changed_archived_and_restored(cast, program, stranger):
    pensioner = Concession.objects.create(practice=cast.clinic.practice, name="Pensioner")
    student = Concession.objects.create(practice=cast.clinic.practice, name="Student")
    prices = [{"concession_id": one.pk, "price_minor": 1000} for one in (pensioner, student)]
    status, made = program.post("/items", whole(cast, concession_prices=prices), key="k")
    assert status == 201
    assert program.post("/items", whole(cast, concession_prices=prices), key="k")[1] == made
    path = f"/items/{made['id']}"
    found = program.get(path)[1]
    assert (found["price_minor"], found["cost_minor"], found["stock_count"]) == (1250, 600, 12)
    assert found["concession_prices"] == prices

    tax = make_tax_rate(practice=cast.clinic.practice)
    change = whole(cast, price_minor=1300, tax_rate_id=tax.pk, concession_prices=prices[1:])
    assert program.put(path, change) == (200, made)
    found = program.get(path)[1]
    assert (found["price_minor"], found["tax_rate_id"]) == (1300, tax.pk)
    assert found["concession_prices"] == prices[1:]

    assert program.post(f"{path}/archive") == (200, made)
    assert [one["id"] for one in program.get("/items", code="TAPE")[1]["data"]] == []
    assert program.post(f"{path}/restore") == (200, made)
    assert [one["id"] for one in program.get("/items", code="TAPE")[1]["data"]] == [made["id"]]
    assert stranger.get(path)[0] == 404


def test_an_invoice_keeps_the_price_that_it_was_written_with(cast, program):
    invoice = acts.invoice(cast.clinic, 9000).invoice_id
    item = cast.clinic.item
    body = whole(cast, code=item.code, name=item.name, price_minor=100)
    assert program.put(f"/items/{item.pk}", body)[0] == 200
    assert program.get(f"/invoices/{invoice}")[1]["total_minor"] == 9000
    assert_books_straight(cast.clinic.practice)


def test_what_cannot_be_sold(cast, program):
    taken = program.post("/items", whole(cast))[1]["id"]
    theirs = Concession.objects.create(practice=cast.other.practice, name="Pensioner")
    foreign = [{"concession_id": theirs.pk, "price_minor": 1}]
    before = Item.objects.count(), Note.objects.count()
    for fields, status, code, param in (
        ({}, 409, "code_taken", "code"),
        ({"code": "", "name": " "}, 422, "name_missing", "name"),
        ({"code": "", "price_minor": -1}, 422, "invalid", "price_minor"),
        ({"code": "", "kind": "gift"}, 422, "invalid", "kind"),
        ({"code": "", "concession_prices": foreign}, 404, "not_found", None),
        ({"code": "", "category_id": cast.other.item.category_id}, 404, "not_found", None),
    ):
        answer = program.post("/items", whole(cast, **fields))
        error = answer[1]["error"]
        assert (answer[0], error["code"], error["param"]) == (status, code, param), error
    assert program.put(f"/items/{taken}", {"name": "Tape"})[0] == 422
    assert (Item.objects.count(), Note.objects.count()) == before
    reader = Program(make_key(cast.clinic.practice, ["catalog:read"], name="Reader"))
    assert reader.post("/items", whole(cast, code=""))[0] == 403


def test_items_are_listed_in_a_bounded_number_of_queries(
    cast, program, django_assert_max_num_queries
):
    for n in range(5):
        program.post("/items", whole(cast, code=f"T{n}"))
    with django_assert_max_num_queries(4):
        assert len(program.get("/items")[1]["data"]) >= 6
