"""Two records that were merged turn out to be two people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from creditwell.audit.note import note
from creditwell.credit import operations_merge as credit
from creditwell.credit import sharing
from creditwell.invoicing import operations_merge as invoicing
from creditwell.kernel.usecase import usecase
from creditwell.packages import operations_merge as packages
from creditwell.payments import operations_merge as payments
from creditwell.people import families
from creditwell.people.merging import NotUndoable, lock_two, open_merge, unfill, unmark_merged
from creditwell.people.models import Patient
from creditwell.scheduling import operations_merge as scheduling
from creditwell.tenancy.access import Actor
from creditwell.usecases._sharing import tell_given


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoMerge:
    practice_id: int
    by: Actor
    key: str = ""
    merge_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeUndone:
    kept_id: int
    restored_id: int


@usecase(MergeUndone)
def undo_merge(command: UndoMerge, now: datetime) -> MergeUndone:
    """
    Move back what the merge moved, and bring the merged record back.

    What happened since stays with the kept record, except what belongs to something that moves: a
    payment that was edited moves with all its editions and their credit, and a refund of it too.
    Credit that paid an invoice of the other record meanwhile stays used: it shows on both accounts.
    Permissions that the merge ended stand again, unless something else was agreed since.

    :raises NotFound: if this practice has no such merge
    :raises NotUndoable: if it was undone before, or the kept record was itself merged since
    """
    practice_id = command.practice_id
    merge = open_merge(practice_id=practice_id, merge_id=command.merge_id)
    kept, merged = lock_two(
        practice_id=practice_id, kept_id=merge.kept_id, merged_id=merge.merged_id
    )
    if kept.merged_into_id is not None or merged.merged_into_id != kept.pk:
        raise NotUndoable
    moved: dict[str, Any] = merge.moved
    _move_back(kept, merged, moved)
    _share_again(command, kept, merged, moved, now)
    unfill(kept=kept, changes=moved["filled"])
    archived = moved["archived_at"]
    unmark_merged(merged=merged, archived_at=datetime.fromisoformat(archived) if archived else None)
    merge.undone_at = now
    merge.save(update_fields=["undone_at"])
    for patient in (kept, merged):
        note(
            "undo_merge",
            ("patient", patient.pk),
            practice_id=practice_id,
            by=command.by,
            at=now,
            details={"merge_id": merge.pk},
        )
    return MergeUndone(kept_id=kept.pk, restored_id=merged.pk)


def _move_back(kept: Patient, merged: Patient, moved: dict[str, Any]) -> None:
    practice_id = kept.practice_id
    people: dict[str, Any] = {"practice_id": practice_id, "from_id": kept.pk, "to_id": merged.pk}
    payers: dict[str, Any] = {
        "practice_id": practice_id,
        "from_id": kept.payer_id,
        "to_id": merged.payer_id,
    }
    editions = payments.editions_of(practice_id=practice_id, payment_ids=moved["payments"])
    lots = payments.lots_of(practice_id=practice_id, payment_ids=editions)
    refunds = payments.refunds_of(practice_id=practice_id, payment_ids=editions)
    scheduling.move_patient(**people, ids=moved["visits"])
    invoicing.move_patient(**people, ids=moved["invoices"])
    invoicing.move_payer(**payers, ids=moved["charges"])
    credit.move_payer(**payers, ids=[*moved["lots"], *lots])
    payments.move_payer(**payers, ids=editions)
    payments.move_refunds(**payers, ids=[*moved["refunds"], *refunds])
    packages.move_patient(**people, ids=moved.get("packages", []))
    packages.move_payer(**payers, ids=moved.get("package_payers", []))
    packages.move_memberships(
        practice_id=practice_id,
        people=(kept.pk, merged.pk),
        payers=(kept.payer_id, merged.payer_id),
        ids=moved.get("memberships", []),
    )
    packages.shares_back(
        practice_id=practice_id,
        from_id=kept.pk,
        to_id=merged.pk,
        done=moved.get("package_shares", {"moved": [], "ended": []}),
    )


def _share_again(
    command: UndoMerge, kept: Patient, merged: Patient, moved: dict[str, Any], now: datetime
) -> None:
    practice_id = command.practice_id
    nothing: dict[str, list[Any]] = {"moved": [], "dropped": []}
    families.move_back(
        practice_id=practice_id,
        from_id=kept.pk,
        to_id=merged.pk,
        done=moved.get("families", nothing),
    )
    restored = sharing.move_back(
        practice_id=practice_id,
        from_id=kept.payer_id,
        to_id=merged.payer_id,
        done=moved.get("shares", {"given": [], "had": [], "ended": []}),
    )
    tell_given(restored, practice_id=practice_id, by=command.by, at=now)
