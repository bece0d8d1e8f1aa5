"""Signing in, its throttle, and what it does not tell."""

from __future__ import annotations

import logging
import re
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from creditwell.tenancy.models import User
from tests.factories import make_practice, make_user

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def forgotten_attempts() -> None:
    cache.clear()


@pytest.fixture
def alice() -> User:
    make_practice()
    return make_user(email="alice@clinic.example", name="Alice")


def without_tokens(response) -> str:
    """The page without the CSRF tokens, which differ each time."""
    return re.sub(r"[A-Za-z0-9]{64}", "", response.content.decode())


def attempt(client: Client, email: str, password: str):
    return client.post(reverse("account_login"), {"login": email, "password": password})


def test_the_right_password_signs_in_whatever_the_case_of_the_address(client, alice):
    response = attempt(client, "Alice@Clinic.example", PASSWORD)
    assert response.status_code == 302
    assert client.session["_auth_user_id"] == str(alice.pk)


def test_a_wrong_password_and_an_unknown_address_look_the_same(client, alice):
    known = attempt(client, "alice@clinic.example", "wrong")
    unknown = attempt(Client(), "nobody@clinic.example", "wrong")
    said = [without_tokens(r).replace("nobody@", "alice@") for r in (known, unknown)]
    assert known.status_code == unknown.status_code == 200
    assert said[0] == said[1]
    assert "do not match" in known.content.decode()
    assert "_auth_user_id" not in client.session


def test_the_sixth_attempt_within_five_minutes_is_refused_even_if_right(client, alice):
    for _n in range(5):
        attempt(client, "alice@clinic.example", "wrong")
    response = attempt(Client(), "alice@clinic.example", PASSWORD)
    assert "Too many attempts" in response.content.decode()
    assert response.status_code == 200


def test_the_throttle_counts_in_the_database_so_that_all_processes_share_it(client, alice):
    from django.db import connection

    attempt(client, "alice@clinic.example", "wrong")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM kernel_cache WHERE cache_key LIKE '%%login_failed%%'")
        assert cursor.fetchone()[0] > 0


def test_asking_for_a_new_password_says_the_same_for_everybody(client, alice):
    known = client.post(reverse("account_reset_password"), {"email": alice.email}, follow=True)
    unknown = Client().post(
        reverse("account_reset_password"), {"email": "nobody@clinic.example"}, follow=True
    )
    assert without_tokens(known) == without_tokens(unknown)
    assert [m.to for m in mail.outbox] == [["alice@clinic.example"]]


def test_the_link_in_the_mail_sets_a_new_password_once(client, alice):
    client.post(reverse("account_reset_password"), {"email": alice.email})
    link = next(w for w in mail.outbox[0].body.split() if "/password/new/" in w)
    page = client.get(link, follow=True)
    path = page.redirect_chain[-1][0]
    new = {"password1": "seven purple lighthouses", "password2": "seven purple lighthouses"}
    assert client.post(path, new).status_code == 302
    alice.refresh_from_db()
    assert alice.check_password("seven purple lighthouses")
    assert "no longer works" in Client().get(link, follow=True).content.decode()


def test_nobody_can_sign_up(client, alice):
    assert client.get("/sign-up/").status_code == 404
    assert client.get("/signup/").status_code == 404


def test_signing_out_needs_a_post(client, alice):
    client.force_login(alice)
    assert client.get(reverse("account_logout")).status_code == 200
    assert "_auth_user_id" in client.session
    client.post(reverse("account_logout"))
    assert "_auth_user_id" not in client.session


def test_passwords_are_in_no_log(client, alice, caplog):
    with caplog.at_level(logging.DEBUG):
        attempt(client, "alice@clinic.example", "very secret wrong one")
        attempt(client, "alice@clinic.example", PASSWORD)
    assert "very secret wrong one" not in caplog.text
    assert PASSWORD not in caplog.text


def test_start_sends_everybody_where_they_belong(client, db):
    assert client.get("/").url == reverse("set_up")
    user = make_user()
    assert client.get("/").url == reverse("account_login")
    client.force_login(user)
    assert client.get("/").url == reverse("set_up")


def test_a_session_from_before_signing_in_is_worth_nothing_after(client, alice):
    """Session fixation: whoever planted a session id does not get in with it."""
    client.get(reverse("account_login"))
    planted = client.session
    planted["planted"] = True
    planted.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = planted.session_key
    assert attempt(client, "alice@clinic.example", PASSWORD).status_code == 302
    assert client.session.session_key != planted.session_key
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = planted.session_key
    assert "_auth_user_id" not in thief.session
    assert thief.get("/patients/").headers["Location"].startswith("/sign-in/")


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "\\\\evil.example",
        "/\\evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "https:evil.example",
        "\thttps://evil.example",
    ],
)
def test_signing_in_leads_nowhere_else(client, alice, elsewhere):
    page = f"{reverse('account_login')}?{urlencode({'next': elsewhere})}"
    form = {"login": "alice@clinic.example", "password": PASSWORD, "next": elsewhere}
    for sent in (form, {**form, "next": ""}):
        answer = Client().post(page, sent)
        assert answer.status_code == 302
        assert re.fullmatch(r"/(?![/\\]).*", answer.headers["Location"])
    signed_out = client.post(reverse("account_logout"), {"next": elsewhere})
    assert re.fullmatch(r"/(?![/\\]).*", signed_out.headers["Location"])
