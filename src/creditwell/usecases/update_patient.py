"""Change what is known of a patient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.people.operations import lock_patient, update_patient_row
from creditwell.people.rules import PatientDetails, tidy_patient
from creditwell.tenancy.access import Actor, practice_facts


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePatient:
    practice_id: int
    by: Actor
    key: str = ""
    patient_id: int
    details: PatientDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientUpdated:
    """`changed` names the fields that are different now."""

    patient_id: int
    changed: list[str]


@usecase(PatientUpdated)
def update_patient(command: UpdatePatient, now: datetime) -> PatientUpdated:
    """
    Write all details anew; the trail keeps what was there before.

    :raises NotFound: if this practice has no such patient
    :raises Nameless, NotBornYet, NotAnAddress: if a detail cannot be meant
    :raises NoSuchChoice: if the concession or a contact is not of this practice
    """
    patient = lock_patient(practice_id=command.practice_id, patient_id=command.patient_id)
    today = practice_facts(command.practice_id).day_of(now)
    details = tidy_patient(command.details, today)
    changes = update_patient_row(patient=patient, details=details)
    if changes:
        note(
            "update_patient",
            ("patient", patient.pk),
            practice_id=command.practice_id,
            by=command.by,
            at=now,
            details=changes,
        )
    return PatientUpdated(patient_id=patient.pk, changed=list(changes))
