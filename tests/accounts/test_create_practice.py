"""Opening a practice: what it starts with, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from creditwell.audit.models import Note
from creditwell.catalog.models import Item, PaymentSource, TaxRate
from creditwell.kernel.errors import Refusal
from creditwell.kernel.usecase import KeyReused
from creditwell.outbox.models import Event
from creditwell.scheduling.models import AppointmentType, Practitioner, TypeItem, WorkingHours
from creditwell.tenancy.access import member_of
from creditwell.tenancy.countries import (
    UnknownCountry,
    UnknownCurrency,
    UnknownTimeZone,
    country_names,
    country_of,
    time_zones,
)
from creditwell.tenancy.models import Concession, Location, Practice
from creditwell.tenancy.operations import Required
from creditwell.usecases.create_practice import CreatePractice, create_practice
from tests.books import assert_books_straight
from tests.factories import NOW, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def command(**fields: Any) -> CreatePractice:
    defaults: dict[str, Any] = {
        "name": "Harbour Lane Physiotherapy",
        "country": "AU",
        "location_name": "Balmain",
        "practitioner_name": "Amara Osei",
    }
    if "owner_id" not in fields:
        fields["owner_id"] = make_user().pk
    return CreatePractice(**{**defaults, **fields})


def test_an_australian_practice_starts_with_what_is_usual_there() -> None:
    owner = make_user()
    made = create_practice(
        command(owner_id=owner.pk, owner_practises=True, tax_number="51 824 753 556"), NOW
    )
    practice = Practice.objects.get(pk=made.practice_id)
    assert (practice.currency, practice.time_zone, practice.locale) == (
        "AUD",
        "Australia/Sydney",
        "en_AU",
    )
    assert (practice.tax_name, practice.tax_number_label, practice.tax_number) == (
        "GST",
        "ABN",
        "51 824 753 556",
    )
    assert (practice.cash_rounding_minor, practice.prices_include_tax) == (5, True)
    rates = TaxRate.objects.filter(practice=practice).order_by("-percent")
    assert [(rate.name, rate.percent) for rate in rates] == [
        ("GST 10 %", Decimal(10)),
        ("GST-free", Decimal(0)),
    ]
    assert [s.name for s in PaymentSource.objects.filter(practice=practice)] == [
        "EFTPOS",
        "Cash",
        "Bank transfer",
        "Health fund",
        "Online",
    ]
    member = member_of(owner, practice.pk)
    assert member is not None
    assert member.role == "owner"
    written = Note.objects.get(practice=practice)
    assert (written.action, written.user_id) == ("create_practice", owner.pk)
    assert_books_straight(practice)


def test_it_can_sell_and_book_from_the_first_minute() -> None:
    owner = make_user()
    made = create_practice(command(owner_id=owner.pk, owner_practises=True), NOW)
    practice = Practice.objects.get(pk=made.practice_id)
    standard = Item.objects.get(practice=practice, code="STD")
    assert standard.price_minor == 9500
    assert standard.tax_rate is not None
    assert standard.tax_rate.name == "GST-free"
    assert Item.objects.filter(practice=practice).count() == 5
    types = AppointmentType.objects.filter(practice=practice)
    assert [(t.name, t.duration_minutes, t.max_attendees) for t in types] == [
        ("Initial consultation", 45, 1),
        ("Standard consultation", 30, 1),
        ("Long consultation", 60, 1),
        ("Group class", 45, 8),
    ]
    assert TypeItem.objects.filter(practice=practice).count() == 4
    practitioner = Practitioner.objects.get(practice=practice)
    assert (practitioner.pk, practitioner.user_id) == (made.practitioner_id, owner.pk)
    hours = WorkingHours.objects.filter(practice=practice, location_id=made.location_id)
    assert sorted(h.weekday for h in hours) == [0, 1, 2, 3, 4]
    assert Concession.objects.filter(practice=practice).count() == 3
    assert Location.objects.get(practice=practice).name == "Balmain"
    assert_books_straight(practice)


@pytest.mark.parametrize(
    ("country", "currency", "rates", "rounding"),
    [
        ("NZ", "NZD", ["15", "0"], 10),
        ("GB", "GBP", ["20", "5", "0"], 1),
        ("IE", "EUR", ["23", "13.5", "0"], 1),
        ("US", "USD", ["0"], 1),
        ("CA", "CAD", ["13", "5", "0"], 5),
        ("DE", "EUR", ["19", "7", "0"], 1),
        ("FR", "EUR", ["20", "10", "5.5", "0"], 1),
        ("NL", "EUR", ["21", "9", "0"], 1),
        ("ES", "EUR", ["21", "10", "4", "0"], 1),
        ("IT", "EUR", ["22", "10", "4", "0"], 1),
        ("JP", "JPY", ["0"], 1),
    ],
)
def test_each_country_has_its_money_and_taxes(
    country: str, currency: str, rates: list[str], rounding: int
) -> None:
    made = create_practice(command(country=country), NOW)
    practice = Practice.objects.get(pk=made.practice_id)
    found = TaxRate.objects.filter(practice=practice).order_by("-percent")
    assert practice.currency == currency
    assert [rate.percent for rate in found] == [Decimal(rate) for rate in rates]
    assert practice.cash_rounding_minor == rounding


def test_every_country_in_the_list_can_be_chosen() -> None:
    for code in country_names("en"):
        assert country_of(code).time_zone in time_zones()


def test_foreign_money_does_not_take_the_coins_of_the_country() -> None:
    made = create_practice(command(country="AU", currency="EUR", time_zone="Europe/Paris"), NOW)
    practice = Practice.objects.get(pk=made.practice_id)
    assert (practice.currency, practice.time_zone) == ("EUR", "Europe/Paris")
    assert practice.cash_rounding_minor == 1


def test_the_same_request_opens_one_practice() -> None:
    asked = command(key="once")
    assert create_practice(asked, NOW) == create_practice(asked, NOW)
    assert Practice.objects.count() == 1
    with pytest.raises(KeyReused):
        create_practice(command(key="once", name="Another"), NOW)


@pytest.mark.parametrize(
    ("fields", "refusal", "param"),
    [
        ({"name": "  "}, Required, "name"),
        ({"location_name": ""}, Required, "location_name"),
        ({"practitioner_name": " "}, Required, "practitioner_name"),
        ({"country": "ZZ"}, UnknownCountry, "country"),
        ({"currency": "XYZ"}, UnknownCurrency, "currency"),
        ({"time_zone": "Mars/Olympus"}, UnknownTimeZone, "time_zone"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_made(
    fields: dict[str, Any], refusal: type[Refusal], param: str
) -> None:
    with pytest.raises(refusal) as refused:
        create_practice(command(**fields), NOW)
    assert refused.value.param == param
    assert Practice.objects.count() == 0
    assert Event.objects.count() == 0
