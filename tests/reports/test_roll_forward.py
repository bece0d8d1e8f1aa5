"""What we owe our patients: the roll-forward ties to the books, and a second query agrees."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from creditwell.credit.models import Lot
from creditwell.kernel.errors import Refusal
from creditwell.ledger.queries import trial_balance
from creditwell.payments.queries_liability import BY, Roll, RollForward, held_lots, roll_forward
from creditwell.people.models import Patient
from creditwell.tenancy.access import SYSTEM, facts_of
from creditwell.usecases.transfer_credit import TransferCredit, transfer_credit
from tests.acts import invoice, new_key, pay, use_credit
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_appointment, make_clinic, make_location, make_patient
from tests.payments.history import History
from tests.reports.given import kinds_on_lots, move, raw
from tests.reports.second import assert_second_query_agrees
from tests.vouchers import sell

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)
LONG_AGO = date(1990, 1, 1)
# Written down once more, so that the report's own table is not the judge of itself.
EXPECTED = {
    "received": {"payment"},
    "given": {"goodwill", "goodwill_return", "opening", "opening_return"},
    "used": {"allocation", "allocation_return"},
    "refunded": {"refund"},
    "expired": {"expiry", "expiry_return"},
    "dishonoured": {"dishonour"},
    "transferred": {"transfer", "transfer_return"},
}


def transfer(clinic: Clinic, one: Patient, other: Patient, minor: int) -> int:
    done = transfer_credit(
        TransferCredit(
            practice_id=clinic.practice.pk,
            key=new_key(),
            by=SYSTEM,
            from_payer_id=one.payer_id,
            to_payer_id=other.payer_id,
            reason="for the daughter",
            amount_minor=minor,
            anywhere=True,
        ),
        NOW,
    )
    return done.transfer_id


def report(
    clinic: Clinic, since: date = LONG_AGO, until: date = TODAY, by: str = "location"
) -> RollForward:
    found = roll_forward(facts_of(clinic.practice), since, until, by=by)
    assert found.ties
    assert_second_query_agrees(clinic.practice, found)
    for name in ("opening", "received", "used", "transferred", "corrected", "closing"):
        parts = sum(getattr(row, name).minor for row in found.rows)
        assert parts == getattr(found.total, name).minor
    return found


def row_of(found: RollForward, key: str) -> Roll:
    return next(row for row in found.rows if row.key == key)


@pytest.mark.parametrize("seed", [3, 8])
def test_a_second_query_comes_to_the_same(clinic: Clinic, seed: int) -> None:
    practice = clinic.practice
    other = make_patient(practice=practice)
    days = History(clinic, seed).run(40) + History(clinic, seed + 1, other).run(25)
    with suppress(Refusal):
        transfer(clinic, clinic.patient, other, 700)
    for patient, ago in ((clinic.patient, 20), (other, 120), (other, 500)):
        make_appointment(practice=practice, patient=patient, starts_at=NOW - timedelta(days=ago))
    days.sort()
    chance = random.Random(seed)
    accounts = list(Lot.objects.values_list("account_id", flat=True))
    for _n in range(4):
        since, until = sorted(chance.choices([*days, TODAY], k=2))
        for by in BY:
            found = report(clinic, since, until, by)
        total = found.total
        before = since - timedelta(days=1)
        every = kinds_on_lots(practice)
        assert total.opening.minor == raw(practice, accounts, every, LONG_AGO, before)
        assert total.closing.minor == raw(practice, accounts, every, LONG_AGO, until)
        for name, kinds in EXPECTED.items():
            shown = getattr(total, name).minor
            assert shown == raw(practice, accounts, list(kinds), since, until), name
        rest = set(every) - set().union(*EXPECTED.values())
        assert total.corrected.minor == raw(practice, accounts, list(rest), since, until)
        lots = [
            row.total_minor
            for row in trial_balance(practice_id=practice.pk, until=until)
            if row.kind == "lot"
        ]
        assert sum(lots) == total.closing.minor == held_lots(facts_of(practice), until).total.minor
    assert_books_straight(practice)


def test_every_line_has_its_place(clinic: Clinic) -> None:
    practice = clinic.practice
    taken = pay(clinic, 50000)
    bill = invoice(clinic)
    use_credit(clinic, (bill.invoice_id, 9000))
    lot = Lot.objects.get(payer_id=clinic.patient.payer_id).account_id
    assert taken.payment_id
    for kind, other, minor in (
        ("refund", "funds", -1000),
        ("expiry", "breakage", -700),
        ("expiry_return", "breakage", 200),
        ("dishonour", "funds", -3000),
        ("goodwill", "goodwill", 400),
        ("opening_return", "opening", -50),
        ("something_new", "breakage", -7),
    ):
        move(practice, kind, TODAY, lot=lot, other=other, minor=minor)
    total = report(clinic).total
    assert (total.received.minor, total.used.minor, total.refunded.minor) == (50000, -9000, -1000)
    assert (total.expired.minor, total.dishonoured.minor, total.given.minor) == (-500, -3000, 350)
    assert (total.corrected.minor, total.closing.minor) == (-7, 36843)
    later = report(clinic, TODAY + timedelta(days=1), TODAY + timedelta(days=9)).total
    assert (later.opening, later.closing, later.received.minor) == (total.closing, total.closing, 0)


def test_a_transfer_moves_between_groups_and_is_nothing_in_all(clinic: Clinic) -> None:
    practice = clinic.practice
    place = make_location(practice=practice)
    daughter = make_patient(practice=practice)
    make_appointment(practice=practice, patient=daughter, starts_at=NOW - timedelta(days=200))
    pay(clinic, 50000, location_id=place.pk, received_on=TODAY - timedelta(days=100))
    transfer(clinic, clinic.patient, daughter, 20000)
    total = report(clinic).total
    assert (total.transferred_in.minor, total.transferred_out.minor) == (20000, -20000)
    assert row_of(report(clinic), str(place.pk)).closing.minor == 50000
    assert row_of(report(clinic, by="age"), "91-180").closing.minor == 50000
    visits = report(clinic, by="visit")
    assert row_of(visits, "365").transferred.minor == 20000
    assert row_of(visits, "never").transferred.minor == -20000
    lots = held_lots(facts_of(practice), TODAY, ("visit", "365"))
    (lot,) = lots.lots
    assert (lot.left.minor, lot.transferred, lot.payer) == (20000, True, daughter.payer.name)
    assert lot.last_visit_on == (NOW - timedelta(days=200)).date()
    assert_books_straight(practice)


def test_a_voucher_is_its_own_kind(clinic: Clinic) -> None:
    pay(clinic, 20000)
    sell(clinic, 10000)
    kinds = report(clinic, by="kind")
    assert {row.key: row.closing.minor for row in kinds.rows} == {
        "payment": 20000,
        "voucher": 10000,
    }
    assert row_of(report(clinic, by="visit"), "nobody").closing.minor == 10000
    assert_books_straight(clinic.practice)


def test_each_closing_figure_is_its_lots(clinic: Clinic) -> None:
    practice = facts_of(clinic.practice)
    History(clinic, 4).run(30)
    History(clinic, 5, make_patient(practice=clinic.practice)).run(30)
    for by in BY:
        for row in report(clinic, by=by).rows:
            found = held_lots(practice, TODAY, (by, row.key), limit=1)
            assert found.total.minor == row.closing.minor
            assert len(found.lots) == min(found.count, 1)
    assert_books_straight(clinic.practice)


def test_another_practice_is_another_report(clinic: Clinic) -> None:
    other = make_clinic()
    pay(other, 40000)
    assert report(clinic).total.closing.minor == 0
    assert held_lots(facts_of(clinic.practice), TODAY).count == 0


def test_queries_do_not_grow(clinic: Clinic) -> None:
    with CaptureQueriesContext(connection) as captured:
        roll_forward(facts_of(clinic.practice), LONG_AGO, TODAY, by="location")
        held_lots(facts_of(clinic.practice), TODAY)
    asked = [one for one in captured if one["sql"].lstrip().startswith(("WITH", "SELECT"))]
    assert len(asked) == 3
