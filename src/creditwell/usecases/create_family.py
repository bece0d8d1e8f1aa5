"""Say which patients belong together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.people.families import NewMember, create_family_row, tidy_name
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateFamily:
    """The members may be one, or nobody yet; a patient may be in several families."""

    practice_id: int
    by: Actor
    key: str = ""
    name: str
    members: tuple[NewMember, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyCreated:
    family_id: int


@usecase(FamilyCreated)
def create_family(command: CreateFamily, now: datetime) -> FamilyCreated:
    """
    Write a family with its first members. Nobody may use anybody's credit by that alone.

    :raises Nameless: without a name
    :raises NotFound: if a patient is not of this practice
    :raises MergedAway: if a record was merged into another
    :raises InFamilyAlready: if one patient is named twice
    """
    name = tidy_name(command.name)
    family_id = create_family_row(
        practice_id=command.practice_id, name=name, members=command.members, now=now
    )
    patients = [member.patient_id for member in command.members]
    subjects = [("family", family_id), *(("patient", patient) for patient in patients)]
    for subject in subjects:
        note(
            "create_family",
            subject,
            practice_id=command.practice_id,
            by=command.by,
            at=now,
            details={"family_id": family_id, "name": name, "patients": patients},
        )
    return FamilyCreated(family_id=family_id)
