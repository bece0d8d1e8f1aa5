"""A package is sold in one act: invoiced, paid from credit, and used for a visit."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from creditwell.catalog.models import ConcessionPrice
from creditwell.invoicing.models import Invoice, InvoiceLine
from creditwell.kernel.errors import NotFound, Refusal
from creditwell.packages.booking import VisitHasSession
from creditwell.packages.models import Package, PackageAct, Product, Session
from creditwell.packages.queries import place_of
from creditwell.packages.selling import SoldAsMembership
from creditwell.payments.models import Allocation
from creditwell.people.models import Contact, Payer
from creditwell.scheduling.models import AppointmentType, Attendee
from creditwell.tenancy.access import SYSTEM
from creditwell.tenancy.models import Concession
from creditwell.usecases._sessions import VisitBilled
from creditwell.usecases.archive_package_product import (
    ArchivePackageProduct,
    archive_package_product,
)
from creditwell.usecases.cancel_attendance import CancelAttendance, cancel_attendance
from creditwell.usecases.credit_invoice import CreditInvoice, credit_invoice
from creditwell.usecases.mark_attendance import MarkAttendance, mark_arrived
from creditwell.usecases.sell_package import (
    NotForThisVisit,
    NotOnOffer,
    PackageSold,
    PaidFirst,
    SellPackage,
    VisitOver,
    sell_package,
)
from creditwell.usecases.take_payment import DoesNotAddUp
from tests.acts import invoice, new_key, pay, standing
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_appointment, make_clinic, make_patient
from tests.refusing import refuses
from tests.sold import make_product, make_visit_type, states, unearned
from tests.visits import act

pytestmark = pytest.mark.django_db


@pytest.fixture
def five(clinic: Clinic, massage: AppointmentType) -> Product:
    return make_product(clinic, massage)


@pytest.fixture
def visit(clinic: Clinic, massage: AppointmentType) -> Attendee:
    return make_appointment(
        practice=clinic.practice,
        patient=clinic.patient,
        appointment_type=massage,
        starts_at=NOW + timedelta(days=2),
    )


def asked(clinic: Clinic, product: Product, **fields: Any) -> SellPackage:
    values: dict[str, Any] = {
        "practice_id": clinic.practice.pk,
        "key": new_key(),
        "by": SYSTEM,
        "patient_id": clinic.patient.pk,
        "product_id": product.pk,
    }
    return SellPackage(**{**values, **fields})


def sold(clinic: Clinic, product: Product, **fields: Any) -> PackageSold:
    return sell_package(asked(clinic, product, **fields), NOW)


def package_of(answer: PackageSold) -> Package:
    return Package.objects.get(pk=answer.package_id)


def test_sold_on_account(clinic: Clinic, five: Product) -> None:
    answer = sold(clinic, five)
    assert (answer.total_minor, answer.owing_minor, answer.covered) == (45000, 45000, False)
    assert standing(clinic).owing_minor == 45000
    assert unearned(package_of(answer)) == 45000
    assert_books_straight(clinic.practice)


def test_with_discount_dates_concession_and_bill_to(clinic: Clinic, five: Product) -> None:
    pensioner = Concession.objects.create(practice=clinic.practice, name="Pensioner")
    ConcessionPrice.objects.create(
        practice=clinic.practice, item=five.item, concession=pensioner, price_minor=40000
    )
    clinic.patient.concession = pensioner
    clinic.patient.save()
    payer = Payer.objects.create(practice=clinic.practice, name="Fund")
    fund = Contact.objects.create(
        practice=clinic.practice, payer=payer, kind="insurer", name="Fund"
    )
    answer = sold(
        clinic,
        five,
        discount_percent=Decimal(10),
        issued_on=date(2026, 11, 20),
        due_on=date(2026, 12, 24),
        bill_to_id=fund.pk,
    )
    bill = Invoice.objects.get(pk=answer.invoice_id)
    assert (bill.total_minor, bill.bill_to_text) == (36000, "Fund")
    assert (bill.issued_on, bill.due_on) == (date(2026, 11, 20), date(2026, 12, 24))
    assert package_of(answer).sold_on == date(2026, 11, 20)
    assert_books_straight(clinic.practice)


def test_paid_from_credit_and_used_in_one_act(
    clinic: Clinic, massage: AppointmentType, visit: Attendee
) -> None:
    pay(clinic, 50000)
    paid_first = make_product(clinic, massage, usable_when="paid")
    answer = sold(clinic, paid_first, credit_minor=45000, attendee_id=visit.pk)
    assert (answer.owing_minor, answer.covered) == (0, True)
    assert standing(clinic).credit_minor == 5000
    assert states(package_of(answer)) == ["booked", "free", "free", "free", "free"]
    place = place_of(practice_id=clinic.practice.pk, attendee_id=visit.pk)
    assert place is not None
    assert (place.ordinal, place.total) == (1, 5)
    assert_books_straight(clinic.practice)


def test_a_visit_that_took_place_uses_it_at_once(
    clinic: Clinic, five: Product, visit: Attendee
) -> None:
    mark_arrived(MarkAttendance(**act(clinic, attendee_id=visit.pk, anyway=True)), NOW)
    answer = sold(clinic, five, attendee_id=visit.pk)
    assert states(package_of(answer))[0] == "used"
    assert unearned(package_of(answer)) == 36000
    assert_books_straight(clinic.practice)


def test_part_is_paid_from_credit(clinic: Clinic, five: Product) -> None:
    pay(clinic, 20000)
    answer = sold(clinic, five, credit_minor=20000)
    assert answer.owing_minor == standing(clinic).owing_minor == 25000
    assert_books_straight(clinic.practice)


def test_the_same_key_sells_once(clinic: Clinic, five: Product, visit: Attendee) -> None:
    command = asked(clinic, five, attendee_id=visit.pk)
    assert sell_package(command, NOW) == sell_package(command, NOW)
    assert Package.objects.count() == 1


def refused(error: type[Refusal]) -> Any:
    return refuses(error, Invoice, Package, Session, PackageAct, Allocation)


def test_more_credit_than_there_is(clinic: Clinic, five: Product, visit: Attendee) -> None:
    pay(clinic, 44999)
    with refused(DoesNotAddUp):
        sold(clinic, five, credit_minor=45000, attendee_id=visit.pk)
    with refused(DoesNotAddUp):
        sold(clinic, five, credit_minor=10, discount_percent=Decimal(100))
    assert_books_straight(clinic.practice)


def test_visits_that_cannot_use_it(
    clinic: Clinic, massage: AppointmentType, five: Product, visit: Attendee
) -> None:
    physio = make_product(clinic, make_visit_type(clinic, name="Physio"), name="Physio")
    with refused(NotForThisVisit):
        sold(clinic, physio, attendee_id=visit.pk)
    with refused(PaidFirst):
        sold(clinic, make_product(clinic, massage, usable_when="paid"), attendee_id=visit.pk)
    few = make_product(clinic, massage, measure="minutes", units=20)
    with refused(NotForThisVisit):
        sold(clinic, few, attendee_id=visit.pk)
    stranger = make_patient(practice=clinic.practice)
    with refused(NotFound):
        sold(clinic, five, attendee_id=visit.pk, patient_id=stranger.pk)
    billed = make_appointment(
        practice=clinic.practice, patient=clinic.patient, appointment_type=massage
    )
    invoice(clinic, attendee_id=billed.pk, issue=False)
    with refused(VisitBilled):
        sold(clinic, five, attendee_id=billed.pk)
    sold(clinic, five, attendee_id=visit.pk)
    with refused(VisitHasSession):
        sold(clinic, five, attendee_id=visit.pk)
    away = make_appointment(
        practice=clinic.practice, patient=clinic.patient, appointment_type=massage
    )
    cancel_attendance(
        CancelAttendance(**act(clinic, attendee_id=away.pk, reason="sick", comment="")), NOW
    )
    with refused(VisitOver):
        sold(clinic, five, attendee_id=away.pk)
    assert_books_straight(clinic.practice)


def test_a_visit_whose_invoice_was_credited_whole_is_billed_no_more(
    clinic: Clinic, massage: AppointmentType, five: Product, visit: Attendee
) -> None:
    """The same rule for a sale as for using a package that was there before."""
    written = invoice(clinic, 9000, attendee_id=visit.pk)
    with refused(VisitBilled):
        sold(clinic, five, attendee_id=visit.pk)
    line = InvoiceLine.objects.get(invoice_id=written.invoice_id)
    credit_invoice(
        CreditInvoice(
            **act(
                clinic,
                key=new_key(),
                invoice_id=written.invoice_id,
                lines=((line.pk, 9000),),
                reason="A package is better",
            )
        ),
        NOW,
    )
    done = sold(clinic, five, attendee_id=visit.pk)
    assert done.covered
    assert_books_straight(clinic.practice)


def test_what_renews_by_itself_is_not_sold_once(clinic: Clinic, massage: AppointmentType) -> None:
    with refused(SoldAsMembership):
        sold(clinic, make_product(clinic, massage, renews_count=1))
    other = make_product(clinic, massage, renews_count=1, name="Other")
    with refused(SoldAsMembership):
        invoice(clinic, item=other.item)
    assert_books_straight(clinic.practice)


def test_what_is_not_offered_here(clinic: Clinic, five: Product, visit: Attendee) -> None:
    other = make_clinic()
    theirs = make_product(other, make_visit_type(other, name="Theirs"))
    with refused(NotFound):
        sold(clinic, theirs)
    with refused(NotFound):
        sold(clinic, five, patient_id=other.patient.pk)
    with refused(NotFound):
        sold(clinic, five, attendee_id=make_appointment(practice=other.practice).pk)
    archive_package_product(
        ArchivePackageProduct(practice_id=clinic.practice.pk, by=SYSTEM, product_id=five.pk), NOW
    )
    with refused(NotOnOffer):
        sold(clinic, five)
