"""Who may pass, what programs skip, and what every answer carries."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.backends import ModelBackend
from django.test import Client

from creditwell.tenancy.permissions import PERMISSIONS, Role
from creditwell.web.door.links import link_to
from tests.factories import make_member, make_practice, make_user

pytestmark = [pytest.mark.urls("tests.web.urls"), pytest.mark.django_db]

BACKEND = f"{ModelBackend.__module__}.{ModelBackend.__qualname__}"
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/patients/?q=x"}


def client_of(user) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


@pytest.mark.parametrize("role", list(Role))
def test_a_role_passes_or_is_told_who_can_help(cast, role):
    answer = client_of(cast.staff[role]).get("/door/void/")
    if role in PERMISSIONS["payments.void"]:
        assert answer.json()["practice"] == "Harbour Lane"
    else:
        assert answer.status_code == 403
        assert "Ask the owner of the practice" in answer.content.decode()


def test_the_permission_can_be_read_from_the_view():
    from tests.web.urls import void

    assert void.door_permission == "payments.void"


def test_a_stranger_signs_in_first(cast, client):
    answer = client.get("/door/void/?a=1")
    assert answer.status_code == 302
    assert answer["Location"].endswith("?next=/door/void/%3Fa%3D1")


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in(cast, client):
    answer = client.get("/door/void/", headers=HTMX)
    assert answer.status_code == 204
    assert answer["HX-Redirect"].endswith("?next=/patients/")


def test_somebody_without_a_practice():
    answer = client_of(make_user()).get("/door/anybody/")
    if set_up := link_to("set_up"):
        assert answer["Location"] == set_up
    else:
        assert answer.status_code == 403
        assert "Ask its owner to invite you" in answer.content.decode()


def test_a_refusal_is_a_page_or_a_toast(cast):
    client = client_of(cast.alice)
    assert client.get("/door/missing/").status_code == 404
    page = client.get("/door/closed/")
    assert page.status_code == 409
    assert "Use a later day." in page.content.decode()
    part = client.post("/door/closed/", headers=HTMX)
    assert part.status_code == 409
    assert json.loads(part["HX-Trigger"])["toast"] == {
        "text": "The books are closed up to 30 Jun 2026. Use a later day.",
        "tone": "bad",
    }
    assert part["HX-Reswap"] == "none"


def test_a_request_speaks_the_practices_language_and_time():
    practice = make_practice(locale="en_GB", time_zone="Europe/London")
    user = make_member(practice=practice, role=Role.OWNER)
    assert client_of(user).get("/door/anybody/").json() == {
        "practice": practice.pk,
        "zone": "Europe/London",
        "language": "en-gb",
        "locale": "en_GB",
    }


def test_switching_to_another_practice_of_ones_own_only(cast):
    client = client_of(cast.alice)
    second = make_practice(name="Second")
    from creditwell.tenancy.models import Membership

    Membership.objects.create(practice=second, user=cast.alice, role=Role.OWNER)
    first = client.get("/door/anybody/").json()["practice"]
    assert client.post("/practice/switch/", {"practice": second.pk}).status_code == 302
    assert client.get("/door/anybody/").json()["practice"] == second.pk
    client.post("/practice/switch/", {"practice": cast.other.practice.pk})
    client.post("/practice/switch/", {"practice": "nonsense"})
    assert client.get("/door/anybody/").json()["practice"] == second.pk
    client.post("/practice/switch/", {"practice": first})
    assert client.get("/door/anybody/").json()["practice"] == first
    assert client.get("/practice/switch/").status_code == 405


def test_the_frame_shows_who_and_where_and_each_message_once(cast):
    html = client_of(cast.bob).get("/door/frame/").content.decode()
    assert "Harbour Lane" in html
    assert "Receptionist" in html
    assert html.count("Payment recorded.") == 1
    assert "<c-" not in html
    assert 'data-shortcuts="on"' in html


def test_shortcuts_can_be_turned_off(cast):
    cast.bob.shortcuts_enabled = False
    cast.bob.save()
    html = client_of(cast.bob).get("/door/frame/").content.decode()
    assert 'data-shortcuts="off"' in html


@pytest.mark.parametrize(("cookie", "written"), [("dark", True), ("light", True), ('"><x', False)])
def test_the_theme_is_written_by_the_server(cast, cookie, written):
    client = client_of(cast.bob)
    client.cookies["theme"] = cookie
    html = client.get("/door/frame/").content.decode()
    assert (f'data-theme="{cookie}"' in html) == written


def test_queries_of_the_frame(cast, django_assert_num_queries, client):
    signed_in = client_of(cast.bob)
    signed_in.get("/door/frame/")
    with django_assert_num_queries(3):  # session, user, member; the frame itself asks nothing
        signed_in.get("/door/anybody/")
    with django_assert_num_queries(3):
        signed_in.get("/door/fragment/")
    with django_assert_num_queries(0):
        assert client.get("/nowhere/").status_code == 404


def test_what_every_page_carries(cast):
    answer = client_of(cast.bob).get("/door/frame/")
    assert "no-store" in answer["Cache-Control"]
    assert "camera=()" in answer["Permissions-Policy"]
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    csp = answer["Content-Security-Policy"]
    assert "default-src 'none'" in csp
    assert "unsafe" not in csp


def test_programs_skip_what_only_pages_need(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.post("/api/test/ok")
    assert answer.json() == {"session": False, "user": False}
    assert answer["Content-Length"] == str(len(answer.content))
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer
    assert "Content-Security-Policy" not in answer


def test_programs_are_answered_in_json_whatever_happens():
    client = Client(raise_request_exception=False)
    assert client.get("/api/nowhere").json()["error"]["code"] == "not_found"
    answer = client.get("/api/test/broken")
    assert answer.status_code == 500
    assert answer.json()["error"] == {
        "type": "api_error",
        "code": "server_error",
        "message": "Something went wrong here. Nothing was changed.",
        "param": None,
    }
    with pytest.raises(RuntimeError, match="a defect"):
        Client().get("/api/test/broken")


def test_error_pages():
    client = Client(raise_request_exception=False)
    answer = client.get("/door/broken/")
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.content.decode()
    assert "There is nothing here" in client.get("/nowhere/").content.decode()


def test_an_old_form_is_explained():
    answer = Client(enforce_csrf_checks=True).post("/practice/switch/", {"practice": "1"})
    assert answer.status_code == 403
    assert "load the page again" in answer.content.decode()
