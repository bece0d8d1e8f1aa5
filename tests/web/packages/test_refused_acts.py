"""Acts on a package that cannot be done: said at the right place, and nothing typed is lost."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from creditwell.packages.booking import NONE
from creditwell.packages.models import Package, PackageAct, Session
from creditwell.scheduling.models import AppointmentType
from tests.books import assert_books_straight
from tests.cast import Cast
from tests.factories import Clinic, make_clinic, make_patient
from tests.sold import make_product, make_visit_type, sell
from tests.web.packages.test_page import book
from tests.web.test_two_tabs import form_of, opened

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


@pytest.fixture
def clinic(cast: Cast) -> Clinic:
    return cast.clinic


@pytest.fixture
def package(clinic: Clinic, massage: AppointmentType) -> Package:
    return sell(clinic, make_product(clinic, massage, name="Five", sharing="anybody"))


@pytest.fixture
def money(clinic: Clinic, massage: AppointmentType) -> Package:
    """500.00 to spend."""
    return sell(clinic, make_product(clinic, massage, units=50000, measure="money"))


@pytest.fixture
def alice(cast: Cast, client: Client) -> Client:
    client.force_login(cast.alice)
    return client


def rows() -> list[Any]:
    return [list(table.objects.order_by("pk").values()) for table in (Package, Session, PackageAct)]


def refused(client: Client, url: str, sent: dict[str, Any], sentence: str, field: str = "") -> str:
    """Said on the same page, at the field; nothing changed. Returns the page."""
    before = rows()
    answer = client.post(url, sent)
    page: str = answer.content.decode()
    assert answer.status_code == 422, answer.status_code
    assert sentence in page
    if field:
        assert sentence in " ".join(answer.context["form"].errors[field])
    assert rows() == before
    return page


def test_what_is_used_is_above_zero_and_there(
    alice: Client, clinic: Clinic, money: Package
) -> None:
    url = f"/packages/{money.pk}/use/"
    sent = {**opened(alice, url), "reason": "Walk-in"}
    for units, sentence in (
        ("0", "above zero, and at most what is left, which is $500.00."),
        ("500.01", "above zero, and at most what is left, which is $500.00."),
        ("", "Enter an amount."),
    ):
        page = refused(alice, url, {**sent, "units": units}, sentence, "units")
        assert 'value="Walk-in"' in page
    assert alice.post(url, {**sent, "units": "500"}).status_code == 302
    assert_books_straight(clinic.practice)


def test_a_bonus_has_two_bounds(alice: Client, clinic: Clinic, package: Package) -> None:
    url = f"/packages/{package.pk}/bonus/"
    sent = {**opened(alice, url), "reason": "Loyal"}
    sentence = "above zero, and at most 1,000 sessions."
    refused(alice, url, {**sent, "units": "1001"}, sentence, "units")
    refused(alice, url, {**sent, "units": "0"}, "Enter a number from 1 to 1,000.", "units")
    assert alice.post(url, {**sent, "units": "1000"}).status_code == 302
    assert_books_straight(clinic.practice)


def test_so_much_of_money_is_asked_for_with_its_bounds(
    alice: Client, clinic: Clinic, money: Package, cast: Cast
) -> None:
    url = f"/packages/{money.pk}/transfer/"
    name = f"part-{money.parts.get().pk}"
    sent = {**opened(alice, url), "how": "some", "patient": clinic.patient.pk, "reason": "Moves"}
    for nothing in ("", "0"):
        sentence = "Enter how much goes, from 0.01 to 500.00."
        refused(alice, url, {**sent, name: nothing}, sentence, name)


OVER = "This package is over: it was refunded, transferred or voided."


def end(client: Client, package: Package) -> None:
    """All that is left is given back, in another tab."""
    url = f"/packages/{package.pk}/refund/"
    answer = client.post(url, {**opened(client, url), "do": "save", "reason": "Moves away"})
    assert answer.status_code == 302, answer.content.decode()
    package.refresh_from_db()
    assert package.ended_at is not None


def test_a_tab_from_before_the_end_says_that_it_is_over(
    alice: Client, clinic: Clinic, massage: AppointmentType, package: Package
) -> None:
    visit = book(clinic, massage, 2, package=NONE)
    physio = make_visit_type(clinic, name="Physio")
    ten = make_product(clinic, massage, units=10, price_minor=80000, name="Ten")
    typed: dict[str, dict[str, Any]] = {
        "use": {"reason": "Walk-in"},
        "cover": {"visit": visit},
        "extend": {"until": "2028-01-01", "reason": "Walk-in"},
        "pause": {"from_on": "2026-12-01", "reason": "Walk-in"},
        "bonus": {"units": "3", "reason": "Walk-in"},
        "share": {"reason": "Walk-in"},
        "transfer": {"how": "some", "reason": "Walk-in"},
        "swap": {"target": f"type-{physio.pk}", "difference": "1.50", "do": "save"},
        "upgrade": {"product": ten.pk, "price": "123.45", "reason": "Walk-in", "do": "save"},
    }
    forms = {}
    for name, fields in typed.items():
        url = f"/packages/{package.pk}/{name}/"
        forms[url] = {**opened(alice, url), **fields}
    end(alice, package)
    for url, sent in forms.items():
        page = refused(alice, url, sent, OVER)
        form = alice.post(url, sent).context["form"]
        assert list(form.errors) == ["__all__"], (url, form.errors)
        for value in set(sent) & {"reason", "until", "units", "difference", "price"}:
            assert f'value="{sent[value]}"' in page, (url, value)
        if "swap" in url:
            assert f'value="{sent["target"]}" selected' in page
        if "upgrade" in url:
            assert form_of(page)["product"] == str(ten.pk)
    assert_books_straight(clinic.practice)


def test_a_tab_from_before_the_last_session_went(
    alice: Client, clinic: Clinic, massage: AppointmentType
) -> None:
    one = sell(clinic, make_product(clinic, massage, units=1))
    physio = make_visit_type(clinic, name="Physio")
    url = f"/packages/{one.pk}/use/"
    sent, swap = opened(alice, url), opened(alice, f"/packages/{one.pk}/swap/")
    give = {**opened(alice, f"/packages/{one.pk}/transfer/"), "patient": clinic.patient.pk}
    alice.post(url, opened(alice, url))
    late = {**sent, "reason": "Walk-in"}
    assert 'value="Walk-in"' in refused(alice, url, late, "Nothing of it is free any more.", "part")
    late = {**swap, "target": f"type-{physio.pk}", "difference": "1.50", "do": "save"}
    sentence = "No session of this kind is free. Cancel a visit first."
    assert 'value="1.50"' in refused(alice, f"/packages/{one.pk}/swap/", late, sentence, "part")
    late = {**give, "how": "some", f"part-{one.parts.get().pk}": "1", "reason": "Moves"}
    sentence = "There is not so much free in this package."
    assert 'value="Moves"' in refused(alice, f"/packages/{one.pk}/transfer/", late, sentence, "how")


def test_what_is_done_with_a_package_that_is_over_as_well(
    alice: Client, clinic: Clinic, package: Package
) -> None:
    """A use stays a use, and can be taken back."""
    url = f"/packages/{package.pk}/use/"
    alice.post(url, opened(alice, url))
    back = alice.get(f"/packages/{package.pk}/").context["page"].sessions[0].return_url
    end(alice, package)
    assert alice.post(back, {"key": "k"}).status_code == 302
    assert_books_straight(clinic.practice)


@pytest.mark.parametrize("page", ["share", "transfer"])
def test_somebody_who_is_not_found_is_said_at_the_picker(
    alice: Client, clinic: Clinic, package: Package, page: str
) -> None:
    """Of another practice, nobody, or merged into somebody else since they were chosen."""
    merged = make_patient(practice=clinic.practice, first_name="Mia")
    merged.merged_into = make_patient(practice=clinic.practice)
    merged.save()
    url = f"/packages/{package.pk}/{page}/"
    sent = {**opened(alice, url), "reason": "Walk-in", "patient-q": "Mia"}
    for pk in (make_clinic().patient.pk, 2**62, merged.pk):
        sentence = "There is no such patient in this practice."
        text = refused(alice, url, {**sent, "patient": pk}, sentence)
        assert alice.post(url, {**sent, "patient": pk}).context["picked"].error == sentence
        assert 'value="Walk-in"' in text
        assert "Mia" in text
    theirs = {
        "share": "This is the owner, who may use it anyway.",
        "transfer": "This package is theirs already. Choose somebody else.",
    }
    owner = {**sent, "patient": clinic.patient.pk}
    refused(alice, url, owner, theirs[page])
    assert alice.post(url, owner).context["picked"].error == theirs[page]
