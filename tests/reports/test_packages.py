"""What of packages is not earned yet: it ties to the books, and a second query agrees."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db.models import Sum
from django.test import Client

from creditwell.ledger.models import Posting
from creditwell.packages.queries_activity import activity, delivered, months
from creditwell.packages.queries_unearned import BY, RollForward, held_packages, roll_forward
from creditwell.scheduling.models import AppointmentType
from creditwell.tenancy.access import facts_of
from creditwell.usecases.book_appointment import book_appointment
from creditwell.usecases.cancel_attendance import CancelAttendance, cancel_attendance
from creditwell.usecases.mark_attendance import MarkAttendance, mark_arrived, mark_did_not_arrive
from creditwell.usecases.upgrade_package import UpgradePackage, upgrade_package
from creditwell.usecases.void_invoice import VoidInvoice, void_invoice
from tests.acts import invoice, new_key, pay
from tests.books import assert_books_straight
from tests.cast import Cast, make_cast
from tests.factories import NOW, Clinic, make_location, make_practitioner
from tests.sold import make_product, make_visit_type, sell
from tests.visits import act, wish

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


def visit(clinic: Clinic, kind: AppointmentType, days: int, **fields: Any) -> int:
    start = NOW + timedelta(days=days, hours=fields.pop("hours", 0))
    booked = book_appointment(
        wish(clinic, kind, starts_at=start, anyway=True, **fields), NOW - timedelta(days=60)
    )
    assert booked.attendee_id is not None
    return booked.attendee_id


def a_year_in_short(clinic: Clinic, *, hours: int = 0) -> None:
    """Two products, two practitioners, two locations: sold, used, kept, given back, voided."""
    massage = make_visit_type(clinic, name=f"Massage {hours}")
    other = make_practitioner(practice=clinic.practice, name="Second")
    five = make_product(clinic, massage, late_cancel_percent=50)
    three = make_product(clinic, massage, units=3, price_minor=10000, name="Three sessions")
    earlier = NOW - timedelta(days=50)
    sold = sell(
        clinic,
        five,
        now=earlier,
        practitioner_id=clinic.practitioner.pk,
        location_id=clinic.location.pk,
    )
    pay(clinic, 45000, now=earlier, pay=((sold.line.invoice_id, 45000),))
    used = [visit(clinic, massage, days, hours=hours) for days in (-40, -10)]
    by_other = visit(clinic, massage, -5, practitioner_id=other.pk, hours=hours)
    for one, days in zip([*used, by_other], (-40, -10, -5), strict=True):
        moment = NOW + timedelta(days=days)
        mark_arrived(MarkAttendance(**act(clinic, attendee_id=one)), moment)
    missed, late = (visit(clinic, massage, days, hours=hours) for days in (-3, 0))
    mark_did_not_arrive(MarkAttendance(**act(clinic, attendee_id=missed)), NOW)
    cancel_attendance(CancelAttendance(**act(clinic, attendee_id=late, reason="sick")), NOW)
    sell(clinic, three, location_id=make_location(practice=clinic.practice).pk)
    wrong = sell(clinic, three)
    void_invoice(
        VoidInvoice(
            **act(clinic, key=new_key(), invoice_id=wrong.line.invoice_id, reason="Mistake")
        ),
        NOW,
    )


def raw(clinic: Clinic, kinds: list[str] | None, since: date | None, until: date) -> int:
    """The same by the plainest query there is."""
    found = Posting.objects.filter(
        practice=clinic.practice, account__kind="package", occurred_on__lte=until
    )
    if kinds is not None:
        found = found.filter(entry__kind__in=kinds)
    if since is not None:
        found = found.filter(occurred_on__gte=since)
    return found.aggregate(sum=Sum("amount_minor"))["sum"] or 0


EXPECTED = {
    "sold": ["invoice"],
    "used": ["session_use", "session_use_return"],
    "forfeited": ["session_forfeit", "session_forfeit_return"],
    "refunded": ["credit_note"],
    "kept": ["package_kept"],
    "expired": ["package_expiry", "package_expiry_return"],
    "transferred": ["package_transfer", "package_transfer_return"],
    "corrected": ["invoice_void"],
}


def test_it_ties_to_the_books_in_every_grouping(clinic: Clinic) -> None:
    a_year_in_short(clinic)
    facts = facts_of(clinic.practice)
    for since, until in (
        (date(1990, 1, 1), TODAY),
        (TODAY - timedelta(days=20), TODAY),
        (TODAY - timedelta(days=45), TODAY - timedelta(days=4)),
    ):
        for by in BY:
            found = roll_forward(facts, since, until, by=by)
            _add_up(found)
            assert found.total.opening.minor == raw(clinic, None, None, since - timedelta(days=1))
            assert found.total.closing.minor == raw(clinic, None, None, until)
            for line, kinds in EXPECTED.items():
                assert getattr(found.total, line).minor == raw(clinic, kinds, since, until), line
        assert held_packages(facts, until).total == found.total.closing
    assert found.total.opening.minor > 0
    assert_books_straight(clinic.practice)


def _add_up(found: RollForward) -> None:
    assert found.ties
    for row in (*found.rows, found.total):
        moved = sum(getattr(row, line).minor for line in EXPECTED)
        assert row.opening.minor + moved == row.closing.minor
    for line in ("opening", "closing", *EXPECTED):
        parts = sum(getattr(row, line).minor for row in found.rows)
        assert parts == getattr(found.total, line).minor


def test_the_figures_of_a_period(clinic: Clinic) -> None:
    a_year_in_short(clinic)
    facts = facts_of(clinic.practice)
    total = roll_forward(facts, TODAY - timedelta(days=20), TODAY).total
    figures = {line: getattr(total, line).minor for line in ("opening", "closing", *EXPECTED)}
    assert figures == {
        "opening": 36000,
        "sold": 20000,
        "used": -18000,
        "forfeited": -9000 - 4500,
        "refunded": -4500,
        "kept": 0,
        "expired": 0,
        "transferred": 0,
        "corrected": -10000,
        "closing": 10000,
    }


def test_who_delivered_what(clinic: Clinic) -> None:
    a_year_in_short(clinic)
    invoice(clinic, 9000, practitioner_id=clinic.practitioner.pk)
    rows = delivered(facts_of(clinic.practice), TODAY - timedelta(days=20), TODAY)
    assert [
        (row.name == "Second", row.used_count, row.used.minor, row.kept.minor, row.invoiced.minor)
        for row in rows
    ] == [(False, 1, 9000, 13500, 9000), (True, 1, 9000, 0, 0)]
    # All of it together is what revenue says, and nothing of a sale counts for anybody.
    assert sum(row.total.minor for row in rows) == 40500


def test_the_total_of_what_was_delivered_is_exported(client: Client, cast: Cast) -> None:
    a_year_in_short(cast.clinic)
    invoice(cast.clinic, 9000, practitioner_id=cast.clinic.practitioner.pk)
    client.force_login(cast.alice)
    since = TODAY - timedelta(days=20)
    answer = client.get(f"/reports/delivered/export.csv?since={since}&until={TODAY}")
    lines = answer.content.decode().splitlines()
    assert lines[-2] == "Second,1,90.00,0,0.00,0.00,90.00,AUD"
    assert lines[-1] == "Total,2,180.00,2,135.00,90.00,405.00,AUD"


def test_sold_and_used_by_product_and_month(clinic: Clinic) -> None:
    a_year_in_short(clinic)
    facts = facts_of(clinic.practice)
    done = activity(facts, date(2026, 1, 1), TODAY, today=TODAY, soon=TODAY + timedelta(days=30))
    assert [(row.name, row.sold_count, row.charged.minor, row.used_count) for row in done] == [
        ("Five sessions", 1, 45000, 3),
        ("Three sessions", 1, 10000, 0),
    ]
    story = months(facts, TODAY)
    assert len(story) == 12
    assert (story[-2].sold.minor, story[-2].earned.minor) == (45000, 9000)
    assert (story[-1].sold.minor, story[-1].unearned.minor) == (10000, 10000)


def test_what_an_upgrade_charges_counts_for_what_the_package_is_now(clinic: Clinic) -> None:
    massage = make_visit_type(clinic)
    ten = make_product(clinic, massage, units=10, price_minor=85500, name="Ten sessions")
    package = sell(clinic, make_product(clinic, massage), now=NOW - timedelta(days=40))
    sell(clinic, ten)
    upgrade_package(
        UpgradePackage(**act(clinic, key=new_key(), package_id=package.pk, product_id=ten.pk)), NOW
    )
    facts = facts_of(clinic.practice)

    def charged(since: date, until: date) -> list[tuple[str, int, int]]:
        rows = activity(facts, since, until, today=TODAY, soon=TODAY)
        sold = roll_forward(facts, since, until).total.sold
        assert sum(row.charged.minor for row in rows) == sold.minor
        return [(row.name, row.sold_count, row.charged.minor) for row in rows]

    before = TODAY - timedelta(days=1)
    assert charged(date(2026, 1, 1), TODAY) == [("Ten sessions", 2, 45000 + 40500 + 85500)]
    assert charged(TODAY, TODAY) == [("Ten sessions", 1, 40500 + 85500)]
    assert charged(date(2026, 1, 1), before) == [("Ten sessions", 1, 45000)]


@pytest.mark.parametrize(
    "path", ["packages/", "packages/held/", "delivered/", "packages/export.csv"]
)
def test_pages_show_it_and_cost_the_same(
    client: Client, path: str, django_assert_max_num_queries: Any
) -> None:
    cast: Cast = make_cast()
    client.force_login(cast.alice)
    client.get("/reports/")
    for size in range(2):
        a_year_in_short(cast.clinic, hours=size)
        with django_assert_max_num_queries(16):
            answer = client.get(f"/reports/{path}?since=2026-01-01&until={TODAY}")
        assert answer.status_code == 200
    text = answer.content.decode()
    assert {"packages/": "the same, to the cent", "delivered/": "Second"}.get(path, "") in text
