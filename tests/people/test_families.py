"""Families: who belongs together, and what happens to permissions when somebody leaves."""

from __future__ import annotations

import pytest

from creditwell.audit.models import Note
from creditwell.credit.models import Share
from creditwell.credit.queries_share import open_shares
from creditwell.credit.sharing import Terms
from creditwell.kernel.errors import NotFound
from creditwell.outbox.models import Event
from creditwell.people.families import InFamilyAlready, NewMember, NotInFamily, usual_name
from creditwell.people.models import Family, FamilyMember
from creditwell.people.operations import MergedAway
from creditwell.people.queries_families import families_of, family_facts
from creditwell.people.rules import Nameless
from creditwell.tenancy.access import SYSTEM
from creditwell.usecases.add_family_member import AddFamilyMember, add_family_member
from creditwell.usecases.create_family import CreateFamily, create_family
from creditwell.usecases.merge_patients import MergePatients, merge_patients
from creditwell.usecases.remove_family_member import RemoveFamilyMember, remove_family_member
from creditwell.usecases.rename_family import RenameFamily, rename_family
from creditwell.usecases.share_credit import ShareCredit, share_credit
from creditwell.usecases.undo_merge import UndoMerge, undo_merge
from tests.acts import pay
from tests.books import assert_books_straight
from tests.factories import NOW, make_clinic, make_patient, make_practice
from tests.refusing import refuses

pytestmark = pytest.mark.django_db
TABLES = (Family, FamilyMember, Share)


@pytest.fixture
def clinic():
    return make_clinic()


@pytest.fixture
def practice(clinic):
    return clinic.practice


@pytest.fixture
def anna(practice):
    return make_patient(practice=practice, first_name="Anna", last_name="Berg")


@pytest.fixture
def ben(practice):
    return make_patient(practice=practice, first_name="Ben", last_name="Berg")


def make(practice, *patients, name="Berg family"):
    members = tuple(NewMember(patient_id=one.pk, relation="mother") for one in patients)
    command = CreateFamily(practice_id=practice.pk, by=SYSTEM, name=name, members=members)
    return create_family(command, NOW).family_id


def add(practice, family_id, patient, relation=""):
    command = AddFamilyMember(
        practice_id=practice.pk,
        by=SYSTEM,
        family_id=family_id,
        patient_id=patient.pk,
        relation=relation,
    )
    return add_family_member(command, NOW)


def remove(practice, family_id, patient):
    command = RemoveFamilyMember(
        practice_id=practice.pk, by=SYSTEM, family_id=family_id, patient_id=patient.pk
    )
    return remove_family_member(command, NOW)


def share(practice, owner, user, mode="always", cap_minor=None):
    command = ShareCredit(
        practice_id=practice.pk,
        by=SYSTEM,
        owner_id=owner.payer_id,
        user_id=user.payer_id,
        terms=Terms(mode=mode, cap_minor=cap_minor),
    )
    return share_credit(command, NOW).share_id


def names(practice, family_id):
    members = family_facts(practice_id=practice.pk, family_id=family_id).members
    return [(one.name, one.relation) for one in members]


def standing(practice, *patients):
    payers = [one.payer_id for one in patients]
    lines = open_shares(practice_id=practice.pk, payer_ids=payers)
    return [(one.owner_name, one.user_name, one.mode, one.cap_minor) for one in lines]


def merge(practice, kept, merged):
    command = MergePatients(
        practice_id=practice.pk, by=SYSTEM, kept_id=kept.pk, merged_id=merged.pk
    )
    return merge_patients(command, NOW).merge_id


def undo(practice, merge_id):
    undo_merge(UndoMerge(practice_id=practice.pk, by=SYSTEM, merge_id=merge_id), NOW)


def test_a_family_is_made_named_and_grows(practice, anna, ben):
    family_id = make(practice, anna, name="  Berg   family ")
    add(practice, family_id, ben, " son ")
    rename_family(
        RenameFamily(practice_id=practice.pk, by=SYSTEM, family_id=family_id, name="Bergs"), NOW
    )
    facts = family_facts(practice_id=practice.pk, family_id=family_id)
    assert facts.name == "Bergs"
    assert names(practice, family_id) == [("Anna Berg", "mother"), ("Ben Berg", "son")]
    told = Note.objects.filter(practice=practice).order_by("pk")
    assert [(note.action, note.subject) for note in told] == [
        ("create_family", "family"),
        ("create_family", "patient"),
        ("add_family_member", "family"),
        ("add_family_member", "patient"),
        ("rename_family", "family"),
    ]


def test_a_child_of_two_homes_is_in_two_families(practice, anna, ben):
    one, other = make(practice, ben, anna), make(practice, ben, name="Other home")
    found = families_of(practice_id=practice.pk, patient_id=ben.pk)
    assert [family.id for family in found] == [one, other]


def test_what_cannot_be_a_family_is_refused(practice, anna, ben):
    family_id = make(practice, anna)
    stranger = make_patient(practice=make_practice())
    with refuses(Nameless, *TABLES):
        make(practice, ben, name="   ")
    with refuses(InFamilyAlready, *TABLES):
        add(practice, family_id, anna)
    with refuses(InFamilyAlready, *TABLES):
        make(practice, ben, ben)
    with refuses(NotFound, *TABLES):
        add(practice, family_id, stranger)
    with refuses(NotFound, *TABLES):
        make(practice, stranger)
    with refuses(NotInFamily, *TABLES):
        remove(practice, family_id, ben)
    with refuses(NotFound, *TABLES):
        remove(stranger.practice, family_id, anna)


def test_a_merged_record_joins_no_family(practice, anna, ben):
    family_id = make(practice, anna)
    merge(practice, anna, ben)
    with refuses(MergedAway, *TABLES):
        add(practice, family_id, ben)


def test_the_last_one_takes_the_family_along(practice, anna, ben):
    family_id = make(practice, anna, ben)
    assert remove(practice, family_id, anna).dissolved is False
    assert remove(practice, family_id, ben).dissolved is True
    assert not Family.objects.filter(pk=family_id).exists()


def test_who_leaves_shares_no_more_except_within_another_family(practice, anna, ben):
    cleo = make_patient(practice=practice, first_name="Cleo", last_name="Berg")
    family_id = make(practice, anna, ben, cleo)
    make(practice, ben, cleo, name="Second home")
    ended = [share(practice, anna, ben), share(practice, ben, anna, "monthly", 5000)]
    share(practice, cleo, ben)
    share(practice, anna, cleo)
    assert remove(practice, family_id, ben).ended == ended
    assert standing(practice, anna, ben, cleo) == [
        ("Cleo Berg", "Ben Berg", "always", None),
        ("Anna Berg", "Cleo Berg", "always", None),
    ]
    told = Event.objects.filter(practice=practice, topic="share.ended").order_by("pk")
    assert [event.body["share_id"] for event in told] == ended


def test_merging_takes_places_in_families_along_and_back(clinic, practice, anna, ben):
    twin = make_patient(practice=practice, first_name="Anna", last_name="Bergh")
    both, hers = make(practice, anna, twin, ben), make(practice, twin, name="Old home")
    pay(clinic, 5000, patient=twin)
    before = list(FamilyMember.objects.order_by("family", "patient").values_list(*PLACE))
    merge_id = merge(practice, anna, twin)
    assert names(practice, both) == [("Anna Berg", "mother"), ("Ben Berg", "mother")]
    assert names(practice, hers) == [("Anna Berg", "mother")]
    assert_books_straight(practice)
    undo(practice, merge_id)
    after = list(FamilyMember.objects.order_by("family", "patient").values_list(*PLACE))
    assert after == before
    assert_books_straight(practice)


PLACE = ("family_id", "patient_id", "relation", "joined_at")


def test_undoing_does_not_bring_a_dissolved_family_back(practice, anna, ben):
    twin = make_patient(practice=practice)
    family_id = make(practice, anna, twin)
    merge_id = merge(practice, anna, twin)
    assert remove(practice, family_id, anna).dissolved
    undo(practice, merge_id)
    assert not FamilyMember.objects.exists()


def test_merging_takes_permissions_along_and_back(clinic, practice, anna, ben):
    """One between the two ends, one that would be double ends; undoing brings all of it back."""
    twin = make_patient(practice=practice, first_name="Anna", last_name="Bergh")
    cleo = make_patient(practice=practice, first_name="Cleo", last_name="Berg")
    share(practice, anna, twin)
    share(practice, ben, anna, "monthly", 5000)
    share(practice, ben, twin, "total", 900)
    share(practice, twin, cleo, "ask")
    pay(clinic, 5000, patient=ben)
    before = standing(practice, anna, twin, ben, cleo)
    merge_id = merge(practice, anna, twin)
    assert standing(practice, anna, twin, ben, cleo) == [
        ("Ben Berg", "Anna Berg", "monthly", 5000),
        ("Anna Berg", "Cleo Berg", "ask", None),
    ]
    assert Event.objects.filter(practice=practice, topic="share.ended").count() == 2
    assert_books_straight(practice)
    undo(practice, merge_id)
    assert standing(practice, anna, twin, ben, cleo) == before
    assert Event.objects.filter(practice=practice, topic="share.given").count() == 6
    assert_books_straight(practice)


def test_what_was_agreed_since_the_merge_stands(practice, anna, ben):
    twin = make_patient(practice=practice)
    share(practice, ben, anna)
    share(practice, ben, twin)
    merge_id = merge(practice, anna, twin)
    share(practice, ben, anna, "ask")
    undo(practice, merge_id)
    assert standing(practice, ben) == [
        ("Ben Berg", f"{twin.first_name} Example", "always", None),
        ("Ben Berg", "Anna Berg", "ask", None),
    ]


def test_the_usual_name():
    assert usual_name("Berg", "Anna Berg") == "Berg family"
    assert usual_name("", "Anna") == "Anna family"
