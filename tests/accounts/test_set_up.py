"""The first run, and one more practice."""

from __future__ import annotations

import pytest
from django.urls import reverse

from creditwell.outbox.models import Event
from creditwell.tenancy.models import Membership, Practice, User
from creditwell.usecases.create_practice import CreatePractice
from creditwell.usecases.set_up import AlreadySetUp, SetUp, set_up
from tests.books import assert_books_straight
from tests.cast import make_cast
from tests.factories import NOW, make_user

pytestmark = pytest.mark.django_db(transaction=True)

PRACTICE = {
    "name": "Harbour Lane",
    "country": "NZ",
    "currency": "NZD",
    "time_zone": "Pacific/Auckland",
    "location_name": "Ponsonby",
    "owner_practises": "on",
}
PERSON = {
    "user_name": "Alice Moana",
    "email": "Alice@clinic.example",
    "password": "seven purple lighthouses",
}


def command() -> SetUp:
    practice = CreatePractice(
        owner_id=0, name="A", country="AU", location_name="B", practitioner_name="C"
    )
    return SetUp(user_name="Alice", email="a@b.example", password="secret", practice=practice)


def test_an_empty_installation_is_set_up_on_one_page(client):
    response = client.post(reverse("set_up"), PERSON | PRACTICE)
    assert response.status_code == 302
    user = User.objects.get()
    practice = Practice.objects.get()
    assert (user.name, user.email) == ("Alice Moana", "alice@clinic.example")
    assert user.check_password("seven purple lighthouses")
    assert (practice.name, practice.currency) == ("Harbour Lane", "NZD")
    assert client.session["_auth_user_id"] == str(user.pk)
    assert client.session["practice_id"] == practice.pk
    assert_books_straight(practice)


@pytest.mark.parametrize("page", ["start", "calendar", "settings"])
def test_until_then_every_page_leads_there(client, page):
    assert client.get(reverse(page)).headers["Location"] == reverse("set_up")
    make_cast()
    assert client.get(reverse(page)).headers["Location"].startswith(reverse("account_login"))


def test_a_form_that_is_refused_keeps_what_was_typed(client):
    response = client.post(reverse("set_up"), PERSON | PRACTICE | {"password": "short"})
    text = response.content.decode()
    assert response.status_code == 422
    assert "too short" in text
    assert "Ponsonby" in text
    assert "Alice Moana" in text
    assert 'value="short"' not in text
    assert User.objects.count() == Practice.objects.count() == Event.objects.count() == 0


def test_the_country_suggests_the_rest_with_and_without_script(client):
    part = client.get(reverse("set_up_country"), {"country": "IE"}).content.decode()
    assert '<option value="EUR" selected>' in part
    assert '<option value="Europe/Dublin" selected>' in part
    typed = PERSON | PRACTICE | {"country": "GB", "prefill": "1"}
    page = client.post(reverse("set_up"), typed).content.decode()
    assert '<option value="GBP" selected>' in page
    assert "Ponsonby" in page
    assert User.objects.count() == 0


def test_sent_before_the_country_suggested_its_currency_it_is_shown_again(client):
    hasty = PERSON | PRACTICE | {"country": "DE", "suggested_for": "NZ"}
    response = client.post(reverse("set_up"), hasty)
    page = response.content.decode()
    assert response.status_code == 422
    assert "Look at the currency and the time zone once more." in page
    assert '<option value="EUR" selected>' in page
    assert '<option value="Europe/Berlin" selected>' in page
    assert 'name="suggested_for" value="DE"' in page
    assert Practice.objects.count() == User.objects.count() == Event.objects.count() == 0
    seen = hasty | {"suggested_for": "DE", "currency": "EUR", "time_zone": "Europe/Berlin"}
    assert client.post(reverse("set_up"), seen).status_code == 302
    assert Practice.objects.get().currency == "EUR"


def test_another_currency_than_the_usual_one_is_taken_at_once(client):
    chosen = PERSON | PRACTICE | {"country": "DE", "suggested_for": "DE"}
    assert client.post(reverse("set_up"), chosen).status_code == 302
    practice = Practice.objects.get()
    assert (practice.country, practice.currency) == ("DE", "NZD")


def test_set_up_happens_once(client):
    set_up(command(), NOW)
    with pytest.raises(AlreadySetUp):
        set_up(command(), NOW)
    assert User.objects.count() == Practice.objects.count() == 1
    assert Event.objects.count() == 0
    assert client.get(reverse("set_up")).url.startswith(reverse("account_login"))
    response = client.post(reverse("set_up"), PERSON | PRACTICE)
    assert response.url.startswith(reverse("account_login"))
    assert User.objects.count() == 1


def test_whoever_is_signed_in_opens_another_practice_once(client):
    cast = make_cast()
    client.force_login(cast.bob)
    page = client.get(reverse("set_up"))
    key = page.context["key"]
    for _click in range(2):
        response = client.post(reverse("set_up"), PRACTICE | {"key": key})
        assert response.status_code == 302
    roles = Membership.objects.filter(user=cast.bob).order_by("pk").values_list("role", flat=True)
    assert list(roles) == ["receptionist", "owner"]
    assert (
        client.session["practice_id"] == Practice.objects.get(name="Harbour Lane", country="NZ").pk
    )


def test_somebody_without_a_practice_may_open_one(client):
    client.force_login(make_user())
    assert client.get(reverse("profile")).url == reverse("set_up")
    assert client.get(reverse("set_up")).status_code == 200
