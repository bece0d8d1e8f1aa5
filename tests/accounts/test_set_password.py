"""The operator gives somebody a new password; no mail is needed."""

from __future__ import annotations

import pytest
from django.test import Client
from typer.testing import CliRunner

from creditwell.audit.models import Note
from creditwell.config import cli, passwords
from creditwell.config.passwords import NotSet
from creditwell.tenancy.models import User
from creditwell.tenancy.staff import NoSuchUser
from creditwell.usecases.set_password import SetPassword, set_password
from tests.factories import NOW, make_member, make_practice
from tests.refusing import refuses

pytestmark = pytest.mark.django_db

OLD, NEW = "correct horse battery", "seventeen blue lamps"


@pytest.fixture
def amara() -> User:
    return make_member(practice=make_practice(), role="receptionist", email="amara@clinic.example")


def test_the_new_password_opens_and_the_old_one_does_not(amara: User) -> None:
    browser = Client()
    browser.force_login(amara)
    passwords.change(" Amara@clinic.example ", NEW)
    amara.refresh_from_db()
    assert amara.check_password(NEW)
    assert not amara.check_password(OLD)
    assert browser.get("/patients/").headers["Location"].startswith("/sign-in/"), "signed out"
    told = Note.objects.get(action="set_password")
    assert (told.subject_id, told.user_id, told.details) == (amara.pk, None, {})


def test_nobody_of_that_name(amara: User) -> None:
    with refuses(NoSuchUser, User):
        set_password(SetPassword(email="nobody@clinic.example", password=NEW), NOW)


@pytest.mark.parametrize("weak", ["", "short", "password123", "amara@clinic.example"])
def test_a_weak_password_is_not_taken(amara: User, weak: str) -> None:
    with pytest.raises(NotSet):
        passwords.change(amara.email, weak)
    amara.refresh_from_db()
    assert amara.check_password(OLD)
    assert not Note.objects.exists()


def test_the_password_is_in_no_picture_of_the_command() -> None:
    assert NEW not in repr(SetPassword(email="a@clinic.example", password=NEW))


def test_the_command_reads_it_from_the_input(monkeypatch: pytest.MonkeyPatch, amara: User) -> None:
    given: list[tuple[str, str]] = []
    monkeypatch.setattr(
        passwords, "change", lambda email, password: given.append((email, password))
    )
    done = CliRunner().invoke(cli.app, ["set-password", amara.email], input=NEW + "\n")
    assert done.exit_code == 0, done.output
    assert given == [(amara.email, NEW)]
    assert NEW not in done.output
