"""A session is swapped for something else, its difference is settled, and it is taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from creditwell.invoicing.models import CreditNote, Invoice
from creditwell.kernel.errors import NotFound
from creditwell.ledger.post import AlreadyReversed
from creditwell.packages.models import Package, PackageAct, Session, SoldCover, SoldPart
from creditwell.packages.swapping import (
    CoveredAlready,
    NoFreeSession,
    NotCounted,
    SwapStands,
    WorthLess,
)
from creditwell.scheduling.models import AppointmentType
from creditwell.tenancy.access import SYSTEM
from creditwell.usecases.swap_session import (
    SessionSwapped,
    SwapSession,
    UndoSwap,
    swap_session,
    undo_swap,
)
from tests.acts import new_key, pay, standing
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_clinic, make_tax_rate
from tests.packages.acts import balance, book, pay_for, use
from tests.refusing import refuses
from tests.sold import make_product, make_visit_type, sell, sessions, unearned

pytestmark = pytest.mark.django_db

TABLES = (Package, Session, SoldPart, SoldCover, PackageAct, Invoice, CreditNote)
LATER = NOW + timedelta(days=9)


@pytest.fixture
def physio(clinic: Clinic) -> AppointmentType:
    return make_visit_type(clinic, name="Physio", price_minor=13000)


@pytest.fixture
def short(clinic: Clinic) -> AppointmentType:
    return make_visit_type(clinic, name="Short", price_minor=6001)


def swap(clinic: Clinic, package: Package, kind: Any, **fields: Any) -> SessionSwapped:
    part = package.parts.order_by("pk").first()
    assert part is not None
    values: dict[str, Any] = {
        "practice_id": clinic.practice.pk,
        "key": new_key(),
        "by": SYSTEM,
        "package_id": package.pk,
        "part_id": part.pk,
        "type_id": kind.pk,
    }
    return swap_session(SwapSession(**{**values, **fields}), LATER)


def undo(clinic: Clinic, done: SessionSwapped) -> SessionSwapped:
    return undo_swap(
        UndoSwap(practice_id=clinic.practice.pk, key=new_key(), by=SYSTEM, act_id=done.act_id),
        LATER,
    )


def parts(package: Package) -> list[tuple[str, int]]:
    return list(package.parts.values_list("name", "units"))


def test_a_dearer_one_is_charged_into_the_package(
    clinic: Clinic, massage: AppointmentType, physio: AppointmentType
) -> None:
    package = sell(clinic, make_product(clinic, massage))
    pay_for(clinic, package, 45000)
    use(clinic, massage, 2)
    done = swap(clinic, package, physio)
    assert done.difference_minor == 3000
    assert parts(package) == [("Massage", 4), ("Physio", 1)]
    assert unearned(package) == 30000
    assert standing(clinic).owing_minor == 3000
    package.refresh_from_db()
    assert package.net_minor == 48000
    swapped = Session.objects.get(pk=done.session_id)
    assert (swapped.value_minor, swapped.status) == (12000, "free")
    # It is used by a visit of the new kind, and earns what it is worth.
    visit = book(clinic, physio, 10)
    assert Session.objects.get(attendee_id=visit).pk == swapped.pk
    assert_books_straight(clinic.practice)


@pytest.mark.parametrize("at_use", [False, True])
def test_tax_is_in_the_difference(at_use: bool) -> None:
    clinic = make_clinic(prices_include_tax=False)
    massage = make_visit_type(clinic, name="Massage")
    physio = make_visit_type(clinic, name="Physio", price_minor=10333)
    tax = make_tax_rate(practice=clinic.practice)
    product = make_product(clinic, massage, units=3, price_minor=10000, tax=tax, tax_at_use=at_use)
    package = sell(clinic, product)
    done = swap(clinic, package, physio)
    assert Invoice.objects.get(pk=done.invoice_id).total_minor == 366
    session = Session.objects.get(pk=done.session_id)
    assert (session.value_minor, session.tax_minor) == (3333 + 333, 334 + 33)
    assert balance("tax", tax.pk) == (0 if at_use else 1033)
    assert_books_straight(clinic.practice)
    undo(clinic, done)
    assert unearned(package) == (11000 if at_use else 10000)
    assert_books_straight(clinic.practice)


def test_a_cheaper_one_gives_back(
    clinic: Clinic, massage: AppointmentType, short: AppointmentType
) -> None:
    package = sell(clinic, make_product(clinic, massage))
    pay_for(clinic, package, 45000)
    done = swap(clinic, package, short)
    assert done.difference_minor == -3999
    assert len(done.credit_note_ids) == 1
    assert standing(clinic).credit_minor == 3999
    assert unearned(package) == 41001
    assert sessions(package)[-1].value_minor == 5001
    assert_books_straight(clinic.practice)
    with refuses(SwapStands, *TABLES):
        undo(clinic, done)
    back = swap(clinic, package, massage, part_id=package.parts.get(name="Short").pk)
    assert back.difference_minor == 3999
    assert parts(package) == [("Massage", 5), ("Short", 0)]
    assert standing(clinic).owing_minor == 3999
    assert_books_straight(clinic.practice)


def test_more_than_it_cost_is_not_given_back_by_itself(
    clinic: Clinic, massage: AppointmentType
) -> None:
    nearly_free = make_visit_type(clinic, name="Check", price_minor=500)
    package = sell(clinic, make_product(clinic, massage, price_minor=5000))
    pay_for(clinic, package, 5000)
    done = swap(clinic, package, nearly_free)
    assert (done.difference_minor, standing(clinic).credit_minor) == (-1000, 1000)
    assert_books_straight(clinic.practice)


def test_an_unpaid_swap_is_undone(
    clinic: Clinic, massage: AppointmentType, physio: AppointmentType
) -> None:
    package = sell(clinic, make_product(clinic, massage))
    pay_for(clinic, package, 45000)
    done = swap(clinic, package, physio)
    undo(clinic, done)
    assert parts(package) == [("Massage", 5), ("Physio", 0)]
    assert unearned(package) == 45000
    assert [one.value_minor for one in sessions(package)] == [9000] * 5
    assert standing(clinic).owing_minor == 0
    assert standing(clinic).credit_minor == 0
    assert_books_straight(clinic.practice)
    with refuses(AlreadyReversed, *TABLES):
        undo(clinic, done)


def test_a_swap_that_was_paid_or_used_stands(
    clinic: Clinic, massage: AppointmentType, physio: AppointmentType
) -> None:
    package = sell(clinic, make_product(clinic, massage))
    paid = swap(clinic, package, physio)
    pay(clinic, 1000, pay=((paid.invoice_id, 1000),))
    with refuses(SwapStands, *TABLES):
        undo(clinic, paid)
    booked = swap(clinic, package, physio)
    for days in (10, 11):
        book(clinic, physio, days)
    with refuses(SwapStands, *TABLES):
        undo(clinic, booked)
    assert_books_straight(clinic.practice)


def test_nothing_moves_if_the_difference_is_nothing(
    clinic: Clinic, massage: AppointmentType, physio: AppointmentType
) -> None:
    package = sell(clinic, make_product(clinic, massage))
    done = swap(clinic, package, physio, difference_minor=0)
    assert (done.invoice_id, done.credit_note_ids) == (None, [])
    assert unearned(package) == 45000
    undo(clinic, done)
    assert_books_straight(clinic.practice)


def test_it_is_refused(clinic: Clinic, massage: AppointmentType, physio: AppointmentType) -> None:
    package = sell(clinic, make_product(clinic, massage, units=1, price_minor=9000))
    foreign = make_visit_type(make_clinic(), name="Elsewhere")
    minutes = sell(clinic, make_product(clinic, massage, units=90, measure="minutes"))
    with refuses(NotFound, *TABLES):
        swap(clinic, package, foreign)
    with refuses(NotFound, *TABLES):
        swap(clinic, package, physio, package_id=package.pk + 99)
    with refuses(NotFound, *TABLES):
        swap(clinic, package, physio, part_id=minutes.parts.get().pk)
    with refuses(CoveredAlready, *TABLES):
        swap(clinic, package, massage)
    with refuses(NotCounted, *TABLES):
        swap(clinic, minutes, physio)
    with refuses(WorthLess, *TABLES):
        swap(clinic, package, physio, difference_minor=-9001)
    book(clinic, massage, 10)
    with refuses(NoFreeSession, *TABLES):
        swap(clinic, package, physio)
    assert_books_straight(clinic.practice)
