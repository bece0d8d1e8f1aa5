"""Every role at every door of staff, settings and profile; and what pages cost."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from creditwell.audit.note import note
from creditwell.tenancy.access import Actor
from creditwell.tenancy.models import Invitation, Membership
from creditwell.tenancy.permissions import Role, allowed_to
from creditwell.usecases.invite_member import InviteMember, invite_member
from tests.cast import Cast
from tests.factories import NOW, make_user

pytestmark = pytest.mark.django_db(transaction=True)

DOORS = {
    "settings": "practice.view",
    "settings_general": "settings.edit",
    "settings_payments": "settings.edit",
    "settings_locations": "settings.edit",
    "settings_location": "settings.edit",
    "settings_location_archive": "settings.edit",
    "settings_books": "books.close",
    "api_keys": "api_keys.manage",
    "api_key_revoke": "api_keys.manage",
    "trail": "audit.view",
    "staff": "staff.manage",
    "staff_invite": "staff.manage",
    "staff_member": "staff.manage",
    "staff_end": "staff.manage",
    "staff_withdraw": "staff.manage",
    "profile": None,
}
POSTS = {
    "settings_location_archive",
    "api_key_revoke",
    "staff_invite",
    "staff_end",
    "staff_withdraw",
}


def address(name: str, cast: Cast) -> str:
    ids = {
        "settings_location": cast.clinic.location.pk,
        "settings_location_archive": cast.clinic.location.pk,
        "api_key_revoke": 999_999,
        "staff_member": Membership.objects.get(practice=cast.clinic.practice, user=cast.bob).pk,
        "staff_end": 999_999,
        "staff_withdraw": 999_999,
    }
    return reverse(name, args=[ids[name]] if name in ids else [])


@pytest.mark.parametrize("name", DOORS)
@pytest.mark.parametrize("role", [role.value for role in Role])
def test_each_role_at_each_door(client, cast, name, role):
    client.force_login(cast.staff[role])
    url = address(name, cast)
    response = client.post(url, {}) if name in POSTS else client.get(url)
    permission = DOORS[name]
    may = permission is None or permission in allowed_to(role)
    assert (response.status_code == 403) is not may, response.status_code


@pytest.mark.parametrize("name", DOORS)
def test_nobody_passes_without_sign_in(client, cast, name):
    url = address(name, cast)
    response = client.post(url, {}) if name in POSTS else client.get(url)
    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


@pytest.mark.parametrize("name", ["settings_location", "staff_member"])
def test_another_practice_finds_nothing(client, cast, name):
    client.force_login(cast.charlie)
    assert client.get(address(name, cast)).status_code == 404
    assert client.post(address(name, cast), {"role": "owner", "name": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("settings", 4),
        ("settings_general", 5),
        ("settings_locations", 5),
        ("settings_books", 5),
        ("api_keys", 5),
        ("staff", 6),
        ("trail", 6),
        ("profile", 4),
    ],
)
def test_a_page_asks_few_questions_however_much_there_is(
    client, cast, name, most, django_assert_max_num_queries
):
    for n in range(60):
        note(
            "take_payment",
            ("payment", n),
            practice_id=cast.clinic.practice.pk,
            by=Actor(user_id=cast.bob.pk),
            at=NOW,
        )
        Invitation.objects.create(
            practice=cast.clinic.practice,
            email=f"n{n}@clinic.example",
            role="receptionist",
            token_hash=str(n),
            invited_by=cast.alice,
            expires_at=NOW,
        )
    client.force_login(cast.alice)
    with django_assert_max_num_queries(most):
        assert client.get(reverse(name)).status_code == 200


def test_settings_are_saved_from_the_pages(client, cast):
    client.force_login(cast.alice)
    page = client.get(reverse("settings_general"))
    values = page.context["form"].initial
    fields = page.context["form"].fields
    data = {name: values[name] for name in fields} | {"name": "Harbour Street"}
    assert client.post(reverse("settings_general"), data).status_code == 302
    data = {
        "invoice_prefix": "INV-",
        "receipt_prefix": "R-",
        "payment_terms_days": "30",
        "allocation_order": "none",
        "cash_rounding": "0.05",
        "invoice_notes": "BSB 000-000",
    }
    assert client.post(reverse("settings_payments"), data).status_code == 302
    cast.clinic.practice.refresh_from_db()
    practice = cast.clinic.practice
    assert practice.name == "Harbour Street"
    assert (practice.invoice_prefix, practice.cash_rounding_minor) == ("INV-", 5)
    assert (practice.allocation_order, practice.payment_terms_days) == ("none", 30)
    assert practice.amounts_in_email is False
    trail = client.get(reverse("trail")).content.decode()
    assert "Harbour Lane → Harbour Street" in trail


def test_a_refused_setting_keeps_what_was_typed(client, cast):
    client.force_login(cast.alice)
    page = client.get(reverse("settings_general"))
    values = page.context["form"].initial
    data = {name: values[name] for name in page.context["form"].fields}
    data |= {"name": "Kept Name", "day_starts_at": "18:00", "day_ends_at": "08:00"}
    response = client.post(reverse("settings_general"), data)
    assert response.status_code == 422
    assert "The day must end after it starts." in response.content.decode()
    assert "Kept Name" in response.content.decode()
    cast.clinic.practice.refresh_from_db()
    assert cast.clinic.practice.name == "Harbour Lane"


def test_a_key_is_shown_once_even_when_the_form_is_sent_twice(client, cast):
    client.force_login(cast.alice)
    form = client.get(reverse("api_keys")).context["form"]
    data = {"name": "Bridge", "scopes": ["invoices:read"], "key": form.initial["key"]}
    first = client.post(reverse("api_keys"), data)
    again = client.post(reverse("api_keys"), data)
    assert first.context["token"] == again.context["token"]
    assert first.context["token"].startswith("cw_")
    assert first.context["token"] not in client.get(reverse("api_keys")).content.decode()


def test_the_books_are_closed_from_the_page_and_today_is_refused(client, cast):
    client.force_login(cast.alice)
    today = timezone.localdate().isoformat()
    response = client.post(reverse("settings_books"), {"until": "2099-01-01", "reason": "x"})
    assert response.status_code == 422
    assert today != "2099-01-01"
    data = {"until": "2020-06-30", "reason": "Year done"}
    assert client.post(reverse("settings_books"), data).status_code == 302
    page = client.get(reverse("settings_books")).content.decode()
    assert "30 June 2020" in page or "30 Jun 2020" in page
    assert "Year done" in page


def invited(cast: Cast, email: str) -> str:
    invite_member(
        InviteMember(
            practice_id=cast.clinic.practice.pk,
            by=Actor(user_id=cast.alice.pk),
            email=email,
            role="practitioner",
        ),
        timezone.now(),
    )
    from creditwell.tenancy.queries import open_invitations

    return reverse("invitation", args=[open_invitations(cast.clinic.practice.pk)[0].token])


def test_the_link_on_the_staff_page_lets_a_new_person_in(client, cast):
    client.force_login(cast.alice)
    client.post(reverse("staff_invite"), {"email": "dora@clinic.example", "role": "practitioner"})
    page = client.get(reverse("staff")).content.decode()
    link = reverse("invitation", args=["x"])[:-2]
    token = page.split(link)[1].split('"')[0].strip("/")
    client.logout()
    url = reverse("invitation", args=[token])
    assert client.get(url).headers["Referrer-Policy"] == "same-origin"
    weak = client.post(url, {"user_name": "Dora", "password": "dora"})
    assert weak.status_code == 422
    done = client.post(url, {"user_name": "Dora", "password": "seven purple lighthouses"})
    assert done.status_code == 302
    assert client.get(reverse("profile")).context["member"].user_email == "dora@clinic.example"
    assert client.get(url).status_code == 410


def test_an_existing_account_signs_in_first(client, cast):
    url = invited(cast, cast.charlie.email)
    assert "already an account" in client.get(url).content.decode()
    response = client.post(url, {"user_name": "Thief", "password": "seven purple lighthouses"})
    assert response.url.startswith(reverse("account_login"))
    assert Membership.objects.filter(user=cast.charlie).count() == 1
    client.force_login(cast.charlie)
    client.post(url)
    assert Membership.objects.filter(user=cast.charlie).count() == 2
    assert client.session["practice_id"] == cast.clinic.practice.pk


def test_whoever_works_there_cannot_join_twice(client, cast):
    url = invited(cast, "new@clinic.example")
    client.force_login(cast.bob)
    assert "already works" in client.post(url).content.decode()
    assert client.get(url).status_code == 200


def test_switching_the_practice_takes_only_ones_own(client, cast):
    url = invited(cast, cast.charlie.email)
    client.force_login(cast.charlie)
    client.post(url)
    client.post(reverse("practice_switch"), {"practice": cast.other.practice.pk})
    assert client.session["practice_id"] == cast.other.practice.pk
    stranger = make_user()
    client.force_login(stranger)
    client.post(reverse("practice_switch"), {"practice": cast.clinic.practice.pk})
    assert "practice_id" not in client.session


def test_a_new_address_needs_the_password(client, cast):
    client.force_login(cast.bob)
    data = {"name": "Bob", "email": "robert@clinic.example", "shortcuts_enabled": "on"}
    assert client.post(reverse("profile"), data).status_code == 422
    data["password"] = "correct horse battery"
    assert client.post(reverse("profile"), data).status_code == 302
    cast.bob.refresh_from_db()
    assert cast.bob.email == "robert@clinic.example"
    client.logout()
    client.post(
        reverse("account_login"),
        {"login": "robert@clinic.example", "password": "correct horse battery"},
    )
    assert client.session["_auth_user_id"] == str(cast.bob.pk)
