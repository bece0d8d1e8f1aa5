"""Credit for one kind of item pays for that kind of item only, as long as there is any."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from creditwell.credit.models import Lot
from creditwell.credit.queries import OpenLot
from creditwell.credit.rules import usable
from creditwell.invoicing.lines import LineInput
from creditwell.invoicing.models import InvoiceLine
from creditwell.payments.restrictions import room
from creditwell.tenancy.access import SYSTEM
from creditwell.usecases.credit_invoice import CreditInvoice, credit_invoice
from tests.acts import invoice, new_key, pay, use_credit
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_clinic

TODAY = NOW.date()


def lot(expires_on: date | None) -> OpenLot:
    return OpenLot(1, 1, 1, "payment", TODAY, expires_on, True, 100)


def test_credit_can_be_used_on_the_day_it_expires_and_not_after() -> None:
    never, today = lot(None), lot(TODAY)
    yesterday = lot(TODAY - timedelta(days=1))
    assert usable([never, today, yesterday], TODAY) == [never, today]


def two_invoices(clinic: Clinic) -> tuple[int, int]:
    """One of two visits (the second at half price) and a product, one of a visit."""
    first = invoice(
        clinic,
        lines=(
            LineInput(item_id=clinic.item.pk, quantity=Decimal(1)),
            LineInput(item_id=clinic.item.pk, quantity=Decimal(1), discount_percent=Decimal(50)),
            LineInput(item_id=clinic.taxed_item.pk, quantity=Decimal(1)),
        ),
    )
    return first.invoice_id, invoice(clinic).invoice_id


def credit_line(clinic: Clinic, invoice_id: int, category_id: int, minor: int) -> None:
    line = InvoiceLine.objects.filter(invoice_id=invoice_id, category_id=category_id).first()
    assert line is not None
    credit_invoice(
        CreditInvoice(
            practice_id=clinic.practice.pk,
            key=new_key(),
            by=SYSTEM,
            invoice_id=invoice_id,
            lines=((line.pk, minor),),
            reason="Too much",
        ),
        NOW,
    )


@pytest.mark.django_db
def test_room_is_the_lines_less_credit_notes_less_what_such_credit_paid() -> None:
    clinic = make_clinic()
    visits, goods = clinic.item.category_id, clinic.taxed_item.category_id
    first, second = two_invoices(clinic)

    def left() -> dict[tuple[int, int], int]:
        return room(
            practice_id=clinic.practice.pk,
            invoice_ids=[second, first],
            category_ids=[visits, goods],
        )

    tax = InvoiceLine.objects.get(invoice_id=first, category_id=goods).total_minor
    assert left() == {
        (first, visits): 13500,
        (first, goods): tax,
        (second, visits): 9000,
        (second, goods): 0,
    }
    paid = pay(clinic, 10000)
    Lot.objects.filter(pk=paid.lot_id).update(category_id=visits)
    use_credit(clinic, (first, 5000))
    with CaptureQueriesContext(connection) as seen:
        assert left()[first, visits] == 8500
    assert len(seen) == 1
    credit_line(clinic, first, visits, 4000)
    assert left()[first, visits] == 13500 - 4000 - 5000
    assert left()[first, goods] == tax
    assert room(practice_id=clinic.practice.pk, invoice_ids=[first], category_ids=[]) == {}
    other = make_clinic().practice.pk
    assert room(practice_id=other, invoice_ids=[first], category_ids=[visits]) == {}
    assert_books_straight(clinic.practice)
