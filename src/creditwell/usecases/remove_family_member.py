"""A patient leaves a family."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.credit.sharing import end, open_between
from creditwell.kernel.usecase import usecase
from creditwell.people.families import NotInFamily, lock_family, remove_member_row
from creditwell.people.operations import lock_payers
from creditwell.people.queries_families import families_of, family_facts
from creditwell.tenancy.access import Actor
from creditwell.usecases._sharing import tell_ended


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveFamilyMember:
    practice_id: int
    by: Actor
    key: str = ""
    family_id: int
    patient_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyMemberRemoved:
    """`dissolved`: nobody was left, so the family is gone. `ended` are permissions."""

    family_id: int
    dissolved: bool
    ended: list[int]


@usecase(FamilyMemberRemoved)
def remove_family_member(command: RemoveFamilyMember, now: datetime) -> FamilyMemberRemoved:
    """
    Take a patient out. Permissions between them and the members who stay are ended, except with
    those who share another family with them. A family without members goes.

    :raises NotFound: if this practice has no such family
    :raises NotInFamily: if the patient is not in it
    """
    practice_id = command.practice_id
    family = lock_family(practice_id=practice_id, family_id=command.family_id)
    members = family_facts(practice_id=practice_id, family_id=family.pk).members
    leaving = next((one for one in members if one.patient_id == command.patient_id), None)
    if leaving is None:
        raise NotInFamily
    lock_payers(practice_id=practice_id, payer_ids=[one.payer_id for one in members])
    dissolved = remove_member_row(family=family, patient_id=command.patient_id)
    still = {
        payer_id
        for other in families_of(practice_id=practice_id, patient_id=command.patient_id)
        for payer_id in other.payer_ids
    }
    apart = [one.payer_id for one in members if one.payer_id not in still]
    between = open_between(practice_id=practice_id, payer_id=leaving.payer_id, others=apart)
    ended = end(practice_id=practice_id, share_ids=between, by=command.by, now=now)
    tell_ended(ended, practice_id=practice_id, by=command.by, at=now, why="remove_family_member")
    for subject in (("family", command.family_id), ("patient", command.patient_id)):
        note(
            "remove_family_member",
            subject,
            practice_id=practice_id,
            by=command.by,
            at=now,
            details={"family_id": command.family_id, "patient_id": command.patient_id},
        )
    return FamilyMemberRemoved(family_id=command.family_id, dissolved=dissolved, ended=ended)
