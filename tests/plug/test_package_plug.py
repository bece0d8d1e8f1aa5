"""The plug is pulled before and after every statement of what is done with packages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from creditwell.packages.ending import Ask
from creditwell.packages.models import Package
from creditwell.scheduling.models import AppointmentType
from creditwell.usecases._giving_back import GiveBack
from creditwell.usecases.book_appointment import book_appointment
from creditwell.usecases.convert_package import convert_package
from creditwell.usecases.mark_attendance import MarkAttendance, mark_arrived, mark_did_not_arrive
from creditwell.usecases.refund_package import refund_package
from creditwell.usecases.reset_attendance import ResetAttendance, reset_attendance
from creditwell.usecases.sell_package import SellPackage, sell_package
from creditwell.usecases.transfer_package import TransferPackage, transfer_package
from creditwell.usecases.void_invoice import VoidInvoice, void_invoice
from tests.acts import pay
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_patient
from tests.plug.test_pulled_plug import Act, base, everything, pull_the_plug_everywhere
from tests.sold import make_product, make_visit_type, sell
from tests.visits import wish

pytestmark = pytest.mark.django_db(transaction=True)


def massage(clinic: Clinic) -> AppointmentType:
    return make_visit_type(clinic, name="Massage")


def sold(clinic: Clinic, **terms: Any) -> tuple[Package, AppointmentType]:
    """Of two sessions, taxed at use, paid by half."""
    kind = massage(clinic)
    product = make_product(
        clinic, kind, units=2, price_minor=10001, tax=clinic.tax, tax_at_use=True, **terms
    )
    package = sell(clinic, product)
    pay(clinic, 7000, pay=((package.line.invoice_id, 7000),))
    return package, kind


def visit(clinic: Clinic, kind: AppointmentType) -> int:
    booked = book_appointment(wish(clinic, kind, starts_at=NOW, anyway=True), NOW)
    assert booked.attendee_id is not None
    return booked.attendee_id


def selling(clinic: Clinic) -> Act:
    """Paid from credit, and used at once for a visit that takes place."""
    kind = massage(clinic)
    product, attendee_id = make_product(clinic, kind, units=2), visit(clinic, kind)
    mark_arrived(MarkAttendance(**{**base(clinic), "key": "", "attendee_id": attendee_id}), NOW)
    pay(clinic, 50000)
    command = SellPackage(
        **base(clinic),
        patient_id=clinic.patient.pk,
        product_id=product.pk,
        attendee_id=attendee_id,
        credit_minor=45000,
    )
    return lambda: sell_package(command, NOW)


def booking(clinic: Clinic) -> Act:
    _package, kind = sold(clinic)
    command = wish(clinic, kind, starts_at=NOW, anyway=True, key="once")
    return lambda: book_appointment(command, NOW)


def using(clinic: Clinic) -> Act:
    _package, kind = sold(clinic)
    command = MarkAttendance(**base(clinic), attendee_id=visit(clinic, kind))
    return lambda: mark_arrived(command, NOW)


def keeping_some(clinic: Clinic) -> Act:
    """A third of the session is kept, the rest is credited and was paid in part."""
    _package, kind = sold(clinic, no_show_percent=33)
    command = MarkAttendance(**base(clinic), attendee_id=visit(clinic, kind))
    return lambda: mark_did_not_arrive(command, NOW)


def taking_back(clinic: Clinic) -> Act:
    _package, kind = sold(clinic)
    attendee_id = visit(clinic, kind)
    mark_arrived(MarkAttendance(**{**base(clinic), "key": "", "attendee_id": attendee_id}), NOW)
    command = ResetAttendance(**base(clinic), attendee_id=attendee_id)
    return lambda: reset_attendance(command, NOW)


def giving_back(clinic: Clinic) -> GiveBack:
    package, kind = sold(clinic)
    visit(clinic, kind)
    ask = Ask(release=True, fee_minor=500)
    return GiveBack(**base(clinic), package_id=package.pk, reason="Moves away", ask=ask)


def refunding(clinic: Clinic) -> Act:
    command = giving_back(clinic)
    return lambda: refund_package(command, NOW)


def converting(clinic: Clinic) -> Act:
    command = giving_back(clinic)
    return lambda: convert_package(command, NOW)


def transferring(clinic: Clinic) -> Act:
    package, _kind = sold(clinic)
    command = TransferPackage(
        **base(clinic),
        package_id=package.pk,
        to_patient_id=make_patient(practice=clinic.practice).pk,
        reason="A present",
        anywhere=True,
    )
    return lambda: transfer_package(command, NOW)


def voiding(clinic: Clinic) -> Act:
    package, kind = sold(clinic)
    visit(clinic, kind)
    command = VoidInvoice(**base(clinic), invoice_id=package.line.invoice_id, reason="Not theirs")
    return lambda: void_invoice(command, NOW)


ACTS = [selling, booking, using, keeping_some, taking_back]
ACTS += [refunding, converting, transferring, voiding]


@pytest.mark.parametrize("make", ACTS)
def test_the_plug_is_pulled_at_every_step(clinic: Clinic, make: Callable[[Clinic], Act]) -> None:
    act = make(clinic)
    steps, answer = pull_the_plug_everywhere(act)
    assert steps >= 16, "every statement has a before and an after"
    assert_books_straight(clinic.practice)
    done = everything()
    assert act() == answer, "asked again, the same answer"
    assert everything() == done
    assert_books_straight(clinic.practice)
