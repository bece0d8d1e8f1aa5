"""Authenticator app, recovery codes, and the content security policy of their pages."""

from __future__ import annotations

import json
import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def forgotten_attempts() -> None:
    cache.clear()


def code_for(secret: str) -> str:
    """What an app shows now, by allauth's own arithmetic."""
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))


def sign_in(client: Client, email: str):
    return client.post(reverse("account_login"), {"login": email, "password": PASSWORD})


def confirm(client: Client) -> None:
    """Type the password once more, as what protects the account asks for."""
    response = client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert response.status_code == 302


def turn_on(client: Client) -> str:
    confirm(client)
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    done = client.post(reverse("mfa_activate_totp"), {"code": code_for(secret)})
    assert done.status_code == 302
    return secret


def test_the_app_is_asked_for_after_the_password(client, cast):
    sign_in(client, cast.bob.email)
    secret = turn_on(client)
    client.post(reverse("account_logout"))
    cache.clear()  # a code is good once within its half minute
    response = sign_in(client, cast.bob.email)
    assert response.url == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session
    wrong = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert "This code is not right" in wrong.content.decode()
    assert "_auth_user_id" not in client.session
    client.post(reverse("mfa_authenticate"), {"code": code_for(secret)})
    assert client.session["_auth_user_id"] == str(cast.bob.pk)


def test_a_recovery_code_signs_in_once(client, cast):
    sign_in(client, cast.bob.email)
    turn_on(client)
    kept = Authenticator.objects.get(user=cast.bob, type="recovery_codes")
    code = RecoveryCodes(kept).get_unused_codes()[0]
    for expected in (True, False):
        client.post(reverse("account_logout"))
        cache.clear()
        sign_in(client, cast.bob.email)
        client.post(reverse("mfa_authenticate"), {"code": code})
        assert ("_auth_user_id" in client.session) is expected


def test_secrets_are_encrypted_in_the_database(client, cast):
    sign_in(client, cast.bob.email)
    secret = turn_on(client)
    kept = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in kept


def test_turning_it_off_asks_for_a_confirmation_of_who_it_is(client, cast):
    client.force_login(cast.bob)
    response = client.get(reverse("mfa_activate_totp"))
    assert response.url.startswith(reverse("account_reauthenticate"))
    sign_in_again = client.post(response.url, {"password": PASSWORD})
    assert sign_in_again.status_code == 302


def test_sessions_elsewhere_are_ended(client, cast):
    elsewhere = Client(headers={"user-agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"})
    sign_in(elsewhere, cast.bob.email)
    sign_in(client, cast.bob.email)
    page = client.get(reverse("usersessions_list")).content.decode()
    assert "Firefox on Linux" in page
    client.post(reverse("usersessions_list"))
    assert elsewhere.get(reverse("profile")).status_code == 302
    assert client.get(reverse("profile")).status_code == 200


PAGES = (
    "account_login",
    "account_reset_password",
    "account_reset_password_done",
    "account_change_password",
    "account_reauthenticate",
    "account_logout",
    "account_inactive",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_reauthenticate",
    "usersessions_list",
    "profile",
)


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_ours_and_keeps_the_policy(client, cast, name):
    if name not in {"account_login", "account_reset_password"}:
        sign_in(client, cast.bob.email)
        confirm(client)
        if "deactivate" in name or "recovery" in name or name == "mfa_reauthenticate":
            turn_on(client)
    response = client.get(reverse(name))
    text = response.content.decode()
    assert response.status_code == 200
    assert "tokens.css" in text
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert not re.search(r"<script\b(?![^>]*\bsrc=)(?![^>]*application/json)", text)
    assert "style=" not in text
    assert " onclick" not in text


def test_the_page_of_codes_keeps_the_policy(client, cast):
    sign_in(client, cast.bob.email)
    turn_on(client)
    client.post(reverse("account_logout"))
    sign_in(client, cast.bob.email)
    text = client.get(reverse("mfa_authenticate")).content.decode()
    assert "tokens.css" in text
    assert not re.search(r"<script\b(?![^>]*\bsrc=)(?![^>]*application/json)", text)


def test_an_unknown_second_factor_page_of_allauth_is_not_there(client, cast):
    client.force_login(cast.bob)
    for path in ("/email/", "/signup/", "/2fa/", "/accounts/login/", "/password/set/"):
        assert client.get(path).status_code == 404
