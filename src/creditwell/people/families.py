"""Families: patients who belong together. Who may use whose credit is said by credit.Share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from creditwell.kernel.errors import REFUSED_BY, NotFound, Refusal
from creditwell.kernel.rows import insert_row
from creditwell.people.models import Family, FamilyMember, Patient
from creditwell.people.operations import MergedAway, lock_payers
from creditwell.people.rules import Nameless

NAME_LENGTH = 120
RELATION_LENGTH = 40


class InFamilyAlready(Refusal):
    """A patient is in a family once."""

    code = "in_family_already"

    def __init__(self) -> None:
        super().__init__(_("This patient is in the family already."), param="patient")


class NotInFamily(NotFound):
    """The patient is not in this family (any more)."""

    code = "not_in_family"

    def __init__(self) -> None:
        super().__init__(_("This patient is not in the family any more."))


REFUSED_BY["people_family_member_once"] = InFamilyAlready


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMember:
    """A patient about to join; `relation` in free words: mother, son, partner."""

    patient_id: int
    relation: str = ""


def tidy_name(text: str) -> str:
    """
    A family's name without stray spaces, cut to what the table holds.

    :raises Nameless: without any name
    """
    name = " ".join(text.split())[:NAME_LENGTH]
    if not name:
        raise Nameless("name")
    return name


def tidy_relation(text: str) -> str:
    """A relation without stray spaces."""
    return " ".join(text.split())[:RELATION_LENGTH]


def usual_name(last_name: str, name: str) -> str:
    """What a family is called unless somebody says otherwise."""
    return _("%(name)s family") % {"name": last_name or name}


def create_family_row(
    *, practice_id: int, name: str, members: Sequence[NewMember], now: datetime
) -> int:
    """
    Write a family with its first members; returns its id.

    :raises NotFound: if a patient is not of this practice
    :raises MergedAway: if a record was merged into another
    :raises InFamilyAlready: if one patient is named twice
    """
    patients = Patient.objects.filter(
        practice_id=practice_id, pk__in=[member.patient_id for member in members]
    )
    # All at once: two families made of the same people never wait for each other in a ring.
    lock_payers(
        practice_id=practice_id, payer_ids=list(patients.values_list("payer_id", flat=True))
    )
    family_id = insert_row(
        Family, {"practice_id": practice_id, "name": tidy_name(name), "created_at": now}
    )
    for member in members:
        add_member_row(practice_id=practice_id, family_id=family_id, member=member, now=now)
    return family_id


def lock_family(*, practice_id: int, family_id: int) -> Family:
    """
    Hold a family for the rest of the transaction.

    :raises NotFound: if this practice has no such family
    """
    found = Family.objects.select_for_update(no_key=True).filter(
        practice_id=practice_id, pk=family_id
    )
    family = found.first()
    if family is None:
        raise NotFound
    return family


def rename_row(*, family: Family, name: str) -> tuple[str, str]:
    """
    Call a family otherwise; returns (before, after).

    :raises Nameless: without any name
    """
    before, family.name = family.name, tidy_name(name)
    family.save(update_fields=["name"])
    return before, family.name


def add_member_row(*, practice_id: int, family_id: int, member: NewMember, now: datetime) -> None:
    """
    Write a member. The patient is held, so that they are not merged away meanwhile.

    :raises NotFound: if the patient is not of this practice
    :raises MergedAway: if the record was merged into another
    :raises InFamilyAlready: if they are in the family
    """
    found = Patient.objects.filter(practice_id=practice_id, pk=member.patient_id)
    if (patient := found.first()) is None:
        raise NotFound(param="patient")
    lock_payers(practice_id=practice_id, payer_ids=[patient.payer_id])
    patient.refresh_from_db(fields=["merged_into"])
    if patient.merged_into_id is not None:
        raise MergedAway
    place = {"practice_id": practice_id, "family_id": family_id, "patient_id": patient.pk}
    if FamilyMember.objects.filter(**place).exists():
        raise InFamilyAlready
    insert_row(
        FamilyMember, {**place, "relation": tidy_relation(member.relation), "joined_at": now}
    )


def remove_member_row(*, family: Family, patient_id: int) -> bool:
    """
    Take a patient out; a family that nobody is in any more goes. Returns whether it went.

    :raises NotInFamily: if they are not in it
    """
    members = FamilyMember.objects.filter(practice_id=family.practice_id, family_id=family.pk)
    gone, _kinds = members.filter(patient_id=patient_id).delete()
    if not gone:
        raise NotInFamily
    if members.exists():
        return False
    family.delete()
    return True


def move_patient(*, practice_id: int, from_id: int, to_id: int) -> dict[str, Any]:
    """
    Two records became one: the places of the one in families are the other's.

    Where both are in one family, the kept record stays; what fell away is written down, so that
    `move_back` can restore it.
    """
    places = FamilyMember.objects.filter(practice_id=practice_id)
    theirs = places.filter(patient_id=to_id).values_list("family_id", flat=True)
    twice = places.filter(patient_id=from_id, family_id__in=list(theirs)).order_by("pk")
    dropped = [
        {
            "family_id": place.family_id,
            "relation": place.relation,
            "joined_at": place.joined_at.isoformat(),
        }
        for place in twice
    ]
    twice.delete()
    moving = places.filter(patient_id=from_id).order_by("pk")
    moved = list(moving.values_list("pk", flat=True))
    places.filter(pk__in=moved).update(patient_id=to_id)
    return {"moved": moved, "dropped": dropped}


def move_back(*, practice_id: int, from_id: int, to_id: int, done: Mapping[str, Any]) -> None:
    """Take `move_patient` back, as far as the families are still there."""
    places = FamilyMember.objects.filter(practice_id=practice_id)
    families = Family.objects.filter(practice_id=practice_id)
    already = set(places.filter(patient_id=to_id).values_list("family_id", flat=True))
    places.filter(pk__in=done["moved"], patient_id=from_id).exclude(family_id__in=already).update(
        patient_id=to_id
    )
    wanted = {place["family_id"]: place for place in done["dropped"]}
    standing = families.filter(pk__in=set(wanted) - already).order_by("pk")
    for family_id in standing.values_list("pk", flat=True):
        place = wanted[family_id]
        insert_row(
            FamilyMember,
            {
                "practice_id": practice_id,
                "family_id": family_id,
                "patient_id": to_id,
                "relation": place["relation"],
                "joined_at": datetime.fromisoformat(place["joined_at"]),
            },
        )
