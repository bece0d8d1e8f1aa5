"""Swap and upgrade as plain pages: figures before saving, refusals, who may."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from creditwell.packages.models import Package, PackageAct, Session
from tests.acts import new_key, pay, standing
from tests.books import assert_books_straight
from tests.cast import Cast
from tests.packages.acts import use
from tests.refusing import unchanged
from tests.sold import make_product, make_visit_type, sell

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def package(cast: Cast) -> Package:
    kind = make_visit_type(cast.clinic, name="Massage")
    sold = sell(cast.clinic, make_product(cast.clinic, kind))
    pay(cast.clinic, 45000, pay=((sold.line.invoice_id, 45000),))
    use(cast.clinic, kind, 2)
    return sold


def enter(client: Client, user: Any) -> None:
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")


def send(client: Client, package: Package, page: str, **fields: Any) -> Any:
    sent = {"key": new_key(), "do": "save", "reason": "", **fields}
    return client.post(f"/packages/{package.pk}/{page}/", sent)


def test_a_swap_is_said_and_done(client: Client, cast: Cast, package: Package) -> None:
    physio = make_visit_type(cast.clinic, name="Physio", price_minor=13000)
    enter(client, cast.staff["receptionist"])
    page = client.get(f"/packages/{package.pk}/swap/")
    assert "Physio, $130.00" in page.text
    part = package.parts.get().pk
    chosen = {"part": part, "target": f"type-{physio.pk}", "difference": ""}
    shown = send(client, package, "swap", **{**chosen, "do": "preview"})
    figures = shown.context["figures"]
    assert (figures.difference.minor, figures.charged.minor) == (3000, 3000)
    assert (figures.worth_before.minor, figures.worth_after.minor) == (9000, 12000)
    assert not PackageAct.objects.filter(kind="swapped").exists()
    answer = send(client, package, "swap", **chosen)
    act = PackageAct.objects.get(kind="swapped")
    assert answer.url == f"/invoices/{act.details['invoice_id']}/"
    assert standing(cast.clinic).owing_minor == 3000
    assert_books_straight(cast.clinic.practice)


def test_what_a_session_covers_already_is_not_offered(
    client: Client, cast: Cast, package: Package
) -> None:
    part = package.parts.get()
    known = part.covers.get().appointment_type_id
    physio = make_visit_type(cast.clinic, name="Physio", price_minor=13000)
    enter(client, cast.alice)
    page = client.get(f"/packages/{package.pk}/swap/").text
    assert f'value="type-{physio.pk}"' in page
    assert f'value="type-{known}"' not in page
    with unchanged(PackageAct, Session):
        answer = send(client, package, "swap", part=part.pk, target=f"type-{known}", difference="")
    assert answer.status_code == 422
    assert "This session can be used for that already." in answer.text


def test_with_several_kinds_the_preview_says_what_is_covered(client: Client, cast: Cast) -> None:
    kinds = [make_visit_type(cast.clinic, name=name) for name in ("Massage", "Physio")]
    package = sell(cast.clinic, make_product(cast.clinic, *kinds))
    parts = {part.covers.get().appointment_type_id: part.pk for part in package.parts.all()}
    enter(client, cast.alice)
    for kind in kinds:
        assert f'value="type-{kind.pk}"' in client.get(f"/packages/{package.pk}/swap/").text
        chosen = {"part": parts[kind.pk], "target": f"type-{kind.pk}", "difference": ""}
        shown = send(client, package, "swap", **chosen, do="preview")
        assert shown.context["figures"] is None
        assert "This session can be used for that already." in shown.text


@pytest.mark.parametrize(
    ("price_minor", "typed", "difference", "said"),
    [(500, "", -9000, True), (500, "-20", -2000, False), (2000, "", -8000, False)],
)
def test_a_difference_that_is_capped_says_why(  # as many figures
    client: Client,
    cast: Cast,
    package: Package,
    price_minor: int,
    typed: str,
    difference: int,
    *,
    said: bool,
) -> None:
    check = make_visit_type(cast.clinic, name="Check", price_minor=price_minor)
    enter(client, cast.alice)
    part = package.parts.get().pk
    chosen = {"part": part, "target": f"type-{check.pk}", "difference": typed}
    shown = send(client, package, "swap", **chosen, do="preview")
    assert shown.context["figures"].difference.minor == difference
    words = "the session cost $90.00 in this package, and no more than that is given back"
    assert (words in shown.text) is said


def test_a_swap_is_refused_and_nothing_typed_is_lost(
    client: Client, cast: Cast, package: Package
) -> None:
    enter(client, cast.alice)
    part = package.parts.get()
    massage = part.covers.get().appointment_type_id
    for fields, sentence in (
        ({"target": ""}, "Choose what it is swapped for."),
        ({"target": f"type-{massage}"}, "This session can be used for that already."),
        ({"target": f"item-{cast.clinic.item.pk}", "difference": "-90.01"}, "More would be given"),
        ({"target": "type-999999"}, "This cannot be chosen any more"),
    ):
        answer = send(client, package, "swap", part=part.pk, **{"difference": "1.5", **fields})
        assert answer.status_code == 422
        assert sentence in answer.text
        assert fields.get("difference", "1.5") in answer.text
    assert not PackageAct.objects.filter(kind="swapped").exists()


def test_an_upgrade_is_said_and_done(client: Client, cast: Cast, package: Package) -> None:
    massage = package.parts.get().covers.get().appointment_type
    assert massage is not None
    ten = make_product(cast.clinic, massage, units=10, price_minor=80000, name="Ten sessions")
    make_product(cast.clinic, massage, units=3, price_minor=30000, name="Three sessions")
    enter(client, cast.staff["receptionist"])
    page = client.get(f"/packages/{package.pk}/upgrade/")
    assert [one.pk for one in page.context["products"]] == [ten.pk]
    figures = page.context["figures"]
    assert (figures.price.minor, figures.left.minor, figures.worth.minor) == (35000, 27000, 62000)
    assert figures.each == "$77.50"
    assert "To charge now" in page.text
    assert "What is charged on top of what was paid." in page.text
    answer = send(client, package, "upgrade", product=ten.pk, price="", renew="on")
    act = PackageAct.objects.get(kind="upgraded")
    assert answer.url == f"/invoices/{act.details['invoice_id']}/"
    assert Session.objects.filter(package=package).count() == 10
    assert_books_straight(cast.clinic.practice)


def test_nothing_larger_is_offered(client: Client, cast: Cast, package: Package) -> None:
    enter(client, cast.alice)
    page = client.get(f"/packages/{package.pk}/upgrade/")
    assert "refund what is left of it" in page.text
    assert send(client, package, "upgrade", product="7").status_code == 422


def test_who_may(client: Client, cast: Cast, package: Package) -> None:
    for page in ("swap", "upgrade"):
        enter(client, cast.staff["practitioner"])
        assert client.get(f"/packages/{package.pk}/{page}/").status_code == 403
        enter(client, cast.charlie)
        assert client.get(f"/packages/{package.pk}/{page}/").status_code == 404
