"""Bring an archived patient back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.people.operations import MergedAway, lock_patient, set_patient_archived
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class RestorePatient:
    practice_id: int
    by: Actor
    key: str = ""
    patient_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientRestored:
    patient_id: int


@usecase(PatientRestored)
def restore_patient(command: RestorePatient, now: datetime) -> PatientRestored:
    """
    Show a patient in lists and search again; does nothing to one who is not archived.

    :raises NotFound: if this practice has no such patient
    :raises MergedAway: if the record was merged into another
    """
    patient = lock_patient(practice_id=command.practice_id, patient_id=command.patient_id)
    if patient.merged_into_id is not None:
        raise MergedAway
    if patient.archived_at is not None:
        set_patient_archived(patient=patient, at=None)
        note(
            "restore_patient",
            ("patient", patient.pk),
            practice_id=command.practice_id,
            by=command.by,
            at=now,
        )
    return PatientRestored(patient_id=patient.pk)
