"""What is offered as a package: kept whole, refused clearly, and never changing what was sold."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from creditwell.catalog.models import Item
from creditwell.catalog.operations import CodeTaken
from creditwell.catalog.rules import NameMissing, NegativePrice
from creditwell.kernel.errors import NotFound, Refusal
from creditwell.money.money import Money
from creditwell.packages.models import TERMS, Package, Part, PartCover, Product
from creditwell.packages.queries_products import (
    list_products,
    product_facts,
    products_covering,
    worth_of,
)
from creditwell.packages.rules_products import (
    CoversNothing,
    FeeTooLarge,
    NoContent,
    PartInput,
    PercentOutOfBounds,
    TermsInput,
    TooFewUnits,
    TooManyUnits,
    WorthLess,
    WrongTerm,
)
from creditwell.scheduling.models import AppointmentType
from creditwell.tenancy.access import SYSTEM
from creditwell.tenancy.countries import tax_on_credit_at_use
from creditwell.tenancy.models import Concession
from creditwell.usecases.archive_package_product import (
    ArchivePackageProduct,
    archive_package_product,
)
from creditwell.usecases.restore_package_product import (
    RestorePackageProduct,
    restore_package_product,
)
from creditwell.usecases.save_package_product import SavePackageProduct, save_package_product
from tests.books import assert_books_straight
from tests.factories import NOW, Clinic, make_clinic, make_item
from tests.refusing import refuses
from tests.sold import facts, make_visit_type, sell, sessions, states

pytestmark = pytest.mark.django_db


def asked(clinic: Clinic, *parts: PartInput, **fields: Any) -> SavePackageProduct:
    values: dict[str, Any] = {
        "practice_id": clinic.practice.pk,
        "by": SYSTEM,
        "name": "Five massages",
        "price": Money(45000, clinic.practice.currency),
        "category_id": clinic.item.category_id,
        "parts": parts,
    }
    return SavePackageProduct(**{**values, **fields})


def saved(clinic: Clinic, *parts: PartInput, **fields: Any) -> Product:
    answer = save_package_product(asked(clinic, *parts, **fields), NOW)
    return Product.objects.select_related("item").get(pk=answer.product_id)


def five(kind: AppointmentType, units: int = 5) -> PartInput:
    return PartInput(units=units, type_ids=(kind.pk,))


def test_item_terms_content_and_concession_prices_in_one_act(
    clinic: Clinic, massage: AppointmentType
) -> None:
    pensioner = Concession.objects.create(practice=clinic.practice, name="Pensioner")
    other = make_item(practice=clinic.practice, price_minor=8000, name="Physio")
    terms = TermsInput(
        usable_when="paid",
        sharing="nobody",
        valid_count=6,
        valid_from="first_use",
        notice_hours=48,
        late_cancel_percent=50,
        refund_fee_minor=2500,
    )
    product = saved(
        clinic,
        five(massage),
        PartInput(units=2, type_ids=(massage.pk,), item_ids=(other.pk,), name="Either"),
        terms=terms,
        code="P5",
        tax_rate_id=clinic.tax.pk,
        sold_online=True,
        concession_prices={pensioner.pk: Money(40000, "AUD")},
    )
    assert (product.item.kind, product.item.price_minor) == ("package", 45000)
    found = product_facts(facts(clinic), product.pk, concession_id=pensioner.pk)
    assert found.terms == terms
    assert [(part.units, part.covers) for part in found.parts] == [
        (5, ("Massage",)),
        (2, ("Massage", "Physio")),
    ]
    assert (found.price.minor, found.usual_price.minor) == (40000, 45000)
    assert (found.tax_percent, found.tax_at_use, found.sold_online) == (Decimal(10), False, True)
    assert [one.id for one in products_covering(facts(clinic), type_id=massage.pk)] == [product.pk]


@pytest.mark.parametrize(
    ("error", "fields"),
    [
        (NoContent, {"parts": ()}),
        (CoversNothing, {"parts": (PartInput(units=5),)}),
        (TooFewUnits, {"parts": (PartInput(units=0, type_ids=(1,)),)}),
        (TooManyUnits, {"parts": (PartInput(units=1001, type_ids=(1,)),)}),
        (TooManyUnits, {"parts": (PartInput(units=600, type_ids=(1,)),) * 2}),
        (WrongTerm, {"parts": (PartInput(units=1, type_ids=(1,), weight_minor=-1),)}),
        (NegativePrice, {"price": Money(-1, "AUD")}),
        (NameMissing, {"name": "  "}),
        (PercentOutOfBounds, {"terms": TermsInput(late_cancel_percent=101)}),
        (PercentOutOfBounds, {"terms": TermsInput(no_show_percent=-1)}),
        (WrongTerm, {"terms": TermsInput(measure="hours")}),
        (WrongTerm, {"terms": TermsInput(sharing="friends")}),
        (WrongTerm, {"terms": TermsInput(valid_count=0)}),
        (WrongTerm, {"terms": TermsInput(renews_count=601)}),
        (WrongTerm, {"terms": TermsInput(notice_hours=-1)}),
        (WrongTerm, {"terms": TermsInput(rollover_most=2)}),
        (WrongTerm, {"terms": TermsInput(refund_fee_minor=-1)}),
        (FeeTooLarge, {"terms": TermsInput(refund_fee_minor=45001)}),
    ],
)
def test_what_cannot_be_meant_is_refused(
    clinic: Clinic, massage: AppointmentType, error: type[Refusal], fields: dict[str, Any]
) -> None:
    with refuses(error, Product, Part, PartCover, Item):
        save_package_product(asked(clinic, **{"parts": (five(massage),), **fields}), NOW)


def test_money_to_spend_is_worth_its_price_with_tax(
    clinic: Clinic, massage: AppointmentType
) -> None:
    clinic.practice.prices_include_tax = False
    clinic.practice.save()
    terms = TermsInput(measure="money")
    part = PartInput(units=49499, type_ids=(massage.pk,))
    with refuses(WorthLess, Product, Item):
        save_package_product(asked(clinic, part, terms=terms, tax_rate_id=clinic.tax.pk), NOW)
    saved(clinic, five(massage, 49500), terms=terms, tax_rate_id=clinic.tax.pk)


def test_tax_on_money_to_spend_follows_the_country(
    clinic: Clinic, massage: AppointmentType
) -> None:
    money = TermsInput(measure="money")
    assert saved(clinic, five(massage, 50000), terms=money).item.tax_at_use
    assert not saved(clinic, five(massage, 50000), terms=money, tax_at_use=False).item.tax_at_use
    assert not saved(clinic, five(massage)).item.tax_at_use, "sessions that are named"
    assert saved(clinic, five(massage), tax_at_use=True).item.tax_at_use
    clinic.practice.country = "US"
    clinic.practice.save()
    assert not saved(clinic, five(massage, 50000), terms=money).item.tax_at_use
    assert all(tax_on_credit_at_use(code) for code in ("IE", "GB", "NZ"))


def test_what_belongs_to_another_practice_is_not_there(
    clinic: Clinic, massage: AppointmentType
) -> None:
    other = make_clinic()
    theirs = make_visit_type(other, name="Theirs")
    package = saved(clinic, five(massage)).item
    for part in (
        five(theirs),
        PartInput(units=1, item_ids=(other.item.pk,)),
        PartInput(units=1, item_ids=(package.pk,)),  # nor a package in a package
    ):
        with refuses(NotFound, Product, Part, Item) as raised:
            save_package_product(asked(clinic, five(massage), part), NOW)
        assert (raised.value.param, raised.value.position) == ("covers", 1)
    for fields in (
        {"category_id": other.item.category_id},
        {"tax_rate_id": other.tax.pk},
        {"product_id": saved(other, five(theirs)).pk},
    ):
        with refuses(NotFound, Product, Item):
            save_package_product(asked(clinic, five(massage), **fields), NOW)


def test_editing_a_product_changes_no_sale(clinic: Clinic, massage: AppointmentType) -> None:
    product = saved(clinic, five(massage), tax_rate_id=clinic.tax.pk)
    package = sell(clinic, product)
    before = Package.objects.values().get(pk=package.pk)
    lines = [one.value_minor for one in sessions(package)]
    other = make_visit_type(clinic, name="Physio")
    changed = saved(
        clinic,
        PartInput(units=300, type_ids=(other.pk,)),
        product_id=product.pk,
        name="Minutes",
        price=Money(90000, "AUD"),
        tax_at_use=True,
        terms=TermsInput(measure="minutes", no_show_percent=0, valid_count=1),
    )
    assert changed.pk == product.pk
    assert Part.objects.count() == 1
    assert Package.objects.values().get(pk=package.pk) == before
    assert [one.value_minor for one in sessions(package)] == lines
    assert states(package) == ["free"] * 5
    assert package.parts.get().name == "Massage"
    later = sell(clinic, changed)
    assert {name: getattr(later, name) for name in TERMS} == {
        name: getattr(changed, name) for name in TERMS
    }
    assert_books_straight(clinic.practice)


def test_a_code_leads_to_one_item(clinic: Clinic, massage: AppointmentType) -> None:
    product = saved(clinic, five(massage), code="P5")
    with refuses(CodeTaken, Product, Item):
        save_package_product(asked(clinic, five(massage), code="p5"), NOW)
    act = {"practice_id": clinic.practice.pk, "by": SYSTEM, "product_id": product.pk}
    archive_package_product(ArchivePackageProduct(**act), NOW)
    assert list_products(facts(clinic)) == []
    assert [one.id for one in list_products(facts(clinic), archived=True)] == [product.pk]
    again = saved(clinic, five(massage), code="P5")
    with refuses(CodeTaken, Product, Item):
        restore_package_product(RestorePackageProduct(**act), NOW)
    saved(clinic, five(massage), product_id=again.pk, code="")
    restore_package_product(RestorePackageProduct(**act), NOW)
    assert len(list_products(facts(clinic))) == 2


def test_another_practice_s_product_is_not_there(clinic: Clinic, massage: AppointmentType) -> None:
    theirs = saved(clinic, five(massage))
    act = {"practice_id": make_clinic().practice.pk, "by": SYSTEM, "product_id": theirs.pk}
    with refuses(NotFound, Item):
        archive_package_product(ArchivePackageProduct(**act), NOW)
    with refuses(NotFound, Item):
        restore_package_product(RestorePackageProduct(**act), NOW)


def test_the_preview_shares_out_as_the_sale_does(clinic: Clinic, massage: AppointmentType) -> None:
    physio = make_visit_type(clinic, name="Physio", price_minor=5000)
    parts = (five(massage, 3), five(physio, 4))
    product = saved(clinic, *parts, price=Money(40001, "AUD"), tax_rate_id=clinic.tax.pk)
    worth = worth_of(
        facts(clinic),
        price=Money(40001, "AUD"),
        tax_percent=Decimal(10),
        measure="sessions",
        parts=parts,
    )
    package = sell(clinic, product)
    sold = [one.value_minor + one.tax_minor for one in sessions(package)]
    assert [share.minor for part in worth.shares for share in part] == sold
    assert worth.singly == Money(50000, "AUD")
    assert sum(sold) == 40001


def test_the_same_key_adds_one_product(clinic: Clinic, massage: AppointmentType) -> None:
    first = save_package_product(asked(clinic, five(massage), key="once"), NOW)
    assert save_package_product(asked(clinic, five(massage), key="once"), NOW) == first
    assert Product.objects.count() == 1
