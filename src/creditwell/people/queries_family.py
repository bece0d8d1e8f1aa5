"""Who is in a family with whom."""

from __future__ import annotations

from creditwell.people.models import FamilyMember


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
