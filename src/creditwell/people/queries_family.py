"""Who is in a family with whom."""

from __future__ import annotations

from dataclasses import dataclass

from creditwell.people.models import FamilyMember


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """Another member of a family of somebody; `relation` in free words, or ""."""

    patient_id: int
    payer_id: int
    name: str
    relation: str


def relatives_of(*, practice_id: int, payer_id: int) -> list[Relative]:
    """All others of the families that a payer is in, each once, by name; one query."""
    rows = (
        FamilyMember.objects.filter(
            practice_id=practice_id,
            family__practice_id=practice_id,
            family__members__practice_id=practice_id,
            family__members__patient__payer_id=payer_id,
            patient__archived_at__isnull=True,
        )
        .exclude(patient__payer_id=payer_id)
        .order_by("patient__sort_name", "pk")
        .values_list("patient_id", "patient__payer_id", "patient__payer__name", "relation")
    )
    found = {
        row[0]: Relative(patient_id=row[0], payer_id=row[1], name=row[2], relation=row[3])
        for row in rows
    }
    return list(found.values())


def in_one_family(*, practice_id: int, payer_ids: tuple[int, int]) -> bool:
    """Whether two payers are patients of one family; one query."""
    first, second = payer_ids
    return FamilyMember.objects.filter(
        practice_id=practice_id,
        patient__practice_id=practice_id,
        patient__payer_id=first,
        family__members__patient__payer_id=second,
        family__members__practice_id=practice_id,
    ).exists()
