"""Packages through the API: a session becomes one for something else, a package a larger one."""

from __future__ import annotations

import pytest

from creditwell.packages.models import Package
from tests import acts
from tests.api.test_package_uses import TABLES, end, part_of, refused, sold_elsewhere, use_of
from tests.api.test_packages import book, sold
from tests.books import assert_books_straight
from tests.refusing import unchanged
from tests.sold import make_product, make_visit_type


def test_a_swap_is_charged_and_taken_back(cast, program, stranger):
    _kind, sale = sold(cast, program)
    physio = make_visit_type(cast.clinic, name="Physio", price_minor=13000)
    path = f"/packages/{sale['id']}"
    body = {
        "part_id": part_of(program, sale["id"]),
        "target": {"appointment_type_id": physio.pk},
        "reason": "Other treatment",
    }
    status, done = program.post(f"{path}/swap", body, key="swap")
    assert (status, done["difference_minor"], done["currency"]) == (201, 3000, "AUD")
    assert program.post(f"{path}/swap", body, key="swap") == (status, done)
    assert done["credit_note_ids"] == []
    assert program.get(f"/invoices/{done['invoice_id']}")[1]["owing_minor"] == 3000
    found = program.get(path)[1]
    assert [(part["name"], part["free"]) for part in found["parts"]] == [
        ("Massage", 4),
        ("Physio", 1),
    ]
    assert (found["net_minor"], found["unearned_minor"]) == (48000, 48000)
    assert found["history"][-1]["reason"] == "Other treatment"
    assert_books_straight(cast.clinic.practice)

    undo, why = f"/package_acts/{done['act_id']}/undo", {"reason": "A mistake"}
    assert stranger.post(undo, why)[0] == 404
    status, undone = program.post(undo, why, key="undo")
    assert (status, undone["id"]) == (200, sale["id"])
    assert program.post(undo, why, key="undo") == (status, undone)
    found = program.get(path)[1]
    assert (found["parts"][0]["free"], found["unearned_minor"]) == (5, 45000)
    last = found["history"][-1]
    assert (last["id"], last["reason"]) == (undone["act_id"], "A mistake")
    assert last["undoes_id"] == done["act_id"]
    assert program.get(f"/invoices/{done['invoice_id']}")[1]["owing_minor"] == 0
    refused(program, undo, why, "already_reversed")
    assert_books_straight(cast.clinic.practice)


def test_a_swap_gives_back_and_stands(cast, program):
    _kind, sale = sold(cast, program)
    acts.pay(cast.clinic, 45000, pay=((sale["invoice_id"], 45000),))
    short = make_visit_type(cast.clinic, name="Short", price_minor=6001)
    body = {
        "part_id": part_of(program, sale["id"]),
        "target": {"appointment_type_id": short.pk},
    }
    path = f"/packages/{sale['id']}"
    done = program.post(f"{path}/swap", body)[1]
    assert (done["difference_minor"], done["invoice_id"]) == (-3999, None)
    (note,) = done["credit_note_ids"]
    assert program.get(f"/credit_notes/{note}")[1]["total_minor"] == 3999
    assert program.get(path)[1]["unearned_minor"] == 41001
    refused(program, f"/package_acts/{done['act_id']}/undo", {}, "swap_stands")
    of_item = {**body, "target": {"item_id": cast.clinic.item.pk}, "difference_minor": 0}
    assert program.post(f"{path}/swap", of_item)[1]["invoice_id"] is None
    assert_books_straight(cast.clinic.practice)


def test_what_cannot_be_swapped(cast, program, stranger):
    kind, sale = sold(cast, program)
    theirs, other = sold_elsewhere(cast, stranger)
    physio = make_visit_type(cast.clinic, name="Physio", price_minor=13000)
    target = {"appointment_type_id": physio.pk}
    body = {"part_id": part_of(program, sale["id"]), "target": target}
    path = f"/packages/{sale['id']}/swap"
    with unchanged(*TABLES):
        assert stranger.post(path, body)[0] == 404
    for wrong in ({}, {**target, "item_id": cast.clinic.item.pk}):
        refused(program, path, {**body, "target": wrong}, "invalid", "target")
    foreign = {"appointment_type_id": theirs.pk}
    refused(program, path, {**body, "target": foreign}, "not_found", "target")
    part = part_of(stranger, other["id"])
    refused(program, path, {**body, "part_id": part}, "not_found", "part_id")
    same = {"appointment_type_id": kind.pk}
    refused(program, path, {**body, "target": same}, "covered_already", "target")
    less = {**body, "difference_minor": -9001}
    refused(program, path, less, "swap_worth_less", "difference_minor")
    for days in range(5):
        book(cast, program, kind, days)
    refused(program, path, body, "no_free_session", "part_id")
    end(program, sale)
    refused(program, path, body, "package_ended")
    assert_books_straight(cast.clinic.practice)


def test_minutes_are_not_swapped(cast, program):
    _kind, sale = sold(cast, program, measure="minutes", units=90)
    physio = make_visit_type(cast.clinic, name="Physio")
    body = {
        "part_id": part_of(program, sale["id"]),
        "target": {"appointment_type_id": physio.pk},
    }
    refused(program, f"/packages/{sale['id']}/swap", body, "not_counted")
    assert_books_straight(cast.clinic.practice)


@pytest.mark.parametrize(("price", "charged"), [(None, 35001), (20000, 20000), (0, 0)])
def test_five_become_ten(cast, program, price, charged):
    kind, sale = sold(cast, program)
    bigger = make_product(cast.clinic, kind, units=10, price_minor=80001, name="Ten sessions")
    path = f"/packages/{sale['id']}"
    program.post(f"{path}/use", use_of(cast, program, sale))
    body = {"package_product_id": bigger.pk, "price_minor": price, "reason": "Likes it"}
    status, done = program.post(f"{path}/upgrade", body, key="up")
    assert (status, done["price_minor"], done["currency"]) == (201, charged, "AUD")
    assert program.post(f"{path}/upgrade", body, key="up") == (status, done)
    found = program.get(path)[1]
    assert (found["name"], found["total"], found["used"]) == ("Ten sessions", 10, 1)
    assert found["unearned_minor"] == 36000 + charged
    last = found["history"][-1]
    assert (last["id"], last["kind"], last["reason"]) == (done["act_id"], "upgraded", "Likes it")
    if charged:
        invoice = program.get(f"/invoices/{done['invoice_id']}")[1]
        assert invoice["owing_minor"] == charged
    assert (done["invoice_id"] is None) == (charged == 0)
    assert_books_straight(cast.clinic.practice)


def test_what_does_not_become_larger(cast, program, stranger):
    kind, sale = sold(cast, program)
    path = f"/packages/{sale['id']}/upgrade"
    ten = make_product(cast.clinic, kind, units=10, price_minor=80000)
    body = {"package_product_id": ten.pk}
    with unchanged(*TABLES):
        assert stranger.post(path, body)[0] == 404
    refused(program, path, {**body, "price_minor": -1}, "invalid", "price_minor")
    other = make_visit_type(cast.clinic, name="Physio")
    theirs = make_product(cast.other, make_visit_type(cast.other))
    for product, code in (
        (theirs, "not_found"),
        (make_product(cast.clinic, kind, units=4), "not_larger"),
        (make_product(cast.clinic, other, units=10), "not_alike"),
    ):
        refused(program, path, {"package_product_id": product.pk}, code, "package_product_id")
    Package.objects.filter(pk=sale["id"]).update(expires_on="2026-11-23")
    refused(program, path, {**body, "renew": False}, "ran_out", "renew")
    end(program, sale)
    refused(program, path, body, "package_ended")
    assert_books_straight(cast.clinic.practice)
