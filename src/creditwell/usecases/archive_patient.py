"""Put a patient away who does not come any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.people.operations import lock_patient, set_patient_archived
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivePatient:
    practice_id: int
    by: Actor
    key: str = ""
    patient_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientArchived:
    patient_id: int


@usecase(PatientArchived)
def archive_patient(command: ArchivePatient, now: datetime) -> PatientArchived:
    """
    Hide a patient from lists and search. Their money, invoices and history stay as they are.

    A patient who is archived already stays so, and nothing is written.

    :raises NotFound: if this practice has no such patient
    """
    patient = lock_patient(practice_id=command.practice_id, patient_id=command.patient_id)
    if patient.archived_at is None:
        set_patient_archived(patient=patient, at=now)
        note(
            "archive_patient",
            ("patient", patient.pk),
            practice_id=command.practice_id,
            by=command.by,
            at=now,
        )
    return PatientArchived(patient_id=patient.pk)
