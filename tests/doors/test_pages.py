"""Every page of the URL table, every role, and somebody else's ids. New routes come along."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver
from django.urls.converters import IntConverter
from django.urls.resolvers import RoutePattern, URLPattern, URLResolver
from pytest_django.plugin import DjangoDbBlocker

from creditwell.tenancy.models import User
from creditwell.tenancy.permissions import PERMISSIONS, Role
from tests.doors.world import FOREIGN, OWN, grow, make_world
from tests.factories import Clinic, make_member

pytestmark = pytest.mark.django_db

# Doors that no practice's member is needed for, and why.
OPEN = {
    "healthz": "tells whether the process lives",
    "readyz": "tells whether it can work",
    "set_up": "makes the first practice; closed once there is one",
    "set_up_country": "a part of set-up",
    "invitation": "carries its own token",
    "practice_switch": "takes only practices of the person who asks",
    "start": "sends on to the first page that the person may see",
}
OF_THE_PERSON = ("account_", "mfa_", "usersessions_", "profile")


@dataclass(frozen=True)
class Door:
    route: str
    name: str
    permission: str | None
    takes_id: bool

    def url(self, pk: int) -> str:
        return "/" + re.sub(r"<[^>]+>", str(pk), self.route)


def walk(patterns: Any, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, before + str(pattern.pattern))
        else:
            yield before + str(pattern.pattern), pattern


def doors() -> list[Door]:
    found = []
    for route, pattern in walk(get_resolver(settings.ROOT_URLCONF).url_patterns):
        if route.startswith(("api/", "styleguide/")):
            continue  # tests/api walks its own table; the style guide shows no data
        assert isinstance(pattern.pattern, RoutePattern) or pattern.name.startswith("account_")
        converters = getattr(pattern.pattern, "converters", {})
        found.append(
            Door(
                route=route,
                name=pattern.name or "",
                permission=getattr(pattern.callback, "door_permission", "none"),
                takes_id=any(isinstance(one, IntConverter) for one in converters.values()),
            )
        )
    return found


GUARDED = [door for door in doors() if door.permission != "none"]
WITH_ID = [door for door in GUARDED if door.takes_id]


def test_every_page_has_a_door() -> None:
    unguarded = {
        door.name
        for door in doors()
        if door.permission == "none"
        and door.name not in OPEN
        and not door.name.startswith(OF_THE_PERSON)
    }
    assert unguarded == set(), "a view without @door; add the decorator"
    assert {door.permission for door in GUARDED} <= {*PERMISSIONS, None}


@dataclass(frozen=True)
class Worlds:
    own: Clinic
    foreign: Clinic
    staff: dict[str, User]
    stranger: User  # who owns the other clinic

    def ask(self, user: User | None, url: str) -> list[int]:
        """How the door answers this person, looking and pressing."""
        client = Client()
        if user is not None:
            client.force_login(user)
        return [client.get(url).status_code, client.post(url).status_code]


@contextmanager
def undone() -> Iterator[None]:
    """Do it and take it back; use cases may begin their transactions inside."""
    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]  # as Django's own TestCase has it
    with around:
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def worlds(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Worlds]:
    """Both worlds, made once for all doors; each test's own changes are undone by its test."""
    with django_db_blocker.unblock(), undone():
        own, foreign = make_world(OWN), make_world(FOREIGN)
        staff = {role.value: make_member(practice=own.practice, role=role.value) for role in Role}
        stranger = make_member(practice=foreign.practice, role=Role.OWNER)
        yield Worlds(own, foreign, staff, stranger)


@pytest.mark.parametrize("door", GUARDED, ids=lambda door: door.name)
def test_each_role_at_each_door(door: Door, worlds: Worlds) -> None:
    for role, user in worlds.staff.items():
        with undone():
            answers = worlds.ask(user, door.url(OWN))
        if door.permission is None or role in PERMISSIONS[door.permission]:
            assert 403 not in answers, (role, answers)
            assert max(answers) < 500, (role, answers)
            assert not door.takes_id or set(answers) != {404}, (
                "there is such a thing in the own practice"
            )
        else:
            assert set(answers) - {405} == {403}, (role, answers)


@pytest.mark.parametrize("door", GUARDED, ids=lambda door: door.name)
def test_a_stranger_is_asked_to_sign_in(door: Door) -> None:
    answers = [Client().get(door.url(OWN)), Client().post(door.url(OWN))]
    asked = [answer for answer in answers if answer.status_code != 405]
    assert asked
    for answer in asked:
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("door", WITH_ID, ids=lambda door: door.name)
def test_another_practice_s_things_are_not_there(door: Door, worlds: Worlds) -> None:
    owner = worlds.staff[Role.OWNER]
    foreign = worlds.ask(owner, door.url(FOREIGN))
    assert set(foreign) - {405} == {404}, foreign
    assert worlds.ask(owner, door.url(77)) == foreign, "somebody else's looks like nothing at all"
    theirs = worlds.ask(worlds.stranger, door.url(FOREIGN))
    assert set(theirs) - {404, 405}, "to its own practice the door opens: the 404 meant something"


@pytest.fixture(scope="module")
def counts(worlds: Worlds) -> dict[str, list[int]]:
    """How many queries each page makes for the owner: in a small clinic, and in a larger one."""
    found: dict[str, list[int]] = {door.name: [] for door in GUARDED}
    client = Client()
    client.force_login(worlds.staff[Role.OWNER])
    with undone():
        for times in (0, 12):
            grow(worlds.own, times)
            for door in GUARDED:
                client.get(door.url(OWN))  # what is kept for later is kept now
                with CaptureQueriesContext(connection) as queries:
                    client.get(door.url(OWN))
                found[door.name].append(len(queries))
    return found


@pytest.mark.parametrize("door", GUARDED, ids=lambda door: door.name)
def test_a_page_of_a_larger_clinic_asks_no_more(door: Door, counts: dict[str, list[int]]) -> None:
    small, large = counts[door.name]
    assert large <= small + 3, "the number of queries grows with the clinic"
    assert large <= 45
