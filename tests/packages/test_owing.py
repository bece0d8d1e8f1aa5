"""What was charged for a package after it was sold is owing for it, too."""

from __future__ import annotations

from datetime import timedelta

import pytest

from creditwell.packages.by_hand import NotPaidYet
from creditwell.packages.models import Package, PackageAct, Session
from creditwell.packages.queries import place_of
from creditwell.packages.queries_attendance import attendance
from creditwell.usecases.void_invoice import VoidInvoice, void_invoice
from tests.acts import new_key, pay
from tests.books import assert_books_straight
from tests.cast import Cast
from tests.factories import make_tax_rate
from tests.packages.acts import book, use
from tests.packages.test_by_hand import use as use_by_hand
from tests.packages.test_upgrade import LATER, upgrade
from tests.refusing import refuses
from tests.sold import facts, make_product, make_visit_type, sell
from tests.visits import act
from tests.web.packages.test_page import open_as

pytestmark = pytest.mark.django_db


def test_an_upgrade_that_is_not_paid(cast: Cast) -> None:
    """Sold to be used when paid: five were, the ten that they became are not."""
    clinic = cast.clinic
    massage = make_visit_type(clinic, name="Massage")
    terms = {"usable_when": "paid"}
    package = sell(clinic, make_product(clinic, massage, **terms))
    pay(clinic, 45000, pay=((package.line.invoice_id, 45000),))
    visit = use(clinic, massage, 1)[0]
    ten = make_product(clinic, massage, units=10, price_minor=80000, name="Ten", **terms)
    invoice_id = upgrade(clinic, package, ten).invoice_id
    page = open_as(cast.alice, f"/packages/{package.pk}/").context["page"]
    assert (page.card.state, page.card.owing.minor) == ("unpaid", 35000)
    assert page.pay_url.endswith(f"&invoice={invoice_id}")
    assert [one.url for one in page.charged_since] == [f"/invoices/{invoice_id}/"]
    unpaid = open_as(cast.alice, "/packages/?show=unpaid").context["page"]
    assert [line.card.id for line in unpaid.lines] == [package.pk]
    assert unpaid.owing.minor == 35000
    assert place_of(practice_id=clinic.practice.pk, attendee_id=book(clinic, massage, 20)) is None
    with refuses(NotPaidYet, Package, Session, PackageAct):
        use_by_hand(clinic, package)
    # What was used before was paid for by then.
    assert attendance(facts(clinic), visit).owing.minor == 0
    pay(clinic, 35000, pay=((invoice_id, 35000),), now=LATER)
    page = open_as(cast.alice, f"/packages/{package.pk}/").context["page"]
    assert (page.card.state, page.card.owing.minor, page.pay_url) == ("active", 0, "")
    assert place_of(practice_id=clinic.practice.pk, attendee_id=book(clinic, massage, 21))
    assert_books_straight(clinic.practice)


def test_what_is_unearned_is_compared_with_a_price_without_tax(cast: Cast) -> None:
    clinic = cast.clinic
    tax = make_tax_rate(practice=clinic.practice)
    kind = make_visit_type(clinic)
    for at_use, said in ((False, "$409.09 without tax"), (True, "$450.00")):
        package = sell(clinic, make_product(clinic, kind, tax=tax, tax_at_use=at_use))
        text = open_as(cast.alice, f"/packages/{package.pk}/").content.decode()
        assert f"of a price of {said}</dd>" in text


def test_a_package_of_an_invoice_that_was_voided_is_not_paid(cast: Cast) -> None:
    clinic = cast.clinic
    package = sell(clinic, make_product(clinic, make_visit_type(clinic)))
    void_invoice(
        VoidInvoice(
            **act(clinic, key=new_key(), invoice_id=package.line.invoice_id, reason="A mistake")
        ),
        LATER + timedelta(days=1),
    )
    text = " ".join(open_as(cast.alice, f"/packages/{package.pk}/").content.decode().split())
    assert "</a> · void" in text
    assert_books_straight(clinic.practice)
