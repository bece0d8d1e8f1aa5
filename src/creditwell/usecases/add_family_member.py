"""A patient joins a family."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.people.families import NewMember, add_member_row, lock_family
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class AddFamilyMember:
    """`relation` is the patient's own place in the family, in free words: mother, son."""

    practice_id: int
    by: Actor
    key: str = ""
    family_id: int
    patient_id: int
    relation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyMemberAdded:
    family_id: int
    patient_id: int


@usecase(FamilyMemberAdded)
def add_family_member(command: AddFamilyMember, now: datetime) -> FamilyMemberAdded:
    """
    Write a member. Nobody may use anybody's credit by that alone.

    :raises NotFound: if family or patient are not of this practice
    :raises MergedAway: if the record was merged into another
    :raises InFamilyAlready: if they are in the family
    """
    family = lock_family(practice_id=command.practice_id, family_id=command.family_id)
    add_member_row(
        practice_id=command.practice_id,
        family_id=family.pk,
        member=NewMember(patient_id=command.patient_id, relation=command.relation),
        now=now,
    )
    for subject in (("family", family.pk), ("patient", command.patient_id)):
        note(
            "add_family_member",
            subject,
            practice_id=command.practice_id,
            by=command.by,
            at=now,
            details={"family_id": family.pk, "patient_id": command.patient_id},
        )
    return FamilyMemberAdded(family_id=family.pk, patient_id=command.patient_id)
