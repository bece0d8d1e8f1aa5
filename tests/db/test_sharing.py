"""Permissions to use somebody else's credit: given, changed, ended; never quietly."""

from __future__ import annotations

from datetime import timedelta

import pytest

from creditwell.audit.models import Note
from creditwell.credit.models import Share
from creditwell.credit.sharing import (
    CapMissing,
    CapNotMeant,
    NoSuchShare,
    NotAMode,
    OnlyPatientsUse,
    PutAway,
    SharedWithSelf,
    Terms,
    tidy_terms,
)
from creditwell.kernel.errors import NotFound
from creditwell.outbox.models import Event
from creditwell.people.models import Contact
from creditwell.people.operations import MergedAway
from creditwell.people.rules import ContactDetails
from creditwell.tenancy.access import SYSTEM, Actor
from creditwell.usecases.archive_contact import ArchiveContact, archive_contact
from creditwell.usecases.create_contact import CreateContact, create_contact
from creditwell.usecases.merge_patients import MergePatients, merge_patients
from creditwell.usecases.share_credit import ShareCredit, share_credit
from creditwell.usecases.stop_sharing import StopSharing, stop_sharing
from tests.factories import NOW, make_member, make_patient, make_practice
from tests.refusing import refuses

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)
ALWAYS = Terms(mode="always")


@pytest.fixture
def practice():
    return make_practice()


@pytest.fixture
def anna(practice):
    return make_patient(practice=practice, first_name="Anna", last_name="Berg")


@pytest.fixture
def ben(practice):
    return make_patient(practice=practice, first_name="Ben", last_name="Berg")


@pytest.fixture
def fund(practice):
    details = ContactDetails(kind="charity", name="Fund")
    made = create_contact(CreateContact(practice_id=practice.pk, by=SYSTEM, details=details), NOW)
    return Contact.objects.get(pk=made.contact_id)


def share(practice, owner, user, terms=ALWAYS, *, now=NOW, by=SYSTEM, key=""):
    command = ShareCredit(
        practice_id=practice.pk,
        by=by,
        key=key,
        owner_id=owner.payer_id,
        user_id=user.payer_id,
        terms=terms,
    )
    return share_credit(command, now)


def stop(practice, share_id):
    command = StopSharing(practice_id=practice.pk, by=SYSTEM, share_id=share_id)
    return stop_sharing(command, LATER)


def events(practice):
    found = Event.objects.filter(practice=practice, topic__startswith="share.").order_by("pk")
    return [(event.topic, event.body) for event in found]


def test_a_permission_is_given_and_both_histories_say_so(practice, anna, ben):
    desk = make_member(practice=practice, role="receptionist")
    terms = Terms(mode="monthly", cap_minor=20000, note="  by  phone ")
    given = share(practice, anna, ben, terms, by=Actor(user_id=desk.pk))
    row = Share.objects.get()
    assert (row.pk, given.ended_id) == (given.share_id, None)
    assert (row.owner_id, row.user_id) == (anna.payer_id, ben.payer_id)
    assert (row.mode, row.cap_minor, row.note) == ("monthly", 20000, "by phone")
    assert (row.given_at, row.given_by_id, row.ended_at) == (NOW, desk.pk, None)
    notes = Note.objects.filter(action="share_credit").order_by("pk")
    assert [(note.subject, note.subject_id) for note in notes] == [
        ("payer", anna.payer_id),
        ("payer", ben.payer_id),
    ]
    assert events(practice) == [("share.given", {"share_id": row.pk})]


def test_the_same_request_gives_once(practice, anna, ben):
    assert share(practice, anna, ben, key="k") == share(practice, anna, ben, key="k")
    assert Share.objects.count() == 1


def test_another_permission_replaces_the_one_that_stands(practice, anna, ben):
    first = share(practice, anna, ben).share_id
    back = share(practice, ben, anna).share_id
    second = share(practice, anna, ben, Terms(mode="total", cap_minor=900), now=LATER)
    assert second.ended_id == first
    ended = Share.objects.get(pk=first)
    assert (ended.ended_at, ended.mode) == (LATER, "always")
    assert Share.objects.get(pk=back).ended_at is None
    assert events(practice)[2:] == [
        ("share.ended", {"share_id": first}),
        ("share.given", {"share_id": second.share_id}),
    ]


def test_saying_the_same_again_changes_nothing(practice, anna, ben):
    first = share(practice, anna, ben).share_id
    told = events(practice)
    assert share(practice, anna, ben, now=LATER).share_id == first
    assert events(practice) == told


def test_ending_counts_at_once_and_only_once(practice, anna, ben):
    share_id = share(practice, anna, ben).share_id
    stop(practice, share_id)
    assert Share.objects.get().ended_at == LATER
    assert events(practice)[-1] == ("share.ended", {"share_id": share_id})
    with refuses(NoSuchShare, Share):
        stop(practice, share_id)
    again, elsewhere = share(practice, anna, ben).share_id, make_practice()
    with refuses(NoSuchShare, Share):
        stop(elsewhere, again)


def test_an_organisation_lets_patients_use_its_credit(practice, fund, ben):
    share(practice, fund, ben, Terms(mode="monthly", cap_minor=50000))
    assert Share.objects.get().owner_id == fund.payer_id
    with refuses(OnlyPatientsUse, Share):
        share(practice, ben, fund)


def test_what_cannot_be_shared_is_refused(practice, anna, ben, fund):
    stranger = make_patient(practice=make_practice())
    with refuses(SharedWithSelf, Share):
        share(practice, anna, anna)
    with refuses(NotFound, Share):
        share(practice, anna, stranger)
    with refuses(NotFound, Share):
        share(practice, stranger, anna)
    with refuses(CapMissing, Share):
        share(practice, anna, ben, Terms(mode="monthly"))
    archive_contact(
        ArchiveContact(practice_id=practice.pk, by=SYSTEM, contact_id=fund.pk, archived=True), NOW
    )
    with refuses(PutAway, Share):
        share(practice, fund, ben)
    merge_patients(
        MergePatients(practice_id=practice.pk, by=SYSTEM, kept_id=anna.pk, merged_id=ben.pk), NOW
    )
    with refuses(MergedAway, Share):
        share(practice, anna, ben)
    with refuses(MergedAway, Share):
        share(practice, ben, anna)


@pytest.mark.parametrize(
    ("terms", "refusal"),
    [
        (Terms(mode="sometimes"), NotAMode),
        (Terms(mode="total"), CapMissing),
        (Terms(mode="monthly", cap_minor=0), CapMissing),
        (Terms(mode="total", cap_minor=-1), CapMissing),
        (Terms(mode="always", cap_minor=100), CapNotMeant),
        (Terms(mode="ask", cap_minor=100), CapNotMeant),
    ],
)
def test_terms_that_cannot_be_meant(terms, refusal):
    with pytest.raises(refusal):
        tidy_terms(terms)
