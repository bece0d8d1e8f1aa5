"""Packages on offer: who sees and changes them, the form row by row, the worth of a session."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from creditwell.packages.models import Part, Product
from creditwell.scheduling.models import AppointmentType
from creditwell.tenancy.models import Concession
from creditwell.tenancy.permissions import Role
from tests.cast import Cast
from tests.sold import make_product, make_visit_type
from tests.web.test_two_tabs import form_of

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/packages/products/"
NEW = "/packages/products/new/"


@pytest.fixture
def massage(cast: Cast) -> AppointmentType:
    return make_visit_type(cast.clinic, name="Massage")


@pytest.fixture
def desk(client: Client, cast: Cast) -> Client:
    client.force_login(cast.alice, backend="django.contrib.auth.backends.ModelBackend")
    return client


def filled(cast: Cast, kind: AppointmentType, **fields: Any) -> dict[str, Any]:
    """The form of a new package as a browser sends it."""
    values: dict[str, Any] = {
        "key": "k1",
        "name": "Five massages",
        "category": cast.clinic.item.category_id,
        "measure": "sessions",
        "row": ["0"],
        "part-0-units": "5",
        "part-0-types": [str(kind.pk)],
        "price": "450",
        "tax_when": "sale",
        "valid_unit": "month",
        "valid_from": "sale",
        "usable_when": "at_once",
        "sharing": "family",
        "notice_hours": "24",
        "late_cancel": "0",
        "no_show": "100",
        "renews_unit": "month",
    }
    return {**values, **fields}


def test_made_shown_and_changed(desk: Client, cast: Cast, massage: AppointmentType) -> None:
    pensioner = Concession.objects.create(practice=cast.clinic.practice, name="Pensioner")
    sent = filled(
        cast,
        massage,
        valid_count="6",
        late_cancel="other",
        late_cancel_percent="30",
        refund_fee="25",
        tax_rate=cast.clinic.tax.pk,
        **{f"concession_{pensioner.pk}": "400"},
    )
    assert desk.post(NEW, sent).status_code == 302
    product = Product.objects.get()
    text = desk.get(f"{LIST}{product.pk}/").content.decode()
    for said in (
        "5 × Massage",
        "It is good for 6 months from the sale.",
        "30% of the session are kept",
        "$25.00",
        "$400.00",
        "5 × 90.00",
        "The package saves $50.00",
    ):
        assert said in text, said
    assert "Five massages" in desk.get(LIST).content.decode()
    url = f"{LIST}{product.pk}/edit/"
    shown = form_of(desk.get(url).content.decode())
    assert (shown["late_cancel"], shown["late_cancel_percent"]) == ("other", "30")
    assert desk.post(url, {**shown, "part-0-units": "6"}).status_code == 302
    assert Part.objects.get().units == 6


def test_saved_twice_is_saved_once(desk: Client, cast: Cast, massage: AppointmentType) -> None:
    """The first press changed the package; the second does not take that for somebody else's."""
    new = filled(cast, massage)
    made = [desk.post(NEW, new) for _n in range(2)]
    product = Product.objects.get()
    assert [one.url for one in made] == [f"{LIST}{product.pk}/"] * 2
    url = f"{LIST}{product.pk}/edit/"
    sent = {**form_of(desk.get(url).content.decode()), "part-0-units": "6"}
    for _n in range(2):
        answer = desk.post(url, sent)
        assert answer.status_code == 302, answer.content.decode()
    assert "It was saved once." in desk.get(answer.url).content.decode()
    assert Part.objects.get().units == 6
    again = desk.post(url, {**sent, "do": "preview"}, headers={"HX-Request": "true"})
    assert again.status_code == 200
    late = desk.post(url, {**sent, "part-0-units": "7"})
    assert "Somebody has changed this package" in late.content.decode()


def test_rows_come_and_go_without_a_script(
    desk: Client, cast: Cast, massage: AppointmentType
) -> None:
    sent = filled(cast, massage)
    page = desk.post(NEW, {**sent, "do": "add"}).content.decode()
    assert 'name="part-1-units"' in page
    assert 'value="5"' in page
    two = {**sent, "row": ["0", "1"], "part-1-units": "2", "part-1-types": [str(massage.pk)]}
    page = desk.post(NEW, {**two, "do": "remove-0"}).content.decode()
    assert 'name="part-0-units"' not in page
    assert 'name="part-1-units" value="2"' in page
    page = desk.post(NEW, {**sent, "measure": "money", "was-measure": "sessions", "do": "update"})
    assert "Amount to spend" in page.content.decode()
    assert Product.objects.count() == 0


def test_money_brings_the_usual_moment_of_tax(
    desk: Client, cast: Cast, massage: AppointmentType
) -> None:
    sent = filled(cast, massage, measure="money", **{"was-measure": "sessions", "do": "update"})
    page = desk.post(NEW, sent).content.decode()
    assert form_of(page)["tax_when"] == "use"
    chosen = desk.post(NEW, {**sent, "was-measure": "money"}).content.decode()
    assert form_of(chosen)["tax_when"] == "sale", "a choice is left alone"


def test_the_worth_is_worked_out_to_the_cent(
    desk: Client, cast: Cast, massage: AppointmentType
) -> None:
    sent = filled(cast, massage, price="100", **{"part-0-units": "3", "do": "preview"})
    page = desk.post(NEW, sent, headers={"HX-Request": "true"}).content.decode()
    assert "33.33, 33.33, 33.34" in page
    money = {**sent, "measure": "money", "part-0-units": "120"}
    assert "$100.00 buys $120.00 to spend" in desk.post(NEW, money).content.decode()
    minutes = {**sent, "measure": "minutes", "part-0-units": "300"}
    assert "60 minutes are worth $20.00" in desk.post(NEW, minutes).content.decode()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"part-0-types": []}, "Choose at least one kind of visit, or an item."),
        ({"part-0-units": "0"}, "Enter how much this row contains, 1 or more."),
        ({"row": []}, "add at least one row"),
        ({"price": "-5"}, "An amount cannot be negative."),
        ({"late_cancel": "other"}, "Enter a percentage from 0 to 100."),
        ({"renews": "on", "renews_count": ""}, "Say how often it renews."),
        ({"refund_fee": "451"}, "The fee for a refund is more than the package costs."),
        (
            {"measure": "money", "part-0-units": "400"},
            "Patients would pay more than they can spend.",
        ),
    ],
)
def test_a_refused_form_says_why_and_loses_nothing(
    desk: Client, cast: Cast, massage: AppointmentType, fields: dict[str, Any], said: str
) -> None:
    answer = desk.post(NEW, filled(cast, massage, **fields))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert 'value="Five massages"' in answer.content.decode()
    assert Product.objects.count() == 0


def test_two_tabs_lose_nothing(desk: Client, cast: Cast, massage: AppointmentType) -> None:
    product = make_product(cast.clinic, massage)
    url = f"{LIST}{product.pk}/edit/"
    first, second = (form_of(desk.get(url).content.decode()) for _tab in range(2))
    assert desk.post(url, {**first, "name": "Theirs"}).status_code == 302
    refused = desk.post(url, {**second, "name": "Mine"})
    assert refused.status_code == 422
    assert "Somebody has changed this package" in refused.content.decode()
    again = form_of(refused.content.decode())
    assert again["name"] == "Mine"
    assert desk.post(url, again).status_code == 302
    product.item.refresh_from_db()
    assert product.item.name == "Mine"


def test_archived_and_on_offer_again(desk: Client, cast: Cast, massage: AppointmentType) -> None:
    product = make_product(cast.clinic, massage, name="Ten of them")
    desk.post(f"{LIST}{product.pk}/archive/")
    assert "Ten of them" not in desk.get(LIST).content.decode().split("<table")[-1]
    assert "Ten of them" in desk.get(f"{LIST}?show=archived").content.decode()
    desk.post(f"{LIST}{product.pk}/restore/")
    assert "Ten of them" in desk.get(LIST).content.decode()
    assert desk.get(f"/items/{product.item_id}/").headers["Location"] == f"{LIST}{product.pk}/"


def test_who_sells_reads_the_same_in_words(cast: Cast, massage: AppointmentType) -> None:
    product = make_product(
        cast.clinic,
        (massage, make_visit_type(cast.clinic, name="Physio")),
        units=(10,),
        late_cancel_percent=50,
        usable_when="paid",
    )
    client = Client()
    client.force_login(cast.staff[Role.PRACTITIONER])
    text = client.get(f"{LIST}{product.pk}/").content.decode()
    assert "Any 10 of Massage, Physio" in text
    assert "half of the session is kept" in text
    assert "when its invoice is paid" in text
    assert f"{LIST}{product.pk}/edit/" not in text
    assert client.get(f"{LIST}{product.pk}/edit/").status_code == 403


def test_the_list_asks_no_more_with_many(
    desk: Client, cast: Cast, massage: AppointmentType
) -> None:
    counts = []
    for more in (1, 20):
        for _n in range(more):
            make_product(cast.clinic, massage, massage, units=(5, 3))
        desk.get(LIST)
        with CaptureQueriesContext(connection) as queries:
            desk.get(LIST)
        counts.append(len(queries))
    assert counts[0] == counts[1]
