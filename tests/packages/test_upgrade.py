"""Five become ten: what was used stays, what is left is shared out to the coin."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from creditwell.invoicing.models import Invoice
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.packages.models import Package, PackageAct, Product, Session, SoldCover, SoldPart
from creditwell.packages.queries import place_of
from creditwell.packages.upgrading import NotAlike, NotLarger, RanOut
from creditwell.scheduling.models import AppointmentType
from creditwell.tenancy.access import SYSTEM
from creditwell.usecases.upgrade_package import UpgradePackage, upgrade_package
from tests.acts import new_key, standing
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_clinic, make_tax_rate
from tests.packages.acts import balance, book, pay_for, refund, use
from tests.refusing import refuses
from tests.sold import make_product, make_visit_type, sell, sessions, states, unearned

pytestmark = pytest.mark.django_db

TABLES = (Package, Session, SoldPart, SoldCover, PackageAct, Invoice)
LATER = NOW + timedelta(days=9)


def upgrade(clinic: Clinic, package: Package, product: Product, **fields: Any) -> Any:
    values: dict[str, Any] = {
        "practice_id": clinic.practice.pk,
        "key": new_key(),
        "by": SYSTEM,
        "package_id": package.pk,
        "product_id": product.pk,
    }
    return upgrade_package(UpgradePackage(**{**values, **fields}), LATER)


def ten(clinic: Clinic, *kinds: Any, **terms: Any) -> Product:
    return make_product(
        clinic, *kinds, **{"units": 10, "price_minor": 80001, "name": "Ten sessions", **terms}
    )


def test_five_become_ten(clinic: Clinic, massage: AppointmentType) -> None:
    package = sell(clinic, make_product(clinic, massage))
    pay_for(clinic, package, 45000)
    use(clinic, massage, 2)
    visit = book(clinic, massage, 20)
    done = upgrade(clinic, package, ten(clinic, massage, valid_count=6, no_show_percent=50))
    assert done.price_minor == 35001
    package.refresh_from_db()
    assert (package.name, package.net_minor, package.no_show_percent) == (
        "Ten sessions",
        80001,
        50,
    )
    assert package.expires_on == date(2027, 6, 2)
    # 270.00 are left and 350.01 came: 620.01 over eight.
    assert unearned(package) == 62001
    assert [one.value_minor for one in sessions(package)] == [9000] * 2 + [7750] * 7 + [7751]
    assert states(package).count("free") == 7
    place = place_of(practice_id=clinic.practice.pk, attendee_id=visit)
    assert place is not None
    assert (place.ordinal, place.total) == (3, 10)
    assert standing(clinic).owing_minor == 35001
    act = PackageAct.objects.get(kind="upgraded")
    assert act.details["names"] == ["Five sessions", "Ten sessions"]
    assert act.value_minor == 35001
    assert_books_straight(clinic.practice)
    # It is refunded like any other: what is owing falls first.
    given = refund(clinic, package, release=True)
    assert (given.back_minor, given.off_owing_minor) == (62001, 35001)
    assert_books_straight(clinic.practice)


@pytest.mark.parametrize("at_use", [False, True])
@pytest.mark.parametrize("currency", ["AUD", "JPY", "KWD"])
def test_tax_and_odd_prices(at_use: bool, currency: str) -> None:
    clinic = make_clinic(currency=currency, cash_rounding_minor=1)
    massage = make_visit_type(clinic, name="Massage")
    tax = make_tax_rate(practice=clinic.practice)
    common = {"tax": tax, "tax_at_use": at_use}
    package = sell(clinic, make_product(clinic, massage, units=3, price_minor=10000, **common))
    use(clinic, massage, 1)
    upgrade(clinic, package, ten(clinic, massage, units=7, price_minor=20000, **common))
    package.refresh_from_db()
    assert (package.net_minor, package.tax_minor) == (18182, 1818)
    assert sum(one.value_minor + one.tax_minor for one in sessions(package)) == 20000
    assert balance("tax", tax.pk) == (303 if at_use else 1818)
    assert_books_straight(clinic.practice)


def test_more_kinds_and_a_wider_part(clinic: Clinic, massage: AppointmentType) -> None:
    physio = make_visit_type(clinic, name="Physio", price_minor=20000)
    package = sell(clinic, make_product(clinic, massage, units=2, price_minor=20000))
    wider = ten(clinic, (massage, physio), physio, units=(3, 2), price_minor=60000)
    upgrade(clinic, package, wider, price_minor=1)
    assert list(package.parts.values_list("units", flat=True)) == [3, 2]
    # By list price, 150.00 for either and 200.00: 200.01 over 3 x 150 and 2 x 200.
    assert [one.value_minor for one in sessions(package)] == [3529, 3530, 3530, 4706, 4706]
    book(clinic, physio, 10)
    book(clinic, physio, 11)
    assert states(package).count("booked") == 2
    assert_books_straight(clinic.practice)


def test_minutes_grow(clinic: Clinic) -> None:
    long = make_visit_type(clinic, name="Long", duration_minutes=45)
    common = {"measure": "minutes"}
    package = sell(clinic, make_product(clinic, long, units=120, price_minor=10000, **common))
    use(clinic, long, 1)
    upgrade(clinic, package, ten(clinic, long, units=240, price_minor=18000, **common))
    assert package.parts.get().units == 240
    assert unearned(package) == 6250 + 8000
    assert_books_straight(clinic.practice)


def test_its_days_may_stay(clinic: Clinic, massage: AppointmentType) -> None:
    package = sell(clinic, make_product(clinic, massage, valid_count=1))
    bigger = ten(clinic, massage, valid_count=12)
    upgrade(clinic, package, bigger, price_minor=0, renew=False)
    package.refresh_from_db()
    assert package.expires_on == date(2026, 12, 23)
    assert PackageAct.objects.get(kind="upgraded").value_minor == 0
    assert_books_straight(clinic.practice)


def test_it_is_refused(clinic: Clinic, massage: AppointmentType) -> None:
    physio = make_visit_type(clinic, name="Physio")
    package = sell(clinic, make_product(clinic, massage, valid_count=1))
    tax, other = make_tax_rate(practice=clinic.practice), make_clinic()
    wrong: list[tuple[Any, Product, dict[str, Any]]] = [
        (NotLarger, ten(clinic, massage, units=5), {}),
        (NotLarger, ten(clinic, massage, units=3), {}),
        (NotAlike, ten(clinic, physio), {}),
        (NotAlike, ten(clinic, massage, measure="minutes"), {}),
        (NotAlike, ten(clinic, massage, tax=tax), {}),
        (NotAlike, ten(clinic, massage, renews_count=1), {}),
        (NotFound, ten(other, make_visit_type(other)), {}),
        (NotFound, ten(clinic, massage), {"package_id": package.pk + 99}),
        (Invalid, ten(clinic, massage), {"price_minor": -1}),
    ]
    for error, product, fields in wrong:
        with refuses(error, *TABLES):
            upgrade(clinic, package, product, **fields)
    Package.objects.filter(pk=package.pk).update(expires_on=date(2026, 11, 25))
    with refuses(RanOut, *TABLES):
        upgrade(clinic, package, ten(clinic, massage), renew=False)
    assert_books_straight(clinic.practice)
