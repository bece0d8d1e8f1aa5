"""Read families, as frozen dataclasses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from creditwell.kernel.errors import NotFound
from creditwell.people.models import Family, FamilyMember, Payer


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLine:
    """A patient in a family."""

    patient_id: int
    payer_id: int
    name: str
    first_name: str  # as they are called
    relation: str
    joined_at: datetime
    archived: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyFacts:
    """A family; members as they joined."""

    id: int
    name: str
    created_at: datetime
    members: tuple[MemberLine, ...]

    @property
    def payer_ids(self) -> tuple[int, ...]:
        return tuple(member.payer_id for member in self.members)


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerPlace:
    """Who a payer is: one of `patient_id` and `contact_id` is set."""

    payer_id: int
    name: str
    short: str  # as they are called in a sentence
    patient_id: int | None
    contact_id: int | None
    archived: bool
    merged: bool


def family_facts(*, practice_id: int, family_id: int) -> FamilyFacts:
    """
    One family with its members; two queries.

    :raises NotFound: if this practice has no such family
    """
    found = families(practice_id=practice_id, family_ids=[family_id])
    if not found:
        raise NotFound
    return found[0]


def families_of(*, practice_id: int, patient_id: int) -> list[FamilyFacts]:
    """The families that a patient is in, oldest first; three queries."""
    mine = FamilyMember.objects.filter(practice_id=practice_id, patient_id=patient_id)
    ids = list(mine.order_by("family_id").values_list("family_id", flat=True))
    return families(practice_id=practice_id, family_ids=ids) if ids else []


def families(*, practice_id: int, family_ids: Iterable[int]) -> list[FamilyFacts]:
    """These families, oldest first; unknown ids are left out. Two queries."""
    ids = list(family_ids)
    rows = Family.objects.filter(practice_id=practice_id, pk__in=ids).order_by("pk")
    members: dict[int, list[MemberLine]] = {}
    places = FamilyMember.objects.filter(practice_id=practice_id, family_id__in=ids)
    for place in places.select_related("patient").order_by("pk"):
        members.setdefault(place.family_id, []).append(_member_line(place))
    return [
        FamilyFacts(
            id=row.pk,
            name=row.name,
            created_at=row.created_at,
            members=tuple(members.get(row.pk, ())),
        )
        for row in rows
    ]


def payer_places(*, practice_id: int, payer_ids: Iterable[int]) -> dict[int, PayerPlace]:
    """Who these payers are, by id; unknown ids are left out. One query."""
    rows = Payer.objects.filter(practice_id=practice_id, pk__in=set(payer_ids))
    return {row.pk: _place(row) for row in rows.select_related("patient", "contact")}


def payer_place(*, practice_id: int, payer_id: int) -> PayerPlace:
    """
    Who one payer is.

    :raises NotFound: if this practice has no such payer
    """
    found = payer_places(practice_id=practice_id, payer_ids=[payer_id])
    if payer_id not in found:
        raise NotFound
    return found[payer_id]


def _place(row: Payer) -> PayerPlace:
    patient = getattr(row, "patient", None)
    contact = getattr(row, "contact", None)
    who = patient or contact
    short = (patient.preferred_name or patient.first_name) if patient else row.name
    return PayerPlace(
        payer_id=row.pk,
        name=row.name,
        short=short,
        patient_id=patient.pk if patient else None,
        contact_id=contact.pk if contact else None,
        archived=bool(who and who.archived_at),
        merged=row.merged_into_id is not None,
    )


def _member_line(place: FamilyMember) -> MemberLine:
    patient = place.patient
    return MemberLine(
        patient_id=patient.pk,
        payer_id=patient.payer_id,
        name=f"{patient.first_name} {patient.last_name}".strip(),
        first_name=patient.preferred_name or patient.first_name,
        relation=place.relation,
        joined_at=place.joined_at,
        archived=patient.archived_at is not None,
    )


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
