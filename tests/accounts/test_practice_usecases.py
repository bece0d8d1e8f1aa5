"""Settings, locations, closed books and API keys."""

from __future__ import annotations

from datetime import date, time

import pytest

from creditwell.audit.models import Note
from creditwell.audit.queries import of_action
from creditwell.kernel.errors import NotFound
from creditwell.tenancy.access import Actor, member_of_key, practice_facts
from creditwell.tenancy.countries import UnknownLocale, UnknownTimeZone
from creditwell.tenancy.models import ApiKey, Location
from creditwell.tenancy.operations import LastLocation, NameTaken, Required
from creditwell.tenancy.tokens import api_token
from creditwell.usecases.add_location import AddLocation, add_location
from creditwell.usecases.archive_location import ArchiveLocation, archive_location
from creditwell.usecases.close_books import CloseBooks, DayNotOver, close_books
from creditwell.usecases.create_api_key import CreateApiKey, create_api_key
from creditwell.usecases.rename_location import RenameLocation, rename_location
from creditwell.usecases.revoke_api_key import RevokeApiKey, revoke_api_key
from creditwell.usecases.update_practice import (
    HoursBackwards,
    OutOfRange,
    UpdatePractice,
    update_practice,
)
from tests.accounts.nothing import refused_with
from tests.books import assert_books_straight
from tests.cast import Cast
from tests.factories import NOW

pytestmark = pytest.mark.django_db(transaction=True)


def by_alice(cast: Cast) -> dict[str, object]:
    return {"practice_id": cast.clinic.practice.pk, "by": Actor(user_id=cast.alice.pk)}


def test_settings_are_changed_and_the_trail_tells_what_was_before(cast):
    done = update_practice(
        UpdatePractice(**by_alice(cast), name="New Name", payment_terms_days=7), NOW
    )
    facts = practice_facts(cast.clinic.practice.pk)
    assert done.changed == ["name", "payment_terms_days"]
    assert (facts.name, facts.payment_terms_days, facts.tax_name) == ("New Name", 7, "GST")
    assert Note.objects.get().details == {
        "name": ["Harbour Lane", "New Name"],
        "payment_terms_days": ["14", "7"],
    }
    assert practice_facts(cast.other.practice.pk).name == "Elsewhere"
    assert_books_straight(cast.clinic.practice)


def test_saving_what_is_there_already_leaves_no_note(cast):
    assert update_practice(UpdatePractice(**by_alice(cast), name="Harbour Lane"), NOW).changed == []
    assert Note.objects.count() == 0


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"name": " "}, Required),
        ({"time_zone": "Mars/Olympus"}, UnknownTimeZone),
        ({"locale": "xx_XX"}, UnknownLocale),
        ({"day_starts_at": time(9), "day_ends_at": time(9)}, HoursBackwards),
        ({"payment_terms_days": 366}, OutOfRange),
        ({"cash_rounding_minor": 0}, OutOfRange),
        ({"week_starts_on": 7}, OutOfRange),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(cast, fields, refusal):
    with refused_with(refusal):
        update_practice(UpdatePractice(**by_alice(cast), **fields), NOW)


def test_books_are_closed_and_opened_and_every_move_is_kept(cast):
    for day, reason in [(date(2026, 10, 31), "BAS sent"), (None, "A mistake in May")]:
        close_books(CloseBooks(**by_alice(cast), until=day, reason=reason), NOW)
        assert practice_facts(cast.clinic.practice.pk).books_closed_on == day
    moves = of_action(practice_id=cast.clinic.practice.pk, action="close_books")
    assert [move.details for move in moves] == [
        {"from": "2026-10-31", "until": "", "reason": "A mistake in May"},
        {"from": "", "until": "2026-10-31", "reason": "BAS sent"},
    ]
    assert_books_straight(cast.clinic.practice)


def test_today_is_not_over_where_the_practice_is(cast):
    # NOW is still 23 November in New York and already 24 November in Sydney.
    close_books(CloseBooks(**by_alice(cast), until=date(2026, 11, 23)), NOW)
    with refused_with(DayNotOver):
        close_books(CloseBooks(**by_alice(cast), until=date(2026, 11, 24)), NOW)


def test_a_location_is_added_once_and_renamed(cast):
    command = AddLocation(**by_alice(cast), name=" Balmain ", address="1 High St", key="k")
    assert add_location(command, NOW) == add_location(command, NOW)
    added = Location.objects.get(name="Balmain")
    assert added.position == 1
    rename_location(
        RenameLocation(**by_alice(cast), location_id=added.pk, name="Rozelle", phone="123"), NOW
    )
    added.refresh_from_db()
    assert (added.name, added.address, added.phone) == ("Rozelle", "", "123")


def test_two_locations_have_two_names(cast):
    name = cast.clinic.location.name
    with refused_with(NameTaken):
        add_location(AddLocation(**by_alice(cast), name=name), NOW)
    other = add_location(AddLocation(**by_alice(cast), name="Other"), NOW)
    with refused_with(NameTaken):
        rename_location(
            RenameLocation(**by_alice(cast), location_id=other.location_id, name=name), NOW
        )
    with refused_with(Required):
        rename_location(
            RenameLocation(**by_alice(cast), location_id=other.location_id, name=" "), NOW
        )


def test_the_last_location_stays_and_an_archived_one_comes_back(cast):
    only = cast.clinic.location.pk
    with refused_with(LastLocation):
        archive_location(ArchiveLocation(**by_alice(cast), location_id=only), NOW)
    add_location(AddLocation(**by_alice(cast), name="Other"), NOW)
    archive_location(ArchiveLocation(**by_alice(cast), location_id=only), NOW)
    assert Location.objects.get(pk=only).archived_at == NOW
    archive_location(ArchiveLocation(**by_alice(cast), location_id=only, archived=False), NOW)
    assert Location.objects.get(pk=only).archived_at is None


def test_locations_of_others_are_out_of_reach(cast):
    theirs = cast.other.location.pk
    with refused_with(NotFound):
        rename_location(RenameLocation(**by_alice(cast), location_id=theirs, name="x"), NOW)
    with refused_with(NotFound):
        archive_location(ArchiveLocation(**by_alice(cast), location_id=theirs), NOW)


def key_command(cast: Cast, **fields) -> CreateApiKey:
    token = api_token(practice_id=cast.clinic.practice.pk, user_id=cast.alice.pk, key="form")
    given = {"name": "Xero bridge", "scopes": ("invoices:read",), "token": token, "key": "form"}
    return CreateApiKey(**by_alice(cast), **{**given, **fields})


def test_a_key_opens_what_its_scopes_say_and_only_its_hash_is_kept(cast):
    command = key_command(cast)
    assert create_api_key(command, NOW) == create_api_key(command, NOW)
    row = ApiKey.objects.get()
    member = member_of_key(command.token.text, NOW)
    assert member is not None
    assert (member.practice_id, member.may("invoices.view")) == (cast.clinic.practice.pk, True)
    assert not member.may("invoices.issue")
    assert command.token.secret not in str(ApiKey.objects.values().get())
    assert command.token.secret not in str(Note.objects.values().get())
    assert member_of_key(command.token.text + "x", NOW) is None
    revoke_api_key(RevokeApiKey(**by_alice(cast), api_key_id=row.pk), NOW)
    assert member_of_key(command.token.text, NOW) is None
    with refused_with(NotFound):
        revoke_api_key(RevokeApiKey(**by_alice(cast), api_key_id=row.pk), NOW)


def test_a_key_has_a_name_and_a_scope(cast):
    with refused_with(Required):
        create_api_key(key_command(cast, name=""), NOW)
    with refused_with(Required):
        create_api_key(key_command(cast, scopes=("root:write",)), NOW)


def test_keys_of_others_are_out_of_reach(cast):
    made = create_api_key(key_command(cast), NOW)
    command = RevokeApiKey(
        practice_id=cast.other.practice.pk,
        by=Actor(user_id=cast.charlie.pk),
        api_key_id=made.api_key_id,
    )
    with refused_with(NotFound):
        revoke_api_key(command, NOW)
