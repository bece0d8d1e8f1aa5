"""The stories of this part, told by a person with a browser; and each page sound."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import expect

from creditwell.audit.note import note
from creditwell.tenancy.access import Actor
from creditwell.tenancy.models import Membership, Practice, User
from creditwell.usecases.invite_member import InviteMember, invite_member
from tests.accounts.test_second_factor import code_for
from tests.cast import Cast, make_cast
from tests.factories import NOW
from tests.screens import assert_page_is_sound, follow, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def forgotten_attempts() -> None:
    cache.clear()


def test_an_empty_installation_is_set_up_and_one_is_signed_in(page, live_server, watch):
    page.goto(live_server.url + "/")
    page.wait_for_url("**/setup/")
    page.get_by_label("Your name").fill("Alice Moana")
    page.get_by_label("Your email").fill("alice@clinic.example")
    page.get_by_label("Password").fill("seven purple lighthouses")
    page.get_by_label("Name of the practice").fill("Ponsonby Physio")
    page.get_by_label("Country").select_option("NZ")
    expect(page.locator("[name=currency]")).to_have_value("NZD")
    expect(page.locator("[name=time_zone]")).to_have_value("Pacific/Auckland")
    expect(page.get_by_label("GST number")).to_be_visible()
    # Only now: axe leaves style attributes behind, which a later swap would carry over.
    assert_page_is_sound(page, "set-up")
    page.get_by_label("First location").fill("Ponsonby")
    page.get_by_label("I treat patients myself").check()
    follow(page.get_by_role("button", name="Start"))
    page.wait_for_selector(".rail")
    page.goto(live_server.url + "/profile/")
    expect(page.get_by_role("heading", name="Your profile")).to_be_visible()
    assert Practice.objects.get().currency == "NZD"
    assert watch == []


def test_somebody_is_invited_and_joins(page, live_server, watch, settings):
    settings.BASE_URL = live_server.url
    cast = make_cast()
    sign_in(page, live_server, cast.alice)
    page.goto(live_server.url + reverse("staff"))
    page.get_by_label("Email").fill("dora@clinic.example")
    page.get_by_label("Role", exact=True).select_option("practitioner")
    follow(page.get_by_role("button", name="Invite"))
    link = page.get_by_label("Link to hand on").input_value()
    assert_page_is_sound(page, "staff")
    page.context.clear_cookies()
    page.goto(link)
    assert_page_is_sound(page, "invitation")
    page.get_by_label("Your name").fill("Dora")
    page.get_by_label("Password").fill("seven purple lighthouses")
    follow(page.get_by_role("button", name="Join"))
    page.wait_for_selector(".rail")
    dora = User.objects.get(email="dora@clinic.example")
    assert Membership.objects.get(user=dora).practice_id == cast.clinic.practice.pk
    page.goto(link)
    expect(page.get_by_role("heading", name="no longer open")).to_be_visible()
    assert_page_is_sound(page, "invitation-gone")
    assert [line for line in watch if "410" not in line] == []


def turned_on(page, live_server) -> str:
    """Walk through turning on the app; returns its secret."""
    page.goto(live_server.url + reverse("mfa_index"))
    assert_page_is_sound(page, "second-factor")
    follow(page.get_by_role("link", name="Turn on"))
    assert_page_is_sound(page, "confirm")
    page.get_by_label("Password").fill(PASSWORD)
    follow(page.get_by_role("button", name="Confirm"))
    secret = page.get_by_label("Or type this secret").input_value()
    assert_page_is_sound(page, "second-factor-app")
    page.get_by_label("Code that the app shows").fill(code_for(secret))
    follow(page.get_by_role("button", name="Turn on"))
    page.get_by_role("heading", name="Recovery codes").wait_for()
    assert_page_is_sound(page, "recovery-codes")
    return secret


def test_the_app_is_turned_on_and_asked_for(page, live_server, watch):
    cast = make_cast()
    page.goto(live_server.url + reverse("account_login"))
    assert_page_is_sound(page, "sign-in")
    page.get_by_label("Email").fill(cast.bob.email)
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    page.get_by_text("do not match").wait_for()
    assert_page_is_sound(page, "sign-in-refused")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(".rail")
    secret = turned_on(page, live_server)
    page.context.clear_cookies()
    cache.clear()
    page.goto(live_server.url + reverse("account_login"))
    page.get_by_label("Email").fill(cast.bob.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="One more step").wait_for()
    assert_page_is_sound(page, "second-factor-code")
    page.get_by_label("Code").fill(code_for(secret))
    page.keyboard.press("Enter")
    page.wait_for_selector(".rail")
    assert watch == []


def test_a_passkey_is_added_and_signs_in(page, live_server, watch):
    cast = make_cast()
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    kind = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": kind})
    here = live_server.url.replace("127.0.0.1", "localhost")  # passkeys belong to a name
    page.goto(here + reverse("account_login"))
    page.get_by_label("Email").fill(cast.bob.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(".rail")
    page.goto(here + reverse("mfa_add_webauthn"))
    page.get_by_label("Password").fill(PASSWORD)
    follow(page.get_by_role("button", name="Confirm"))
    page.get_by_label("Sign in with it alone").check()
    assert_page_is_sound(page, "passkey-add")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()
    page.goto(here + reverse("mfa_list_webauthn"))
    assert_page_is_sound(page, "passkeys")
    page.context.clear_cookies()
    page.goto(here + reverse("account_login"))
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_selector(".rail")
    assert watch == []


def lived_in(cast: Cast) -> None:
    practice_id = cast.clinic.practice.pk
    for n, action in enumerate(["take_payment", "issue_invoice", "allocate_credit"]):
        note(
            action,
            ("payment", n + 1),
            practice_id=practice_id,
            by=Actor(user_id=cast.bob.pk),
            at=NOW,
            details={"amount_minor": 14500, "status": ["draft", "issued"]},
        )
    invite_member(
        InviteMember(
            practice_id=practice_id,
            by=Actor(user_id=cast.alice.pk),
            email="dora@clinic.example",
            role="bookkeeper",
        ),
        NOW,
    )


PAGES = (
    "settings",
    "settings_general",
    "settings_payments",
    "settings_books",
    "settings_locations",
    "api_keys",
    "trail",
    "profile",
    "usersessions_list",
    "account_change_password",
    "account_reset_password",
    "account_reset_password_done",
    "account_logout",
    "set_up",
)


@pytest.mark.parametrize("name", PAGES)
def test_each_page_is_sound(page, live_server, watch, name):
    cast = make_cast()
    lived_in(cast)
    sign_in(page, live_server, cast.alice)
    page.goto(live_server.url + reverse(name))
    assert_page_is_sound(page, f"accounts-{name.replace('_', '-')}")
    assert watch == []


def test_pages_of_one_thing_are_sound(page, live_server, watch):
    cast = make_cast()
    sign_in(page, live_server, cast.alice)
    place = Membership.objects.get(practice=cast.clinic.practice, user=cast.bob)
    page.goto(live_server.url + reverse("staff_member", args=[place.pk]))
    assert_page_is_sound(page, "accounts-staff-member")
    page.goto(live_server.url + reverse("settings_location", args=[cast.clinic.location.pk]))
    assert_page_is_sound(page, "accounts-location")
    page.goto(live_server.url + reverse("api_keys"))
    page.get_by_label("Name", exact=True).fill("Xero bridge")
    page.get_by_label("Read invoices").check()
    page.get_by_role("button", name="Create key").click()
    key = re.compile(r"cw_[0-9a-f]{12}_")
    expect(page.get_by_label("Key", exact=True)).to_have_value(key)
    assert_page_is_sound(page, "accounts-api-key-made")
    assert watch == []
