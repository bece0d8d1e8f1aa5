"""Create a patient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.kernel.errors import Refusal
from creditwell.kernel.usecase import usecase
from creditwell.people.operations import create_patient_row
from creditwell.people.queries import Duplicate, likely_duplicates
from creditwell.people.rules import PatientDetails, tidy_patient
from creditwell.tenancy.access import Actor, practice_facts


class LikelyDuplicate(Refusal):
    """There is a patient already who is probably the same person."""

    code = "likely_duplicate"

    def __init__(self, duplicates: list[Duplicate]) -> None:
        super().__init__(
            _(
                "There may be a record of this person already. Use that one, or say that this is "
                "somebody else."
            )
        )
        self.duplicates = duplicates


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePatient:
    """`somebody_else` says that likely duplicates were seen and are other people."""

    practice_id: int
    by: Actor
    key: str = ""
    details: PatientDetails
    somebody_else: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientCreated:
    patient_id: int
    payer_id: int
    name: str


@usecase(PatientCreated)
def create_patient(command: CreatePatient, now: datetime) -> PatientCreated:
    """
    Create a patient with the payer behind them, findable at once.

    :raises LikelyDuplicate: unless `somebody_else`; carries the records that look like them
    :raises Nameless, NotBornYet, NotAnAddress: if a detail cannot be meant
    :raises NoSuchChoice: if the concession or a contact is not of this practice
    """
    today = practice_facts(command.practice_id).day_of(now)
    details = tidy_patient(command.details, today)
    if not command.somebody_else:
        duplicates = likely_duplicates(practice_id=command.practice_id, details=details)
        if duplicates:
            raise LikelyDuplicate(duplicates)
    patient = create_patient_row(practice_id=command.practice_id, details=details, now=now)
    note(
        "create_patient",
        ("patient", patient.pk),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
    )
    return PatientCreated(patient_id=patient.pk, payer_id=patient.payer_id, name=details.name)
