"""A button of a package is pressed twice: the second press leads to where the first one did."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from creditwell.packages.booking import NONE
from creditwell.packages.models import Package, PackageAct, PackageShare, Session
from creditwell.scheduling.models import AppointmentType
from creditwell.web.payments import once
from tests.books import assert_books_straight
from tests.cast import Cast
from tests.factories import Clinic, make_patient
from tests.sold import make_product, make_visit_type, sell, states
from tests.web.packages.test_page import book
from tests.web.test_two_tabs import opened

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(cast: Cast) -> Clinic:
    return cast.clinic


@pytest.fixture
def one(clinic: Clinic, massage: AppointmentType) -> Package:
    """A package of one session, which anybody may use."""
    product = make_product(clinic, massage, units=1, sharing="anybody", valid_count=6)
    return sell(clinic, product)


@pytest.fixture
def alice(cast: Cast, client: Client) -> Client:
    client.force_login(cast.alice)
    return client


def acts(package: Package) -> int:
    return PackageAct.objects.filter(package=package).count()


def page_of(client: Client, package: Package) -> Any:
    return client.get(f"/packages/{package.pk}/").context["page"]


def press_twice(client: Client, package: Package, url: str, **typed: Any) -> None:
    """Both lead to the same page, which says so, and one act is written."""
    sent = {**opened(client, url), **typed}
    before = acts(package)
    first, second = (client.post(url, sent) for _n in range(2))
    assert (first.status_code, second.status_code) == (302, 302), second.content.decode()
    assert second.headers["Location"] == first.headers["Location"]
    assert acts(package) == before + 1
    page = client.get(second.headers["Location"]).content.decode()
    assert "This form was sent twice. It was saved once." in page


def test_the_last_session_is_used_and_taken_back(
    alice: Client, clinic: Clinic, one: Package
) -> None:
    press_twice(alice, one, f"/packages/{one.pk}/use/")
    assert states(one) == ["used"]
    press_twice(alice, one, page_of(alice, one).sessions[0].return_url)
    assert states(one) == ["free"]
    assert_books_straight(clinic.practice)


def test_a_visit_is_covered_and_its_session_given_back(
    alice: Client, clinic: Clinic, massage: AppointmentType, one: Package
) -> None:
    visit = book(clinic, massage, 2, package=NONE)
    press_twice(alice, one, f"/packages/{one.pk}/cover/", visit=visit)
    assert states(one) == ["booked"]
    press_twice(alice, one, page_of(alice, one).sessions[0].return_url)
    assert states(one) == ["free"]
    assert_books_straight(clinic.practice)


def test_days_and_a_bonus(alice: Client, clinic: Clinic, one: Package) -> None:
    url = f"/packages/{one.pk}"
    press_twice(alice, one, f"{url}/pause/", from_on="2026-11-25", reason="Travels")
    press_twice(alice, one, f"{url}/resume/")
    press_twice(alice, one, f"{url}/extend/", until="2028-01-01", reason="Ill")
    press_twice(alice, one, page_of(alice, one).history[0].undo_url)
    press_twice(alice, one, f"{url}/bonus/", units="2", reason="Loyal")
    assert Session.objects.filter(package=one).count() == 3
    press_twice(alice, one, page_of(alice, one).history[0].undo_url)
    assert page_of(alice, one).total == "1 session"
    assert_books_straight(clinic.practice)


def test_it_is_shared_and_that_ends(alice: Client, clinic: Clinic, one: Package) -> None:
    friend = make_patient(practice=clinic.practice)
    press_twice(alice, one, f"/packages/{one.pk}/share/", patient=friend.pk)
    press_twice(alice, one, page_of(alice, one).shares[0].stop_url)
    assert PackageShare.objects.filter(package=one, ended_at__isnull=True).count() == 0
    assert PackageShare.objects.filter(package=one).count() == 1


def test_it_is_transferred_and_comes_back(alice: Client, clinic: Clinic, one: Package) -> None:
    friend = make_patient(practice=clinic.practice)
    url = f"/packages/{one.pk}/transfer/"
    press_twice(alice, one, url, patient=friend.pk, how="all", reason="Moves")
    assert Package.objects.filter(patient=friend).count() == 1
    press_twice(alice, one, page_of(alice, one).history[0].undo_url)
    assert states(one)[-1] == "free"
    assert_books_straight(clinic.practice)


def test_another_form_is_not_taken_for_the_same(
    alice: Client, clinic: Clinic, massage: AppointmentType, one: Package
) -> None:
    """The same texts with a new key, or without any, are new acts; so is another package's page."""
    other = sell(clinic, make_product(clinic, massage, units=1))
    typed = {"part": one.parts.get().pk, "units": "1", "reason": "Loyal"}
    for key in ("k1", "k2", "", ""):
        answer = alice.post(f"/packages/{one.pk}/bonus/", {**typed, "key": key})
        assert answer.status_code == 302
    assert PackageAct.objects.filter(package=one, kind="bonus").count() == 4
    same = {"reason": "Loyal", "key": "k3", "until": "2030-01-01"}
    assert alice.post(f"/packages/{one.pk}/extend/", same).status_code == 302
    assert alice.post(f"/packages/{other.pk}/extend/", same).status_code == 422
    assert PackageAct.objects.filter(kind="extended").count() == 1


def test_what_was_refused_can_be_sent_again(
    alice: Client, clinic: Clinic, massage: AppointmentType, one: Package
) -> None:
    """Only what was done leads elsewhere: the same texts are tried anew."""
    url = f"/packages/{one.pk}/cover/"
    sent = {**opened(alice, url), "visit": "1"}
    for _n in range(2):
        answer = alice.post(url, sent)
        assert answer.status_code == 422
        assert f'value="{sent["key"]}"' in answer.content.decode()


@pytest.mark.parametrize("done_by", ["use", "take back"])
def test_the_first_press_is_saved_while_the_second_is_looked_at(
    alice: Client, clinic: Clinic, one: Package, done_by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with two presses at the same moment: nothing is known yet when the second one begins."""
    urls = [f"/packages/{one.pk}/use/"]
    if done_by == "take back":
        alice.post(urls[0], opened(alice, urls[0]))
        urls[0] = page_of(alice, one).sessions[0].return_url
    sent = opened(alice, urls[0])
    first = alice.post(urls[0], sent)
    known = once.recall

    def late(request: Any, *, anew: bool = False) -> Any:
        return known(request, anew=True) if anew else None

    monkeypatch.setattr("creditwell.web.packages.act_page.recall", late)
    second = alice.post(urls[0], sent)
    assert (second.status_code, second["Location"]) == (302, first["Location"])


@pytest.mark.parametrize("page", ["swap", "upgrade", "give_back"])
def test_of_what_changes_its_worth_too(
    alice: Client, clinic: Clinic, one: Package, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_visit_type(clinic, name="Physio")
    massage = one.parts.get().covers.get().appointment_type
    assert massage is not None
    make_product(clinic, massage, units=2, price_minor=90000, name="Two")
    url = f"/packages/{one.pk}/{'refund' if page == 'give_back' else page}/"
    typed = {"target": f"type-{other.pk}", "reason": "Moves"}
    sent = {**opened(alice, url), **typed, "key": "k", "do": "save"}
    first = alice.post(url, sent)
    assert first.status_code == 302, first.content.decode()
    known = once.recall

    def late(request: Any, *, anew: bool = False) -> Any:
        return known(request, anew=True) if anew else None

    monkeypatch.setattr(f"creditwell.web.packages.{page}.recall", late)
    before = acts(one)
    second = alice.post(url, sent)
    assert (second.status_code, second["Location"]) == (302, first["Location"])
    assert acts(one) == before
    assert_books_straight(clinic.practice)
