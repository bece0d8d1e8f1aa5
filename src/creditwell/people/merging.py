"""Two records of one person are made one, and two again. What stands above moves by use case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from creditwell.kernel.errors import NotFound, Refusal
from creditwell.people.models import Merge, Patient, Payer
from creditwell.people.operations import lock_payers, update_patient_row
from creditwell.people.queries import details_of
from creditwell.people.rules import ALERT_LENGTH, PatientDetails


class SamePatient(Refusal):
    """A record cannot be merged with itself."""

    code = "same_patient"
    status = 422

    def __init__(self) -> None:
        super().__init__(_("Choose two different records: this is one and the same."))


class AlreadyMerged(Refusal):
    """One of the records is merged into another already."""

    code = "already_merged"

    def __init__(self) -> None:
        super().__init__(
            _("One of these records was already merged into another. Choose the one that was kept.")
        )


class NotUndoable(Refusal):
    """The merge was undone before, or the kept record was itself merged since."""

    code = "not_undoable"

    def __init__(self) -> None:
        super().__init__(
            _(
                "This merge was undone already, or the record that was kept was merged into "
                "another since: undo that merge first."
            )
        )


def lock_two(*, practice_id: int, kept_id: int, merged_id: int) -> tuple[Patient, Patient]:
    """
    Hold both patients for the rest of the transaction, in one order whoever is kept.

    :raises SamePatient: if they are one
    :raises NotFound: if one of them is not of this practice
    """
    if kept_id == merged_id:
        raise SamePatient
    patients = Patient.objects.filter(practice_id=practice_id, pk__in=[kept_id, merged_id])
    lock_payers(
        practice_id=practice_id, payer_ids=list(patients.values_list("payer_id", flat=True))
    )
    rows = {row.pk: row for row in patients}
    if len(rows) != 2:
        raise NotFound
    return rows[kept_id], rows[merged_id]


def filled(kept: PatientDetails, merged: PatientDetails) -> PatientDetails:
    """The kept record with its gaps filled from the other; notes and alerts of both are kept."""
    gaps = {
        name: other
        for name, other in asdict(merged).items()
        if other not in ("", None) and getattr(kept, name) in ("", None)
    }
    if kept.notes and merged.notes and merged.notes not in kept.notes:
        gaps["notes"] = f"{kept.notes}\n\n{merged.notes}"
    if kept.alert and merged.alert and merged.alert not in kept.alert:
        both = f"{kept.alert}; {merged.alert}"
        gaps |= {"alert": both} if len(both) <= ALERT_LENGTH else {}
    return replace(kept, **gaps)


def fill(*, kept: Patient, merged: Patient) -> dict[str, list[str]]:
    """Fill the gaps of the kept record; returns {field: [before, after]} as text."""
    return update_patient_row(patient=kept, details=filled(details_of(kept), details_of(merged)))


def unfill(*, kept: Patient, changes: Mapping[str, list[str]]) -> None:
    """Take back what a merge filled in, where nobody has changed it since."""
    now = details_of(kept)
    values = asdict(now)
    back: dict[str, Any] = {
        name: _value(name, before)
        for name, (before, after) in changes.items()
        if _text(values[name]) == after
    }
    update_patient_row(patient=kept, details=replace(now, **back))


def mark_merged(*, kept: Patient, merged: Patient, now: datetime) -> None:
    """Put the merged record away: it is not found any more, and no money comes to it."""
    merged.merged_into_id = kept.pk
    merged.archived_at = merged.archived_at or now
    merged.save(update_fields=["merged_into", "archived_at"])
    Payer.objects.filter(practice_id=merged.practice_id, pk=merged.payer_id).update(
        merged_into_id=kept.payer_id
    )


def unmark_merged(*, merged: Patient, archived_at: datetime | None) -> None:
    """Bring the record back as it was."""
    merged.merged_into_id = None
    merged.archived_at = archived_at
    merged.save(update_fields=["merged_into", "archived_at"])
    Payer.objects.filter(practice_id=merged.practice_id, pk=merged.payer_id).update(
        merged_into_id=None
    )


def open_merge(*, practice_id: int, merge_id: int) -> Merge:
    """
    A merge that may be undone, its row held.

    :raises NotFound: if this practice has no such merge
    :raises NotUndoable: if it was undone before
    """
    merge = Merge.objects.select_for_update().filter(practice_id=practice_id, pk=merge_id).first()
    if merge is None:
        raise NotFound
    if merge.undone_at is not None:
        raise NotUndoable
    return merge


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _value(name: str, text: str) -> object:
    if name == "date_of_birth":
        return date.fromisoformat(text) if text else None
    if name.endswith("_id"):
        return int(text) if text else None
    return text
