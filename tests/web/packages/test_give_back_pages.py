"""The calculator of a refund as a plain page: figures before saving, refusals, who may."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from creditwell.packages.models import Package, PackageAct, Session
from creditwell.payments.models import Refund, RefundRequest
from tests.acts import new_key, pay, standing
from tests.books import assert_books_straight
from tests.cast import Cast
from tests.packages.acts import book, use
from tests.sold import make_product, make_visit_type, sell, states

pytestmark = pytest.mark.django_db(transaction=True)
TABLES = (Package, Session, PackageAct, Refund, RefundRequest)


@pytest.fixture
def package(cast: Cast) -> Package:
    kind = make_visit_type(cast.clinic, name="Massage")
    sold = sell(cast.clinic, make_product(cast.clinic, kind))
    pay(cast.clinic, 45000, pay=((sold.line.invoice_id, 45000),))
    use(cast.clinic, kind, 2)
    return sold


def send(client: Client, package: Package, **fields: Any) -> Any:
    sent = {
        "key": new_key(),
        "do": "save",
        "into": "refund",
        "what": "all",
        "method": "pro_rata",
        "fee": "",
        "reason": "Moving away",
    }
    return client.post(f"/packages/{package.pk}/refund/", {**sent, **fields})


def enter(client: Client, user: Any) -> None:
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")


def counts() -> list[int]:
    return [table._default_manager.count() for table in TABLES]


def test_every_figure_is_said_before_anything_is_saved(
    client: Client, cast: Cast, package: Package
) -> None:
    enter(client, cast.alice)
    before = counts()
    page = client.get(f"/packages/{package.pk}/refund/")
    assert "Used: 2, booked: 0, free: 3." in page.text
    part = package.parts.get().pk
    some = {"what": "some", f"units-{part}": "2", "method": "used_at_list", "fee": "3.33"}
    shown = send(client, package, do="preview", **some)
    assert shown.status_code == 200
    outcome = shown.context["page"].outcome
    # Two thirds of 270.00 - 20.00, less 3.33.
    assert (outcome.leaving.minor, outcome.for_list.minor) == (18000, 1333)
    assert (outcome.back.minor, outcome.kept.minor) == (16334, 1666)
    assert [(way.name, way.amount.minor) for way in outcome.ways] == [("Card", 16334)]
    assert counts() == before
    answer = send(client, package, seen="16334", **some)
    assert answer.url == f"/payments/refunds/{Refund.objects.get().pk}/"
    assert Refund.objects.get().total_minor == 16334
    assert_books_straight(cast.clinic.practice)


def test_what_cannot_be_done_is_said_and_nothing_typed_is_lost(
    client: Client, cast: Cast, package: Package
) -> None:
    enter(client, cast.alice)
    part = package.parts.get().pk
    before = counts()
    for fields, sentence in (
        ({"reason": ""}, "Say why"),
        ({"fee": "300"}, "The fee is more than what would go back."),
        ({"what": "some", f"units-{part}": "4"}, "only 3 sessions are free"),
        ({"what": "all", f"units-{part}": "2"}, "You typed how much, but chose all."),
        ({"what": "some", f"units-{part}": ""}, "Enter how much is given back."),
        ({"what": "some", f"units-{part}": "0"}, "Enter how much is given back."),
        ({"what": "some", f"units-{part}": "-1"}, "Write a whole number, like 2."),
        ({"seen": "1"}, "Something changed since the figures were worked out."),
        ({"fee": "many"}, "is not an amount"),
    ):
        answer = send(client, package, **fields)
        assert answer.status_code == 422
        assert sentence in answer.text
        for value in fields.values():
            assert value in answer.text
    assert counts() == before


def test_a_number_beside_all_is_said_before_it_is_sent(
    client: Client, cast: Cast, package: Package
) -> None:
    enter(client, cast.alice)
    shown = client.get(f"/packages/{package.pk}/refund/").text
    assert "How many sessions" in shown
    assert "3 free" in shown
    part = package.parts.get().pk
    page = send(client, package, do="preview", **{f"units-{part}": "2"}).context["page"]
    assert page.outcome is None
    assert page.problem.startswith("You typed how much, but chose all.")
    assert_books_straight(cast.clinic.practice)


def test_too_much_of_a_package_of_money_is_said_in_its_currency(client: Client, cast: Cast) -> None:
    kind = make_visit_type(cast.clinic, name="Massage")
    product = make_product(cast.clinic, kind, units=50000, measure="money")
    package = sell(cast.clinic, product)
    enter(client, cast.alice)
    before = counts()
    for do, status in (("preview", 200), ("save", 422)):
        some = {"what": "some", f"units-{package.parts.get().pk}": "500.01", "do": do}
        answer = send(client, package, **some)
        assert answer.status_code == status
        assert "Of Massage only $500.00 is free. Enter less" in answer.text
        assert 'value="500.01"' in answer.text
    assert counts() == before
    assert_books_straight(cast.clinic.practice)


def test_a_booked_visit_is_named_and_has_to_be_let_go(
    client: Client, cast: Cast, package: Package
) -> None:
    enter(client, cast.alice)
    book(cast.clinic, package.parts.get().covers.get().appointment_type, 50)  # type: ignore[arg-type]  # it has one
    answer = send(client, package)
    assert answer.status_code == 422
    assert "1 visit is booked with it" in answer.text
    assert send(client, package, release="on").status_code == 302
    assert states(package) == ["used"] * 2 + ["refunded"] * 3


def test_it_stays_credit_if_that_is_chosen(client: Client, cast: Cast, package: Package) -> None:
    enter(client, cast.alice)
    page = client.get(f"/packages/{package.pk}/convert/")
    assert page.context["page"].outcome.stays[0].amount.minor == 27000
    assert send(client, package, into="credit").status_code == 302
    assert standing(cast.clinic).credit_minor == 27000
    assert "This package is over" in client.get(f"/packages/{package.pk}/refund/").text
    assert send(client, package).status_code == 409


def test_a_receptionist_asks_and_a_practitioner_may_not(
    client: Client, cast: Cast, package: Package
) -> None:
    practice = cast.clinic.practice
    practice.receptionist_refunds_up_to_minor = 10000
    practice.save()
    enter(client, cast.staff["practitioner"])
    assert client.get(f"/packages/{package.pk}/refund/").status_code == 403
    enter(client, cast.charlie)
    assert client.get(f"/packages/{package.pk}/refund/").status_code == 404
    enter(client, cast.staff["receptionist"])
    page = client.get(f"/packages/{package.pk}/refund/")
    assert "somebody else has to approve its refund" in page.text
    answer = send(client, package)
    assert answer.url == f"/payments/refunds/requests/{RefundRequest.objects.get().pk}/"
    assert standing(cast.clinic).credit_minor == 27000


def test_sent_twice_it_is_one_refund(client: Client, cast: Cast, package: Package) -> None:
    enter(client, cast.alice)
    key = new_key()
    assert send(client, package, key=key).url == send(client, package, key=key).url
    assert Refund.objects.count() == 1
