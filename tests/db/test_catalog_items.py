from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from creditwell.audit.models import Note
from creditwell.catalog import queries
from creditwell.catalog.models import ConcessionPrice, Item
from creditwell.catalog.operations import CodeTaken
from creditwell.catalog.rules import NameMissing, NameTooLong, NegativePrice
from creditwell.kernel.errors import NotFound
from creditwell.money.money import Money
from creditwell.tenancy.access import SYSTEM
from creditwell.tenancy.models import Concession, Practice
from creditwell.usecases.archive_item import ArchiveItem, archive_item
from creditwell.usecases.restore_item import RestoreItem, restore_item
from creditwell.usecases.save_item import SaveItem, save_item
from tests.factories import (
    NOW,
    Clinic,
    make_category,
    make_clinic,
    make_item,
    make_practice,
    make_tax_rate,
)
from tests.refusing import refuses

pytestmark = pytest.mark.django_db


def concession(practice: Practice, name: str = "Pensioner") -> Concession:
    return Concession.objects.create(practice=practice, name=name)


def wanted(clinic: Clinic, **fields: Any) -> SaveItem:
    values: dict[str, Any] = {
        "practice_id": clinic.practice.pk,
        "by": SYSTEM,
        "kind": "service",
        "name": "Dry needling",
        "price": Money(9500, "AUD"),
        "category_id": clinic.item.category_id,
    }
    return SaveItem(**{**values, **fields})


def test_an_item_is_added_with_everything_that_belongs_to_it(clinic: Clinic) -> None:
    pensioner = concession(clinic.practice)
    saved = save_item(
        wanted(
            clinic,
            kind="product",
            code=" BAND-1 ",
            name="  Exercise   band ",
            tax_rate_id=clinic.tax.pk,
            supplier="Stretchy Pty Ltd",
            cost=Money(700, "AUD"),
            stock_count=12,
            concession_prices={pensioner.pk: Money(8000, "AUD")},
        ),
        NOW,
    )
    record = queries.item_record(clinic.practice.pk, saved.item_id)
    assert record == queries.ItemRecord(
        id=saved.item_id,
        kind="product",
        code="BAND-1",
        name="Exercise band",
        price=Money(9500, "AUD"),
        tax_rate_id=clinic.tax.pk,
        category_id=clinic.item.category_id,
        supplier="Stretchy Pty Ltd",
        cost=Money(700, "AUD"),
        stock_count=12,
        archived=False,
        concession_prices={pensioner.pk: Money(8000, "AUD")},
    )
    trail = Note.objects.get(action="save_item", subject_id=saved.item_id)
    assert trail.details["price_minor"] == 9500


def test_the_same_request_adds_one_item(clinic: Clinic) -> None:
    command = wanted(clinic, key="one")
    assert save_item(command, NOW) == save_item(command, NOW)
    assert Item.objects.filter(name="Dry needling").count() == 1


def test_a_concession_price_is_set_changed_and_taken_away(clinic: Clinic) -> None:
    pensioner, student = concession(clinic.practice), concession(clinic.practice, "Student")
    pk = clinic.item.pk

    def save(prices: dict[int, Money | None]) -> dict[int, Money]:
        command = wanted(clinic, item_id=pk, concession_prices=prices)
        save_item(command, NOW)
        return queries.item_record(clinic.practice.pk, pk).concession_prices

    seventy, sixty = Money(7000, "AUD"), Money(6000, "AUD")
    assert save({pensioner.pk: seventy}) == {pensioner.pk: seventy}
    assert save({student.pk: sixty}) == {pensioner.pk: seventy, student.pk: sixty}
    assert save({pensioner.pk: sixty}) == {pensioner.pk: sixty, student.pk: sixty}
    assert save({pensioner.pk: None}) == {student.pk: sixty}


@pytest.mark.parametrize(
    ("error", "fields"),
    [
        (NameMissing, {"name": "  "}),
        (NameTooLong, {"name": "x" * 161}),
        (NameTooLong, {"code": "x" * 41}),
        (NegativePrice, {"price": Money(-1, "AUD")}),
        (NegativePrice, {"cost": Money(-1, "AUD")}),
        (NotFound, {"item_id": 10**9}),
        (NotFound, {"category_id": 10**9}),
        (NotFound, {"tax_rate_id": 10**9}),
        (NotFound, {"concession_prices": {10**9: Money(1, "AUD")}}),
    ],
)
def test_what_cannot_be_meant_is_refused(
    clinic: Clinic, error: Any, fields: dict[str, Any]
) -> None:
    with refuses(error, Item, ConcessionPrice):
        save_item(wanted(clinic, **fields), NOW)


def test_a_negative_concession_price_is_refused_at_its_field(clinic: Clinic) -> None:
    pensioner = concession(clinic.practice)
    prices = {pensioner.pk: Money(-1, "AUD")}
    with refuses(NegativePrice, Item, ConcessionPrice) as raised:
        save_item(wanted(clinic, concession_prices=prices), NOW)
    assert raised.value.param == f"concession_{pensioner.pk}"


def test_nothing_of_another_practice_can_be_named(clinic: Clinic) -> None:
    elsewhere = make_clinic()
    theirs = concession(elsewhere.practice)
    for fields in (
        {"item_id": elsewhere.item.pk},
        {"category_id": elsewhere.item.category_id},
        {"tax_rate_id": elsewhere.tax.pk},
        {"concession_prices": {theirs.pk: Money(1, "AUD")}},
    ):
        with refuses(NotFound, Item, ConcessionPrice):
            save_item(wanted(clinic, **fields), NOW)


def test_a_code_leads_to_one_item_whatever_its_letters(clinic: Clinic) -> None:
    save_item(wanted(clinic, code="ABC"), NOW)
    with refuses(CodeTaken, Item) as raised:
        save_item(wanted(clinic, code="abc", name="Another"), NOW)
    assert raised.value.param == "code"


def test_an_item_keeps_its_own_code_when_it_is_changed(clinic: Clinic) -> None:
    pk = save_item(wanted(clinic, code="ABC"), NOW).item_id
    save_item(wanted(clinic, code="ABC", name="Renamed", item_id=pk), NOW)
    assert Item.objects.get(pk=pk).name == "Renamed"


def test_the_code_of_an_archived_item_is_free_until_it_comes_back(clinic: Clinic) -> None:
    practice_id = clinic.practice.pk
    old = save_item(wanted(clinic, code="ABC"), NOW).item_id
    archive_item(ArchiveItem(practice_id=practice_id, by=SYSTEM, item_id=old), NOW)
    save_item(wanted(clinic, code="ABC", name="Newer"), NOW)
    with refuses(CodeTaken, Item):
        restore_item(RestoreItem(practice_id=practice_id, by=SYSTEM, item_id=old), NOW)


def test_an_archived_item_is_not_for_sale_until_it_is_restored(clinic: Clinic) -> None:
    practice_id, pk = clinic.practice.pk, clinic.item.pk

    def on_offer() -> bool:
        return pk in {item.id for item in queries.items_for_sale(practice_id)}

    assert on_offer()
    archive_item(ArchiveItem(practice_id=practice_id, by=SYSTEM, item_id=pk), NOW)
    assert not on_offer()
    assert queries.sale_items(practice_id, [pk])[pk].name == "Standard consultation"
    restore_item(RestoreItem(practice_id=practice_id, by=SYSTEM, item_id=pk), NOW)
    assert on_offer()
    assert list(Note.objects.order_by("id").values_list("action", flat=True)) == [
        "archive_item",
        "restore_item",
    ]


def test_items_are_priced_by_concession(clinic: Clinic) -> None:
    practice_id = clinic.practice.pk
    pensioner, student = concession(clinic.practice), concession(clinic.practice, "Student")
    ConcessionPrice.objects.create(
        practice=clinic.practice, item=clinic.item, concession=pensioner, price_minor=0
    )
    ConcessionPrice.objects.create(
        practice=clinic.practice, item=clinic.item, concession=student, price_minor=7000
    )
    make_item(practice=make_practice())

    def prices(concession_id: int | None) -> list[tuple[str, int, bool]]:
        found = queries.items_for_sale(practice_id, concession_id)
        return [(item.name, item.price.minor, item.by_concession) for item in found]

    assert prices(None) == [
        ("Exercise band", 11000, False),
        ("Standard consultation", 9000, False),
    ]
    assert prices(pensioner.pk) == [
        ("Exercise band", 11000, False),
        ("Standard consultation", 0, True),
    ]
    assert queries.price_of(practice_id, clinic.item.pk, student.pk) == Money(7000, "AUD")
    assert queries.price_of(practice_id, clinic.item.pk) == Money(9000, "AUD")
    with pytest.raises(NotFound):
        queries.price_of(make_practice().pk, clinic.item.pk)


def test_an_item_for_sale_carries_its_tax(clinic: Clinic) -> None:
    taxed, plain = queries.items_for_sale(clinic.practice.pk)
    assert (taxed.tax_name, taxed.tax_percent) == (clinic.tax.name, Decimal(10))
    assert (plain.tax_rate_id, plain.tax_name, plain.tax_percent) == (None, "", Decimal(0))


def test_the_list_is_divided_and_searched(clinic: Clinic) -> None:
    practice_id = clinic.practice.pk
    make_item(practice=clinic.practice, name="Long consultation", code="LC60")
    make_item(practice=clinic.practice, name="Old", archived_at=NOW)

    def names(tab: str, search: str = "") -> list[str]:
        found = queries.list_items(practice_id=practice_id, tab=tab, search=search)
        return [item.name for item in found.items]

    assert names("service") == ["Long consultation", "Standard consultation"]
    assert names("product") == ["Exercise band"]
    assert names("archived") == ["Old"]
    assert names("service", "consult stand") == ["Standard consultation"]
    assert names("service", "lc6") == ["Long consultation"]
    assert names("service", "100%") == []
    assert queries.count_items(practice_id) == {
        "service": 2,
        "product": 1,
        "other": 0,
        "archived": 1,
    }


def test_the_list_has_pages(clinic: Clinic) -> None:
    category = make_category(practice=clinic.practice)
    for n in range(queries.PAGE + 1):
        make_item(practice=clinic.practice, kind="other", name=f"Thing {n:03}", category=category)

    def page(number: int) -> queries.ItemPage:
        return queries.list_items(practice_id=clinic.practice.pk, tab="other", page=number)

    assert (len(page(1).items), page(1).more) == (queries.PAGE, True)
    assert ([item.name for item in page(2).items], page(2).more) == (["Thing 050"], False)


def test_reading_costs_the_same_for_three_items_as_for_forty(clinic: Clinic) -> None:
    practice_id = clinic.practice.pk

    def cost() -> list[int]:
        counts = []
        for read in (
            lambda: queries.items_for_sale(practice_id, 1),
            lambda: queries.list_items(practice_id=practice_id, tab="service"),
            lambda: queries.count_items(practice_id),
            lambda: queries.tax_rates(practice_id),
            lambda: queries.payment_sources(practice_id),
            lambda: queries.categories(practice_id, counted=True),
            lambda: queries.concessions(practice_id, archived=True),
        ):
            with CaptureQueriesContext(connection) as seen:
                read()
            counts.append(len(seen))
        return counts

    small = cost()
    for _ in range(40):
        make_item(practice=clinic.practice, tax_rate=make_tax_rate(practice=clinic.practice))
        concession(clinic.practice, f"Kind {_}")
    assert cost() == small == [1, 1, 1, 1, 1, 2, 2]
