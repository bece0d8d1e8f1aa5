"""Make one record of two that are about the same person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from creditwell.audit.note import note
from creditwell.credit import operations_merge as credit
from creditwell.credit import sharing
from creditwell.invoicing import operations_merge as invoicing
from creditwell.kernel.rows import insert_row
from creditwell.kernel.usecase import usecase
from creditwell.packages import operations_merge as packages
from creditwell.payments import operations_merge as payments
from creditwell.people import families
from creditwell.people.merging import AlreadyMerged, fill, lock_two, mark_merged
from creditwell.people.models import Merge, Patient
from creditwell.scheduling import operations_merge as scheduling
from creditwell.tenancy.access import Actor
from creditwell.usecases._sharing import tell_ended


@dataclass(frozen=True, slots=True, kw_only=True)
class MergePatients:
    """`kept_id` stays; everything of `merged_id` moves there."""

    practice_id: int
    by: Actor
    key: str = ""
    kept_id: int
    merged_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientsMerged:
    merge_id: int
    kept_id: int


@usecase(PatientsMerged)
def merge_patients(command: MergePatients, now: datetime) -> PatientsMerged:
    """
    Move visits, invoices, payments, credit and packages to the kept record, fill its gaps, hide the
    other. Places in families and permissions to use credit or packages go along; a permission
    between the two records is ended, and so is one that the kept record has already.

    No amount changes: owing and credit of both are added up. What moved is written down, so that
    `undo_merge` can move it back.

    :raises SamePatient: if both are one record
    :raises NotFound: if one of them is not of this practice
    :raises AlreadyMerged: if one of them is merged into another already
    :raises BookedTogether: if both have a place in one appointment
    """
    kept, merged = lock_two(
        practice_id=command.practice_id, kept_id=command.kept_id, merged_id=command.merged_id
    )
    if kept.merged_into_id is not None or merged.merged_into_id is not None:
        raise AlreadyMerged
    moved = _move(kept, merged)
    moved["package_shares"] = packages.move_shares(
        practice_id=command.practice_id, from_id=merged.pk, to_id=kept.pk, now=now
    )
    moved["families"] = families.move_patient(
        practice_id=command.practice_id, from_id=merged.pk, to_id=kept.pk
    )
    moved["shares"] = _move_shares(command, kept, merged, now)
    moved["archived_at"] = merged.archived_at.isoformat() if merged.archived_at else ""
    moved["filled"] = fill(kept=kept, merged=merged)
    mark_merged(kept=kept, merged=merged, now=now)
    merge_id = insert_row(
        Merge,
        {
            "practice_id": command.practice_id,
            "kept_id": kept.pk,
            "merged_id": merged.pk,
            "moved": moved,
            "merged_at": now,
        },
    )
    for patient, other in ((kept, merged), (merged, kept)):
        note(
            "merge_patients",
            ("patient", patient.pk),
            practice_id=command.practice_id,
            by=command.by,
            at=now,
            details={"merge_id": merge_id, "kept_id": kept.pk, "other_id": other.pk},
        )
    return PatientsMerged(merge_id=merge_id, kept_id=kept.pk)


def _move(kept: Patient, merged: Patient) -> dict[str, Any]:
    practice_id = kept.practice_id
    people: dict[str, Any] = {"practice_id": practice_id, "from_id": merged.pk, "to_id": kept.pk}
    payers: dict[str, Any] = {
        "practice_id": practice_id,
        "from_id": merged.payer_id,
        "to_id": kept.payer_id,
    }
    return {
        "visits": scheduling.move_patient(**people),
        "invoices": invoicing.move_patient(**people),
        "charges": invoicing.move_payer(**payers),
        "lots": credit.move_payer(**payers),
        "payments": payments.move_payer(**payers),
        "refunds": payments.move_refunds(**payers),
        "packages": packages.move_patient(**people),
        "package_payers": packages.move_payer(**payers),
        "memberships": packages.move_memberships(
            practice_id=practice_id,
            people=(merged.pk, kept.pk),
            payers=(merged.payer_id, kept.payer_id),
        ),
    }


def _move_shares(
    command: MergePatients, kept: Patient, merged: Patient, now: datetime
) -> dict[str, list[int]]:
    practice_id, by = command.practice_id, command.by
    ends = {"from_id": merged.payer_id, "to_id": kept.payer_id}
    done = sharing.move_payer(practice_id=practice_id, by=by, now=now, **ends)
    tell_ended(done["ended"], practice_id=practice_id, by=by, at=now, why="merge_patients")
    return done
