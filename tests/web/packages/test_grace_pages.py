"""Packages that run out: the list, grace with one click and by a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from creditwell.packages.models import Package, Session
from creditwell.worker.package_expiry import expire_packages_everywhere
from tests.acts import new_key
from tests.books import assert_books_straight
from tests.cast import Cast
from tests.sold import make_product, make_visit_type, sell, states

pytestmark = pytest.mark.django_db(transaction=True)


def enter(client: Client, user: Any) -> None:
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")


def ran_out(cast: Cast, days: int = 1) -> Package:
    kind = make_visit_type(cast.clinic)
    now = timezone.now()
    package = sell(cast.clinic, make_product(cast.clinic, kind, units=3), now=now)
    last = now.date() - timedelta(days=days)
    Package.objects.filter(pk=package.pk).update(expires_on=last)
    Session.objects.filter(package=package).update(since_on=last - timedelta(days=9))
    return package


def test_one_click_brings_it_back(client: Client, cast: Cast) -> None:
    package = ran_out(cast, 0)
    soon = ran_out(cast, -20)
    Package.objects.filter(pk=package.pk).update(
        expires_on=timezone.now().date() - timedelta(days=3)
    )
    Session.objects.filter(package=package).update(since_on=timezone.now().date())
    expire_packages_everywhere(timezone.now())
    enter(client, cast.staff["receptionist"])
    page = client.get("/packages/expiring/")
    assert [line.package.package_id for line in page.context["gone"]] == [package.pk]
    assert [line.package.package_id for line in page.context["soon"]] == [soon.pk]
    assert "3 sessions" in page.text
    sent = {"grace": "1", "back": "list", "key": new_key()}
    answer = client.post(f"/packages/{package.pk}/grace/", sent)
    assert answer.url == "/packages/expiring/"
    assert states(package) == ["free"] * 3
    assert_books_straight(cast.clinic.practice)


def test_a_day_that_is_over_is_refused(client: Client, cast: Cast) -> None:
    package = ran_out(cast)
    Session.objects.filter(package=package).update(since_on=timezone.now().date())
    expire_packages_everywhere(timezone.now())
    enter(client, cast.alice)
    assert "Comes back" in client.get(f"/packages/{package.pk}/grace/").text
    answer = client.post(
        f"/packages/{package.pk}/grace/",
        {"until": "2020-01-01", "reason": "Was ill", "key": new_key()},
    )
    assert answer.status_code == 422
    assert "Choose today or a later day." in answer.text
    assert "Was ill" in answer.text
    assert states(package) == ["expired"] * 3


def test_who_may(client: Client, cast: Cast) -> None:
    package = ran_out(cast)
    enter(client, cast.staff["read_only"])
    assert client.get("/packages/expiring/").status_code == 200
    assert client.get(f"/packages/{package.pk}/grace/").status_code == 403
    enter(client, cast.charlie)
    assert client.get(f"/packages/{package.pk}/grace/").status_code == 404
    enter(client, cast.alice)
    assert (
        "Nothing of this package has expired." in client.get(f"/packages/{package.pk}/grace/").text
    )
